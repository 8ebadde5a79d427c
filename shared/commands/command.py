"""What a command is, and what it is given to work with."""

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.db.session import Database
from shared.kafka.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Desk:
    """The service as a command finds it: its database, bounded as a worker's, and what its worker reads."""

    database: Database
    subscriptions: Sequence[Subscription]
    namespace: str
    """Stands before the names of groups and topics (`KAFKA_NAMESPACE`)."""


@dataclass(frozen=True, slots=True)
class Command:
    """`python -m services.<name> <command> …`. `run` returns the status to exit with.

    Results go to stdout and nothing else does: the log of a command goes to stderr.
    """

    name: str
    summary: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Desk, Namespace], Awaitable[int]]
