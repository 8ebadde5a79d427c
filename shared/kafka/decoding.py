"""From records to events. What cannot be decoded is told apart, with a reason that carries no personal data."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import Any, Final

from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from shared.events.contract import State
from shared.events.envelope import Cause, ReadHeaders, cause_of, event_type
from shared.kafka.dead_letter import DeadLetter
from shared.kafka.heartbeat import is_heartbeat
from shared.kafka.record import headers_of, number_in
from shared.kafka.subscription import Received
from shared.kafka.topics import Topic

_SLICE: Final = 100
"""Records decoded before other tasks get their turn: about a millisecond."""
_MOST_ERRORS_TOLD: Final = 5
_LONGEST_CAUSE: Final = 4096
"""Bytes, some three times what ours have. Of longer ones an event might follow that no topic takes."""


class Undecodable(Exception):
    """A record is no event of its topic. The message names places and kinds of errors, never values."""


@dataclass(frozen=True, slots=True)
class Event:
    """A decoded record."""

    record: ConsumerRecord
    received: Received[Any]


@dataclass(frozen=True, slots=True)
class Source:
    """What the records of one topic must be."""

    topic: Topic
    contract: type[State]


async def decode(
    records: Sequence[ConsumerRecord],
    sources: Mapping[str, Source],
) -> tuple[list[Event], list[DeadLetter]]:
    """Decode in slices, and skip heartbeats. `sources` by the name of the topic on the broker."""
    events: list[Event] = []
    dead: list[DeadLetter] = []
    for place, record in enumerate(records, start=1):
        if is_heartbeat(record):
            continue
        try:
            events.append(Event(record, decode_one(record, sources[record.topic])))
        except Undecodable as error:
            dead.append(DeadLetter(record, str(error)))
        if place % _SLICE == 0:
            await asyncio.sleep(0)
    return events, dead


def decode_one(record: ConsumerRecord, source: Source) -> Received[Any]:
    """Raises Undecodable."""
    if record.value is None:
        raise Undecodable("no value")
    headers = headers_of(record)
    if headers.get("ce_type") != _kind_of(source.topic.name):
        raise Undecodable("ce_type is not that of the topic")
    cause = _cause(headers)
    state = _state(record.value, source.contract)
    if record.key != state.key.encode():
        raise Undecodable("the record's key is not the state's")
    # A rebuild tells by the header alone which of two states is the newer.
    if _number(headers, "ce_sequence") != state.version:
        raise Undecodable("ce_sequence is not the state's version")
    return Received(state, cause, min(_number(headers, "ce_contract"), state.CONTRACT), record.value)


@cache
def _kind_of(topic: str) -> bytes:
    return event_type(topic).encode()


def _cause(headers: ReadHeaders) -> Cause:
    causes, trace = headers.get("ce_causationid") or b"", headers.get("traceparent") or b""
    if len(causes) > _LONGEST_CAUSE or len(trace) > _LONGEST_CAUSE:
        raise Undecodable("ce_causationid or traceparent is too long")
    try:
        cause = cause_of(headers)
        # At the ends of the calendar a time of another zone may have none in UTC: nobody could store it.
        cause.origin_time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Undecodable("ce_origintime or ce_causationid cannot be read") from None
    if cause.origin_time.tzinfo is None:
        raise Undecodable("ce_origintime has no time zone")
    return cause


def _number(headers: ReadHeaders, name: str) -> int:
    number = number_in(headers, name)
    if number is None:
        raise Undecodable(f"{name} is no number")
    return number


def _state(value: bytes, contract: type[State]) -> State:
    try:
        return contract.model_validate_json(value)
    except ValidationError as error:
        raise Undecodable(f"not a {contract.__name__}: {places_of(error)}") from None


def places_of(error: ValidationError) -> str:
    """Where it does not fit and how, never what stands there."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in found[:_MOST_ERRORS_TOLD])
