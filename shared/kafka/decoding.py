"""From records to events. What cannot be decoded is told apart, with a reason that carries no personal data."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from aiokafka.structs import ConsumerRecord
from pydantic import ValidationError

from shared.events.contract import State
from shared.events.envelope import Cause, cause_of, event_type
from shared.kafka.dead_letter import DeadLetter
from shared.kafka.heartbeat import is_heartbeat
from shared.kafka.subscription import Received
from shared.kafka.topics import Topic

_SLICE: Final = 100
"""Records decoded before other tasks get their turn: about a millisecond."""
_MOST_ERRORS_TOLD: Final = 5


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
    headers = dict(record.headers)
    kind = headers.get("ce_type", b"")
    if kind != _kind_of(source.topic.name):
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


def _cause(headers: Mapping[str, bytes]) -> Cause:
    try:
        cause = cause_of(headers)
    except (KeyError, ValueError):
        raise Undecodable("ce_origintime or ce_causationid cannot be read") from None
    if cause.origin_time.tzinfo is None:
        raise Undecodable("ce_origintime has no time zone")
    return cause


def _number(headers: Mapping[str, bytes], name: str) -> int:
    try:
        return int(headers[name])
    except (KeyError, ValueError):
        raise Undecodable(f"{name} is no number") from None


def _state(value: bytes, contract: type[State]) -> State:
    try:
        return contract.model_validate_json(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        told = [f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in found[:_MOST_ERRORS_TOLD]]
        raise Undecodable(f"not a {contract.__name__}: {'; '.join(told)}") from None
