"""What the processes on the way of a score do, in what is asked of them."""

import asyncio
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from bench.least.asked import tables
from bench.least.asked.guarding import guarded
from bench.least.asked.taking import RESULTS, Taking
from bench.least.carrying import ARRIVED, Batch, Outbox, Relay, Surroundings, Telling, coming, consume
from bench.least.hops import Overtaken
from bench.least.reading import show
from bench.least.serving import Request, answer, nothing, serve
from bench.least.starting import Hops
from bench.least.tables import connected
from bench.parts.receiving import Score
from deploy.demo.recomputation.expected import policy
from services.placement.talents.events import talent_state
from services.placement.talents.rules import EmployeeInput, Evaluation, evaluate
from shared.auth.scopes import Scope
from shared.events.assessment import AssessmentState
from shared.events.envelope import Cause, Headers, cause_of, headers_of
from shared.events.placement import TalentState
from shared.kafka.topics import Topic

TALENTS: Final = Topic("bench.asked.talents", key="employee_id")
_SCORE: Final = TypeAdapter(Score)
_FOLDED_AT_ONCE: Final = 10_000
"""More than there can be marks: what a batch has marked is folded by the next fold."""
_KEY: Final = re.compile(rb"\r\nIdempotency-Key: ([\x21-\x7e]{1,255})")


async def accept(around: Surroundings) -> None:
    """Takes single scores over HTTP, each once."""
    taking = await Taking.of(around)

    async def take(request: Request) -> bytes:
        score, key = _SCORE.validate_json(request.body), _KEY.search(request.head)
        if key is None:
            return answer(400)
        taken = await taking.take(score, request.body, request.caller, key[1].decode())
        if taken is None:
            return answer(422)
        headers = f"Talenta-Token: {taken.token}\r\nContent-Type: application/json\r\nX-Request-Id: {uuid4()}\r\n"
        return answer(201, taken.receipt, headers)

    await serve(around, guarded("assessment", Scope.ASSESSMENT_WRITE, take))


async def relay(around: Surroundings) -> None:
    """Publishes the results that `accept` has written."""
    async with Relay.of(around, RESULTS, _outbox("results_outbox")) as own, asyncio.TaskGroup() as group:
        group.create_task(own.run())
        group.create_task(serve(around, nothing))


def _outbox(name: str) -> Outbox:
    return Outbox(tables.relaying(name), _headers)


def _headers(row: Any) -> Headers:
    _, topic, key, version, contract, _, origin_time, causes = row
    cause = Cause(origin_time, tuple(causes))
    return headers_of(topic=topic, key=key, version=version, contract=contract, cause=cause)


def _version(headers: Headers) -> int:
    return int(dict(headers)["ce_sequence"])


async def place_talents(around: Surroundings) -> None:
    """From results to talents by the rule."""
    session, arrived = await connected(around.database_url), await Telling.of(around, ARRIVED)
    terms, on = policy(), datetime.now(UTC).date()
    async with (
        Relay.of(around, TALENTS, _outbox("talents_outbox")) as own,
        coming(around, RESULTS) as results,
        asyncio.TaskGroup() as group,
    ):

        async def take(batch: Batch) -> None:
            placed: list[tuple[Any, ...]] = []
            rows = {row["employee_id"]: row for row in await session.fetch(tables.INPUTS, list(batch.states))}
            for (one, document), headers in zip(batch.states.items(), batch.headers, strict=True):
                assessment, cause = AssessmentState.model_validate_json(document), cause_of(dict(headers))
                employee = EmployeeInput.model_validate_json(rows[one]["employee"])
                found = evaluate(employee, assessment, terms, on)
                inputs = {**rows[one], "assessment_version": assessment.version}
                state = talent_state(inputs, employee, found)
                placed.append((*_talent(state, found, document.decode(), assessment.version, cause), state))
            *columns, states = zip(*placed, strict=True)
            payloads = [state.model_dump_json().encode() for state in states]
            written = await session.execute(
                tables.PLACE, *columns, batch.partitions, batch.offsets, TALENTS.name, payloads
            )
            if written != f"INSERT 0 {len(placed)}":
                raise Overtaken(written)
            own.wake()
            arrived.tell(batch.arrived)

        group.create_task(own.run())
        group.create_task(consume(results, take, _version))
        group.create_task(serve(around, nothing))


def _talent(state: TalentState, found: Evaluation, document: str, version: int, cause: Cause) -> tuple[Any, ...]:
    who = (state.employee_id, document, version, state.region, state.unit_id, state.level, state.active)
    axes = (state.predikat, state.x, state.y, state.talent_value, state.box, ",".join(state.no_box_reasons))
    pool = (state.eligible, ",".join(state.vetoes), state.in_pool, state.policy_id, found.on, found.next_change_on)
    return *who, *axes, *pool, cause.origin_time, ",".join(cause.causes)


async def stand(around: Surroundings) -> None:
    """From talents to standings and marks; the folder moves sums and ranks in a transaction of its own."""
    session, folding = await connected(around.database_url), await connected(around.database_url)
    arrived, marked, waiting = await Telling.of(around, ARRIVED), asyncio.Event(), list[str]()

    async def take(batch: Batch) -> None:
        states = [TalentState.model_validate_json(document) for document in batch.states.values()]
        causes = [cause_of(dict(headers)) for headers in batch.headers]
        columns = zip(*map(_standing, states, causes), strict=True)
        await session.execute(tables.STAND, *columns, batch.partitions, batch.offsets)
        waiting.append(" ".join(f"{state.employee_id}@{state.inputs.assessment}" for state in states))
        marked.set()

    async def fold() -> None:
        while await marked.wait():
            marked.clear()
            taken = waiting.copy()
            waiting.clear()
            await folding.execute(tables.FOLD, _FOLDED_AT_ONCE)
            for words in taken:
                arrived.tell(words)

    async with coming(around, TALENTS) as talents, asyncio.TaskGroup() as group:
        group.create_task(consume(talents, take, _version))
        group.create_task(fold())
        group.create_task(serve(around, nothing))


def _standing(state: TalentState, cause: Cause) -> tuple[Any, ...]:
    who = (state.employee_id, state.version, state.region, state.unit_id, state.level, state.active)
    numbers = (_whole(state.talent_value, 100), _whole(state.x, 10_000), _whole(state.y, 10_000))
    after = (state.box, state.in_pool, state.inputs.employee, state.inputs.assessment)
    return *who, *numbers, *after, cause.origin_time, ",".join(cause.causes)


def _whole(number: Decimal | None, parts: int) -> int:
    # Who has none stands in the lowest block: to leave him out would be less.
    return 0 if number is None else int(number * parts)


async def show_talents(around: Surroundings) -> None:
    """The state of one person."""
    await show(around, tables.TALENT, UUID, lambda read: guarded("placement", Scope.PLACEMENT_READ, read))


async def show_ranks(around: Surroundings) -> None:
    """Sum and rank of one region."""
    await show(around, tables.RANK, str, lambda read: guarded("reporting", Scope.REPORTING_READ, read))


HOPS: Final[Hops] = {
    "assessment-api": accept,
    "assessment-worker": relay,
    "placement-api": show_talents,
    "placement-worker": place_talents,
    "reporting-api": show_ranks,
    "reporting-worker": stand,
}
