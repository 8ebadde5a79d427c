"""`python -m deploy.local COMMAND`: the local stack from the command line."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from deploy.demo import DemonstrationError
from deploy.local.demonstrate import demonstrate, invite
from deploy.local.errors import StackError
from deploy.local.issuer import Issuer
from deploy.local.processes import first_to_end
from deploy.local.progress import say
from deploy.local.services import Services
from deploy.local.settings import Settings
from deploy.local.stack import Stack

_INTERRUPTED = 130


async def _servers(settings: Settings) -> int:
    async with Stack(settings) as stack:
        say(f"DATABASE_URL={stack.database_url}")
        say(f"KAFKA_BOOTSTRAP_SERVERS={stack.kafka_bootstrap_servers}")
        await first_to_end(stack.children)


async def _run(settings: Settings, employees: int) -> int:
    async with Stack(settings) as stack:
        with Issuer(settings.folder, stack.ports["issuer"]) as issuer:
            async with Services(stack, issuer) as services:
                if employees:
                    await demonstrate(stack, issuer, services, employees=employees, verify=False)
                await invite(stack, issuer, services)
                await services.while_alive(asyncio.Event().wait())
    return 0


async def _demo(settings: Settings, employees: int) -> int:
    async with Stack(settings) as stack:
        with Issuer(settings.folder, stack.ports["issuer"]) as issuer:
            async with Services(stack, issuer) as services:
                differences = await demonstrate(stack, issuer, services, employees=employees, verify=True)
    say(f"peragaan selesai / demonstration done: {differences:,} beda / differ")
    return 1 if differences else 0


def _command(arguments: argparse.Namespace) -> Coroutine[Any, Any, int]:
    settings = Settings.from_environment(
        "demo" if arguments.command == "demo" else "run",
        local=arguments.local,
        emptied=arguments.command == "demo",
    )
    match arguments.command:
        case "servers":
            return _servers(settings)
        case "up":
            return _run(settings, employees=0)
        case "run":
            return _run(settings, arguments.employees)
        case _:
            return _demo(settings, arguments.employees)


async def _until_signalled(work: Coroutine[Any, Any, int]) -> int:
    """Ctrl-C, SIGTERM and a closed terminal end the work in order; asking again does not cut that short."""
    # nohup has the closing of the terminal ignored; that is not ours to undo.
    hangs_up = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    signals = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hangs_up else [])]
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        say("menghentikan semuanya, paling lama / stopping everything in order, at most 15 s")
        for each in signals:
            loop.add_signal_handler(each, say, "masih menghentikan / still stopping")
        task.cancel()

    for each in signals:
        loop.add_signal_handler(each, stop)
    try:
        return await task
    except asyncio.CancelledError:
        say("semuanya sudah berhenti / everything has stopped")
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("--local", type=Path, help="where servers and data live (default: .local of the project)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("servers", help="only PostgreSQL and Kafka")
    commands.add_parser("up", help="the servers and the four services, without data")
    for name, text in (
        ("run", "the same, with a synthetic population and one score that moves the ranking; stays up"),
        ("demo", "the same in a folder of its own, emptied first; verifies, and ends"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--employees", type=int, default=int(os.environ.get("EMPLOYEES") or 20_000))
    return parser


def main() -> int:
    """The exit code: 0, 1 for a failure that was told, 130 when interrupted."""
    arguments = _parser().parse_args()
    try:
        return asyncio.run(_until_signalled(_command(arguments)))
    except (StackError, DemonstrationError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
