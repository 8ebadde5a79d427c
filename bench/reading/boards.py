"""Reads of the board, beside a constant of the same application."""

import json
from statistics import mean
from typing import Final

from bench.client import Client, Unexpected, requests_a_second
from bench.figures import Limit, Row
from bench.installation import Bench
from bench.machine import load_average
from bench.reading.serving import reporting_of
from deploy.local.progress import say

BOARD: Final = Limit("≥ 70 % of the floor's requests/s", at_least=0.7)
_PEOPLE_OF_A_BOARD: Final = 20_000
_CONNECTIONS: Final = 16
_TURNS: Final = 10
_READ, _UNCHANGED = 200, 304


async def measure_boards(bench: Bench) -> list[Row]:
    """For each number of regions: the whole board, and the board that has not changed."""
    rows = []
    for regions in bench.sizes.board_regions:
        async with (
            reporting_of(bench, people=_PEOPLE_OF_A_BOARD, regions=regions) as reporting,
            Client(reporting.url) as client,
        ):
            rows += await _board_rows(bench, client, regions)
    return rows


async def _board_rows(bench: Bench, client: Client, regions: int) -> list[Row]:
    path = "/v1/boards/merit"
    board = await client.send(client.get(path))
    board.expect(_READ)
    if len(json.loads(board.body)["regions"]) != regions:
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
