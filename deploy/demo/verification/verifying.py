"""Recomputes everything from what was sent, and compares it with what the services hold and answer.

Everybody's result, place and rank, every sum and the board are compared with the databases, in bounded memory;
some hundred people and all regions with what HTTP answers as well. Whatever may still be on its way is looked at
again before it is called different.
"""

import asyncio
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Final

from deploy.demo.installation.api import Api
from deploy.demo.installation.stored import NOBODY, Stored
from deploy.demo.population.people import Person
from deploy.demo.progress import Progress, Say
from deploy.demo.recomputation.expected import Inputs
from deploy.demo.recomputation.recounting import Recount
from deploy.demo.verification import answers, comparing
from deploy.demo.verification.comparing import Difference

_CHUNK: Final = 1000
_SHOWN: Final = 20
_FEW: Final = 5000
_LOOKS: Final = 10
_PAUSE: Final = 1.0


@dataclass
class Report:
    """How much was compared, how much differed, and the first differences."""

    compared: Counter[str] = field(default_factory=Counter)
    differences: int = 0
    first: list[Difference] = field(default_factory=list)

    def take(self, differences: Iterable[Difference]) -> None:
        for difference in differences:
            self.differences += 1
            if len(self.first) < _SHOWN:
                self.first.append(difference)

    def lines(self) -> Iterator[str]:
        yield f"dicocokkan dengan hitung ulang / compared with a recomputation: {self.differences:,} beda / differ"
        yield from (f"  {count:,} {what}" for what, count in self.compared.items())
        yield from (f"  {difference}" for difference in self.first)
        if self.differences > len(self.first):
            yield f"  … dan lagi / and more: {self.differences - len(self.first):,}"


async def verify(stored: Stored, api: Api, inputs: Inputs, today: date, say: Say) -> Report:
    """Compare all. `today` is the day in Jakarta, for people whom no service has evaluated."""
    report, recount = await verify_databases(stored, inputs, today, say)
    report.take(await until_none(lambda: answers.of_regions(api, recount)))
    report.take(await until_none(lambda: answers.of_people(api, stored, inputs, today, recount)))
    report.compared["pegawai lewat HTTP / employees over HTTP"] = len(answers.sample(inputs))
    for line in report.lines():
        say(line)
    return report


async def verify_databases(stored: Stored, inputs: Inputs, today: date, say: Say) -> tuple[Report, Recount]:
    """Compare what the databases hold; everything recounted is handed on."""
    report, recount = Report(), Recount()
    suspects = await _look_at_everybody(stored, inputs, today, recount, say)
    await _look_again(stored, inputs, today, suspects, report)
    report.take(await until_none(lambda: _aggregates(stored, inputs, recount)))
    report.compared["pegawai / employees"] = recount.people
    report.compared["jumlah / sums"] = sum(map(len, recount.tallies.values()))
    report.compared["peringkat / ranks"] = sum(map(len, recount.ascending.values()))
    report.compared["wilayah / regions"] = len(recount.tallies)
    return report, recount


async def _look_at_everybody(
    stored: Stored, inputs: Inputs, today: date, recount: Recount, say: Say
) -> Sequence[int]:
    """Count everybody into `recount`; the indexes of those who differ at the first look."""
    progress = Progress("pegawai dihitung ulang / recomputed employees", inputs.population.total, say)
    people = inputs.population.people()
    suspects = array("L")
    while chunk := list(islice(people, _CHUNK)):
        suspects.extend(await _differing(stored, inputs, today, chunk, recount))
        progress.add(len(chunk))
    progress.finish()
    return suspects


async def _differing(
    stored: Stored, inputs: Inputs, today: date, people: Sequence[Person], recount: Recount
) -> list[int]:
    there = await stored.people([person.nip for person in people])
    differing = []
    for person in people:
        found = there.get(person.nip, NOBODY)
        evaluation = inputs.talent(person, found.day or today)
        recount.add(person, evaluation)
        if any(comparing.of_person(person, evaluation, found)):
            differing.append(person.index)
    return differing


async def _look_again(
    stored: Stored, inputs: Inputs, today: date, suspects: Sequence[int], report: Report
) -> None:
    """Report those who still differ when they have been looked at often enough; when they are many, once."""
    for _ in range(_LOOKS if len(suspects) <= _FEW else 0):
        if not suspects:
            return
        await asyncio.sleep(_PAUSE)
        suspects = [index async for index, found in _one_by_one(stored, inputs, today, suspects) if found]
    async for _, found in _one_by_one(stored, inputs, today, suspects):
        report.take(found)


async def _one_by_one(
    stored: Stored, inputs: Inputs, today: date, indexes: Sequence[int]
) -> AsyncIterator[tuple[int, list[Difference]]]:
    """Each of these people with what differs now."""
    waiting = iter(indexes)
    while people := [inputs.population.person(index) for index in islice(waiting, _CHUNK)]:
        there = await stored.people([person.nip for person in people])
        for person in people:
            row = there.get(person.nip, NOBODY)
            evaluation = inputs.talent(person, row.day or today)
            yield person.index, list(comparing.of_person(person, evaluation, row))


async def _aggregates(stored: Stored, inputs: Inputs, recount: Recount) -> list[Difference]:
    """Numbers of rows, sums, histograms and the board as they are now."""
    total = inputs.population.total
    counts = await stored.counts()
    return [
        *comparing.of_row("rows", dict.fromkeys(counts, total), counts),
        *comparing.of_tallies(recount, await stored.tallies()),
        *comparing.of_histograms(recount, await stored.histograms()),
        *comparing.of_board(recount, await stored.board()),
    ]


async def until_none(look: Callable[[], Awaitable[list[Difference]]]) -> list[Difference]:
    """Look until there is no difference, ten times at most, a second apart; what the last look found."""
    differences = await look()
    for _ in range(_LOOKS - 1):
        if not differences:
            break
        await asyncio.sleep(_PAUSE)
        differences = await look()
    return differences
