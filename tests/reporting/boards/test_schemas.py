"""The board as the public is shown it: what is withheld follows from nothing that is shown."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.reporting.boards.queries import Line
from services.reporting.boards.rules import assess, policy_in_force
from services.reporting.boards.schemas import MeritBoard, Region, public_regions
from services.reporting.folding.queries import RevisionNumber
from services.reporting.folding.rules import Tally
from services.reporting.verification.rules import ranks_of
from tests.reporting.people import CAUSE

POLICY: Final = policy_in_force()
FEW: Final = range(1, POLICY.smallest_cell)
WHOLE: Final = 1_000_000
"""100 in ten-thousandths."""
USUAL: Final = Tally(200, 200, 200 * 8_000, 200, 200 * 810_000, 200, 200 * 790_000, 150, 20)
MEASURED: Final = {"performance": "with_y", "talent_potential": "with_x", "mapping_coverage": "boxed"}
FROM_THE_INDEX: Final = ("rank", "index", "band", "scale_400", "category")


def line_of(region: str, tally: Tally, rank: int | None = None) -> Line:
    assessed = assess(tally, POLICY)
    components = [part.as_json() for part in assessed.components]
    now = CAUSE.origin_time
    return Line(
        region,
        1,
        POLICY.policy_id,
        rank,
        assessed.index,
        assessed.unranked_reason,
        components,
        now,
        now,
        [],
        tally,
    )


def board_of(tallies: Mapping[str, Tally]) -> dict[str, Region]:
    """The regions as the public is shown them, in their order."""
    assessed = {region: assess(tally, POLICY) for region, tally in tallies.items()}
    ranks = ranks_of(
        {
            region: one.index
            for region, one in assessed.items()
            if one.index is not None and not one.unranked_reason
        }
    )
    lines = [line_of(region, tally, ranks.get(region)) for region, tally in tallies.items()]
    board = MeritBoard.of(RevisionNumber(1, CAUSE.origin_time), POLICY, lines)
    return {region.region_code: region for region in board.regions}


def shown_of(tally: Tally) -> Region:
    return board_of({"33.74": tally})["33.74"]


@st.composite
def tallies(draw: st.DrawFn, most: int = 12_000) -> Tally:
    """Any sums that people could have; often of few, or of all but few."""

    def some_of(people: int) -> int:
        return draw(st.integers(0, people) | st.integers(0, min(people, POLICY.smallest_cell)) | st.just(people))

    active = draw(st.integers(0, 12) | st.integers(0, most))
    with_value, with_x, with_y, boxed, in_pool = (some_of(active) for _ in range(5))
    return Tally(
        active,
        with_value,
        draw(st.integers(0, with_value * 10_000)),
        with_x,
        draw(st.integers(0, with_x * WHOLE)),
        with_y,
        draw(st.integers(0, with_y * WHOLE)),
        boxed,
        in_pool,
    )


@st.composite
def alike(draw: st.DrawFn) -> tuple[Tally, Tally]:
    """Two tallies that differ in nothing but the sums of few people, and how few these are."""
    one = draw(tallies())
    counts = ("active", "with_value", "with_x", "with_y", "boxed", "in_pool")
    other = {
        name: draw(st.sampled_from(FEW)) if getattr(one, name) in FEW else getattr(one, name) for name in counts
    }
    sums = {
        "value_sum": ("with_value", 10_000),
        "x_sum": ("with_x", WHOLE),
        "y_sum": ("with_y", WHOLE),
    }
    for name, (count, highest) in sums.items():
        is_few = getattr(one, count) in FEW
        other[name] = draw(st.integers(0, other[count] * highest)) if is_few else getattr(one, name)
    return one, Tally(**other)


@pytest.mark.parametrize(
    ("changes", "withheld"),
    [
        pytest.param({"with_x": 1, "x_sum": 735_000}, {"talent_potential"}, id="one potential"),
        pytest.param({"with_y": 4, "y_sum": 4 * 735_000}, {"performance"}, id="four performances"),
        pytest.param({"boxed": 3}, {"mapping_coverage"}, id="three boxes"),
        pytest.param({"boxed": 3, "with_x": 3, "x_sum": 9}, {"mapping_coverage", "talent_potential"}, id="both"),
    ],
)
def test_what_one_component_withholds_the_index_withholds(changes: dict[str, int], withheld: set[str]) -> None:
    tally = USUAL._replace(**changes)
    region = shown_of(tally)
    assert {part.code for part in region.components if part.suppressed} == withheld
    for part in region.components[:3]:
        assert part.numerator is None
        assert (part.value is None) == (part.denominator is None) == (part.code in withheld)
        assert (getattr(region.counts, MEASURED[part.code]) is None) == (part.code in withheld)
    assert region.model_dump(include=set(FROM_THE_INDEX)) == dict.fromkeys(FROM_THE_INDEX)
    assert region.unranked_reason is not None
    assert region.unranked_reason.code == "too_few_people"
    assert (region.coverage is None) == ("mapping_coverage" in withheld)
    # Who may see the region sees all of it.
    whole = Region.of(line_of("33.74", tally, 1))
    assert whole.index == assess(tally, POLICY).index
    assert not any(part.suppressed for part in whole.components)


@given(alike())
def test_nothing_that_is_shown_depends_on_what_is_withheld(pair: tuple[Tally, Tally]) -> None:
    one, other = pair
    assert _beside_others(one) == _beside_others(other)


def _beside_others(tally: Tally) -> list[dict[str, Any]]:
    """The whole board with this region, one that is better than most, and two of equal rank."""
    others = {
        "33.01": USUAL,
        "33.02": USUAL._replace(x_sum=200 * 990_000, y_sum=200 * 990_000, boxed=200),
        "33.99": USUAL,
    }
    return [region.model_dump() for region in board_of({**others, "33.74": tally}).values()]


@given(tallies())
def test_with_a_withheld_component_there_is_no_index(tally: Tally) -> None:
    region = shown_of(tally)
    withheld = any(part.suppressed for part in region.components)
    few = any(getattr(tally, name) in FEW for name in ("active", "with_x", "with_y", "boxed"))
    assert withheld == few
    assert (region.index is None) == (few or not tally.active)
    if region.index is None:
        assert region.model_dump(include=set(FROM_THE_INDEX)) == dict.fromkeys(FROM_THE_INDEX)


@given(tallies(), st.data())
def test_one_person_moves_what_is_shown_by_one_step_at_most(tally: Tally, data: st.DataObject) -> None:
    assume(tally.with_y and tally.active)
    # One of them had `before`, and has got anything else.
    before = data.draw(st.integers(max(0, tally.y_sum - (tally.with_y - 1) * WHOLE), min(WHOLE, tally.y_sum)))
    after = data.draw(st.integers(0, WHOLE))
    one, other = shown_of(tally), shown_of(tally._replace(y_sum=tally.y_sum - before + after))
    first, second = one.components[0].value, other.components[0].value
    if first is not None and second is not None:
        assert abs(first - second) <= _step(tally.with_y)
        assert one.components[0].denominator == other.components[0].denominator
    if one.index is not None and other.index is not None:
        fewest = min(count for count in (tally.active, tally.with_x, tally.with_y) if count)
        assert abs(one.index - other.index) <= _step(fewest) / 100
        assert one.scale_400 == one.index * 400


def _step(people: int) -> Decimal:
    """The plain way: the first of these steps that is as much as one of them can move a mean by."""
    steps = (Decimal(digit).scaleb(place) for place in range(-6, 3) for digit in (1, 2, 5))
    return next(step for step in steps if step * people >= 100)


def test_counts_and_shares_move_in_steps_of_the_fewest() -> None:
    region = shown_of(USUAL._replace(active=204, with_y=203, boxed=154, in_pool=24))
    assert region.counts.model_dump() == {
        "active": 200,
        "with_value": 200,
        "with_x": 200,
        "with_y": 200,
        "boxed": 150,
        "in_pool": 20,
    }
    coverage = region.components[2]
    # 154 of 204 are 75.49 %; five people are 2.45 %.
    assert coverage.denominator == 200
    assert coverage.value == region.coverage == 75


@pytest.mark.parametrize(
    ("people", "mean", "index"),
    [
        (5, "80", "0.8"),
        (10, "80", "0.8"),
        (50, "80", "0.86"),
        (555, "81.2", "0.862"),
        (12_500, "81.23", "0.8623"),
    ],
)
def test_the_more_people_the_finer_a_mean(people: int, mean: str, index: str) -> None:
    total = people * 812_345
    region = shown_of(Tally(people, with_x=people, x_sum=total, with_y=people, y_sum=total, boxed=people))
    # The index is ((30 + 25) × 81.2345 + 20 × 100) / 75 / 100 = 0.862386…
    assert (region.components[0].value, region.index) == (Decimal(mean), Decimal(index))


def test_ranks_are_among_those_whose_index_is_shown() -> None:
    best = USUAL._replace(with_x=1, x_sum=WHOLE, y_sum=200 * WHOLE, boxed=200)
    lower = USUAL._replace(y_sum=0)
    board = board_of(
        {"33.01": best, "33.02": USUAL, "33.03": USUAL, "33.04": lower, "33": USUAL._replace(boxed=50)}
    )
    assert [(code, region.rank) for code, region in board.items()] == [
        ("33.02", 1),
        ("33.03", 1),
        ("33.04", 3),
        ("33", None),
        ("33.01", None),
    ]


def test_the_public_form_of_nothing() -> None:
    assert public_regions([], POLICY.smallest_cell) == []


@pytest.mark.parametrize("code", ["coverage_too_low", "too_few_people"])
def test_reasons_name_no_number_of_a_policy(code: str) -> None:
    tally = USUAL._replace(boxed=3 if code == "too_few_people" else 50)
    reason = shown_of(tally).unranked_reason
    assert reason is not None
    assert reason.code == code
    assert not any(character.isdigit() for character in reason.text.id + reason.text.en)
