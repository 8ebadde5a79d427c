"""Poison blocks nobody, is kept, and too much of it stops the consumer."""

import json
from collections import deque
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database, driver_of
from shared.dead_letters.queries import Outcome
from shared.dead_letters.repair import Repair
from shared.kafka.consumer import BatchConsumer
from shared.kafka.dead_letter import Limits, TooManyDeadLetters, Track
from shared.kafka.subscription import Received, Subscription
from tests.shared.conditions import until
from tests.shared.conftest import Produce, Stack
from tests.shared.items import ITEMS, UNHANDLED, Item, ItemState, cause, item, items, record_of, upsert_items
from tests.shared.kafka.conftest import GROUP, Join, handled, until_handled


async def _until_buried(outside: Any, count: int) -> Sequence[Any]:
    async def buried() -> bool:
        return len(await outside.fetch("SELECT FROM source.dead_letter")) >= count

    await until(buried)
    return list(await outside.fetch("SELECT * FROM source.dead_letter ORDER BY id"))


async def test_an_undecodable_record_is_kept_as_it_came_and_the_others_go_on(
    namespace: str,
    outside: Any,
    producer: AIOKafkaProducer,
    produce: Produce,
    join: Join,
) -> None:
    await produce([item("i1")])
    poison = {
        "key": b"\xff\x00k",
        "value": b"no json \x00",
        "headers": [("odd\x00", b"\xff\x00"), ("plain", b"x")],
    }
    sent = await producer.send_and_wait(namespace + ITEMS.name, **poison)
    await produce([item("i2")])
    join()
    (letter,) = await _until_buried(outside, 1)
    assert (letter["consumer_group"], letter["topic"]) == (namespace + GROUP, namespace + ITEMS.name)
    assert (letter["partition"], letter["offset"]) == (sent.partition, sent.offset)
    assert (letter["key"], letter["payload"]) == (poison["key"], poison["value"])
    assert json.loads(letter["headers"]) == {"odd\\x00": "\\xff\\x00", "plain": "x"}
    assert letter["reason"] == "ce_type is not that of the topic"
    await until_handled(outside, 2)


async def test_what_nobody_can_read_is_kept_and_the_others_go_on(
    namespace: str,
    outside: Any,
    producer: AIOKafkaProducer,
    produce: Produce,
    join: Join,
) -> None:
    whole = record_of(item("i1"))
    poison: list[dict[str, Any]] = [
        *(
            whole | {"headers": [*whole["headers"], (name, None)]}
            for name in ("ce_sequence", "ce_contract", "ce_type", "ce_origintime")
        ),
        {"key": b"\xff", "value": None, "headers": [("odd", None)]},
        record_of(item("i1\0")),
        record_of(item("i1", 10**18)),
        record_of(item("i1", 10**17, 2**31)),
        record_of(item("i1"), cause("a\0")) | {"value": b"[" * 100_000},
        whole | {"value": b"", "timestamp_ms": -(2**62)},
    ]
    for each in poison:
        await producer.send_and_wait(namespace + ITEMS.name, partition=0, **each)
    await producer.send_and_wait(namespace + ITEMS.name, partition=0, **record_of(item("i2")))
    await produce(items(8))
    join()
    letters = sorted(await _until_buried(outside, len(poison)), key=itemgetter("offset"))
    assert [letter["payload"] for letter in letters] == [each["value"] for each in poison]
    assert json.loads(letters[0]["headers"])["ce_sequence"] is None
    assert json.loads(letters[4]["headers"]) == {"odd": None}
    await until_handled(outside, 8)


async def _strictly(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
    for state in (each.state for each in received):
        if state.value == UNHANDLED:
            raise ValueError(state)
    await upsert_items(session, received)


async def test_the_one_record_that_fails_the_handler_is_found_and_the_order_of_keys_kept(
    outside: Any,
    produce: Produce,
    join: Join,
) -> None:
    states = items(200, keys=4)
    states[101] = states[101].model_copy(update={"value": UNHANDLED})
    await produce(states)
    join(_strictly)
    (letter,) = await _until_buried(outside, 1)
    assert ItemState.model_validate_json(letter["payload"]) == states[101]
    assert letter["reason"].startswith("ValueError, in _strictly, line ")
    await until_handled(outside, 199)
    expected = {f"i{key}": list(range(1, 51)) for key in range(4)}
    expected["i1"].remove(states[101].version)
    assert await handled(outside) == expected


async def test_a_mended_handler_gets_the_record_as_it_came(
    namespace: str,
    database: Database,
    outside: Any,
    produce: Produce,
    join: Join,
) -> None:
    await produce([item("i1", 3, UNHANDLED), item("i1", 2, 20)])
    join(_strictly)
    (letter,) = await _until_buried(outside, 1)
    got: list[Received[ItemState]] = []

    async def mended(_session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
        got.extend(received)

    repair = Repair(database, [Subscription(GROUP, {ITEMS: ItemState}, mended)], namespace=namespace, actor="siti")
    assert (await repair.replay(letter["id"])).outcome is Outcome.REPLAYED
    assert got == [Received(item("i1", 3, UNHANDLED), cause("item-change/i1"))]
    await until_handled(outside, 1)


async def test_effects_dead_letters_and_offsets_are_of_one_transaction(
    namespace: str,
    outside: Any,
    producer: AIOKafkaProducer,
    join: Join,
) -> None:
    topic = namespace + ITEMS.name
    good = await producer.send(topic, **record_of(item("i1")), partition=0)
    bad = await producer.send(topic, **(record_of(item("i1")) | {"value": None}), partition=0)
    await good
    await bad
    join()
    await _until_buried(outside, 1)
    writers = await outside.fetch(
        "SELECT xmin FROM derived.item UNION SELECT xmin FROM source.dead_letter "
        "UNION SELECT xmin FROM derived.consumer_offset WHERE next_offset > 0",
    )
    assert len(writers) == 1


async def _pledge(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
    await upsert_items(session, received)
    driver = await driver_of(session)
    await driver.execute(
        "INSERT INTO derived.pledge SELECT unnest($1::text[])",
        [each.state.item_id for each in received],
    )


async def _add_to_session(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
    for state in (each.state for each in received):
        session.add(Item(item_id=state.item_id, version=state.version, value=state.value))


@pytest.mark.parametrize("handle", [_pledge, _add_to_session])
async def test_what_would_fail_only_at_the_commit_is_found_as_well(
    outside: Any,
    produce: Produce,
    join: Join,
    handle: Any,
) -> None:
    await produce([item("i1", 1), item("i2", 1), item("i1", 2), item("i3", 1)])
    join(handle)
    (letter,) = await _until_buried(outside, 1)
    assert ItemState.model_validate_json(letter["payload"]) == item("i1", 2)

    async def rest_there() -> bool:
        count: int = await outside.fetchval("SELECT count(*) FROM derived.item")
        return count == 3

    await until(rest_there)


async def test_too_many_stop_the_consumer_and_nothing_is_skipped(
    stack: Stack,
    namespace: str,
    database: Database,
    outside: Any,
    produce: Produce,
) -> None:
    await produce([item("i1", version, UNHANDLED) for version in range(1, 9)])
    member = BatchConsumer(
        Subscription(GROUP, {ITEMS: ItemState}, upsert_items),
        database,
        bootstrap_servers=stack.kafka_bootstrap_servers,
        namespace=namespace,
        limits=Limits(consecutive=7),
    )
    with pytest.raises(TooManyDeadLetters, match=r"8 dead letters in a row.*ck_item_value"):
        await member.run()
    assert await outside.fetch("SELECT FROM source.dead_letter") == []
    assert await outside.fetchval("SELECT coalesce(max(next_offset), 0) FROM derived.consumer_offset") == 0
    labels = {"group": namespace + GROUP}
    assert REGISTRY.get_sample_value("talenta_consumer_stopped_by_dead_letters", labels) == 1


def _counted(fine: Sequence[bool], limits: Limits) -> bool:
    """Whether the limits are kept, counted the plain way."""
    recent: deque[bool] = deque(maxlen=limits.last)
    in_a_row = 0
    for one in fine:
        recent.append(one)
        in_a_row = 0 if one else in_a_row + 1
        if in_a_row > limits.consecutive or recent.count(False) > limits.of_last:
            return False
    return True


@given(
    batches=st.lists(st.lists(st.booleans(), max_size=12), max_size=12),
    limits=st.builds(Limits, st.integers(1, 5), st.integers(1, 5), st.integers(1, 20)),
)
def test_limits_count_over_batches_as_over_single_records(batches: list[list[bool]], limits: Limits) -> None:
    track = Track()
    kept = True
    try:
        for batch in batches:
            track = track.after(batch, limits)
    except TooManyDeadLetters:
        kept = False
    assert kept is _counted([one for batch in batches for one in batch], limits)
