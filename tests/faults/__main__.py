"""`python -m tests.faults`: every fault alone, then some together; writes docs/reliability.md.

Ends with 1 where anything was lost or doubled.
"""

import argparse
import asyncio
import os
import re
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Final, NamedTuple

from deploy.local.progress import say
from deploy.local.settings import Settings
from tests.faults.combining import drawn
from tests.faults.faults import FAULTS, Fault
from tests.faults.faults.release import MIGRATION, NoHistory, previous_release
from tests.faults.servers import Servers
from tests.faults.table import write_table
from tests.faults.trial import Outcome, Trials

_PEOPLE: Final = 300


class _Run(NamedTuple):
    name: str
    faults: Sequence[Fault]
    seed: str


def _runs(seed: str, combinations: int, only: str) -> Iterator[_Run]:
    for fault in FAULTS:
        if re.search(only, fault.name):
            yield _Run(fault.name, [fault], seed)
    for number, faults in enumerate(drawn(seed, combinations), start=1):
        yield _Run(f"{' + '.join(fault.name for fault in faults)}", faults, f"{seed}/{number}")


async def _one_after_the_other(servers: Servers, runs: Sequence[_Run]) -> list[Outcome]:
    """All on one system, but after a run that left something wrong the next begins with a new one."""
    outcomes: list[Outcome] = []
    async with AsyncExitStack() as stack:
        trials: Trials | None = None
        for number, run in enumerate(runs, start=1):
            say(f"{number} / {len(runs)}: {run.name}")
            if trials is None:
                trials = await stack.enter_async_context(Trials(servers, people=_PEOPLE))
            outcome = await trials.run(*run)
            outcomes.append(outcome)
            if outcome.findings:
                await stack.aclose()
                trials = None
    return outcomes


async def _migration(servers: Servers, seed: str) -> Outcome:
    """On databases of its own, which the release before has made. Raises NoHistory."""
    before = servers.folder / "previous-release"
    say(f"the release before the newest migration: {previous_release(before)[:10]}")
    async with Trials(servers, people=_PEOPLE, code=before) as trials:
        return await trials.run(MIGRATION.name, [MIGRATION], seed)


async def _suite(arguments: argparse.Namespace) -> int:
    async with Servers(Settings(name=f"faults{os.getpid()}")) as servers:
        runs = list(_runs(arguments.seed, arguments.combinations, arguments.only))
        outcomes = await _one_after_the_other(servers, runs)
        left_out = ""
        if re.search(arguments.only, MIGRATION.name):
            try:
                outcomes.append(await _migration(servers, arguments.seed))
            except NoHistory as error:
                left_out = f"Left out: {MIGRATION.name}: {error}."
                say(left_out)
        bad = sum(outcome.lost + outcome.doubled for outcome in outcomes)
        say(f"{len(outcomes)} runs, {bad} lost or doubled; seed {arguments.seed}")
        if bad:
            servers.keep_logs()
    if not arguments.only:
        write_table(outcomes, arguments.seed, left_out)
    return 1 if bad else 0


def main() -> int:
    """The status to exit with."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", default=os.environ.get("SEED") or secrets.token_hex(4))
    parser.add_argument("--combinations", type=int, default=int(os.environ.get("COMBINATIONS") or 20))
    parser.add_argument("--only", default="", help="faults whose name matches this expression; no table then")
    arguments = parser.parse_args()
    say(f"SEED={arguments.seed}")
    return asyncio.run(_suite(arguments))


if __name__ == "__main__":
    sys.exit(main())
