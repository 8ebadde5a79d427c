"""Starting from nothing: what an earlier run left is removed, and nothing that belongs to somebody else."""

import asyncio
import os
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local import given_kafka
from deploy.local.errors import StackError
from deploy.local.settings import Settings
from deploy.local.stack import Stack


async def _topics(stack: Stack) -> list[str]:
    kafka = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap_servers)
    await kafka.start()
    names: list[str] = await kafka.list_topics()
    await kafka.close()
    return names


async def _create_topics(stack: Stack, *names: str) -> None:
    kafka = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap_servers)
    await kafka.start()
    await kafka.create_topics([NewTopic(name, 1, 1) for name in names])
    await kafka.close()


async def test_a_given_server_loses_only_what_this_stack_made(stack: Stack, tmp_path: Path) -> None:
    ours, others = f"ours{os.getpid()}", f"others{os.getpid()}"
    settings = Settings(
        "demo",
        local=tmp_path,
        database_url=stack.database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        namespace=ours,
        emptied=True,
    )
    async with Stack(settings) as first:
        database = await asyncpg.connect(first.service_database_url("profile"))
        await database.execute("CREATE TABLE mark ()")
        await database.close()
        await _create_topics(stack, f"{ours}.mark", f"{others}.mark")
        (settings.folder / "demonstration.json").write_text("{}")
    async with Stack(settings) as second:
        database = await asyncpg.connect(second.service_database_url("profile"))
        assert await database.fetchval("SELECT to_regclass('mark')") is None
        await database.close()
        assert not (settings.folder / "demonstration.json").exists()
        async with asyncio.timeout(10):
            left = await _topics(stack)
            while f"{ours}.mark" in left:
                await asyncio.sleep(0.05)
                left = await _topics(stack)
        assert f"{others}.mark" in left
        await second.clear_given_servers()
    await given_kafka.drop(stack.kafka_bootstrap_servers, f"{others}.")


async def test_somebodys_whole_kafka_is_never_emptied(stack: Stack) -> None:
    with pytest.raises(StackError, match="every topic"):
        await given_kafka.drop(stack.kafka_bootstrap_servers, "")
