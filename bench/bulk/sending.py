"""A file of scores as an integrator sends it, encoded before any clock runs: the two cores are the services'."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from json import dumps
from typing import Any, Final, NamedTuple

from bench.client import Client, Unexpected
from bench.people import TURNS, score_in
from deploy.demo.population.people import Population

_AT_ONCE: Final = 1_000
_IN_FLIGHT: Final = 3
_PATH: Final = "/v1/performance-scores:batch"
_TAKEN: Final = 200
_BUSY: Final = frozenset({429, 503})
_REFUSED: Final = b'"rejected"'


class Batch(NamedTuple):
    """The body of one request, and how many scores it has."""

    body: bytes
    scores: int


def rows_of(population: Population, turn: int) -> Iterator[dict[str, Any]]:
    """The file: the newer year of everybody, then the older one: two scores of one person lie far apart."""
    for years_ago in (1, 2):
        for person in population.people():
            yield score_in(turn, person, population.on.year - years_ago)


class ScoreFile:
    """Two scores of everybody, in any turn."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._encoded: dict[int, list[Batch]] = {}

    def prepare(self, turns: Iterable[int]) -> None:
        """Encode all ratings that these turns have."""
        for like in {turn % TURNS for turn in turns} - self._encoded.keys():
            rows = rows_of(self._population, like)
            self._encoded[like] = list(_encoded(rows))

    def batches(self, turn: int) -> Iterator[Batch]:
        """Those of a turn that is prepared. Turns with the same ratings differ by the document of each score."""
        like = turn % TURNS
        for body, scores in self._encoded[like]:
            yield Batch(body.replace(_document(like), _document(turn)), scores)


def _encoded(rows: Iterator[dict[str, Any]]) -> Iterator[Batch]:
    while some := list(islice(rows, _AT_ONCE)):
        yield Batch(dumps({"scores": some}, separators=(",", ":")).encode(), len(some))


def _document(turn: int) -> bytes:
    return b'"document":"SKP %d"' % turn


async def send_all(client: Client, batches: Iterable[Batch], taken: Callable[[int], None]) -> None:
    """Three at a time; `taken` is told of each how many scores it had.

    Raises Unexpected where a score is refused. A service that is busy is asked again when it says so.
    """
    waiting = iter(batches)

    async def carry() -> None:
        for batch in waiting:
            await _send(client, client.post_encoded(_PATH, batch.body))
            taken(batch.scores)

    async with asyncio.TaskGroup() as group:
        for _ in range(_IN_FLIGHT):
            group.create_task(carry())


async def _send(client: Client, request: bytes) -> None:
    while True:
        answer = await client.send(request)
        if answer.status not in _BUSY:
            break
        await asyncio.sleep(float(answer.header("Retry-After") or 1))
    answer.expect(_TAKEN)
    if _REFUSED in answer.body:
        raise Unexpected(f"a score of an import was refused: {answer.body[:500]!r}")
