"""Posts one score and watches what it moves, hop by hop."""

import asyncio
import time
import uuid
from collections.abc import Awaitable
from datetime import date, datetime
from typing import Any, TypeVar

from deploy.demo.errors import DemonstrationError
from deploy.demo.installation.api import Api
from deploy.demo.installation.installation import Installation
from deploy.demo.population import bodies
from deploy.demo.population.measuring import Rating
from deploy.demo.population.people import Person
from deploy.demo.recomputation.expected import Inputs
from deploy.demo.story.choosing import Candidate, choose
from deploy.demo.story.observing import Observer
from deploy.demo.story.telling import Hop, Moment, story
from shared.kafka.topics import RESULTS, STANDINGS, TALENTS

T = TypeVar("T")


async def choose_somebody(api: Api, inputs: Inputs, today: date) -> Candidate | None:
    """Whose score will be raised, by where the regions stand now."""
    board = await api.get("reporting/v1/boards/merit")
    # The board shows the public rounded numbers, too coarse to tell how near a region is to the next.
    paths = [f"reporting/v1/regions/{row['region_code']}/standing" for row in board["regions"]]
    standings = [await api.get(path) for path in paths]
    indexes = {row["region_code"]: row["index"] for row in standings if row["rank"] is not None}
    return choose(inputs, indexes, today)


async def move_back(api: Api, person: Person) -> None:
    """Post the score of the population again, and wait until the ranking shows it."""
    _, token = await _post(api, person, person.ratings[1])
    employee = await api.get(f"profile/v1/employees/{person.nip}")
    await api.get_after(f"reporting/v1/ranks/{employee['employee_id']}", token)


async def tell(api: Api, installation: Installation, candidate: Candidate) -> list[str]:
    """Post the candidate's score; the lines of what moved and when."""
    person = candidate.person
    employee = await api.get(f"profile/v1/employees/{person.nip}")
    employee_id, region = employee["employee_id"], person.region
    before = await _moment(api, employee_id, region, token=None)
    topics = (RESULTS, TALENTS, STANDINGS)
    async with Observer(installation.kafka_bootstrap_servers, installation.kafka_namespace, topics) as observer:
        sent_at, started = time.time(), time.perf_counter()
        _, token = await _post(api, person, candidate.rating)
        accepted = _since(started)
        after, visible = await _timed(_moment(api, employee_id, region, token=token), started)
        taken_in, version = after.ranks["inputs"], after.standing["version"]
        published = [
            await observer.published_at(RESULTS, employee_id, taken_in["assessment"]),
            await observer.published_at(TALENTS, employee_id, taken_in["talent"]),
            await observer.published_at(STANDINGS, region, version),
        ]
    results, talents, standings = [None if at is None else (at - sent_at) * 1000 for at in published]
    hops = [
        Hop("skor diterima (jawaban HTTP) / score accepted", accepted),
        Hop("assessment.results terbit / published", results),
        Hop("kotak dihitung / box computed", _milliseconds(sent_at, after.talent["computed_at"])),
        Hop("placement.talents terbit / published", talents),
        Hop(
            "peringkat dan papan dilipat / ranks and board folded",
            _milliseconds(sent_at, after.ranks["folded_at"]),
        ),
        Hop("semua terlihat lewat HTTP / all visible over HTTP", visible),
        Hop("reporting.standings terbit (≤ 1/s) / published", standings),
    ]
    return list(story(person.ratings[1], candidate.rating, before, after, hops))


async def _moment(api: Api, employee_id: str, region: str, *, token: str | None) -> Moment:
    """All three answers at once, with `token` as soon as each has taken the write in."""
    paths = (
        f"placement/v1/talents/{employee_id}",
        f"reporting/v1/ranks/{employee_id}",
        f"reporting/v1/regions/{region}/standing",
    )
    reads: list[Awaitable[Any]] = [api.get_after(path, token) if token else api.get(path) for path in paths]
    return Moment(*await asyncio.gather(*reads))


async def _post(api: Api, person: Person, rating: Rating) -> tuple[dict[str, Any], str]:
    """The receipt and the token of one score."""
    answer = await api.post(
        "assessment/v1/performance-scores",
        bodies.performance_score(person.nip, rating),
        idempotency_key=str(uuid.uuid4()),
    )
    token = answer.headers.get("Talenta-Token")
    if token is None:
        raise DemonstrationError(f"jawaban tanpa / answered without Talenta-Token: {answer.text}")
    return answer.json(), token


async def _timed(work: Awaitable[T], started: float) -> tuple[T, float]:
    done = await work
    return done, _since(started)


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _milliseconds(sent_at: float, moment: str) -> float:
    return (datetime.fromisoformat(moment).timestamp() - sent_at) * 1000
