"""Loads the population through the services' own APIs, as an integrator would: in batches, a few in flight.

First the units, then the employees, then what was measured of them. The two scores of a person go in one batch and
the assessment right behind, so that the states they lead to can still be merged on their way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import chain, islice
from typing import Final, TypeVar

from deploy.demo.installation.api import Api
from deploy.demo.loading.settling import Sent
from deploy.demo.population import bodies
from deploy.demo.population.governments import Unit
from deploy.demo.population.people import Person, Population
from deploy.demo.progress import Progress, Say

_IN_FLIGHT: Final = 3
_EMPLOYEES_A_BATCH: Final = 1000
_MEASURED_A_BATCH: Final = 500  # two scores each: a batch of 1,000 rows

T = TypeVar("T")


async def load(api: Api, population: Population, say: Say) -> Sent:
    """Send everything, and count it. A repetition is harmless: what is there is unchanged and makes no event.

    Raises DemonstrationError at the first row that a service refuses.
    """
    units = [unit for government in population.governments for unit in government.units]
    await _send(units, 1, _units_to(api), Progress("unit kerja / units", len(units), say))
    sent = Sent()
    await _send(
        sent.counting(population.people()),
        _EMPLOYEES_A_BATCH,
        _employees_to(api),
        Progress("pegawai / employees", population.total, say),
    )
    await _send(
        population.people(),
        _MEASURED_A_BATCH,
        _measured_to(api),
        Progress("skor dan asesmen pegawai / scores and assessments of employees", population.total, say),
    )
    return sent


def _units_to(api: Api) -> Callable[[list[Unit]], Awaitable[None]]:
    async def send(units: list[Unit]) -> None:
        for unit in units:
            await api.put(f"profile/v1/units/{unit.unit_id}", {"region": unit.region, "name": unit.name})

    return send


def _employees_to(api: Api) -> Callable[[list[Person]], Awaitable[None]]:
    async def send(people: list[Person]) -> None:
        rows = [bodies.employee(person) for person in people]
        await api.post_batch("profile/v1/employees:batch", "employees", rows)

    return send


def _measured_to(api: Api) -> Callable[[list[Person]], Awaitable[None]]:
    async def send(people: list[Person]) -> None:
        scores = list(chain.from_iterable(map(bodies.performance_scores, people)))
        await api.post_batch("assessment/v1/performance-scores:batch", "scores", scores)
        assessments = [bodies.talent_assessment(person) for person in people]
        await api.post_batch("assessment/v1/talent-assessments:batch", "assessments", assessments)

    return send


async def _send(
    things: "Iterator[T] | list[T]",
    size: int,
    send: Callable[[list[T]], Awaitable[None]],
    progress: Progress,
) -> None:
    """Cut `things` into chunks of `size` and send them, `_IN_FLIGHT` at a time; the first failure ends all."""
    waiting = iter(things)

    async def carry() -> None:
        # All carriers draw from the one iterator: what nobody has drawn yet is not in memory.
        while chunk := list(islice(waiting, size)):
            await send(chunk)
            progress.add(len(chunk))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_IN_FLIGHT):
                group.create_task(carry())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    progress.finish()
