"""A header's name need not be UTF-8: Kafka takes any bytes, and aiokafka would fail at them again and again.

With them it would fail at all that the fetch brought. So a batch with such a name is read once more, in Python and
with the name's bytes escaped; its records are then judged like all others.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy


class AnyNames(_MemoryRecordsPy):  # type: ignore[misc]  # aiokafka has no types
    """Stands in for aiokafka's `MemoryRecords`: what a fetch brought of one partition, batch by batch."""

    def next_batch(self) -> "_Batch | None":
        data = self._next_slice
        batch = super().next_batch()
        return None if batch is None else _Batch(batch, data)


class _Batch:
    """A batch as aiokafka reads it, for as long as it can."""

    def __init__(self, batch: Any, data: Any) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._batch
        except UnicodeDecodeError:
            # From its beginning: the fetcher leaves out what it has had.
            yield from _BatchOfAnyNames(self._data)


class _BatchOfAnyNames(_DefaultRecordBatchPy):  # type: ignore[misc]  # likewise
    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _Buffer(self._buffer)


class _Buffer(bytearray):
    """Of what is cut out of it, names alone are decoded."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Name(found) if isinstance(at, slice) else found


class _Name(bytearray):
    def decode(self, *_: str) -> str:
        return super().decode(errors="backslashreplace")
