"""From records to events, and what is no event."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import to_json

from shared.events.envelope import headers_of
from shared.kafka.decoding import Source, Undecodable, decode, decode_one
from shared.kafka.subscription import Received
from tests.shared.items import ITEMS, ItemState, cause, item, record_of

SOURCE = Source(ITEMS, ItemState)


def _record(offset: int = 0, **changed: Any) -> ConsumerRecord:
    fields = record_of(item("i1", version=3, value=7), cause("a", "b")) | changed
    return ConsumerRecord(
        topic=ITEMS.name,
        partition=0,
        offset=offset,
        timestamp=0,
        timestamp_type=0,
        key=fields["key"],
        value=fields["value"],
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=tuple(fields["headers"]),
    )


def _headers(**changed: bytes | None) -> list[tuple[str, bytes | None]]:
    """Those of the record, some with another value, or with none."""
    return list((dict(record_of(item("i1", version=3))["headers"]) | changed).items())


def _without(name: str) -> list[tuple[str, bytes | None]]:
    return [header for header in _headers() if header[0] != name]


def test_a_record_becomes_state_and_cause() -> None:
    assert decode_one(_record(), SOURCE) == Received(item("i1", version=3, value=7), cause("a", "b"))


@pytest.mark.parametrize(("published", "understood"), [(b"1", 1), (b"0", 0), (b"7", ItemState.CONTRACT)])
def test_a_contract_counts_as_far_as_it_is_understood(published: bytes, understood: int) -> None:
    # Who ignored a field that came with a later contract must take the same version again once he knows it.
    assert decode_one(_record(headers=_headers(ce_contract=published)), SOURCE).contract == understood


def test_unknown_fields_are_ignored() -> None:
    value = b'{"item_id": "i1", "version": 3, "value": 7, "colour": "red"}'
    assert decode_one(_record(value=value), SOURCE).state == item("i1", version=3, value=7)


def test_a_document_is_the_state_as_it_came() -> None:
    value = b'{"item_id": "i1", "version": 3, "value": 7, "colour": "red"}'
    assert decode_one(_record(value=value), SOURCE).document == value.decode()
    # What came by no record is told anew.
    assert Received(item("i1"), cause("a")).document == item("i1").model_dump_json()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"value": None}, "no value"),
        ({"value": b"{"}, "not a ItemState: : json_invalid"),
        ({"value": b'{"item_id": "i1", "version": "Siti"}'}, "not a ItemState: version: int_parsing"),
        ({"value": b'{"version": 1}'}, "not a ItemState: item_id: missing"),
        ({"key": b"i2"}, "the record's key is not the state's"),
        ({"key": None}, "the record's key is not the state's"),
        ({"headers": []}, "ce_type is not that of the topic"),
        ({"headers": _headers(ce_type=b"id.talenta.test.items.v2")}, "ce_type is not that of the topic"),
        ({"headers": _headers(ce_type=None)}, "ce_type is not that of the topic"),
        ({"headers": _without("ce_origintime")}, "ce_origintime or ce_causationid cannot be read"),
        ({"headers": _headers(ce_origintime=None)}, "ce_origintime or ce_causationid cannot be read"),
        (
            {"headers": _headers(ce_origintime=b"0001-01-01T00:00:00+14:00")},
            "ce_origintime or ce_causationid cannot be read",
        ),
        ({"headers": _headers(ce_origintime=b"yesterday")}, "ce_origintime or ce_causationid cannot be read"),
        ({"headers": _headers(ce_causationid=b"\xff")}, "ce_origintime or ce_causationid cannot be read"),
        ({"headers": _headers(ce_origintime=b"2026-01-31T08:00:00")}, "ce_origintime has no time zone"),
        ({"headers": _headers(ce_causationid=b"a" * 5000)}, "ce_causationid or traceparent is too long"),
        ({"headers": _headers(traceparent=b"a" * 5000)}, "ce_causationid or traceparent is too long"),
        ({"headers": _without("ce_sequence")}, "ce_sequence is no number"),
        ({"headers": _headers(ce_sequence=None)}, "ce_sequence is no number"),
        ({"headers": [*_headers(), ("ce_sequence", None)]}, "ce_sequence is no number"),
        ({"headers": _headers(ce_sequence=b"many")}, "ce_sequence is no number"),
        ({"headers": _headers(ce_sequence=b"4")}, "ce_sequence is not the state's version"),
        ({"headers": _headers(ce_contract=b"")}, "ce_contract is no number"),
        ({"headers": _headers(ce_contract=None)}, "ce_contract is no number"),
    ],
)
def test_what_is_no_event_is_refused_without_quoting_it(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(Undecodable) as refused:
        decode_one(_record(**changed), SOURCE)
    assert str(refused.value) == reason


@pytest.mark.parametrize("headers", [_headers(ce_causationid=None, traceparent=None), _without("ce_causationid")])
def test_an_event_need_not_name_its_cause(headers: list[tuple[str, bytes | None]]) -> None:
    assert decode_one(_record(headers=headers), SOURCE).cause == cause()


_TEXT: Final = st.text(max_size=20).map(str.encode)
_TOLD: Final = (
    st.none() | st.binary(max_size=20) | _TEXT | st.datetimes().map(lambda time: f"{time}+14:00".encode())
)
_NAME: Final = st.sampled_from([name for name, _ in _headers()] + ["traceparent"]) | st.text(max_size=5)
_VALUE: Final = (
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**4000),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["item_id", "version", "value", "\0"]), inner, max_size=4)
        ),
        max_leaves=8,
    ).map(to_json)
    | _TOLD
)


@given(
    key=st.just(b"i1") | _TOLD,
    value=st.just(_record().value) | _VALUE,
    changed=st.lists(st.tuples(_NAME, _TOLD), max_size=4),
)
@example(key=b"i1", value=b"[" * 100_000, changed=[])
@example(key=b"i1", value=b'{"item_id": "i1", "version": ' + b"3" * 5000 + b"}", changed=[])
@example(key=b"i1", value=b'{"item_id": "\\ud800", "version": 3}', changed=[])
def test_whatever_a_record_holds_it_is_an_event_or_undecodable(
    key: bytes | None, value: bytes | None, changed: list[tuple[str, bytes | None]]
) -> None:
    record = _record(key=key, value=value, headers=[*_headers(), *changed])
    try:
        received = decode_one(record, SOURCE)
    except Undecodable:
        return
    assert received.state.key.encode() == key
    # What follows from it can be told on.
    headers_of(topic=ITEMS.name, key=received.state.key, version=1, contract=1, cause=received.cause)


async def test_decoding_keeps_order_and_tells_the_dead_apart() -> None:
    records = [_record(offset, **({"value": None} if offset % 3 == 0 else {})) for offset in range(10)]
    events, dead = await decode(records, {ITEMS.name: SOURCE})
    assert [event.record.offset for event in events] == [1, 2, 4, 5, 7, 8]
    assert [(letter.record.offset, letter.reason) for letter in dead] == [
        (offset, "no value") for offset in (0, 3, 6, 9)
    ]


async def test_others_get_their_turn_while_a_large_batch_is_decoded() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    running = asyncio.create_task(other())
    await decode(_many(2000), {ITEMS.name: SOURCE})
    running.cancel()
    assert turns >= 20


def _many(count: int) -> Sequence[ConsumerRecord]:
    return [_record(offset) for offset in range(count)]
