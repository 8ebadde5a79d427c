"""The hops of a score, from the moments that services and topics keep."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import pytest

from bench.freshness import hops
from bench.freshness.hops import Starts, hops_of
from bench.freshness.scoring import Score
from bench.installation import Bench

WATCHED, UNWATCHED = UUID(int=1), UUID(int=2)
DUE = 1_000.0


class _Services:
    """Placement's and reporting's databases; a score that is not watched is folded only at the second look."""

    class stack:  # noqa: N801 - an attribute of a bench
        kafka_bootstrap_servers = ""

    looks = 0

    @asynccontextmanager
    async def looking_into(self, _service: str) -> AsyncIterator["_Services"]:
        yield self

    async def fetch(self, query: str, ids: Sequence[UUID]) -> list[Mapping[str, Any]]:
        if "derived.talent" in query:
            return [{"employee_id": one, "accepted": DUE + 0.001, "computed": DUE + 0.020} for one in ids]
        self.looks += 1
        late = DUE - 60.0 if self.looks == 1 else DUE + 0.050
        return [{"employee_id": WATCHED, "folded": DUE + 0.040}, {"employee_id": UNWATCHED, "folded": late}]


async def test_who_is_not_watched_is_waited_for_until_his_score_is_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    topics = {"results": DUE + 0.010, "talents": DUE + 0.030}

    async def published(_servers: str, topic: str) -> dict[str, float]:
        return {str(one): topics[topic] for one in (WATCHED, UNWATCHED)}

    monkeypatch.setattr(hops, "published_since", published)
    scores = [
        Score(WATCHED, "33.74", DUE, DUE + 0.005, DUE + 0.045, DUE + 0.060),
        Score(UNWATCHED, "33.74", DUE, DUE + 0.005),
    ]
    starts = Starts(cast("Any", "results"), cast("Any", "talents"))
    found = await hops_of(cast("Bench", _Services()), scores, starts)
    assert found["folded"] == pytest.approx([10.0, 20.0])
    assert found["results"] == pytest.approx([9.0, 9.0])
    assert found["visible"] == pytest.approx([20.0])
    assert found["total"] == pytest.approx([60.0])
