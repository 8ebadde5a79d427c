"""The governments as constants.

Kemendagri's codes (Kepmendagri 300.2.2-2430/2025) and BKN's differ in number and order, so a table joins them.
Four names belong to a regency and to a city as well (Magelang, Pekalongan, Semarang, Tegal): a name identifies
no government.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final

from shared.asn.region import RegionCode


@dataclass(frozen=True, slots=True)
class Government:
    """One government. `code` is Kemendagri's, `33` the province itself, `33.74` a regency or city."""

    code: RegionCode
    type: str
    """Provinsi, Kabupaten or Kota."""
    name: str
    bkn_code: str
    bkn_instansi_id: str
    """BKN's id of the instansi; a string of 32 hexadecimal digits, not a UUID."""


def _read() -> Mapping[RegionCode, Government]:
    text = (resources.files(__package__) / "jawa_tengah.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    governments = (
        Government(
            code=row["kemendagri_code"],
            type=row["type"],
            name=row["name"],
            bkn_code=row["bkn_kode_cepat"],
            bkn_instansi_id=row["bkn_instansi_id"],
        )
        for row in rows
    )
    return MappingProxyType({government.code: government for government in governments})


GOVERNMENTS: Final = _read()
"""All governments by code, in the order of the codes."""
