"""A read that waits for a write holds no connection meanwhile: hundreds may wait, and the pool is small."""

from typing import get_args

from fastapi.routing import iter_route_contexts

from shared.http.after import AfterToken
from shared.http.session import Reading
from tests.contracts.house import APPS
from tests.contracts.test_pressure import in_order

WAITS, READS = (get_args(one)[1].dependency for one in (AfterToken, Reading))


def test_every_endpoint_that_waits_does_so_before_it_takes_a_session() -> None:
    waiting = {
        f"{name} {context.path_format}": calls
        for name, app in APPS.items()
        for context in iter_route_contexts(app.routes)
        if WAITS in (calls := list(in_order(context.dependant)))
    }
    assert len(waiting) >= 9
    assert [where for where, calls in waiting.items() if READS in calls[: calls.index(WAITS)]] == []
