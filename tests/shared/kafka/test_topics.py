"""Topics are made once, as declared, and never changed behind the readers' backs."""

from dataclasses import replace

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.kafka.topics import ALL, TopicDiffers, create_topics
from tests.shared.conftest import Stack, kafka_admin
from tests.shared.items import ITEMS


async def _settings(stack: Stack, topic: str) -> dict[str, str]:
    async with kafka_admin(stack) as admin:
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    (resource,) = answer.resources
    return {entry[0]: entry[1] for entry in resource[4]}


async def test_all_topics_are_made_in_their_namespace(stack: Stack, namespace: str) -> None:
    await create_topics(stack.kafka_bootstrap_servers, namespace)
    async with kafka_admin(stack) as admin:
        described = await admin.describe_topics([namespace + topic.name for topic in ALL])
    assert {topic["topic"]: len(topic["partitions"]) for topic in described} == {
        namespace + topic.name: 12 for topic in ALL
    }


async def test_making_them_again_changes_nothing(stack: Stack, namespace: str) -> None:
    before = await _settings(stack, namespace + ITEMS.name)
    await create_topics(stack.kafka_bootstrap_servers, namespace, topics=[ITEMS])
    assert await _settings(stack, namespace + ITEMS.name) == before


async def test_states_are_compacted_but_not_before_a_day(stack: Stack, namespace: str) -> None:
    settings = await _settings(stack, namespace + ITEMS.name)
    assert settings["cleanup.policy"] == "compact"
    assert settings["retention.ms"] == "-1"
    assert settings["min.compaction.lag.ms"] == str(24 * 60 * 60 * 1000)
    assert settings["max.compaction.lag.ms"] == str(7 * 24 * 60 * 60 * 1000)
    assert settings["segment.ms"] == str(24 * 60 * 60 * 1000)


async def test_another_number_of_partitions_is_refused_and_nothing_made(stack: Stack, namespace: str) -> None:
    more = replace(ITEMS, partitions=ITEMS.partitions + 1)
    other = replace(ITEMS, name="test.others")
    with pytest.raises(TopicDiffers, match=rf"{namespace}{ITEMS.name} has 4 partitions, but Talenta needs 5"):
        await create_topics(stack.kafka_bootstrap_servers, namespace, topics=[other, more])
    async with kafka_admin(stack) as admin:
        assert namespace + other.name not in await admin.list_topics()


def test_in_a_cluster_a_write_waits_for_all_replicas_but_one() -> None:
    assert ITEMS.config(replication=3)["min.insync.replicas"] == "2"
    assert ITEMS.config(replication=1)["min.insync.replicas"] == "1"
