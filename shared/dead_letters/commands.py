"""`dead-letters {list,show,replay,drop}`: the command line of the repair."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from shared.commands.arguments import add_actor, add_bound, add_form, instant, positive
from shared.commands.command import Command, Desk
from shared.commands.output import ago, plain, say, say_json, say_table, tell
from shared.db.trouble import is_database_trouble
from shared.dead_letters import queries, redaction
from shared.dead_letters.queries import Action, Letter, Outcome, State, Wanted
from shared.dead_letters.repair import Repair, Treated
from shared.kafka.dead_letter import reason_of

_NOTHING: Final = "No open dead letters."
_UNTOUCHED: Final = "UNTOUCHED"
"""Somebody else treated it meanwhile, or the database was in trouble."""
_FILTERS: Final = ("ids", "group", "topic", "partition", "reason", "since", "until")


def _add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="{list,show,replay,drop}")
    listing = actions.add_parser("list", help="which there are")
    listing.add_argument(
        "--state",
        choices=[*(state.lower() for state in State), "all"],
        default=State.OPEN.lower(),
        help="default: open",
    )
    showing = actions.add_parser("show", help="everything about one: headers, payload, steps")
    showing.add_argument("ids", type=positive, nargs="+", metavar="ID")
    replaying = actions.add_parser("replay", help="hand open ones to their handler again")
    replaying.add_argument(
        "--on-error",
        choices=["stop", "continue", "drop"],
        default="stop",
        help="what a record that fails again means for the rest, or for itself (default: stop)",
    )
    replaying.add_argument("--why", help="the reason for --on-error drop")
    dropping = actions.add_parser("drop", help="give open ones up; needs a filter and a reason")
    dropping.add_argument("--why", required=True, help="the reason, kept with the step; name nobody in it")
    for action in (listing, replaying, dropping):
        _add_filters(action)
        add_bound(action)
    for action in (listing, showing):
        action.add_argument("--unredacted", action="store_true", help="show personal data; leaves a step")
    for action in (listing, showing, replaying, dropping):
        add_actor(action)
        add_form(action)
        action.set_defaults(refuse=action.error)


def _add_filters(parser: ArgumentParser) -> None:
    parser.add_argument("--id", dest="ids", type=positive, nargs="+", metavar="ID")
    parser.add_argument("--group", help="consumer group")
    parser.add_argument("--topic")
    parser.add_argument("--partition", type=int)
    parser.add_argument("--reason", help="a part of the reason")
    parser.add_argument("--since", type=instant, help="buried at this time or later")
    parser.add_argument("--until", type=instant, help="buried before this time")


async def _run(desk: Desk, arguments: Namespace) -> int:
    act: Callable[[Desk, Namespace], Awaitable[int]] = _ACTIONS[arguments.action]
    return await act(desk, arguments)


async def _list(desk: Desk, arguments: Namespace) -> int:
    states = tuple(State) if arguments.state == "all" else (State(arguments.state.upper()),)
    found = await _find(desk, arguments, states, most=arguments.most + 1)
    letters, more = found[: arguments.most], len(found) > arguments.most
    await _note_reading(desk, arguments, letters)
    lines = [_line(letter, redacted=not arguments.unredacted) for letter in letters]
    if arguments.json:
        say_json({"dead_letters": lines, "more": more})
        return 0
    now = datetime.now(UTC)
    say_table([_row(line, now) for line in lines])
    if more or not letters:
        say("There are more: raise --most, or narrow the filters." if more else "No dead letters.")
    return 0


async def _show(desk: Desk, arguments: Namespace) -> int:
    letters = await _find(desk, arguments, tuple(State), most=len(arguments.ids))
    await _note_reading(desk, arguments, letters)
    shown = [await _whole(desk, letter, redacted=not arguments.unredacted) for letter in letters]
    if arguments.json:
        say_json({"dead_letters": shown})
    else:
        for one in shown:
            _print_whole(one)
    missing = set(arguments.ids) - {letter.id for letter in letters}
    for one_id in sorted(missing):
        tell(f"there is no dead letter {one_id}")
    return 1 if missing else 0


async def _replay(desk: Desk, arguments: Namespace) -> int:
    drops = arguments.on_error == "drop"
    if drops is not bool(arguments.why):
        arguments.refuse("--on-error drop and --why go together")
    repair = _repair(desk, arguments)

    async def replay(letter_id: int) -> Treated:
        return await repair.replay(letter_id, or_drop_because=arguments.why)

    return await _treat(desk, arguments, replay, stops=arguments.on_error == "stop")


async def _drop(desk: Desk, arguments: Namespace) -> int:
    if all(getattr(arguments, name) is None for name in _FILTERS):
        arguments.refuse("say which: no filter was given")
    repair = _repair(desk, arguments)

    async def drop(letter_id: int) -> Treated:
        return await repair.drop(letter_id, arguments.why)

    return await _treat(desk, arguments, drop, stops=True)


_ACTIONS: Final = {"list": _list, "show": _show, "replay": _replay, "drop": _drop}


def _repair(desk: Desk, arguments: Namespace) -> Repair:
    return Repair(desk.database, desk.subscriptions, namespace=desk.namespace, actor=arguments.actor)


async def _treat(
    desk: Desk,
    arguments: Namespace,
    treat: Callable[[int], Awaitable[Treated]],
    *,
    stops: bool,
) -> int:
    """Treat what is open and wanted, one by one, oldest first; a database in trouble ends it always."""
    treated: list[Treated] = []
    troubled = False
    for letter in await _find(desk, arguments, (State.OPEN,), most=arguments.most):
        try:
            one = await treat(letter.id)
        except Exception as error:
            if not is_database_trouble(error):
                raise
            troubled = True
            one = Treated(letter.id, None, f"database in trouble: {reason_of(error)}")
        treated.append(one)
        if not arguments.json:
            say("  ".join(plain(part) for part in (one.id, one.outcome or _UNTOUCHED, one.note or "")).rstrip())
        if troubled or (stops and one.outcome is Outcome.FAILED):
            break
    _sum_up(treated, arguments)
    return 1 if troubled or any(one.outcome is Outcome.FAILED for one in treated) else 0


async def _find(desk: Desk, arguments: Namespace, states: Sequence[State], *, most: int) -> list[Letter]:
    wanted = Wanted(states, **{name: getattr(arguments, name, None) for name in _FILTERS})
    async with desk.database.reading() as session:
        return await queries.find(session, wanted, namespace=desk.namespace, most=most)


async def _note_reading(desk: Desk, arguments: Namespace, letters: Sequence[Letter]) -> None:
    """Who saw personal data is kept before he sees it."""
    if not arguments.unredacted:
        return
    ids = [letter.id for letter in letters]
    async with desk.database.transaction() as session:
        await queries.add_steps(session, ids, Action.SHOW, actor=arguments.actor, outcome=Outcome.SHOWN)


def _line(letter: Letter, *, redacted: bool) -> dict[str, Any]:
    return {
        "id": letter.id,
        "state": letter.state,
        "at": letter.created_at,
        "group": letter.group,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "key": redaction.shown_key(letter, redacted=redacted),
        "reason": redaction.shown_reason(letter, redacted=redacted),
    }


def _row(line: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Narrow enough to be read: the place of the record in one column."""
    return {
        "id": line["id"],
        "state": line["state"],
        "age": ago(line["at"], now),
        "group": line["group"],
        "record": f"{line['topic']}[{line['partition']}]@{line['offset']}",
        "key": line["key"],
        "reason": line["reason"],
    }


async def _whole(desk: Desk, letter: Letter, *, redacted: bool) -> dict[str, Any]:
    async with desk.database.reading() as session:
        steps = await queries.read_steps(session, letter.id)
    return {
        **_line(letter, redacted=redacted),
        "headers": redaction.shown_headers(letter, redacted=redacted),
        "payload": redaction.shown_payload(letter, redacted=redacted),
        "steps": [
            {"at": step.at, "action": step.action, "actor": step.actor, "outcome": step.outcome, "note": step.note}
            for step in steps
        ],
    }


def _print_whole(shown: dict[str, Any]) -> None:
    apart = ("headers", "payload", "steps")
    for name, value in shown.items():
        if name not in apart:
            say(f"{name:<10} {plain(value)}")
    for name in apart[:2]:
        say(f"{name}:")
        say_json(shown[name])
    say("steps:" if shown["steps"] else "steps:     none")
    say_table(shown["steps"])


def _sum_up(treated: Sequence[Treated], arguments: Namespace) -> None:
    counted = Counter(one.outcome or _UNTOUCHED for one in treated)
    if arguments.json:
        told = [{"id": one.id, "outcome": one.outcome, "note": one.note} for one in treated]
        say_json({"treated": told, "counts": counted})
    else:
        say(", ".join(f"{count} {outcome}" for outcome, count in counted.items()) or _NOTHING)


DEAD_LETTERS: Final = Command(
    name="dead-letters",
    summary="look at records that could not be taken in; replay or drop them",
    add_arguments=_add_arguments,
    run=_run,
)
