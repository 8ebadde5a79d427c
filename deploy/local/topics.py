"""Removes the topics of one stack from a given Kafka. They are made by shared/kafka/topics.py."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local.errors import StackError


async def drop(bootstrap_servers: str, namespace: str) -> None:
    """Remove every topic and consumer group whose name starts with the namespace. Raises StackError."""
    if not namespace:
        raise StackError("An empty namespace would remove every topic of somebody's Kafka.")
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        await admin.start()
        topics = [name for name in await admin.list_topics() if name.startswith(namespace)]
        if topics:
            await admin.delete_topics(topics)
        groups = [name for name, _ in await admin.list_consumer_groups() if name.startswith(namespace)]
        if groups:
            await admin.delete_consumer_groups(groups)
    except (OSError, KafkaError) as error:
        raise StackError(
            f"Kafka at {bootstrap_servers} cannot be reached: {error}. Check KAFKA_BOOTSTRAP_SERVERS."
        ) from error
    finally:
        await admin.close()
