"""Reads of ranks and of the board, each beside its floor in the same process."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import mean
from typing import Final
from uuid import UUID

from bench.client import Client, Unexpected, requests_a_second
from bench.figures import Limit, Row, flat, percentile, quantiles
from bench.installation import Bench
from bench.machine import load_average
from bench.processes import Program, environment_of, migrate, running
from bench.reading.filling import fill, somebody
from deploy.local.ports import LOOPBACK, is_free
from deploy.local.progress import say

RANK: Final = Limit("≤ 2 × floor, all scopes in one answer", at_most=2.0)
FLAT: Final = Limit("flat: ≤ 1.25 × that of the fewest", at_most=1.25)
BOARD: Final = Limit("≥ 70 % of the floor's requests/s", at_least=0.7)
_FIRST_PORT: Final = 8304
_PEOPLE_OF_A_BOARD: Final = 20_000
_CONNECTIONS: Final = 16
_TURNS: Final = 10
_READ, _UNCHANGED = 200, 304


@dataclass(frozen=True, slots=True)
class Reporting:
    """A reporting service with floors, on a database filled to a size."""

    database_url: str
    url: str


@asynccontextmanager
async def _reporting(bench: Bench, *, people: int, regions: int) -> AsyncIterator[Reporting]:
    name = f"bench_{people}_{regions}"
    database_url = await bench.fresh_database(name)
    port = next(port for port in range(_FIRST_PORT, 65_000, 10) if is_free(port))
    environment = {
        **environment_of(bench.stack, bench.issuer),
        "REPORTING_DATABASE_URL": database_url,
        "REPORTING_PORT": str(port),
    }
    await migrate(bench.stack, "reporting", environment)
    await fill(database_url, people=people, regions=regions)
    url = f"http://{LOOPBACK}:{port}"
    program = Program(name, ("-m", "bench.reading", "api"), url, environment)
    async with running(bench.stack, [program]):
        yield Reporting(database_url, url)


async def measure_ranks(bench: Bench) -> list[Row]:
    """One row a size; one more for how flat they are, and one for somebody in a very large unit of the largest."""
    sizes = bench.sizes
    rows, crowded = [], []
    for people in sizes.people:
        async with _reporting(bench, people=people, regions=sizes.regions[0]) as reporting:
            ids = await somebody(reporting.database_url, sizes.rank_reads, in_large_unit=False)
            rows.append(await _rank_row(bench, reporting, f"rank of one among {people:,}, p50", ids, RANK))
            if people == sizes.people[-1]:
                ids = await somebody(reporting.database_url, sizes.rank_reads, in_large_unit=True)
                name = f"the same among {people:,}, in a unit of up to 10,000"
                crowded.append(await _rank_row(bench, reporting, name, ids, None))
    fewest, most = rows[0], rows[-1]
    name = f"rank among {sizes.people[-1]:,} beside {sizes.people[0]:,}, each over its floor"
    flatness = Row.of(name, "× floor", _over(most), _over(fewest), load=load_average(), limit=FLAT)
    return [*rows, flatness, *crowded]


def _over(row: Row) -> list[float]:
    return [figure / floor for figure, floor in zip(row.repeats, row.floors, strict=True)]


async def _rank_row(
    bench: Bench, reporting: Reporting, name: str, ids: Sequence[UUID], limit: Limit | None
) -> Row:
    """One caller, one request after the other; read and floor take turns by the hundred."""
    ranks: list[list[float]] = []
    floors: list[list[float]] = []
    async with Client(reporting.url, bench.token("province_operator")) as client:
        requests = [(client.get(f"/v1/ranks/{one}"), client.get(f"/bench/people/{one}")) for one in ids]
        await _milliseconds(client, [request for pair in requests[:100] for request in pair])
        for _ in range(bench.sizes.repeats):
            ranks.append([])
            floors.append([])
            for first in range(0, len(requests), 100):
                part = requests[first : first + 100]
                ranks[-1] += await _milliseconds(client, [read for read, _ in part])
                floors[-1] += await _milliseconds(client, [floor for _, floor in part])
    medians = [percentile(one, 0.5) for one in ranks]
    floor_medians = [percentile(one, 0.5) for one in floors]
    details = {"read": quantiles(flat(ranks)), "floor": quantiles(flat(floors))}
    row = Row.of(name, "ms", medians, floor_medians, load=load_average(), limit=limit, details=details)
    say(f"{name}: {row.figure:.2f} ms, floor {row.floor:.2f} ms")
    return row


async def _milliseconds(client: Client, requests: Sequence[bytes]) -> list[float]:
    taken = []
    for request in requests:
        began = time.perf_counter()
        answer = await client.send(request)
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status != _READ:
            raise Unexpected(f"{answer.status} {answer.body[:300]!r}")
    return taken


async def measure_boards(bench: Bench) -> list[Row]:
    """For each number of regions: the whole board, and the board that has not changed."""
    rows = []
    for regions in bench.sizes.regions:
        async with (
            _reporting(bench, people=_PEOPLE_OF_A_BOARD, regions=regions) as reporting,
            Client(reporting.url) as client,
        ):
            rows += await _board_rows(bench, client, regions)
    return rows


async def _board_rows(bench: Bench, client: Client, regions: int) -> list[Row]:
    path = "/v1/boards/merit"
    board = await client.send(client.get(path))
    if len(board.parsed()["regions"]) != regions:
        raise Unexpected(f"a board without all of {regions} regions")
    await client.send(client.put("/bench/constant", board.body))
    whole, constant = client.get(path), client.get("/bench/constant")
    unchanged = client.get(path, {"If-None-Match": str(board.header("etag"))})
    speeds: dict[bytes, list[float]] = {whole: [], unchanged: [], constant: []}
    for _ in range(bench.sizes.repeats):
        # In short turns, so that whatever else the machine does falls on all of them.
        slices: dict[bytes, list[float]] = {request: [] for request in speeds}
        for _ in range(_TURNS):
            for request, found in slices.items():
                status = _UNCHANGED if request is unchanged else _READ
                seconds = bench.sizes.board_seconds / _TURNS
                found.append(await requests_a_second(client, request, seconds, _CONNECTIONS, status))
        for request, found in slices.items():
            speeds[request].append(mean(found))
    details = {"bytes": len(board.body)}
    rows = [
        Row.of(
            name,
            "requests/s",
            speeds[request],
            speeds[constant],
            load=load_average(),
            limit=BOARD,
            details=details,
        )
        for name, request in ((f"board of {regions} regions", whole), (f"the same, 304 ({regions})", unchanged))
    ]
    for row in rows:
        say(f"{row.name}: {row.figure:,.0f}/s, floor {row.floor:,.0f}/s")
    return rows
