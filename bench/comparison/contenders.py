"""The four programs: how each is started, and what it promises."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.processes import Child, Register
from deploy.local.settings import PROJECT


@dataclass(frozen=True, slots=True)
class Contender:
    """A program of `bench/comparison/programs` and, in words, what its loop guarantees by itself."""

    name: str
    module: str
    guarantees: str
    arguments: tuple[str, ...] = ()
    foreign: bool = True
    one_by_one: bool = False
    """One message at a time: slow."""


CONTENDERS: Final = (
    Contender(
        "Talenta",
        "with_talenta",
        "effects, dead letters and offsets in one transaction: exactly once in the database; a bad record is set "
        "aside and blocks nobody; trouble of the database is waited for in place",
        foreign=False,
    ),
    Contender(
        "FastStream + SQLModel, one message at a time",
        "with_faststream",
        "at least once with NACK_ON_ERROR (its default is at most once); exact here because the handler guards by "
        "version; a bad record blocks its partition",
        one_by_one=True,
    ),
    Contender(
        "Faust, batches by `take`",
        "with_faust",
        "at least once; exact here because the statement guards by version; a bad record is logged and skipped",
        arguments=("worker", "--loglevel=warn", "--without-web"),
    ),
    Contender(
        "Quix Streams, batching sink",
        "with_quix",
        "at least once: sink, then offsets; exact here because the statement guards by version; a bad record ends "
        "the program",
    ),
)


def start(
    contender: Contender,
    interpreter: Path,
    environment: Mapping[str, str],
    register: Register,
    logs: Path,
) -> Child:
    """Start the program on this broker and database; it runs until it is killed."""
    return Child.start(
        contender.module,
        [
            interpreter if contender.foreign else sys.executable,
            "-m",
            f"bench.comparison.programs.{contender.module}",
            *contender.arguments,
        ],
        log=logs / f"comparison-{contender.module}.log",
        register=register,
        environment=environment,
        folder=PROJECT,
    )
