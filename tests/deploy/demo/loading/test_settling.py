"""Waiting for what was loaded: the sums of reporting say when all has arrived."""

import pytest

from deploy.demo.errors import DemonstrationError
from deploy.demo.installation.stored import Stored
from deploy.demo.loading import settling
from deploy.demo.loading.settling import Sent, settle
from tests.deploy.demo.as_it_must_be import INPUTS, Filled


def sent() -> Sent:
    counted = Sent()
    people = list(counted.counting(INPUTS.population.people()))
    assert len(people) == INPUTS.population.total
    return counted


async def test_it_ends_when_everything_has_arrived(filled: Filled) -> None:
    lines: list[str] = []
    async with Stored(filled.urls) as stored:
        await settle(stored, sent(), lines.append)
    assert f"{sent().facts:,}" in lines[-1]


async def test_it_gives_up_when_nothing_moves_any_more(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_PATIENCE", 0.05)
    monkeypatch.setattr(settling, "_EVERY", 0.01)
    more = sent()
    more.with_x += 1
    async with Stored(filled.urls) as stored:
        with pytest.raises(DemonstrationError, match="nothing has moved for 0 s"):
            await settle(stored, more, lambda _line: None)


async def test_an_event_that_is_not_published_yet_is_waited_for(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "_PATIENCE", 0.05)
    monkeypatch.setattr(settling, "_EVERY", 0.01)
    await filled.execute(
        "assessment",
        "INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes)"
        " VALUES ('t', 'k', 1, 1, '', now(), '{}')",
    )
    try:
        async with Stored(filled.urls) as stored:
            with pytest.raises(DemonstrationError):
                await settle(stored, sent(), lambda _line: None)
    finally:
        await filled.execute("assessment", "DELETE FROM source.outbox")
