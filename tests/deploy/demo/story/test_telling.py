"""The story as it is printed."""

from decimal import Decimal
from typing import Any

from deploy.demo.population.measuring import Rating
from deploy.demo.story.drawing import grid, side_by_side
from deploy.demo.story.telling import Hop, Moment, story
from shared.asn.predikat import Ekspektasi

OLD = Rating(2025, Ekspektasi.SESUAI, Ekspektasi.SESUAI)
NEW = Rating(2025, Ekspektasi.DI_ATAS, Ekspektasi.DI_ATAS)


def moment(box: int, rank: int, index: str, *, in_pool: bool) -> Moment:
    talent: dict[str, Any] = {
        "employee_id": "01a2",
        "level": "PENGAWAS",
        "unit_id": "33.74-001",
        "x": Decimal("76.9652"),
        "y": Decimal("80.0"),
        "talent_value": Decimal("78.5"),
        "box": box,
        "in_pool": in_pool,
    }
    scopes = {scope: {"rank": rank, "size": 1234} for scope in ("region", "unit", "level", "province")}
    standing = {
        "region_code": "33.74",
        "type": "Kota",
        "name": "Semarang",
        "index": Decimal(index),
        "rank": rank,
    }
    return Moment(talent, {"ranks": scopes}, standing)


def test_the_story_shows_everything_that_moved_and_when() -> None:
    before, after = (
        moment(5, 24, "0.83204", in_pool=False),
        moment(7, 23, "0.832148", in_pool=True),
    )
    lines = list(story(OLD, NEW, before, after, [Hop("score accepted", 12.34), Hop("published", None)]))
    text = "\n".join(lines)
    assert "2025: BAIK → SANGAT BAIK" in text
    assert "0.832040" in text
    assert "0.832148  ◀" in text
    assert "24 / 1,234" in text
    assert "anggota / member  ◀" in text
    assert "Kota Semarang (33.74)" in text
    assert "12.3" in text
    assert "not seen" in text
    assert max(map(len, lines)) <= 100


def test_what_stays_is_not_marked() -> None:
    same = moment(5, 24, "0.832040", in_pool=False)
    assert not any("◀" in line for line in story(OLD, NEW, same, same, []))


def test_the_grid_marks_the_box_of_the_person_and_those_of_the_pool() -> None:
    lines = grid("title", 5)
    (row,) = [line for line in lines if "sesuai" in line]
    assert "▐ 5 ▌" in row
    assert sum(line.count("▐") for line in lines) == 1
    assert all(f"·{box}·" in "".join(lines) for box in (7, 8, 9))
    assert "▐" not in "".join(grid("title", None))


def test_drawings_stand_side_by_side() -> None:
    assert list(side_by_side(["ab", "c"], ["x", "y", "z"], gap=" ")) == ["ab x", "c  y", "   z"]
