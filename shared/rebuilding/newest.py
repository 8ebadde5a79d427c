"""Only the newest state of each key counts; superseded records are not decoded.

Topics carry whole states, so a replay costs as much as there are keys, and reading; not as much as there were
events. Headers tell which of two states is the newer, as the guards of the tables tell it: the greater (version,
contract as far as we understand it), and of equals the first.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Final

from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.events.envelope import ReadHeaders, event_type
from shared.kafka.decoding import Source
from shared.kafka.offsets import Offsets
from shared.kafka.record import headers_of, number_in

MOST_KEPT: Final = 50_000
"""Records of one portion, the bound of memory: about 1 KiB each, and 3 once decoded. One is written while the next
one is read and decoded."""
_MOST_BYTES: Final = 128 * 1024 * 1024
_DECODED_BY: Final = ("ce_sequence", "ce_contract", "ce_origintime", "ce_causationid", "traceparent")
"""What `shared.kafka.decoding` reads of a state's headers, beside its type."""

Kept = tuple[tuple[int, int], int, bytes, tuple[bytes | None, ...]]
"""Rank, offset, value, and the headers `_DECODED_BY` of a record. Whole records would fill the processor's caches,
which costs more than all that is done with them."""


class Portion:
    """What was read from `begins` to `ends` of partitions of one number: the records that may count."""

    def __init__(self, begins: Offsets, sources: Mapping[str, Source]) -> None:
        self.begins = dict(begins)
        self.ends: Offsets = self.begins
        self.read = 0
        self._sources = sources
        self._newest: dict[TopicPartition, dict[bytes, Kept]] = {tp: {} for tp in begins}
        self._unranked: list[ConsumerRecord] = []
        self._bytes = 0

    def add(self, tp: TopicPartition, records: Sequence[ConsumerRecord]) -> None:
        """The next records of a partition, in their order."""
        self.read += len(records)
        newest, source = self._newest[tp], self._sources[tp.topic]
        kind, contract = event_type(source.topic.name).encode(), source.contract.CONTRACT
        for record in records:
            headers = headers_of(record)
            key, value = record.key, record.value
            rank = _rank(headers, contract) if headers.get("ce_type") == kind else None
            # No consumer can decode it, whatever its value is: it hides nothing.
            if rank is None or key is None or value is None:
                self._unranked.append(record)
                self._bytes += len(value or b"")
                continue
            known = newest.get(key)
            if known is None or known[0] < rank:
                newest[key] = rank, record.offset, value, tuple(map(headers.get, _DECODED_BY))
                self._bytes += len(value) - (len(known[2]) if known else 0)

    @property
    def is_full(self) -> bool:
        """Whether what is kept is as much as may be; then it is written, and what follows is another portion."""
        kept = len(self._unranked) + sum(map(len, self._newest.values()))
        return kept >= MOST_KEPT or self._bytes >= _MOST_BYTES

    @property
    def records(self) -> list[ConsumerRecord]:
        """What has no rank as it is; then the newest of each key, equal keys of several topics side by side."""
        ranked = [(key, tp, kept) for tp, newest in self._newest.items() for key, kept in newest.items()]
        ranked.sort(key=itemgetter(0))
        return [*self._unranked, *(self._decodable(*each) for each in ranked)]

    def forget(self) -> None:
        """Let go of the records, once they are decoded. Where they stand is still known."""
        self._newest.clear()
        self._unranked.clear()

    def hides_others(self, record: ConsumerRecord) -> bool:
        """Whether this is the record that is kept of its key, so that others of the key were left out."""
        known = self._newest[TopicPartition(record.topic, record.partition)].get(record.key)
        return known is not None and known[1] == record.offset

    def _decodable(self, key: bytes, tp: TopicPartition, kept: Kept) -> ConsumerRecord:
        _, offset, value, values = kept
        kind = event_type(self._sources[tp.topic].topic.name).encode()
        told = [(name, each) for name, each in zip(_DECODED_BY, values, strict=True) if each is not None]
        headers = (("ce_type", kind), *told)
        return ConsumerRecord(*tp, offset, 0, 0, key, value, None, len(key), len(value), headers)


def _rank(headers: ReadHeaders, contract: int) -> tuple[int, int] | None:
    version, published = number_in(headers, "ce_sequence"), number_in(headers, "ce_contract")
    return None if version is None or published is None else (version, min(published, contract))
