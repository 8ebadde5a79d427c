"""A single score as it is taken by all that is asked, whatever stands before it over HTTP."""

import hashlib
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Self
from uuid import uuid4

from pydantic_core import to_json

from bench.least.asked import tables
from bench.least.carrying import OUTBOX, Surroundings, Telling
from bench.least.hops import Overtaken
from bench.least.serving import Sessions
from bench.parts.receiving import Score
from services.assessment.performance.rules import period_of, settle_predikat
from shared.events.assessment import AssessmentState, Performance, PeriodKind
from shared.kafka.topics import Topic

RESULTS: Final = Topic("bench.asked.results", key="employee_id")


class Taken(NamedTuple):
    """The answer to a score."""

    receipt: bytes
    token: str


class Taking:
    """Each score once: a read, and a statement that writes all that follows."""

    def __init__(self, sessions: Sessions, waking: Telling) -> None:
        self._sessions, self._waking = sessions, waking

    @classmethod
    async def of(cls, around: Surroundings) -> Self:
        return cls(await Sessions.of(around.database_url), await Telling.of(around, OUTBOX))

    async def take(self, score: Score, content: bytes, caller: str, key: str) -> Taken | None:
        """`content` is the body as it came. None for a key that was used; Overtaken where two write at once."""
        once = caller, key
        employee_id, version, body, answered = await self._sessions.fetchrow(tables.HELD, score["nip"], *once)
        if answered is not None:
            return None
        measured = _measured(score, version + 1)
        state = AssessmentState.model_validate_json(body)
        kept = [one for one in state.performance if one.starts_on != measured.starts_on]
        state = state.model_copy(update={"version": version + 1, "performance": (measured, *kept)})
        receipt = to_json({"score_id": measured.score_id, "change": "NEW_VERSION", "version": version + 1})
        row = (measured.score_id, score["nip"], measured.starts_on, measured.ends_on)
        rated = (measured.hasil, measured.perilaku, measured.predikat, score.get("document"))
        held = (employee_id, version, state.model_dump_json(), datetime.now(UTC))
        fingerprint = hashlib.sha256(content).digest()
        arguments = (*held, *row, *rated, *once, fingerprint, receipt, RESULTS.name)
        if await self._sessions.fetchrow(tables.ACCEPT, *arguments) is None:
            raise Overtaken(str(employee_id))
        self._waking.tell()
        return Taken(receipt, f"results/{employee_id}@{version + 1}")


def _measured(score: Any, version: int) -> Performance:
    year = score["period"]["year"]
    period = period_of(PeriodKind.YEARLY, year, None, on=datetime.now(UTC).date())
    hasil, perilaku = score.get("hasil"), score.get("perilaku")
    return Performance(
        score_id=uuid4(),
        period_kind=period.kind,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        hasil=hasil,
        perilaku=perilaku,
        predikat=settle_predikat(hasil, perilaku, None),
        score_version=version,
    )
