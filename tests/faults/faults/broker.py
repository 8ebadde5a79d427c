"""Kafka dies, stays away, and breaks connections in the midst of a request."""

import asyncio
from typing import Final

from tests.faults.faults.fault import Scene
from tests.faults.proxy import Cut
from tests.faults.system import Seat

AWAY_FOR: Final = 60.0
_CUTS: Final = 12
_BOUND: Final = 2.0
"""Seconds that the oldest event may wait before writes are refused; fifteen minutes are usual."""
_TURNED_AWAY: Final = 10


async def restart_kafka(scene: Scene) -> None:
    """The broker dies by kill -9, and comes again."""
    await scene.system.servers.crash_kafka()
    await scene.system.servers.start_kafka()


async def kafka_away(scene: Scene) -> None:
    """The broker is away for 60 s: what is written meanwhile waits in the outboxes."""
    await scene.system.servers.stop_kafka()
    await asyncio.sleep(AWAY_FOR)
    await scene.system.servers.start_kafka()


async def fill_outbox(scene: Scene) -> None:
    """Nothing can be published, until assessment's outbox is at its bound and the API turns writes away."""
    api, proxy = Seat("assessment", "api"), scene.system.servers.proxy
    await scene.system.end(api)
    scene.system.start(api, {"ASSESSMENT_OUTBOX_LONGEST_AGE": str(_BOUND)})
    await scene.system.ready(api)
    proxy.shut()
    await scene.log.turned_away_by(_TURNED_AWAY)
    proxy.open()
    await scene.writes(60)
    await scene.system.end(api)
    scene.system.start(api)
    await scene.system.ready(api)


async def cut_acknowledgements(scene: Scene) -> None:
    """Of the records that a relay sends, some are acknowledged, then the connection breaks: before the broker has
    the next, when it has half of it, or when it has written it and the relay does not learn of it.
    """
    proxy = scene.system.servers.proxy
    for _ in range(_CUTS):
        passed = [Cut.NOT] * scene.chance.randint(0, 3)
        proxy.cut([*passed, scene.chance.choice([Cut.BEFORE, Cut.MIDWAY, Cut.UNANSWERED])])
        while proxy.cuts:
            await scene.writes(5)
