"""`unmatched {list,count}`: the command line over the measurements that wait for their employee."""

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from services.assessment.unmatched.queries import Counted, Found, Outcome, Selection, add_shown, count, find
from shared.asn.nip import mask_in
from shared.commands.arguments import add_actor, add_bound, add_form, instant
from shared.commands.command import Command, Desk
from shared.commands.output import ago, say, say_json, say_table


def _add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="{list,count}")
    listing = actions.add_parser("list", help="one by one, with what resolved each")
    listing.add_argument(
        "--outcome",
        choices=[*(outcome.lower() for outcome in Outcome), "all"],
        default=Outcome.WAITING.lower(),
        help="default: waiting",
    )
    add_bound(listing)
    listing.add_argument("--unredacted", action="store_true", help="show NIPs; leaves a step")
    add_actor(listing)
    counting = actions.add_parser("count", help="by the population of the caller's token")
    counting.add_argument(
        "--by",
        choices=("caller", "instansi"),
        default="caller",
        help="by caller as well, or all callers of an instansi together (default: caller)",
    )
    for action in (listing, counting):
        action.add_argument("--region", help="of the caller, as in his token: 33.74, 33.*")
        action.add_argument("--caller", help="subject of his token")
        action.add_argument("--since", type=instant, help="accepted at this time or later")
        action.add_argument("--until", type=instant, help="accepted before this time")
        add_form(action)


async def _run(desk: Desk, arguments: Namespace) -> int:
    act: Callable[[Desk, Namespace], Awaitable[int]] = {"list": _list, "count": _count}[arguments.action]
    return await act(desk, arguments)


async def _list(desk: Desk, arguments: Namespace) -> int:
    outcomes = None if arguments.outcome == "all" else (Outcome(arguments.outcome.upper()),)
    async with desk.database.reading() as session:
        found = await find(session, _selection(arguments, outcomes), most=arguments.most + 1)
    shown, more = found[: arguments.most], len(found) > arguments.most
    if arguments.unredacted:
        # Who saw personal data is kept before he sees it.
        async with desk.database.transaction() as session:
            await add_shown(session, shown, actor=arguments.actor)
    if arguments.json:
        lines = [_line(one, redacted=not arguments.unredacted) for one in shown]
        say_json({"measurements": lines, "more": more})
        return 0
    now = datetime.now(UTC)
    say_table([_row(_line(one, redacted=not arguments.unredacted), now) for one in shown])
    if more or not shown:
        say("There are more: raise --most, or narrow the filters." if more else "No measurements.")
    return 0


async def _count(desk: Desk, arguments: Namespace) -> int:
    async with desk.database.reading() as session:
        counted = await count(session, _selection(arguments, None), by_caller=arguments.by == "caller")
    total = {name: sum(getattr(one, name) for one in counted) for name in _NUMBERS}
    if arguments.json:
        lines = [asdict(one) | {"submitted_by": one.submitted_by and mask_in(one.submitted_by)} for one in counted]
        say_json({"callers" if arguments.by == "caller" else "instansi": lines, "total": total})
        return 0
    now = datetime.now(UTC)
    rows = [_count_row(one, now) for one in counted]
    say_table([*rows, {"caller": "total", "population": None, "age": None, **total}] if rows else [])
    if not rows:
        say("No measurements.")
    return 0


_NUMBERS: Final = ("waiting", "taken", "refused", "expired")


def _selection(arguments: Namespace, outcomes: tuple[Outcome, ...] | None) -> Selection:
    return Selection(outcomes, arguments.region, arguments.caller, arguments.since, arguments.until)


def _line(found: Found, *, redacted: bool) -> dict[str, Any]:
    line = asdict(found)
    if redacted:
        line |= {name: line[name] and mask_in(line[name]) for name in ("nip", "submitted_by")}
    return line


def _row(line: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "outcome": line["outcome"],
        "age": ago(line["accepted_at"], now),
        "kind": line["kind"],
        "measured": line["measured"],
        "nip": line["nip"],
        "caller": line["submitted_by"],
        "population": _population(line["regions"], line["units"]),
        "resolved": line["resolved_at"],
        "by": line["event"],
    }


def _count_row(counted: Counted, now: datetime) -> dict[str, Any]:
    return {
        "caller": counted.submitted_by and mask_in(counted.submitted_by),
        "population": _population(counted.regions, counted.units),
        "age": counted.waits_since and ago(counted.waits_since, now),
        **{name: getattr(counted, name) for name in _NUMBERS},
    }


def _population(regions: list[str], units: list[str]) -> str | None:
    return ", ".join([*regions, *units]) or None


UNMATCHED: Final = Command(
    name="unmatched",
    summary="measurements that wait for their employee, and what resolved the others",
    add_arguments=_add_arguments,
    run=_run,
)
