"""Posts (jabatan): their level, and the eselon that BKN's records carry."""

from enum import StrEnum


class PostLevel(StrEnum):
    """Level of a post, managerial and functional (UU 20/2023; JF levels as in BKN's reference)."""

    JPT_UTAMA = "JPT_UTAMA"
    JPT_MADYA = "JPT_MADYA"
    JPT_PRATAMA = "JPT_PRATAMA"
    ADMINISTRATOR = "ADMINISTRATOR"
    PENGAWAS = "PENGAWAS"
    PELAKSANA = "PELAKSANA"
    JF_AHLI_UTAMA = "JF_AHLI_UTAMA"
    JF_AHLI_MADYA = "JF_AHLI_MADYA"
    JF_AHLI_MUDA = "JF_AHLI_MUDA"
    JF_AHLI_PERTAMA = "JF_AHLI_PERTAMA"
    JF_PENYELIA = "JF_PENYELIA"
    JF_MAHIR = "JF_MAHIR"
    JF_TERAMPIL = "JF_TERAMPIL"
    JF_PEMULA = "JF_PEMULA"


class Eselon(StrEnum):
    """Eselon as BKN spells it; a post without one carries none."""

    I_A = "I.a"
    I_B = "I.b"
    II_A = "II.a"
    II_B = "II.b"
    III_A = "III.a"
    III_B = "III.b"
    IV_A = "IV.a"
    IV_B = "IV.b"
    V_A = "V.a"
    V_B = "V.b"
