"""Breadth of somebody's experience in posts (keragaman pengalaman jabatan)."""

from enum import StrEnum


class ExperienceVariety(StrEnum):
    """How far the posts held lie apart, widest first."""

    LINTAS_UNIT_ORGANISASI = "LINTAS_UNIT_ORGANISASI"
    LINTAS_UNIT_KERJA = "LINTAS_UNIT_KERJA"
    SATU_UNIT = "SATU_UNIT"
