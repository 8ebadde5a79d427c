"""The nine-box grid in plain text, with one person in it."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from services.placement.nine_box.rules import KRS_INSTANSI

_ROWS: Final = (
    ("di atas / above", (4, 7, 9)),
    ("sesuai / meets", (2, 5, 8)),
    ("di bawah / below", (1, 3, 6)),
)
_CELL: Final = 9
_COLUMNS: Final = ("rendah", "menengah", "tinggi")
_COLUMNS_EN: Final = ("low", "medium", "high")
_MARGIN: Final = 18


def grid(title: str, box: int | None, *, labelled: bool = True) -> list[str]:
    """Lines of one grid. The person's box is marked; boxes of the succession group stand between dots."""
    margin = _MARGIN if labelled else 0
    line = "─" * _CELL
    lines = [" " * margin + title.center(3 * _CELL + 4)]
    for number, (label, boxes) in enumerate(_ROWS):
        left, middle, right = ("┌┬┐", "├┼┤", "├┼┤")[number]
        lines.append(" " * margin + left + middle.join([line] * 3) + right)
        cells = "│".join(_cell(each, marked=each == box) for each in boxes)
        lines.append((label.rjust(margin - 1) + " " if labelled else "") + f"│{cells}│")
    lines.append(" " * margin + "└" + "┴".join([line] * 3) + "┘")
    columns = (" ".join(name.center(_CELL) for name in names) for names in (_COLUMNS, _COLUMNS_EN))
    return [*lines, *(" " * (margin + 1) + names for names in columns)]


def side_by_side(left: list[str], right: list[str], gap: str = "     ") -> Iterator[str]:
    """Two drawings beside each other."""
    width = max(map(len, left))
    for one, other in zip_longest(left, right, fillvalue=""):
        yield (one.ljust(width) + gap + other).rstrip()


def _cell(box: int, *, marked: bool) -> str:
    number = f"·{box}·" if box in KRS_INSTANSI else str(box)
    return (f"▐ {number} ▌" if marked else number).center(_CELL)
