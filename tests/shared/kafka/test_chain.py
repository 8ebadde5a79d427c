"""How late a chain is follows from its counts alone."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kafka.chain import PATIENCE, Chain
from shared.kafka.positions import Position


def seen(*looks: tuple[float, int, int]) -> Chain:
    """A chain of one queue, seen at these moments with these ends and takings."""
    chain = Chain()
    for now, end, taken in looks:
        chain.note(now, [("queue", Position(end, taken))])
    return chain


def test_what_was_not_seen_yet_is_thought_to_be_taken_at_a_modest_speed() -> None:
    assert Chain().delay() == 0
    assert Chain().delay(1000) == pytest.approx(0.5)
    assert seen((0, 1000, 0)).delay(1000) == pytest.approx(1)


def test_delay_is_what_waits_at_the_speed_at_which_it_was_taken() -> None:
    chain = seen(*((float(now), 100_000, 1000 * now) for now in range(50)))
    assert chain.delay() == pytest.approx(51, rel=0.1)
    assert chain.delay(coming=1000) == pytest.approx(52, rel=0.1)


def test_empty_queue_is_not_late() -> None:
    assert seen((0, 1000, 0), (1, 1000, 500), (2, 1000, 1000)).delay() == 0


def test_what_comes_slowly_is_not_taken_slowly() -> None:
    slow_to_come = ((float(now), 10 * now, 10 * now - now % 2) for now in range(100))
    assert seen(*slow_to_come).delay(coming=1000) <= 0.51


def test_what_is_taken_faster_than_was_thought_is_fast_though_nothing_waits_between() -> None:
    fast = ((now / 10, 1000 * now, 1000 * now) for now in range(100))
    assert seen(*fast).delay(coming=10_000) == pytest.approx(1, rel=0.1)


def test_delays_of_queues_add_up_and_what_comes_waits_for_the_slowest() -> None:
    chain = Chain()
    for now in range(50):
        at_both = Position(100_000, 1000 * now), Position(100_000, 500 * now)
        chain.note(now, enumerate(at_both))
    assert chain.delay() == pytest.approx(51 + 151, rel=0.1)
    assert chain.delay(coming=1000) == pytest.approx(51 + 153, rel=0.1)


@pytest.mark.parametrize("taken", [0, 1_900])
def test_queue_that_has_stopped_or_crawls_is_not_waited_for(taken: int) -> None:
    looks = [(0.0, 10_000, 5), (PATIENCE - 1, 10_000, 5 + taken)]
    assert seen(*looks).delay() > 1
    assert seen(*looks, (PATIENCE, 20_000, 5 + taken)).delay() == 0


def test_queue_that_was_not_waited_for_is_again_when_it_is_worth_it_or_empty() -> None:
    stopped = [(0.0, 10_000, 0), (PATIENCE, 10_000, 0)]
    running = (2 * PATIENCE, 20_000, 5_000)
    assert seen(*stopped).delay() == 0
    assert seen(*stopped, running).delay() > 1
    assert seen(*stopped, (15, 10_000, 10_000), (16, 20_000, 10_000)).delay() > 1


def test_rest_is_no_standstill() -> None:
    assert seen((0, 5, 5), (100, 5, 5), (101, 999, 5), (102, 999, 6)).delay() > 0


def test_topic_that_was_made_anew_begins_anew() -> None:
    assert 0 < seen((0, 1000, 900), (1, 1000, 950), (2, 10, 0)).delay() < 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=50), st.integers(1, 9))
def test_who_comes_behind_more_waits_longer(steps: list[tuple[int, int]], coming: int) -> None:
    ends = accumulate(come for come, _ in steps)
    takings = accumulate(gone for _, gone in steps)
    chain = seen(
        *((now, end, min(end, taken)) for now, (end, taken) in enumerate(zip(ends, takings, strict=True)))
    )
    assert 0 <= chain.delay() <= chain.delay(coming)
