"""What the stack does on a Kafka that it did not start. The services make the topics (shared/kafka/topics.py)."""

import contextlib
from collections.abc import AsyncIterator

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local.errors import StackError


async def check(bootstrap_servers: str) -> None:
    """Raises StackError when nobody answers there."""
    async with _administration(bootstrap_servers):
        pass


async def drop(bootstrap_servers: str, namespace: str) -> None:
    """Remove every topic whose name starts with the namespace. Raises StackError.

    The positions of consumer groups on a topic go with it.
    """
    if not namespace:
        raise StackError("An empty namespace would remove every topic of somebody's Kafka.")
    async with _administration(bootstrap_servers) as kafka:
        if topics := [name for name in await kafka.list_topics() if name.startswith(namespace)]:
            await kafka.delete_topics(topics)


@contextlib.asynccontextmanager
async def _administration(bootstrap_servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    kafka = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        await kafka.start()
        yield kafka
    except (OSError, KafkaError) as error:
        raise StackError(
            f"Kafka {bootstrap_servers} tidak dapat dipakai / cannot be used: {error!r}. "
            "Periksa / check KAFKA_BOOTSTRAP_SERVERS."
        ) from error
    finally:
        await kafka.close()
