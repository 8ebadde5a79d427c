"""The 36 governments of Central Java as the synthetic population needs them: how large, and which units.

No public source gives the ASN of each government, so the sizes are estimates: some 450,000 in all, the
province by far the largest because the teachers of its upper secondary schools are its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PROVINCE: Final = "33"

# code: (ASN in hundreds, estimated; number of kecamatan, 576 in all)
_GOVERNMENTS: Final[dict[str, tuple[int, int]]] = {
    "33": (470, 0),
    "33.01": (155, 24),
    "33.02": (152, 27),
    "33.03": (98, 18),
    "33.04": (102, 20),
    "33.05": (131, 26),
    "33.06": (98, 16),
    "33.07": (92, 15),
    "33.08": (122, 21),
    "33.09": (112, 22),
    "33.10": (133, 26),
    "33.11": (99, 12),
    "33.12": (126, 25),
    "33.13": (112, 17),
    "33.14": (115, 20),
    "33.15": (121, 19),
    "33.16": (105, 16),
    "33.17": (84, 14),
    "33.18": (127, 21),
    "33.19": (92, 9),
    "33.20": (108, 16),
    "33.21": (110, 14),
    "33.22": (111, 19),
    "33.23": (94, 20),
    "33.24": (106, 20),
    "33.25": (88, 15),
    "33.26": (99, 19),
    "33.27": (119, 14),
    "33.28": (133, 18),
    "33.29": (146, 17),
    "33.71": (38, 3),
    "33.72": (77, 5),
    "33.73": (37, 4),
    "33.74": (151, 16),
    "33.75": (47, 4),
    "33.76": (46, 4),
}

# (unit, share of the staff): schools and health centres are where most of the civil service works
_UNITS: Final[tuple[tuple[str, int], ...]] = (
    ("Dinas Pendidikan dan Kebudayaan", 400),
    ("Dinas Kesehatan", 170),
    ("Rumah Sakit Umum Daerah", 90),
    ("Sekretariat Daerah", 30),
    ("Dinas Pekerjaan Umum dan Penataan Ruang", 22),
    ("Dinas Pertanian dan Pangan", 22),
    ("Badan Pengelola Keuangan dan Aset Daerah", 18),
    ("Satuan Polisi Pamong Praja", 18),
    ("Dinas Perhubungan", 16),
    ("Inspektorat", 14),
    ("Dinas Sosial", 13),
    ("Dinas Lingkungan Hidup", 13),
    ("Badan Kepegawaian dan Pengembangan SDM", 12),
    ("Badan Perencanaan Pembangunan Daerah", 12),
    ("Dinas Komunikasi dan Informatika", 12),
    ("Dinas Kependudukan dan Pencatatan Sipil", 11),
    ("Dinas Koperasi, UKM, dan Perdagangan", 11),
    ("Dinas Tenaga Kerja dan Perindustrian", 10),
    ("Dinas Perumahan dan Kawasan Permukiman", 10),
    ("Dinas Penanaman Modal dan PTSP", 9),
    ("Dinas Pariwisata, Pemuda, dan Olahraga", 9),
    ("Dinas Arsip dan Perpustakaan", 8),
    ("Badan Penanggulangan Bencana Daerah", 8),
    ("Sekretariat DPRD", 8),
    ("Badan Kesatuan Bangsa dan Politik", 7),
)
_SHARE_OF_A_KECAMATAN: Final = 6
_SHARE_OF_A_BRANCH: Final = 30
_BRANCHES: Final = 13
_STAFF_OF_A_UNIT: Final = 20


@dataclass(frozen=True, slots=True)
class Unit:
    """A dinas, badan or kecamatan. `share` is its weight when staff are spread over the units."""

    unit_id: str
    region: str
    name: str
    share: int


@dataclass(frozen=True, slots=True)
class Government:
    """One government with its `size` in employees; they bear the indexes `first` to `first + size - 1`."""

    code: str
    first: int
    size: int
    units: tuple[Unit, ...]


def governments(total: int) -> tuple[Government, ...]:
    """The 36 governments with sizes that sum to exactly `total`, by largest remainder (ties: smaller code)."""
    first = 0
    found: list[Government] = []
    for code, size in zip(_GOVERNMENTS, _apportion(total), strict=True):
        found.append(Government(code, first, size, _units(code, size)))
        first += size
    return tuple(found)


def _apportion(total: int) -> Sequence[int]:
    weights = [hundreds for hundreds, _ in _GOVERNMENTS.values()]
    whole = sum(weights)
    sizes = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in by_remainder[: total - sum(sizes)]:
        sizes[place] += 1
    return sizes


def _units(code: str, size: int) -> tuple[Unit, ...]:
    """As many units as `size` fills, the largest first; a small population gets no empty ones."""
    names = [*_UNITS]
    if code == PROVINCE:
        names += [
            (f"Cabang Dinas Pendidikan Wilayah {branch:02}", _SHARE_OF_A_BRANCH)
            for branch in range(1, _BRANCHES + 1)
        ]
    _, districts = _GOVERNMENTS[code]
    names += [(f"Kecamatan {district:02}", _SHARE_OF_A_KECAMATAN) for district in range(1, districts + 1)]
    filled = max(1, min(len(names), size // _STAFF_OF_A_UNIT))
    return tuple(
        Unit(f"{code}-{number:03}", code, name, share)
        for number, (name, share) in enumerate(names[:filled], start=1)
    )
