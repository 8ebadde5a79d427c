"""Everything that the services hold and say, beside what follows from the log."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from deploy.demo.installation.api import Api
from deploy.demo.installation.installation import Installation, PerService
from deploy.demo.installation.stored import Stored, StoredPerson
from deploy.demo.recomputation.expected import employee_of, policy
from deploy.demo.recomputation.recounting import Recount
from deploy.demo.verification import answers, comparing
from deploy.demo.verification.comparing import Difference
from deploy.local.settings import SERVICES
from services.placement.talents.rules import Evaluation, evaluate
from shared.kafka.topics import EMPLOYEES, RESULTS, STANDINGS, TALENTS, Topic
from tests.faults.expecting import Expected, Row, expect
from tests.faults.findings import Finding, Kind, compared
from tests.faults.log import Log
from tests.faults.system import System
from tests.faults.topics import Topics

POISON: Final = b"poison"
"""The key of records that are no events."""
_MEASURED: Final = """
    SELECT nip, extract(year FROM starts_on)::text, document, score_id, score_version
    FROM source.performance_score
    UNION ALL
    SELECT nip, assessed_on::text, document, assessment_id, assessment_version FROM source.talent_assessment
"""
_EMPLOYEES: Final = """
    SELECT nip, version, region, unit_id, post_title AS title, kedudukan_hukum FROM source.employee
"""
_COPIES: Final = "SELECT nip, version, region, unit_id FROM derived.employee"
_RESULTS: Final = "SELECT employee_id, version, body FROM derived.result"
_TALENTS: Final = "SELECT employee_id, version, employee_version, assessment_version FROM derived.talent"
_STANDINGS: Final = """
    SELECT employee_id, version, region, unit_id, level, active, value, x, y, box, in_pool,
        employee_version, assessment_version
    FROM derived.standing
"""
_FOLDED: Final = "SELECT employee_id, version, employee_version, assessment_version FROM derived.folded"
_VERSIONS: Final[Mapping[Topic, tuple[str, str]]] = {
    EMPLOYEES: ("profile", "SELECT employee_id, version FROM source.employee"),
    RESULTS: ("assessment", "SELECT employee_id, version FROM derived.result WHERE version > 0"),
    TALENTS: ("placement", "SELECT employee_id, version FROM derived.talent WHERE version > 0"),
    STANDINGS: ("reporting", "SELECT region, published_version FROM derived.board_row"),
}
_DEAD: Final = "SELECT count(*) FROM source.dead_letter WHERE state = 'OPEN' AND key IS DISTINCT FROM $1"


async def check(system: System, log: Log, topics: Topics) -> list[Finding]:
    """Everything that is not as it must be; empty where all is well. To be asked when all has settled."""
    rows = [Row(*row) for row in await _fetch(system, "assessment", _MEASURED)]
    expected, findings = expect(log, rows)
    employees = await _by(system, "profile", _EMPLOYEES)
    if log.employees_raised:
        expected = {nip: _as_raised(each, employees.get(nip, {})) for nip, each in expected.items()}
    findings += _of_employees(expected, employees)
    findings += _of_copies(expected, await _by(system, "assessment", _COPIES))
    results = await _by(system, "assessment", _RESULTS)
    if log.raised:
        expected = {nip: _at(each, results) for nip, each in expected.items()}
    findings += _of_results(expected, results)
    async with Stored(_addresses(system)) as stored:
        recount = Recount()
        people = await stored.people(list(expected))
        talents = await _by(system, "placement", _TALENTS)
        for name, found in (
            ("standing", await _by(system, "reporting", _STANDINGS)),
            ("folded", await _by(system, "reporting", _FOLDED)),
        ):
            findings += _of_versions(f"reporting, {name}", expected, talents, found)
        findings += _of_versions("placement", expected, talents, talents)
        findings += _of_people(expected, people, recount)
        findings += await _of_sums(stored, recount, len(expected))
    findings += await _of_answers(system, recount)
    findings += await _of_topics(system, topics)
    findings += await _of_dead_letters(system)
    return findings


def _addresses(system: System) -> PerService:
    return PerService(**{service: system.database_url(service) for service in SERVICES})


async def _fetch(system: System, service: str, statement: str) -> list[Any]:
    async with system.connected(service) as connection:
        rows: list[Any] = await connection.fetch(statement)
        return rows


async def _by(system: System, service: str, statement: str) -> dict[Any, Mapping[str, Any]]:
    """Rows by their first column."""
    return {row[0]: dict(row) for row in await _fetch(system, service, statement)}


def _of_employees(expected: Mapping[str, Expected], found: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    for nip, each in expected.items():
        where, person = f"profile {each.told.employee_id}", each.told.person
        row = found.get(nip, {})
        yield from compared(where, "version", each.version, row.get("version", 0))
        for name in ("region", "unit_id", "title", "kedudukan_hukum"):
            yield from compared(where, name, getattr(person, name), row.get(name))


def _of_copies(expected: Mapping[str, Expected], found: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """Assessment's copy of the employees decides who may touch whose results."""
    for nip, each in expected.items():
        where, person = f"assessment, copy of {each.told.employee_id}", each.told.person
        row = found.get(nip, {})
        yield from compared(where, "version", each.version, row.get("version", 0))
        for name in ("region", "unit_id"):
            yield from compared(where, name, getattr(person, name), row.get(name))


def _as_raised(expected: Expected, row: Mapping[str, Any]) -> Expected:
    """At the version that profile has, whatever it is: all who follow must have the same."""
    return replace(expected, version=row.get("version", 0))


def _at(expected: Expected, results: Mapping[UUID, Mapping[str, Any]]) -> Expected:
    """At the version that assessment has, whatever it is: downstream must have the same."""
    version = results.get(expected.told.employee_id, {}).get("version", 0)
    return replace(expected, state=expected.state.model_copy(update={"version": version}))


def _of_results(expected: Mapping[str, Expected], found: Mapping[UUID, Mapping[str, Any]]) -> Iterator[Finding]:
    for each in expected.values():
        where = f"assessment {each.told.employee_id}"
        row = found.get(each.told.employee_id, {"version": 0, "body": "{}"})
        yield from compared(where, "version", each.state.version, row["version"])
        body = each.state.model_dump_json(exclude={"version", "employee_id"})
        yield from compared(where, "results", json.loads(body), json.loads(row["body"]))


def _of_versions(
    where: str,
    expected: Mapping[str, Expected],
    talents: Mapping[UUID, Mapping[str, Any]],
    found: Mapping[UUID, Mapping[str, Any]],
) -> Iterator[Finding]:
    """Whether the newest inputs have arrived, and the newest state of placement."""
    for each in expected.values():
        key = each.told.employee_id
        versions = {
            "employee_version": each.version,
            "assessment_version": each.state.version,
            "version": talents.get(key, {}).get("version", 0),
        }
        for name, version in versions.items():
            yield from compared(f"{where} of {key}", name, version, found.get(key, {}).get(name, 0))


def _of_people(
    expected: Mapping[str, Expected], people: Mapping[str, StoredPerson], recount: Recount
) -> Iterator[Finding]:
    """Result and folded copy of everybody, who is counted on the way."""
    for nip, each in expected.items():
        stored = people.get(nip)
        if stored is None or stored.day is None:
            yield Finding(Kind.LOST, f"placement {each.told.employee_id}", "row", "present", "missing")
            continue
        evaluation = _evaluation(each, stored.day)
        recount.add(each.told.person, evaluation)
        yield from _findings(comparing.of_person(each.told.person, evaluation, stored))


def _evaluation(expected: Expected, day: date) -> Evaluation:
    return evaluate(employee_of(expected.told.person), expected.state, policy(), day)


def _findings(differences: Iterable[Difference]) -> Iterator[Finding]:
    for each in differences:
        if isinstance(each.expected, tuple | None) and isinstance(each.found, tuple | None):
            # A place in a histogram: its rank moves with all others, its people are what counts.
            people = [(side or (0, 0))[1] for side in (each.expected, each.found)]
            yield from compared(each.where, each.what, *people)
        else:
            yield from compared(each.where, each.what, each.expected, each.found)


async def _of_sums(stored: Stored, recount: Recount, people: int) -> list[Finding]:
    """Numbers of rows, tallies, histograms and the board."""
    counts, tallies = await stored.counts(), await stored.tallies()
    for region in [region for region, tally in recount.tallies.items() if not tally and region not in tallies]:
        del recount.tallies[region]  # without an active employee ever, a government need not have a row
    return list(
        _findings(
            [
                *comparing.of_row("rows", dict.fromkeys(counts, people), counts),
                *comparing.of_tallies(recount, tallies),
                *comparing.of_histograms(recount, await stored.histograms()),
                *comparing.of_board(recount, await stored.board()),
            ]
        )
    )


async def _of_answers(system: System, recount: Recount) -> list[Finding]:
    """Board and standings over HTTP."""
    installation = Installation(
        addresses=PerService(**system.urls),
        databases=_addresses(system),
        kafka_bootstrap_servers=system.servers.kafka,
        kafka_namespace=system.namespace,
        integrator_token=system.token,
        folder=system.folder,
    )
    async with Api(installation) as api:
        return list(_findings(await answers.of_regions(api, recount)))


async def _of_topics(system: System, topics: Topics) -> list[Finding]:
    """The last record of every key is its newest version, whatever came twice or late before it."""
    findings: list[Finding] = []
    last = await topics.last_versions()
    for topic, (service, statement) in _VERSIONS.items():
        for key, version in await _fetch(system, service, statement):
            findings += compared(
                f"topic {topic.name} {key}", "last version", version, last[topic].get(str(key), 0)
            )
    return findings


async def _of_dead_letters(system: System) -> list[Finding]:
    """Only what is poison may have been put aside."""
    findings: list[Finding] = []
    for service in SERVICES:
        async with system.connected(service) as connection:
            dead = await connection.fetchval(_DEAD, POISON)
        if dead:
            findings.append(Finding(Kind.LOST, service, "dead letters", 0, dead, dead))
    return findings
