"""One Apache Kafka node (KRaft: broker and controller in one process), its data kept over restarts."""

import asyncio
import base64
import contextlib
import shutil
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local.java import find_java
from deploy.local.kafka_lock import read_lock
from deploy.local.ports import LOOPBACK, is_free
from deploy.local.processes import Child, Register
from deploy.local.progress import say
from deploy.local.settings import PROJECT, Settings

_SETTINGS_FILE = Path(__file__).with_name("kafka.properties")
_LOGGING_FILE = Path(__file__).with_name("log4j2.yaml")
_JVM = (
    *("-Xms96m", "-Xmx320m", "-XX:+UseSerialGC", "-Djava.awt.headless=true"),
    # The thorough compiler takes a sixth of a stack at rest, and had not earned its cost after 240,000 records.
    "-XX:TieredStopAtLevel=1",
    # Nobody reads the figures that the machine would write to a file twenty times a second.
    "-XX:-UsePerfData",
)

_FETCH_WITHIN = 900.0


class Kafka:
    """The stack's own broker."""

    start_within = 90.0

    def __init__(self, settings: Settings, *, port: int, controller_port: int, register: Register) -> None:
        self._local = settings.local
        self._data = settings.folder / "kafka"
        self._properties = settings.folder / "kafka.properties"
        self._log = settings.logs / "kafka.log"
        self._port = port
        self._controller_port = controller_port
        self._register = register

    @property
    def address(self) -> str:
        """For clients: the bootstrap servers."""
        return f"{LOOPBACK}:{self._port}"

    async def start(self) -> Child:
        """Fetch what is missing, make the storage at the first start, and start. Raises StackError."""
        classpath = await self._classpath()
        java = await asyncio.to_thread(find_java)
        program: list[str | Path] = [java, *_JVM, f"-Dlog4j2.configurationFile={_LOGGING_FILE}", "-cp", classpath]
        self._properties.write_text(self._all_properties())
        if not (self._data / "meta.properties").exists():
            await self._format(program)
        return Child.start(
            "Kafka",
            [*program, "kafka.Kafka", self._properties],
            log=self._log,
            register=self._register,
        )

    async def answers(self) -> bool:
        """Whether a client gets to know the broker."""
        if is_free(self._port):
            return False  # the client would log each failed attempt as an error
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        try:
            await admin.start()
            cluster = await admin.describe_cluster()
        except (OSError, KafkaError):
            return False
        finally:
            with contextlib.suppress(OSError, KafkaError):
                await admin.close()
        return bool(cluster["brokers"])

    def _all_properties(self) -> str:
        """The committed settings and what this start decides. With the quorum named, ports may change later."""
        controller = f"{LOOPBACK}:{self._controller_port}"
        return (
            f"{_SETTINGS_FILE.read_text()}\n"
            f"listeners=PLAINTEXT://{self.address},CONTROLLER://{controller}\n"
            f"advertised.listeners=PLAINTEXT://{self.address}\n"
            f"controller.quorum.voters=1@{controller}\n"
            f"log.dirs={self._data}\n"
        )

    async def _classpath(self) -> str:
        """The locked jars, each with the locked content; fetched where missing, once for all stacks."""
        lock = read_lock()
        jars = self._local / f"kafka-{lock.version}"
        if missing := await asyncio.to_thread(lock.missing, jars):
            say(f"Kafka {lock.version}: fetching {len(missing)} jars into {jars} (once, 45 MB in all)")
            staging = self._data.with_name("fetching")
            shutil.rmtree(staging, ignore_errors=True)
            fetch: list[str | Path] = [sys.executable, "-m", "deploy.local.kafka_jars", "fetch", jars, staging]
            try:
                await Child.run(
                    "fetching Kafka's jars",
                    fetch,
                    _FETCH_WITHIN,
                    log=self._log,
                    register=self._register,
                    folder=PROJECT,
                )
            finally:
                shutil.rmtree(staging, ignore_errors=True)
        return lock.classpath(jars)

    async def _format(self, program: Sequence[str | Path]) -> None:
        say(f"Kafka: making a new store in {self._data}")
        shutil.rmtree(self._data, ignore_errors=True)  # an earlier attempt that was cut short
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # In one word: an id may begin with a dash.
        named = f"--cluster-id={cluster}"
        command = [*program, "kafka.tools.StorageTool", "format", named, "-c", self._properties]
        await Child.run("Kafka's StorageTool", command, self.start_within, log=self._log, register=self._register)
