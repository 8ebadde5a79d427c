"""How somebody is employed: kind, legal standing (kedudukan hukum), discipline."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints


class EmployeeKind(StrEnum):
    """PNS: permanent civil servant. PPPK: civil servant on a contract (UU 20/2023)."""

    PNS = "PNS"
    PPPK = "PPPK"


KedudukanHukum = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
"""BKN's two-digit code of the legal standing: 01 aktif, 03 tugas belajar, 99 pensiun, …"""


class DisciplineLevel(StrEnum):
    """Tingkat hukuman disiplin (hukdis)."""

    RINGAN = "RINGAN"
    SEDANG = "SEDANG"
    BERAT = "BERAT"
