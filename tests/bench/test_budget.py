"""How much a score may cost: what processes carry, and where a curve passes its bound."""

import time
from pathlib import Path

import pytest

from bench.figures import Row
from bench.least.budget import Budget, Point, allowed, burdens
from bench.least.manner import Manner
from bench.least.telling import budget_markdown
from bench.pictures import draw_budget

POINTS = [
    {"gathers": False, "burden": 0.0, "cost": 4.0, "p50": 5.0, "p99": 10.0},
    {"gathers": False, "burden": 2.0, "cost": 6.0, "p50": 9.0, "p99": 30.0},
    {"gathers": True, "burden": 0.0, "cost": 3.0, "p50": 20.0, "p99": 40.0},
]
LEAST = Row.of("at best", "ms", [10.0], [5.0], load=0.0, details={"budget": POINTS})
SERVICES = Row.of(
    "freshness", "ms", [65.0], [6.0], load=0.0, details={"together_ms_per_score": {"a": 4.0, "b": 2.5}}
)
APART = Row.of("apart", "ms", [80.0], load=0.0, details={"apart_ms_per_score": {"a": 5.0, "b": 2.5}})


def test_all_processes_carry_what_is_asked_for_in_proportion_to_their_own() -> None:
    own = {"assessment-api": 1.0, "placement-api": 1.0, "placement-worker": 2.0}
    # Of five scores one is read, and placement's worker carries when it takes in and when it passes on.
    assert burdens(own, 0.4) == pytest.approx(
        {"assessment-api": 0.1, "placement-api": 0.5, "placement-worker": 0.1}
    )


@pytest.mark.parametrize(
    ("late", "at"),
    [
        ([10.0, 30.0], (0.5, 4.5)),
        # Behind the first passing it may be less again.
        ([10.0, 30.0, 15.0, 40.0], (0.5, 4.5)),
        ([10.0, 15.0, 25.0], (1.5, 5.5)),
        ([21.0, 10.0, 50.0], None),
        ([10.0, 20.0], None),
        ([], None),
    ],
)
def test_a_curve_allows_the_burden_with_which_it_first_passes_the_bound(
    late: list[float], at: tuple[float, float] | None
) -> None:
    curve = [
        Point(gathers=False, burden=burden, cost=4.0 + burden, p50=1.0, p99=p99) for burden, p99 in enumerate(late)
    ]
    assert allowed(curve, 20.0) == at


def test_a_process_keeps_the_processor_busy_for_what_it_was_told() -> None:
    manner = Manner()
    assert manner.told(f"PUT {Manner.path(0.01, gathers=False)} HTTP/1.1\r\nHost: a".encode())
    began = time.thread_time()
    manner.carry(3)
    assert time.thread_time() - began >= 0.03


def test_a_process_gathers_only_when_it_was_told() -> None:
    manner = Manner()
    assert manner.distance(1_000) == 0.0
    assert manner.told(f"PUT {Manner.path(0.0, gathers=True)} HTTP/1.1".encode())
    assert manner.distance(1_000) > 0.0
    assert not manner.told(b"GET /readyz HTTP/1.1")


def test_a_budget_is_told_by_point_beside_the_services_and_in_words() -> None:
    lines = budget_markdown([SERVICES, APART, LEAST]).splitlines()
    assert lines[2:7] == [
        "| bare, at once | 0.00 | 4.00 | 10.0 | 2.00 |",
        "| bare, at once | 2.00 | 6.00 | 30.0 | 6.00 |",
        "| bare, gathered | 0.00 | 3.00 | 40.0 | 8.00 |",
        "| Talenta, one process a service | – | 6.50 | 65.0 | 10.83 |",
        "| Talenta, api and worker apart | – | 7.50 | 80.0 | – |",
    ]
    assert lines[-1] == (
        "3 × floor is 15.0 ms here."
        " The bare chain at once passes it with a burden of 0.50 ms, at 4.50 ms of the processor a score in all."
        " The bare chain gathered is above it without a burden."
    )


def test_a_run_without_services_tells_less_and_one_without_points_nothing() -> None:
    assert "Talenta," not in budget_markdown([LEAST])
    assert Budget.of([SERVICES]) is None


def test_a_budget_is_drawn_with_what_stands_beside(tmp_path: Path) -> None:
    draw_budget(tmp_path, [SERVICES, APART])
    assert not list(tmp_path.iterdir())
    draw_budget(tmp_path, [SERVICES, APART, LEAST])
    drawn = (tmp_path / "budget.svg").read_text()
    assert all(words in drawn for words in ("Talenta, api and worker apart", "bare, at once", "3 × floor"))
    # The services' two, and the one point of the curve that has no other.
    assert drawn.count("<circle") == 3
