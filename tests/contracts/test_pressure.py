"""No endpoint of tomorrow writes past the bound of the outbox, or lets bulk in without its turn."""

from collections.abc import Iterator
from typing import get_args

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from shared.http.body import BodyRoute
from shared.http.idempotency import AttemptingOnce, WritingOnce
from shared.http.pressure import BulkTurn, waits_for_turn
from shared.http.session import Writing
from tests.contracts.house import APPS

SAFE = {"GET", "HEAD", "OPTIONS"}
WRITES = {get_args(one)[1].dependency for one in (Writing, WritingOnce, AttemptingOnce)}
TURNS = get_args(BulkTurn)[1].dependency


def in_order(dependant: Dependant) -> Iterator[object]:
    """The calls of all dependencies, in the order in which they are made."""
    for below in dependant.dependencies:
        yield from in_order(below)
        yield below.call


def writing_endpoints() -> dict[str, list[object]]:
    return {
        f"{name} {context.path_format}": list(in_order(context.dependant))
        for name, app in APPS.items()
        for context in iter_route_contexts(app.routes)
        if set(context.methods or ()) - SAFE
    }


def test_every_writing_endpoint_is_refused_at_the_bound() -> None:
    endpoints = writing_endpoints()
    assert len(endpoints) >= 7
    assert [where for where, calls in endpoints.items() if not WRITES.intersection(calls)] == []


def test_every_batch_waits_for_its_turn_before_it_takes_a_session_and_nothing_else_does() -> None:
    waiting = {where: calls for where, calls in writing_endpoints().items() if TURNS in calls}
    assert set(waiting) == {where for where in writing_endpoints() if where.endswith(":batch")}
    before = {where: calls[: calls.index(TURNS)] for where, calls in waiting.items()}
    assert [where for where, calls in before.items() if WRITES.intersection(calls)] == []


def test_every_batch_is_one_of_few_in_hand() -> None:
    few = {
        f"{name} {context.path_format}"
        for name, app in APPS.items()
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, BodyRoute) and waits_for_turn(context.original_route.dependant)
    }
    assert few == {where for where in writing_endpoints() if where.endswith(":batch")}
