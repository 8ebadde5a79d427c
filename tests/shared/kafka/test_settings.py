"""Settings that aiokafka has no name for."""

from typing import Final

from aiokafka.codec import lz4_encode
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from shared.kafka import settings

_HEADER: Final = 61
"""Bytes before the records of a batch, which are not compressed."""
_LZ4: Final = 3
_STATES: Final = [b'{"version":%d,"employee_id":"%036d","box":%d}' % (n, n * 7919, n % 9 + 1) for n in range(300)]


def _batch(compression_type: int) -> bytes:
    builder = DefaultRecordBatchBuilder(2, compression_type, 0, -1, -1, -1, 1_000_000)
    for place, state in enumerate(_STATES):
        builder.append(place, 0, b"key", state, [])
    return bytes(builder.build())


def test_records_are_compressed_at_the_level_that_costs_little() -> None:
    records = _batch(0)[_HEADER:]
    compressed = _batch(_LZ4)
    assert settings.COMPRESSION == "lz4"
    assert compressed[_HEADER:] == lz4_encode(records, level=1) != lz4_encode(records)
    assert [record.value for record in DefaultRecordBatch(compressed)] == _STATES
