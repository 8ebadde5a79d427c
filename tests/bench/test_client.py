"""The open loop that scores are posted in."""

import asyncio

from bench.client import at_constant_rate


async def test_an_act_that_takes_long_delays_none_behind_it() -> None:
    begun: list[int] = []
    all_begun = asyncio.Event()

    async def act(number: int, _due: float) -> None:
        begun.append(number)
        if len(begun) == 3:
            all_begun.set()
        await all_begun.wait()

    await at_constant_rate(1_000, 3, act)
    assert begun == [0, 1, 2]


async def test_none_is_begun_any_more_once_it_has_ended_and_those_under_way_are_waited_for() -> None:
    begun: list[int] = []
    done: list[int] = []

    async def act(number: int, _due: float) -> None:
        begun.append(number)
        await asyncio.sleep(0)
        done.append(number)

    await at_constant_rate(100, 1_000, act, lambda: len(begun) > 1)
    assert 2 <= len(begun) < 1_000
    assert done == begun
