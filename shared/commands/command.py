"""What a command is, and what it is given to work with."""

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.db.session import Database
from shared.kafka.subscription import Subscription
from shared.settings import ServiceSettings
from shared.states.published import PublishedStates


@dataclass(frozen=True, slots=True)
class Desk:
    """The service as a command finds it: its database, bounded as a worker's; what it reads and publishes."""

    database: Database
    subscriptions: Sequence[Subscription]
    published: PublishedStates
    settings: ServiceSettings

    @property
    def namespace(self) -> str:
        """Stands before the names of groups and topics (`KAFKA_NAMESPACE`)."""
        return self.settings.kafka_namespace


@dataclass(frozen=True, slots=True)
class Command:
    """`python -m services.<name> <command> …`. `run` returns the status to exit with.

    Results go to stdout and nothing else does: the log of a command goes to stderr.
    """

    name: str
    summary: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Desk, Namespace], Awaitable[int]]
    statuses: str = "Status: 0 done, 1 not all could be done, 2 it could not be done; stderr says why."
