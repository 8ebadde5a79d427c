"""CloudEvents 1.0 around a state, in Kafka binary mode: attributes are `ce_*` headers, the body is the value.

`ce_id` is `<topic>/<key>@<version>`: the same state republished is the same event. `ce_origintime` is when the
request that caused it was accepted, `ce_causationid` names what caused it; both are carried unchanged along
the whole chain, so that freshness is measured from the start and every rank can name the score that moved it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

MOST_CAUSES: Final = 16
"""Causes that one event names at most: the latest. A state that gathered more has exactly so many."""

Headers = list[tuple[str, bytes]]
ReadHeaders = Mapping[str, bytes | None]
"""The headers of a record, whoever wrote it: Kafka lets them have no value."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Where a change began. `causes` are ids such as `performance-score/<uuid>`, latest last."""

    origin_time: datetime
    causes: tuple[str, ...] = ()
    traceparent: str | None = None

    @staticmethod
    def merged(causes: Iterable["Cause"]) -> "Cause":
        """One cause for a state that several changes led to: the oldest origin, the latest trace."""
        ordered = sorted(causes, key=lambda cause: cause.origin_time)
        if len(ordered) == 1 and len(ordered[0].causes) <= MOST_CAUSES:
            return ordered[0]
        named = dict.fromkeys(name for cause in ordered for name in cause.causes)
        return Cause(ordered[0].origin_time, tuple(named)[-MOST_CAUSES:], ordered[-1].traceparent)


def event_type(topic: str) -> str:
    """`profile.employees` → `id.talenta.profile.employees.v1`."""
    return f"id.talenta.{topic}.v1"


def event_id(topic: str, key: str, version: int) -> str:
    """The `ce_id` of a state."""
    return f"{topic}/{key}@{version}"


def headers_of(*, topic: str, key: str, version: int, contract: int, cause: Cause) -> Headers:
    """The CloudEvents headers of a state; its time is the origin time."""
    began = cause.origin_time.astimezone(UTC).isoformat()
    values = {
        "ce_specversion": "1.0",
        "ce_type": event_type(topic),
        "ce_source": f"/{topic.partition('.')[0]}",
        "ce_id": event_id(topic, key, version),
        "ce_subject": key,
        "ce_time": began,
        "ce_partitionkey": key,
        "ce_sequence": str(version),
        "ce_contract": str(contract),
        "ce_origintime": began,
        "ce_causationid": ",".join(cause.causes),
        "content-type": "application/json",
    }
    if cause.traceparent:
        values["traceparent"] = cause.traceparent
    return [(name, value.encode()) for name, value in values.items() if value]


def cause_of(headers: ReadHeaders) -> Cause:
    """The cause that headers carry. Raises ValueError where they are no envelope of ours."""
    causes = (headers.get("ce_causationid") or b"").decode()
    traceparent = headers.get("traceparent")
    return Cause(
        origin_time=datetime.fromisoformat((headers.get("ce_origintime") or b"").decode()),
        causes=tuple(filter(None, causes.split(","))),
        traceparent=traceparent.decode() if traceparent else None,
    )
