r"""THE nine-box map of talent management (PermenPANRB 3/2020). Fixed nationally: no policy changes it.

kinerja \ potensial         rendah  menengah  tinggi
di atas ekspektasi            4        7        9
sesuai ekspektasi             2        5        8
di bawah ekspektasi           1        3        6
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.placement.policies.rules import CutOffs
from shared.asn.predikat import Ekspektasi
from shared.shown import Text


class Potensial(StrEnum):
    """Column of the map: level of potential."""

    RENDAH = "RENDAH"
    MENENGAH = "MENENGAH"
    TINGGI = "TINGGI"


ROWS: Final = (Ekspektasi.DI_BAWAH, Ekspektasi.SESUAI, Ekspektasi.DI_ATAS)
"""Rows of the map, lowest first."""
COLUMNS: Final = (Potensial.RENDAH, Potensial.MENENGAH, Potensial.TINGGI)
"""Columns of the map, lowest first."""
_MAP: Final = ((1, 3, 6), (2, 5, 8), (4, 7, 9))

KRS_INSTANSI: Final = frozenset({7, 8, 9})
"""Boxes of the Kelompok Rencana Suksesi Instansi."""


def level(score: Decimal, cut_offs: CutOffs) -> int:
    """0 below the middle cut, 1 from the middle cut, 2 from the top cut on."""
    return (score >= cut_offs.middle) + (score >= cut_offs.top)


def box_of(kinerja: int, potensial: int) -> int:
    """The box 1..9 of two levels 0..2: performance (row), potential (column)."""
    return _MAP[kinerja][potensial]


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the map with the words of the regulation."""

    number: int
    kinerja: Ekspektasi
    potensial: Potensial
    category: Text
    recommendation: Text

    @property
    def in_krs(self) -> bool:
        """Whether it belongs to the Kelompok Rencana Suksesi Instansi."""
        return self.number in KRS_INSTANSI


_RECOMMENDATIONS: Final = {
    1: Text(
        id="Diproses sesuai ketentuan peraturan perundangan",
        en="To be dealt with as the law provides",
    ),
    2: Text(
        id="Bimbingan kinerja; pengembangan kompetensi; penempatan yang sesuai",
        en="Performance guidance; competency development; suitable placement",
    ),
    3: Text(
        id="Bimbingan kinerja; konseling kinerja; pengembangan kompetensi; penempatan yang sesuai",
        en="Performance guidance; performance counselling; competency development; suitable placement",
    ),
    4: Text(
        id="Rotasi; pengembangan kompetensi",
        en="Rotation; competency development",
    ),
    5: Text(
        id="Penempatan yang sesuai; bimbingan kinerja; pengembangan kompetensi",
        en="Suitable placement; performance guidance; competency development",
    ),
    6: Text(
        id="Penempatan yang sesuai; bimbingan kinerja; konseling kinerja",
        en="Suitable placement; performance guidance; performance counselling",
    ),
    7: Text(
        id=(
            "Dipertahankan; masuk Kelompok Rencana Suksesi Instansi; rotasi/pengayaan jabatan;"
            " pengembangan kompetensi; tugas belajar"
        ),
        en=(
            "Retain; joins the succession group of the instansi; rotation or job enrichment;"
            " competency development; study assignment"
        ),
    ),
    8: Text(
        id="Dipertahankan; masuk Kelompok Rencana Suksesi Instansi; rotasi/perluasan jabatan; bimbingan kinerja",
        en="Retain; joins the succession group of the instansi; rotation or job enlargement; performance guidance",
    ),
    9: Text(
        id="Dipromosikan dan dipertahankan; masuk Kelompok Rencana Suksesi Instansi/Nasional; penghargaan",
        en="Promote and retain; joins the succession group of the instansi or the nation; reward",
    ),
}
ROW_NAMES: Final = (
    Text(id="di bawah ekspektasi", en="below expectation"),
    Text(id="sesuai ekspektasi", en="meeting expectation"),
    Text(id="di atas ekspektasi", en="above expectation"),
)
COLUMN_NAMES: Final = (
    Text(id="rendah", en="low"),
    Text(id="menengah", en="medium"),
    Text(id="tinggi", en="high"),
)


def _box(row: int, column: int) -> Box:
    number = _MAP[row][column]
    kinerja, potensial = ROW_NAMES[row], COLUMN_NAMES[column]
    return Box(
        number=number,
        kinerja=ROWS[row],
        potensial=COLUMNS[column],
        category=Text(
            id=f"Kinerja {kinerja.id} dan potensial {potensial.id}",
            en=f"Performance {kinerja.en} and potential {potensial.en}",
        ),
        recommendation=_RECOMMENDATIONS[number],
    )


BOXES: Final = {box.number: box for row in range(3) for column in range(3) for box in (_box(row, column),)}
"""All nine boxes by their number."""
