"""Reads of the ranks of one person, beside the read of one row in the same process."""

import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from bench.client import Client
from bench.figures import Limit, Row, flat, percentile, quantiles
from bench.installation import Bench
from bench.machine import load_average
from bench.reading.filling import EVERYWHERE
from bench.reading.serving import Reporting
from deploy.local.progress import say

_READ: Final = 200


async def rank_row(bench: Bench, reporting: Reporting, name: str, ids: Sequence[UUID], limit: Limit | None) -> Row:
    """One caller, one request after the other; read and floor take turns by the hundred."""
    ranks: list[list[float]] = []
    floors: list[list[float]] = []
    async with Client(reporting.url, bench.token("province_operator", EVERYWHERE)) as client:
        requests = [(client.get(f"/v1/ranks/{one}"), client.get(f"/bench/people/{one}")) for one in ids]
        await milliseconds(client, [request for pair in requests[:100] for request in pair])
        for _ in range(bench.sizes.repeats):
            ranks.append([])
            floors.append([])
            for first in range(0, len(requests), 100):
                part = requests[first : first + 100]
                ranks[-1] += await milliseconds(client, [read for read, _ in part])
                floors[-1] += await milliseconds(client, [floor for _, floor in part])
    medians = [percentile(one, 0.5) for one in ranks]
    floor_medians = [percentile(one, 0.5) for one in floors]
    details = {"read": quantiles(flat(ranks)), "floor": quantiles(flat(floors))}
    row = Row.of(name, "ms", medians, floor_medians, load=load_average(), limit=limit, details=details)
    say(f"{name}: {row.figure:.2f} ms, floor {row.floor:.2f} ms")
    return row


async def milliseconds(client: Client, requests: Sequence[bytes]) -> list[float]:
    """Of each request, one after the other. Raises bench.client.Unexpected for another answer than 200."""
    taken = []
    for request in requests:
        began = time.perf_counter()
        answer = await client.send(request)
        taken.append((time.perf_counter() - began) * 1000)
        answer.expect(_READ)
    return taken
