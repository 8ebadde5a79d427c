"""Levels of formal education (tingkat pendidikan)."""

from enum import StrEnum


class EducationLevel(StrEnum):
    """Highest first, as in BKN's reference of tingkat pendidikan."""

    S3 = "S-3"
    S2 = "S-2"
    S1 = "S-1"
    D4 = "D-IV"
    D3 = "D-III"
    D2 = "D-II"
    D1 = "D-I"
    SLTA = "SLTA"
    SLTP = "SLTP"
    SD = "SD"
