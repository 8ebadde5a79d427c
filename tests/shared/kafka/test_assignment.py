"""Epochs: what was returned under one assignment is never written under another."""

import asyncio
from time import monotonic

from aiokafka.structs import TopicPartition

from shared.kafka.assignment import Assignment

MINE = [TopicPartition("t", 0)]


async def _nothing() -> None:
    pass


async def _assigned() -> Assignment:
    assignment = Assignment(before_leaving=_nothing)
    await assignment.on_partitions_assigned(MINE)
    assignment.place(assignment.epoch)
    return assignment


async def test_what_is_returned_after_placing_may_be_written() -> None:
    assignment = await _assigned()
    assert assignment.holds(assignment.epoch)


async def test_what_is_returned_before_placing_is_not_written() -> None:
    assignment = Assignment(before_leaving=_nothing)
    await assignment.on_partitions_assigned(MINE)
    returned = assignment.epoch
    assert not assignment.holds(returned)
    assignment.place(returned)
    assert assignment.holds(returned)


async def test_what_was_returned_before_a_revocation_is_not_written_after_it() -> None:
    assignment = await _assigned()
    returned = assignment.epoch
    await assignment.on_partitions_revoked(MINE)
    assert not assignment.holds(returned)
    await assignment.on_partitions_assigned(MINE)
    assignment.place(assignment.epoch)
    assert not assignment.holds(returned)


async def test_what_is_returned_between_revocation_and_assignment_is_not_written() -> None:
    assignment = await _assigned()
    await assignment.on_partitions_revoked(MINE)
    assert not assignment.holds(assignment.epoch)


async def test_a_revocation_waits_for_the_batch_in_flight_and_only_then_tells_kafka() -> None:
    order: list[str] = []

    async def tell() -> None:
        order.append("told")

    assignment = Assignment(before_leaving=tell)
    await assignment.on_partitions_assigned(MINE)
    async with assignment.busy:
        revoking = asyncio.create_task(assignment.on_partitions_revoked(MINE))
        # Whoever waits to try again learns of the revocation at once, though the batch is still in flight.
        assert await assignment.disturbed_within(5)
        order.append("landed")
    await revoking
    assert order == ["landed", "told"]


async def test_a_pause_lasts_its_time_when_nothing_disturbs_it() -> None:
    assignment = await _assigned()
    began = monotonic()
    assert not await assignment.disturbed_within(0.05)
    assert monotonic() - began >= 0.05


async def test_a_stopped_consumer_pauses_no_more_even_when_it_is_assigned_again() -> None:
    assignment = await _assigned()
    assignment.end()
    await assignment.on_partitions_assigned(MINE)
    assert await assignment.disturbed_within(5)
