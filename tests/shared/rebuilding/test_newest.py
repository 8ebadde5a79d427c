"""What is kept of a record is all that decoding it needs."""

from dataclasses import replace

from aiokafka.structs import ConsumerRecord, TopicPartition

from shared.events.envelope import Cause, headers_of
from shared.events.placement import TalentState
from shared.kafka.decoding import Source, decode_one
from shared.kafka.topics import TALENTS
from shared.rebuilding.newest import Portion
from tests.reporting.people import CAUSE, state_of

PARTITION = TopicPartition(TALENTS.name, 3)
SOURCE = Source(TALENTS, TalentState)


def test_what_is_kept_decodes_as_the_record_itself() -> None:
    cause = Cause(
        CAUSE.origin_time, ("score/1", "score/2"), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    )
    states = [state_of(1, 2), state_of(2, 1), state_of(1, 1)]
    records = [_record(offset, state, cause) for offset, state in enumerate(states)]
    portion = Portion({PARTITION: 0}, {TALENTS.name: SOURCE})
    portion.add(PARTITION, records)
    assert portion.read == 3
    assert [decode_one(kept, SOURCE) for kept in portion.records] == [
        decode_one(record, SOURCE) for record in records[:2]
    ]
    assert [portion.hides_others(record) for record in records] == [True, True, False]


def test_what_cannot_be_ranked_is_kept_as_it_is() -> None:
    whole = _record(0, state_of(1, 2), CAUSE)
    records = [
        whole,
        *(
            replace(whole, offset=offset, headers=(*whole.headers, (name, None)))
            for offset, name in enumerate(("ce_sequence", "ce_contract", "ce_type"), start=1)
        ),
        replace(whole, offset=4, headers=(*whole.headers, ("ce_sequence", b"9" * 19))),
        replace(whole, offset=5, key=None),
        replace(whole, offset=6, value=None),
    ]
    portion = Portion({PARTITION: 0}, {TALENTS.name: SOURCE})
    portion.add(PARTITION, records)
    assert portion.records[:-1] == records[1:]
    assert decode_one(portion.records[-1], SOURCE) == decode_one(whole, SOURCE)


def test_what_is_kept_without_a_cause_decodes_as_well() -> None:
    whole = _record(0, state_of(1, 2), CAUSE)
    told = replace(whole, headers=(*whole.headers, ("ce_causationid", None), ("traceparent", None), ("odd", None)))
    portion = Portion({PARTITION: 0}, {TALENTS.name: SOURCE})
    portion.add(PARTITION, [told])
    assert [decode_one(kept, SOURCE) for kept in portion.records] == [decode_one(told, SOURCE)]


def _record(offset: int, state: TalentState, cause: Cause) -> ConsumerRecord:
    headers = headers_of(topic=TALENTS.name, key=state.key, version=state.version, contract=1, cause=cause)
    value = state.model_dump_json().encode()
    return ConsumerRecord(
        *PARTITION, offset, 0, 0, state.key.encode(), value, None, 36, len(value), tuple(headers)
    )
