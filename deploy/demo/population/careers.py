"""Posts of the synthetic population: who sits where, how old, in which golongan, until which age.

Shares follow the national ones of November 2025: 64 of 100 PNS, and of all 64 in functional posts, 30 staff
(pelaksana), 6 structural. A PPPK holds no structural post.
"""

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from shared.asn.education import EducationLevel
from shared.asn.employment import EmployeeKind
from shared.asn.post import Eselon, PostLevel

SHARE_OF_PNS: Final = 0.64


@dataclass(frozen=True, slots=True)
class Career:
    """A kind of post: `ages` (youngest, usual, oldest), the golongan from low to high, and `bup`, the age of
    retirement (PP 11/2017 Pasal 239, UU 20/2023 Pasal 55).
    """

    level: PostLevel
    eselon: Eselon | None
    titles: tuple[str, ...]
    ages: tuple[int, int, int]
    golongan: tuple[str, ...]
    educations: tuple[EducationLevel, ...]
    bup: int = 58


_E: Final = EducationLevel
_L: Final = PostLevel
_HEALTH: Final = ("Perawat", "Bidan", "Sanitarian", "Nutrisionis")
_EXPERTS: Final = ("Guru", "Guru", "Guru", "Perawat", "Dokter", "Analis Kebijakan", "Perencana", "Auditor")
_DESKS: Final = ("Pengadministrasi Umum", "Pengelola Data", "Penata Layanan Operasional", "Operator Layanan")

SEKDA_OF_THE_PROVINCE: Final = Career(
    _L.JPT_MADYA, Eselon.I_B, ("Sekretaris Daerah",), (50, 55, 59), ("IV/d", "IV/e"), (_E.S2, _E.S3), 60
)
SEKDA: Final = Career(
    _L.JPT_PRATAMA, Eselon.II_A, ("Sekretaris Daerah",), (47, 53, 59), ("IV/c", "IV/d"), (_E.S2, _E.S3), 60
)

_PNS: Final[tuple[tuple[int, Career], ...]] = (
    (6, Career(_L.JPT_PRATAMA, Eselon.II_B, ("Kepala Dinas", "Kepala Badan", "Staf Ahli"),
               (43, 52, 59), ("IV/b", "IV/c"), (_E.S1, _E.S2, _E.S2, _E.S3), 60)),
    (24, Career(_L.ADMINISTRATOR, Eselon.III_A, ("Sekretaris", "Kepala Bidang", "Camat"),
                (37, 49, 57), ("IV/a", "IV/b"), (_E.S1, _E.S1, _E.S2))),
    (64, Career(_L.PENGAWAS, Eselon.IV_A, ("Kepala Seksi", "Kepala Subbagian", "Lurah"),
                (32, 46, 57), ("III/c", "III/d"), (_E.S1, _E.S1, _E.D4, _E.S2))),
    (280, Career(_L.PELAKSANA, None, _DESKS, (23, 44, 57), ("II/b", "II/c", "II/d", "III/a", "III/b"),
                 (_E.SLTA, _E.SLTA, _E.D3, _E.S1, _E.D1, _E.D2, _E.SLTP))),
    (170, Career(_L.JF_AHLI_PERTAMA, None, _EXPERTS, (24, 34, 57), ("III/a", "III/b"),
                 (_E.S1, _E.S1, _E.S1, _E.D4, _E.S2))),
    (210, Career(_L.JF_AHLI_MUDA, None, _EXPERTS, (30, 43, 57), ("III/c", "III/d"),
                 (_E.S1, _E.S1, _E.S2))),
    (140, Career(_L.JF_AHLI_MADYA, None, _EXPERTS, (39, 51, 59), ("IV/a", "IV/b", "IV/c"),
                 (_E.S1, _E.S2), 60)),
    (3, Career(_L.JF_AHLI_UTAMA, None, ("Dokter", "Peneliti", "Widyaiswara"), (50, 58, 64),
               ("IV/d", "IV/e"), (_E.S2, _E.S3), 65)),
    (40, Career(_L.JF_TERAMPIL, None, _HEALTH, (23, 33, 57), ("II/c", "II/d"), (_E.D3,))),
    (35, Career(_L.JF_MAHIR, None, _HEALTH, (29, 41, 57), ("III/a", "III/b"), (_E.D3, _E.D4))),
    (24, Career(_L.JF_PENYELIA, None, _HEALTH, (35, 49, 57), ("III/c", "III/d"), (_E.D3, _E.S1))),
    (4, Career(_L.JF_PEMULA, None, ("Pranata Komputer", "Arsiparis"), (21, 28, 45), ("II/a", "II/b"),
               (_E.SLTA,))),
)  # fmt: skip
_PPPK: Final[tuple[tuple[int, Career], ...]] = (
    (600, Career(_L.JF_AHLI_PERTAMA, None, _EXPERTS, (24, 37, 57), ("IX",), (_E.S1, _E.S1, _E.D4))),
    (30, Career(_L.JF_AHLI_MUDA, None, ("Dokter", "Analis Kebijakan"), (30, 42, 57), ("XI",),
                (_E.S1, _E.S2))),
    (110, Career(_L.JF_TERAMPIL, None, _HEALTH, (23, 33, 57), ("VII",), (_E.D3,))),
    (260, Career(_L.PELAKSANA, None, _DESKS, (22, 39, 57), ("I", "III", "V", "VII", "IX"),
                 (_E.SD, _E.SLTP, _E.SLTA, _E.SLTA, _E.D3, _E.S1))),
)  # fmt: skip


def _with_cumulated(careers: tuple[tuple[int, Career], ...]) -> tuple[list[Career], list[int]]:
    return [career for _, career in careers], list(accumulate(share for share, _ in careers))


_BY_KIND: Final = {
    EmployeeKind.PNS: _with_cumulated(_PNS),
    EmployeeKind.PPPK: _with_cumulated(_PPPK),
}


def draw_career(chance: Random, kind: EmployeeKind) -> Career:
    """One kind of post, by the shares of `kind`."""
    careers, cumulated = _BY_KIND[kind]
    return chance.choices(careers, cum_weights=cumulated)[0]
