"""The budget as Markdown."""

from collections.abc import Sequence

from bench.figures import Row
from bench.least.budget import TIMES_THE_FLOOR, WORDS, Budget, allowed
from bench.telling import number, table_markdown


def budget_markdown(rows: Sequence[Row]) -> str:
    """How late a score is with what it costs, and what the bound allows; empty where that was not measured."""
    budget = Budget.of(rows)
    if budget is None:
        return ""
    lines = [
        (
            f"bare, {WORDS[point.gathers]}",
            *map(number, (point.burden, point.cost, point.p99)),
            f"{point.p99 / budget.bound * TIMES_THE_FLOOR:.2f}",
        )
        for point in budget.points
    ]
    others = [
        (name, "–", *map(number, place), "–" if ratio is None else f"{ratio:.2f}")
        for name, (*place, ratio) in budget.others.items()
    ]
    header = ("chain", "burden, ms", "all processes, ms a score", "p99, ms", "p99 over its floor")
    passing = " ".join(_passing(budget, gathers=gathers) for gathers in WORDS)
    words = f"{TIMES_THE_FLOOR:.0f} × floor is {number(budget.bound)} ms here. {passing}"
    return f"{table_markdown([header, *lines, *others])}\n\n{words}"


def _passing(budget: Budget, *, gathers: bool) -> str:
    curve = budget.curve(gathers=gathers)
    at = allowed(curve, budget.bound)
    if at is not None:
        burden, cost = map(number, at)
        passes = f"passes it with a burden of {burden} ms, at {cost} ms of the processor a score in all"
    else:
        passes = "is above it without a burden" if curve[0].p99 > budget.bound else "stays below it"
    return f"The bare chain {WORDS[gathers]} {passes}."
