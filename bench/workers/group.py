"""Whether the members of a consumer group have found each other, as the broker sees it."""

import asyncio
import time
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient

_STABLE: Final = "Stable"
_LOOK_EVERY: Final = 0.1
_PATIENCE: Final = 30.0


async def until_complete(bootstrap_servers: str, group: str, members: int) -> None:
    """Wait until so many share the partitions and nobody is joining. Raises TimeoutError."""
    admin, until = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers), time.monotonic() + _PATIENCE
    await admin.start()
    try:
        while (found := await _state(admin, group)) != (_STABLE, members):
            if time.monotonic() > until:
                raise TimeoutError(f"{group} is {found} and not complete with {members} members")
            await asyncio.sleep(_LOOK_EVERY)
    finally:
        await admin.close()


async def _state(admin: AIOKafkaAdminClient, group: str) -> tuple[str, int]:
    [described] = await admin.describe_consumer_groups([group])
    [(_, _, state, _, _, members, *_)] = described.groups
    return state, len(members)
