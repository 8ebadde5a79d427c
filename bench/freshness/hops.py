"""Where the time of a score goes, hop by hop, from the moments that the services and the topics keep."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final
from uuid import UUID

from bench.figures import percentile
from bench.freshness.scoring import Score
from bench.freshness.topics import Ends, ends_of, published_since
from bench.installation import Bench
from shared.kafka.topics import RESULTS, TALENTS

_COMPUTED: Final = """
    SELECT employee_id, extract(epoch FROM origin_time)::float8 AS accepted,
        extract(epoch FROM computed_at)::float8 AS computed
    FROM derived.talent WHERE employee_id = ANY($1::uuid[])
"""
_FOLDED: Final = """
    SELECT employee_id, extract(epoch FROM folded_at)::float8 AS folded
    FROM derived.folded WHERE employee_id = ANY($1::uuid[])
"""
_LOOK_EVERY: Final = 0.1
_PATIENCE: Final = 60.0
HOPS: Final = {
    "accepted": "due → the request has reached assessment",
    "answered": "→ its answer has reached the caller",
    "results": "accepted → `assessment.results` handed to the broker",
    "computed": "→ box computed by placement, before its commit",
    "talents": "→ `placement.talents` handed to the broker",
    "folded": "→ standing copied by the folder, before its commit",
    "visible": "→ box and regional rank read over HTTP (every fifth score)",
    "total": "due → box and regional rank read over HTTP",
}


@dataclass(frozen=True, slots=True)
class Starts:
    """Where both topics ended before a run."""

    results: Ends
    talents: Ends

    @classmethod
    async def of(cls, bench: Bench) -> "Starts":
        servers, namespace = bench.stack.kafka_bootstrap_servers, bench.stack.kafka_namespace
        return cls(await ends_of(servers, namespace, RESULTS), await ends_of(servers, namespace, TALENTS))


async def hops_of(bench: Bench, scores: Sequence[Score], starts: Starts) -> dict[str, list[float]]:
    """Milliseconds of each hop, of every score; a score is told by its employee, who had only this one."""
    ids = [score.employee_id for score in scores]
    servers = bench.stack.kafka_bootstrap_servers
    async with bench.looking_into("placement") as placement, bench.looking_into("reporting") as reporting:
        folded = await _all_folded(reporting, scores, ids)
        computed = {row["employee_id"]: row for row in await placement.fetch(_COMPUTED, ids)}
    results = await published_since(servers, starts.results)
    talents = await published_since(servers, starts.talents)
    hops: dict[str, list[float]] = {name: [] for name in HOPS}
    for score in scores:
        moments = _moments(score, computed, results, talents, folded)
        for name, seconds in moments.items():
            hops[name].append(seconds * 1000)
    return hops


async def _all_folded(reporting: Any, scores: Sequence[Score], ids: Sequence[UUID]) -> dict[UUID, float]:
    """When each was folded, once all were: who is not watched may still be on his way. Raises TimeoutError."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            folded = {row["employee_id"]: row["folded"] for row in await reporting.fetch(_FOLDED, ids)}
            if all(folded[score.employee_id] > score.due for score in scores):
                return folded
            await asyncio.sleep(_LOOK_EVERY)


def _moments(
    score: Score,
    computed: Mapping[UUID, Any],
    results: Mapping[str, float],
    talents: Mapping[str, float],
    folded: Mapping[UUID, float],
) -> dict[str, float]:
    one, key = score.employee_id, str(score.employee_id)
    accepted = computed[one]["accepted"]
    seconds = {
        "accepted": accepted - score.due,
        "answered": score.answered - accepted,
        "results": results[key] - accepted,
        "computed": computed[one]["computed"] - results[key],
        "talents": talents[key] - computed[one]["computed"],
        "folded": folded[one] - talents[key],
    }
    if score.visible is not None and isfinite(score.visible):
        seconds["visible"] = score.visible - folded[one]
    if score.milliseconds is not None:
        seconds["total"] = score.milliseconds / 1000
    return seconds


def summary(hops: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """p50 and p99 of each hop, in the order of the way."""
    return {
        name: {"p50": round(percentile(values, 0.5), 1), "p99": round(percentile(values, 0.99), 1)}
        for name, values in hops.items()
        if values
    }
