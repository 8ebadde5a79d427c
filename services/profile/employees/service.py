"""Changes of employees. One function takes one row or a thousand, in the transaction of the request."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from services.profile.employees import queries
from services.profile.employees.events import outgoing
from services.profile.employees.rules import (
    Accepts,
    Change,
    Covers,
    Draft,
    Outcome,
    Recorded,
    Refusal,
    Stored,
    accept_any,
    decide,
    draft_of,
    screen,
    tell_new_unit,
)
from services.profile.employees.schemas import EmployeeRow
from services.profile.units.service import ensure_units
from shared.db.ids import new_ids
from shared.events.envelope import Cause
from shared.kafka.topics import EMPLOYEES
from shared.outbox.append import append

Drafts = Mapping[str, Draft]
Outcomes = Mapping[str, Outcome]
Changes = Mapping[str, Recorded]
Judge = Callable[[Drafts, Mapping[str, Stored]], Outcomes]
"""Mappings here are by NIP."""


async def put_employees(
    session: AsyncSession,
    rows: Sequence[EmployeeRow],
    *,
    covers: Covers,
    cause: Cause,
    accepts: Accepts = accept_any,
) -> list[Outcome]:
    """Record the rows, and return what became of each, in their order.

    Each row is taken or refused by itself. A row that says nothing new writes nothing and publishes nothing.
    """
    ids = new_ids(cause.origin_time, len(rows))
    drafts = [draft_of(row.state(employee_id)) for row, employee_id in zip(rows, ids, strict=True)]
    refusals = screen(drafts, covers)
    judged = list(zip(drafts, refusals, strict=True))
    admitted = {draft.state.nip: draft for draft, refusal in judged if refusal is None}
    outcomes = await _record(session, admitted, partial(_judge, covers=covers, accepts=accepts), cause)
    return [refusal or outcomes[draft.state.nip] for draft, refusal in judged]


def _judge(drafts: Drafts, stored: Mapping[str, Stored], *, covers: Covers, accepts: Accepts) -> Outcomes:
    return {nip: decide(draft, stored.get(nip), covers=covers, accepts=accepts) for nip, draft in drafts.items()}


def _changes(outcomes: Outcomes) -> Changes:
    """The outcomes that have something to write."""
    return {
        nip: outcome
        for nip, outcome in outcomes.items()
        if isinstance(outcome, Recorded) and outcome.change is not Change.UNCHANGED
    }


async def _record(session: AsyncSession, drafts: Drafts, judge: Judge, cause: Cause) -> Outcomes:
    # A plain read is enough for rows that change nothing: a nightly push of unchanged rows locks nothing.
    outcomes = judge(drafts, await queries.find_stored(session, drafts.keys()))
    changes = _changes(outcomes)
    if not changes:
        return outcomes
    wanted = {change.state.unit_id: change.state.region for change in changes.values()}
    units = await ensure_units(session, wanted, cause.origin_time)
    at_home = {
        nip: change
        for nip, change in changes.items()
        if units.regions[change.state.unit_id] == change.state.region
    }
    elsewhere = dict.fromkeys(changes.keys() - at_home.keys(), Refusal.UNIT_ELSEWHERE)
    written = await _write(session, drafts, at_home, judge, cause)
    return {**outcomes, **elsewhere, **{nip: tell_new_unit(one, units.created) for nip, one in written.items()}}


async def _write(session: AsyncSession, drafts: Drafts, changes: Changes, judge: Judge, cause: Cause) -> Outcomes:
    """Insert what is new, then lock what exists and judge it again by what the lock shows.

    In this order two batches never deadlock: while one inserts it holds only new rows, and one that locks never
    waits for those, because it does not see them. Within each step the order is that of the NIPs.
    """
    new = [change for change in changes.values() if change.change is Change.CREATED]
    inserted = await queries.insert_employees(session, new, cause.origin_time)
    created = {nip: changes[nip] for nip in inserted}
    # Some of the rest were new a moment ago: another request has just inserted them.
    known = {nip: drafts[nip] for nip in changes.keys() - inserted}
    rejudged = judge(known, await queries.lock_stored(session, known.keys()))
    updated = _changes(rejudged)
    await queries.update_employees(session, list(updated.values()), cause.origin_time)
    states = [change.state for change in (*created.values(), *updated.values())]
    states.sort(key=lambda state: state.key)
    await append(session, EMPLOYEES, [outgoing(state, cause) for state in states])
    return {**rejudged, **created}
