"""Governments as they go out over HTTP."""

from pydantic import BaseModel, ConfigDict, Field


class GovernmentAnswer(BaseModel):
    """One government."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(description="Kemendagri's code; 33 is the province itself", examples=["33.74"])
    type: str = Field(description="Provinsi, Kabupaten or Kota", examples=["Kota"])
    name: str = Field(examples=["Semarang"])
    bkn_code: str = Field(description="BKN's kode cepat", examples=["6471"])
    bkn_instansi_id: str = Field(examples=["A5EB03E23CC7F6A0E040640A040252AD"])
