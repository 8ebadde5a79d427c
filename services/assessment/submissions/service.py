"""What callers hand in takes effect at once, or waits until its employee arrives.

A measurement for a NIP that nobody bears, and one for somebody outside the caller's population, are answered
alike: kept. Whether the caller is entitled is decided once: at once where the NIP is borne, else when somebody
arrives with it, by the population that the caller had when he handed it in. What he was not entitled to never
takes effect, even if the employee moves to him later: he may hand it in again then.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.employees.queries import Bearer, lock_nips, read_bearers
from services.assessment.performance.queries import adding_scores
from services.assessment.performance.rules import Score
from services.assessment.results.queries import hold_results, lock_results, look_at_results, read_held
from services.assessment.results.rules import Held
from services.assessment.results.service import Addition, publish
from services.assessment.submissions import queries
from services.assessment.submissions.rules import (
    Attributed,
    Change,
    Measurement,
    Receipt,
    Submission,
    Taken,
)
from services.assessment.talent_assessments.queries import adding_assessments
from services.assessment.talent_assessments.rules import TalentAssessment
from shared.auth.caller import Caller, Population
from shared.db.ids import new_ids
from shared.events.envelope import MOST_CAUSES, Cause
from shared.outbox.append import Write, is_attempt

M = TypeVar("M", bound=Measurement)


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[M]):
    """A kind of measurement: `name` begins the causes of its events, `content` is how one that waits is kept.

    `take` lets one take effect on what is held of its employee; `adding` adds those that made a new version.
    """

    name: str
    content: TypeAdapter[M]
    take: Callable[[Held, UUID, M], Taken]
    adding: Callable[[Sequence[tuple[Attributed[M], int]]], Write]

    def cause(self, measurement_id: UUID) -> str:
        return f"{self.name}/{measurement_id}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The event that brought a NIP its bearer, by its `ce_id`, and where the change began."""

    event: str
    cause: Cause


PERFORMANCE_SCORE: Final = Kind("performance-score", TypeAdapter(Score), Held.take_score, adding_scores)
TALENT_ASSESSMENT: Final = Kind(
    "talent-assessment", TypeAdapter(TalentAssessment), Held.take_assessment, adding_assessments
)
_KINDS: Final[Mapping[str, Kind[Any]]] = {kind.name: kind for kind in (PERFORMANCE_SCORE, TALENT_ASSESSMENT)}


async def submit(
    session: AsyncSession,
    kind: Kind[M],
    handed_in: Sequence[tuple[str, M]],
    *,
    caller: Caller,
    cause: Cause,
) -> list[Receipt]:
    """Take in measurements by NIP, all of one request, in a bounded number of round trips; one receipt each."""
    submissions = [
        Submission(measurement_id, nip, measurement, caller.subject, cause.origin_time)
        for measurement_id, (nip, measurement) in zip(
            new_ids(cause.origin_time, len(handed_in)), handed_in, strict=True
        )
    ]
    nips = {nip for nip, _ in handed_in}
    hold = look_at_results if is_attempt(session) else hold_results
    holding = await hold(session, nips, caller.population)
    if holding is not None:
        matched = [Attributed(holding.bearers[one.nip], one) for one in submissions]
        receipts = await _take_effect(session, {kind: matched}, holding.held, dict.fromkeys(nips, cause))
    else:
        receipts = await _match(session, kind, submissions, caller=caller, cause=cause)
    return [receipts[submission.id] for submission in submissions]


async def _match(
    session: AsyncSession,
    kind: Kind[M],
    submissions: Sequence[Submission[M]],
    *,
    caller: Caller,
    cause: Cause,
) -> dict[UUID, Receipt]:
    """Where not everybody can be held at once: of each NIP, whether its bearer may be touched, or arrives now."""
    nips = {submission.nip for submission in submissions}
    await lock_nips(session, nips)
    bearers = await queries.hold_bearers(session, nips, caller.population)
    entitled: list[Attributed[M]] = []
    rest: list[Submission[M]] = []
    for submission in submissions:
        bearer = bearers.get(submission.nip)
        if bearer is not None and bearer.entitled:
            entitled.append(Attributed(bearer.employee_id, submission))
        else:
            rest.append(submission)
    held = await read_held(session, {one.employee_id for one in entitled}) if entitled else {}
    receipts = await _take_effect(session, {kind: entitled}, held, dict.fromkeys(nips, cause))
    return receipts | await _keep(session, kind, rest, borne=bearers.keys(), caller=caller)


async def admit(session: AsyncSession, arrived: Mapping[str, Arrival]) -> None:
    """Somebody bears these NIPs now, locked before: what waited for them takes effect or is refused, once."""
    waiting = await queries.read_waiting(session, arrived.keys())
    if not waiting:
        return
    bearers = await read_bearers(session, arrived.keys())
    decided = [one for one in waiting if one.nip in bearers]
    admitted = [one for one in decided if _covers(one.population, bearers[one.nip])]
    refused = [one for one in decided if not _covers(one.population, bearers[one.nip])]
    events = {nip: arrival.event for nip, arrival in arrived.items()}
    await queries.refuse(session, refused, by=events)
    await queries.remove(session, admitted, by=events)
    entitled: defaultdict[Kind[Any], list[Attributed[Any]]] = defaultdict(list)
    for one in admitted:
        kind = _KINDS[one.kind]
        measurement = kind.content.validate_python(one.content)
        submission = Submission(one.id, one.nip, measurement, one.submitted_by, one.accepted_at)
        entitled[kind].append(Attributed(bearers[one.nip].employee_id, submission))
    if admitted:
        employee_ids = {bearers[one.nip].employee_id for one in admitted}
        await lock_results(session, employee_ids)
        held = await read_held(session, employee_ids)
        await _take_effect(session, entitled, held, {nip: arrival.cause for nip, arrival in arrived.items()})


async def _take_effect(
    session: AsyncSession,
    entitled: Mapping[Kind[Any], Sequence[Attributed[Any]]],
    held: Mapping[UUID, Held],
    arrived: Mapping[str, Cause],
) -> dict[UUID, Receipt]:
    """One version and one event for each employee of whom something changed; `arrived` is why, by NIP.

    `held` is what is held of them, read after their results were locked.
    """
    taken: list[tuple[Attributed[Any], Taken]] = []
    changes: defaultdict[UUID, list[tuple[Kind[Any], UUID, Cause]]] = defaultdict(list)
    beside: list[Write] = []
    for kind, of_kind in entitled.items():
        made = [
            (one, kind.take(held[one.employee_id], one.submission.id, one.submission.measurement))
            for one in of_kind
        ]
        added = [(one, what.version) for one, what in made if what.change is not Change.UNCHANGED]
        for one, _ in added:
            changes[one.employee_id].append((kind, one.submission.id, arrived[one.submission.nip]))
        if added:
            beside.append(kind.adding(added))
        taken += made
    if changes:
        additions = {key: _addition(of_employee) for key, of_employee in changes.items()}
        await publish(session, held, additions, beside=beside)
    return {
        one.submission.id: Receipt(what.id, what.change, one.employee_id, held[one.employee_id].version)
        for one, what in taken
    }


def _addition(changes: Sequence[tuple[Kind[Any], UUID, Cause]]) -> Addition:
    """What was measured, then what brought it: the request, or the arrival of the employee.

    The origin is that of the request or the arrival, also for what had waited for weeks: nothing could have
    followed from it before, so that freshness is measured from there.
    """
    names = [kind.cause(measurement_id) for kind, measurement_id, _ in changes]
    # Most employees have one change: what brought it needs no merging.
    origin = changes[0][2] if len(changes) == 1 else Cause.merged(cause for _, _, cause in changes)
    cause = Cause(origin.origin_time, (*names, *origin.causes)[-MOST_CAUSES:], origin.traceparent)
    return Addition([measurement_id for _, measurement_id, _ in changes], cause)


async def _keep(
    session: AsyncSession,
    kind: Kind[M],
    submissions: Sequence[Submission[M]],
    *,
    borne: Collection[str],
    caller: Caller,
) -> dict[UUID, Receipt]:
    """Keep what matched nobody whom the caller may touch; the same again, with the same population, is kept once.

    It is compared with nothing but what the same caller left: the answer tells him only what he knows.
    """
    if not submissions:
        return {}
    nips = {submission.nip for submission in submissions}
    newest = await queries.read_newest_of_caller(session, nips, kind=kind.name, submitted_by=caller.subject)
    receipts: dict[UUID, Receipt] = {}
    unplaced: list[queries.Unplaced] = []
    for submission in submissions:
        place = (submission.nip, submission.measurement.measured)
        content: queries.Content = kind.content.dump_python(submission.measurement, mode="json")
        kept = newest.get(place)
        if kept is None or (kept.content, kept.population) != (content, caller.population):
            state = queries.State.REFUSED if submission.nip in borne else queries.State.WAITING
            unplaced.append(queries.Unplaced(submission.id, *place, content, state, submission.accepted_at))
            kept = newest[place] = queries.Kept(submission.id, content, caller.population)
        receipts[submission.id] = Receipt(kept.id)
    if unplaced:
        await queries.insert_unmatched(session, unplaced, kind=kind.name, caller=caller)
    return receipts


def _covers(population: Population, bearer: Bearer) -> bool:
    return population.covers(region=bearer.region, unit_id=bearer.unit_id, employee_id=bearer.employee_id)
