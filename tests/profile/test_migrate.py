"""`migrate` makes topics as safe as the installation asks for, or none."""

import asyncio
import os
import sys

from deploy.local.settings import PROJECT
from deploy.local.stack import Stack


async def test_topics_get_the_replicas_that_are_asked_for(database_url: str, stack: Stack) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.profile", "migrate"),
        cwd=PROJECT,
        env=os.environ
        | {
            "PROFILE_DATABASE_URL": database_url,
            "KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers,
            "KAFKA_NAMESPACE": f"{stack.kafka_namespace}replicas.",
            "KAFKA_REPLICATION": "3",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    # The broker of the tests is alone.
    assert process.returncode == 2
    assert b"InvalidReplicationFactor" in told
