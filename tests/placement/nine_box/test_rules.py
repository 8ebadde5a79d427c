"""The nine-box map of PermenPANRB 3/2020 cell by cell, and its half-open cuts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.placement.nine_box.rules import BOXES, COLUMNS, KRS_INSTANSI, ROWS, Potensial, box_of, level
from services.placement.policies.rules import CutOffs
from shared.asn.predikat import Ekspektasi

CELLS = {
    (Ekspektasi.DI_ATAS, Potensial.RENDAH): 4,
    (Ekspektasi.DI_ATAS, Potensial.MENENGAH): 7,
    (Ekspektasi.DI_ATAS, Potensial.TINGGI): 9,
    (Ekspektasi.SESUAI, Potensial.RENDAH): 2,
    (Ekspektasi.SESUAI, Potensial.MENENGAH): 5,
    (Ekspektasi.SESUAI, Potensial.TINGGI): 8,
    (Ekspektasi.DI_BAWAH, Potensial.RENDAH): 1,
    (Ekspektasi.DI_BAWAH, Potensial.MENENGAH): 3,
    (Ekspektasi.DI_BAWAH, Potensial.TINGGI): 6,
}
SCORES = st.decimals(0, 100, places=4)


@pytest.mark.parametrize(("cell", "box"), CELLS.items())
def test_each_cell_has_its_box(cell: tuple[Ekspektasi, Potensial], box: int) -> None:
    kinerja, potensial = cell
    assert box_of(ROWS.index(kinerja), COLUMNS.index(potensial)) == box
    assert (BOXES[box].kinerja, BOXES[box].potensial) == cell


def test_map_is_one_to_one_onto_1_to_9() -> None:
    assert sorted(BOXES) == list(range(1, 10))


def test_succession_group_is_boxes_7_8_9() -> None:
    assert {7, 8, 9} == KRS_INSTANSI
    assert {number for number, box in BOXES.items() if box.in_krs} == {7, 8, 9}
    mentioning = {number for number, box in BOXES.items() if "Kelompok Rencana Suksesi" in box.recommendation.id}
    assert mentioning == {7, 8, 9}


def test_words_are_those_of_the_regulation() -> None:
    assert BOXES[7].category.id == "Kinerja di atas ekspektasi dan potensial menengah"
    assert BOXES[4].recommendation.id == "Rotasi; pengembangan kompetensi"
    assert all(box.recommendation.en and box.category.en for box in BOXES.values())


@pytest.mark.parametrize(
    ("score", "expected"),
    [("0", 0), ("59.9999", 0), ("60", 1), ("60.5", 1), ("79.9999", 1), ("80", 2), ("100", 2)],
)
def test_cuts_are_lower_bounds(score: str, expected: int) -> None:
    assert level(Decimal(score), CutOffs(middle=Decimal(60), top=Decimal(80))) == expected


@given(SCORES, SCORES, SCORES)
def test_more_of_either_axis_never_lowers_the_level(low: Decimal, high: Decimal, other: Decimal) -> None:
    cuts = CutOffs(middle=Decimal(70), top=Decimal(90))
    low, high = sorted((low, high))
    assert level(low, cuts) <= level(high, cuts)
    assert box_of(level(low, cuts), level(other, cuts)) <= box_of(level(high, cuts), level(other, cuts))
    assert box_of(level(other, cuts), level(low, cuts)) <= box_of(level(other, cuts), level(high, cuts))
