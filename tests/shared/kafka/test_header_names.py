"""A header's name that is no text blocks nobody."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from tests.shared.conditions import until
from tests.shared.conftest import Produce, Stack
from tests.shared.items import ITEMS, item, record_of
from tests.shared.kafka.conftest import Join, until_handled

_LZ4 = 3


class _NoText(str):
    """A name as a client in another language may write it."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"odd\xff"


async def _send(stack: Stack, topic: str, records: Sequence[dict[str, Any]], codec: int) -> None:
    """All in one batch, as aiokafka's own builder in Python writes it."""
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap_servers) as producer:
        batch = producer.create_batch()
        builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, 0, 100_000)
        for offset, record in enumerate(records):
            builder.append(offset, 0, record["key"], record["value"], record["headers"])
        batch._builder, batch._relative_offset = builder, len(records)
        await (await producer.send_batch(batch, topic, partition=0))


@pytest.mark.parametrize("codec", [0, _LZ4])
async def test_its_record_is_judged_by_the_rest_and_the_others_go_on(
    stack: Stack, namespace: str, outside: Any, produce: Produce, join: Join, codec: int
) -> None:
    odd = _NoText("odd")
    fine = record_of(item("i2"))
    poison = {"key": b"k", "value": None, "headers": [(odd, b"1"), ("plain", None)]}
    await _send(
        stack,
        namespace + ITEMS.name,
        [
            record_of(item("i1")),
            fine | {"headers": [(odd, b"1"), *fine["headers"]]},
            poison,
            record_of(item("i3")),
        ],
        codec,
    )
    await produce([item("i4")])
    join()
    await until_handled(outside, 4)

    async def buried() -> bool:
        return bool(await outside.fetchval("SELECT count(*) FROM source.dead_letter"))

    await until(buried)
    [letter] = await outside.fetch("SELECT * FROM source.dead_letter")
    assert (letter["key"], letter["offset"]) == (b"k", 2)
    assert json.loads(letter["headers"]) == {"odd\\xff": "1", "plain": None}
    assert await outside.fetchval("SELECT count(*) FROM derived.handled") == 4
