"""The job that the programs are compared by, and what becomes of one that fails."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.comparison import measuring
from bench.comparison.contenders import Contender
from bench.comparison.job import box_of, events, expected
from bench.comparison.measuring import Comparison, measure_comparison
from bench.installation import Bench
from bench.sizes import QUICK
from deploy.local.errors import StackError


@pytest.mark.parametrize(
    ("x", "y", "box"),
    [
        (0, 0, 1),
        (59, 69, 1),
        (60, 0, 3),
        (80, 0, 6),
        (0, 70, 2),
        (60, 70, 5),
        (80, 89, 8),
        (0, 90, 4),
        (100, 100, 9),
    ],
)
def test_boxes_follow_the_nine_box_map(x: int, y: int, box: int) -> None:
    assert box_of(x, y) == box


def test_every_person_is_scored_twice_and_the_tally_is_of_the_second() -> None:
    told = list(events(10))
    assert [event["version"] for event in told] == [1] * 5 + [2] * 5
    assert len({event["employee_id"] for event in told}) == 5
    second = [(event["region"], box_of(event["x"], event["y"])) for event in told[5:]]
    tally = expected(10)
    assert sum(tally.values()) == 5
    assert all(tally[place] == second.count(place) for place in second)


async def test_a_program_that_fails_is_missed_and_the_others_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    async def produce(*_where: Any) -> None: ...

    async def speeds(_comparison: Any, contender: Contender) -> list[float]:
        if contender.module == "with_faust":
            raise StackError("did not start")
        return [10.0 if contender.one_by_one else 200.0]

    async def wrong_after_kills(_comparison: Any, contender: Contender) -> int:
        if contender.module == "with_quix":
            raise StackError("did not start again")
        return 0

    monkeypatch.setattr(measuring, "produce", produce)
    monkeypatch.setattr(Comparison, "speeds", speeds)
    monkeypatch.setattr(Comparison, "wrong_after_kills", wrong_after_kills)
    stack = SimpleNamespace(kafka_bootstrap_servers="", kafka_namespace="")
    rows = await measure_comparison(cast("Bench", SimpleNamespace(stack=stack, sizes=QUICK)), Path())
    ours, plain, faust, quix, ratio = rows
    assert [row.details["wrong_after_two_kills"] for row in (ours, plain)] == [0, 0]
    assert [row.details["why"] for row in (faust, quix)] == [
        "StackError: did not start",
        "StackError: did not start again",
    ]
    assert (faust.met, quix.met, ratio.ratio, ratio.met) == (False, False, 20.0, True)
