"""`verify`: recompute what is derived, compare what is held with what was published, and say what differs.

Status: 0 no differences, 1 differences, 2 not done, or not to the end.
"""

import gc
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from shared.commands.arguments import MOST, add_form, positive
from shared.commands.command import Command, Desk
from shared.commands.output import say, say_json, say_table, tell
from shared.commands.performing import NOT_NOW, named
from shared.kafka.topics import ALL
from shared.verification.comparing import PATIENCE, Comparison, Copy
from shared.verification.differences import Difference
from shared.verification.examination import Check, Examination
from shared.verification.held import Held
from shared.verification.upstream import Upstream, UpstreamSilent

_PACE: Final = 0.5
_SLOWEST: Final = 0.01
_LONGEST: Final = 3600


@dataclass(frozen=True, slots=True)
class Followed:
    """What is held of an upstream's states; `url` reads its address from the service's settings."""

    held: Held
    url: Callable[[Any], str]


_Begun = tuple[str, Examination]
"""With what something is compared, and how far that came."""
_IN_THE_WAY: Final = (UpstreamSilent, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


def verify_command(checks: Sequence[Check], followed: Sequence[Followed] = ()) -> Command:
    """The command of a service that derives by itself what `checks` recompute, and follows others."""

    async def run(desk: Desk, arguments: Namespace) -> int:
        _refuse_strangers(arguments)
        # What rules made is remembered, and none of it goes round in circles: to look for circles in it again and
        # again costs a fifth of the time.
        gc.disable()
        begun: list[_Begun] = []
        try:
            await _examine(desk, arguments, checks, followed, begun)
        except _IN_THE_WAY as error:
            # What was found before is no less true.
            if begun:
                _print(begun, as_json=arguments.json)
            tell(f"could not be verified: {_reason(error)}")
            return NOT_NOW
        finally:
            gc.enable()
        return _print(begun, as_json=arguments.json)

    return Command(
        name="verify",
        summary="recompute what is derived, compare what is held with what was published",
        add_arguments=_add_arguments,
        run=run,
        statuses="Status: 0 no differences, 1 differences, 2 not done, or not to the end; stderr says why.",
    )


def _refuse_strangers(arguments: Namespace) -> None:
    """Who misspells a name would compare with another upstream than he thinks. One list may serve all services."""
    known = [topic.name.partition(".")[0] for topic in ALL]
    for name, _ in arguments.upstream:
        if name not in known:
            arguments.refuse(f"--upstream {name}: the services are {', '.join(known)}")


def _reason(error: Exception) -> str:
    if isinstance(error, UpstreamSilent):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return named(error)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--only", choices=["own", "upstream"], help="what is derived here, or what others published"
    )
    parser.add_argument(
        "--pace",
        type=_number(_SLOWEST, 1),
        default=_PACE,
        help=f"share of the time to work, {_SLOWEST} to 1 (default {_PACE})",
    )
    parser.add_argument(
        "--patience",
        type=_number(0, _LONGEST),
        default=PATIENCE,
        help=f"seconds over which what differs is looked at again (default {PATIENCE:.0f})",
    )
    parser.add_argument("--most", type=positive, default=MOST, help=f"differences listed at most (default {MOST})")
    parser.add_argument(
        "--upstream",
        type=_named,
        action="append",
        default=[],
        metavar="NAME=URL",
        help="another address of a service",
    )
    parser.add_argument("--token-file", type=Path, help="holds the token for upstreams (default: TALENTA_TOKEN)")
    add_form(parser)
    parser.set_defaults(refuse=parser.error)


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = most + 1
        if not least <= number <= most:
            raise ArgumentTypeError(f"no number from {least} to {most}")
        return number

    return read


def _named(text: str) -> tuple[str, str]:
    name, _, url = text.partition("=")
    if not url:
        raise ArgumentTypeError("no NAME=URL")
    return name, url


async def _examine(
    desk: Desk, arguments: Namespace, checks: Sequence[Check], followed: Sequence[Followed], begun: list[_Begun]
) -> None:
    """All that was asked for, one after the other; `begun` tells how far it came."""

    def begin(name: str, how: str) -> Examination:
        examination = Examination(name, desk.database, pace=arguments.pace, most=arguments.most)
        begun.append((how, examination))
        return examination

    for check in checks if arguments.only != "upstream" else ():
        with begin(check.name, "recomputed") as examination:
            await check.run(examination)
    token = _token(desk, arguments)
    for one in followed if arguments.only != "own" else ():
        view = one.held.view
        url = dict(arguments.upstream).get(view.source) or one.url(desk.settings)
        with begin(view.topic.name, f"with {view.source}") as examination:
            async with Upstream(view, url, token) as upstream:
                copy = Copy(desk.database, one.held, desk.namespace)
                comparison = Comparison(examination, upstream, copy, view.topic.name, patience=arguments.patience)
                await comparison.run()


def _token(desk: Desk, arguments: Namespace) -> str:
    file: Path | None = arguments.token_file
    return desk.settings.talenta_token.get_secret_value() if file is None else file.read_text().strip()


def _print(begun: Sequence[_Begun], *, as_json: bool) -> int:
    """What was found, and the status: without a difference it could be done only if it was done to the end."""
    differences = [difference for _, one in begun for difference in one.differences]
    count = sum(one.count for _, one in begun)
    incomplete = [one.name for _, one in begun if not one.is_complete]
    checks = [
        {
            "of": one.name,
            "compared": one.compared,
            "how": how,
            "differences": one.count,
            "moving": one.moving,
            "seconds": round(one.seconds, 2),
        }
        for how, one in begun
    ]
    if as_json:
        say_json(
            {
                "checks": checks,
                "incomplete": incomplete,
                "count": count,
                "differences": [asdict(one) for one in differences],
            }
        )
    else:
        say_table(checks)
        say_table([line for difference in differences for line in _lines(difference)])
        listed = f", {len(differences)} listed" if count > len(differences) else ""
        left = f", but not to the end of {', '.join(incomplete)}" if incomplete else ""
        say(f"{count} differences{listed}{left}")
    return 1 if count else NOT_NOW if incomplete else 0


def _lines(difference: Difference) -> list[dict[str, Any]]:
    fields = difference.fields or {"-": (None, None)}
    return [
        {
            "kind": difference.kind,
            "of": difference.of,
            "key": difference.key,
            "field": name,
            "expected": expected,
            "found": found,
            "cause": difference.cause,
        }
        for name, (expected, found) in fields.items()
    ]
