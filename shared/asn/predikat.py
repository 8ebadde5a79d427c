"""Words of the yearly appraisal (PermenPANRB 6/2022)."""

from enum import StrEnum


class Ekspektasi(StrEnum):
    """Rating of work results (hasil kerja) or of conduct (perilaku) against expectation.

    SIASN's codes run the other way round (1 is best): they are mapped at the border and never sorted.
    """

    DI_ATAS = "DI_ATAS_EKSPEKTASI"
    SESUAI = "SESUAI_EKSPEKTASI"
    DI_BAWAH = "DI_BAWAH_EKSPEKTASI"


class Predikat(StrEnum):
    """Predikat kinerja, best first."""

    SANGAT_BAIK = "SANGAT_BAIK"
    BAIK = "BAIK"
    BUTUH_PERBAIKAN = "BUTUH_PERBAIKAN"
    KURANG = "KURANG"
    SANGAT_KURANG = "SANGAT_KURANG"
