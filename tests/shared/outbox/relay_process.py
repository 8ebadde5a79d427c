"""A relay as a process of its own, so that it can be killed and stopped: `python -m …relay_process <name> …`.

With `--stops-in-sending` it stops itself (SIGSTOP) in the instant before its first batch goes to the broker, where
nothing comes in between any more when it wakes up: what it has in hand is sent, however long it slept.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.produce import ProduceRequest

from shared.outbox.relay import Relay
from shared.outbox.signal import RelaySignal


def stop_in_sending() -> None:
    """Let this process stop itself, once."""
    send = AIOKafkaConnection.send
    slept: list[bool] = []

    def stop_and_send(connection: Any, request: Any, *arguments: Any, **more: Any) -> Any:
        if isinstance(request, ProduceRequest) and not slept:
            slept.append(True)
            os.kill(os.getpid(), signal.SIGSTOP)
        return send(connection, request, *arguments, **more)

    AIOKafkaConnection.send = stop_and_send


def main(name: str, database_url: str, bootstrap_servers: str, namespace: str, *options: str) -> None:
    if "--stops-in-sending" in options:
        stop_in_sending()
    relay = Relay(
        database_url,
        RelaySignal(),
        service=name,
        bootstrap_servers=bootstrap_servers,
        namespace=namespace,
    )
    asyncio.run(relay.run())


if __name__ == "__main__":
    main(*sys.argv[1:])
