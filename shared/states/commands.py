"""`republish` and `after-restore`: the command line over the states that a service is the source of."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import aclosing
from dataclasses import asdict
from typing import Any, Final

from shared.commands.arguments import MOST, add_form, positive
from shared.commands.command import Command, Desk
from shared.commands.output import Telling, say, say_json, tell
from shared.commands.performing import named
from shared.db.trouble import is_database_trouble
from shared.outbox.pacing import Pace
from shared.states.published import PublishedStates
from shared.states.republishing import Republication
from shared.states.restoring import Outcome, Restoration


def _add_republish(parser: ArgumentParser) -> None:
    parser.add_argument("--keys", nargs="+", metavar="KEY", help="these alone")
    parser.add_argument("--after", metavar="KEY", help="go on behind this key, where a run was broken off")
    parser.add_argument("--most", type=positive, help="states at most (default: all)")
    parser.add_argument(
        "--outbox-age",
        type=_seconds,
        default=0.2,
        metavar="SECONDS",
        help="wait while a row is in the outbox for longer: what changes meanwhile goes before (default 0.2)",
    )
    add_form(parser)
    parser.set_defaults(refuse=parser.error)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ArgumentTypeError("no number of seconds")
    return value


async def _republish(desk: Desk, arguments: Namespace) -> int:
    published = desk.published
    if arguments.keys and (arguments.after or arguments.most):
        arguments.refuse("--keys goes with neither --after nor --most")
    for key in (*(arguments.keys or ()), *filter(None, [arguments.after])):
        if not published.admits(key):
            arguments.refuse(f"{published.topic.key} is no {published.key_type}")
    pace = Pace.of(desk.settings, desk.database, patient=True)
    run = Republication(desk.database, published, pace, longest_outbox_age=arguments.outbox_age)
    try:
        if not arguments.keys:
            return await _republish_all(run, published, arguments)
        await run.of_keys(sorted(set(arguments.keys)))
    finally:
        await pace.close()
    _say_end(arguments, published, run, last=None, broken_off=False)
    return 0


async def _republish_all(run: Republication, published: PublishedStates, arguments: Namespace) -> int:
    last, telling = arguments.after, Telling()
    try:
        async with aclosing(run.behind(arguments.after, arguments.most)) as pages:
            async for last in pages:
                telling(f"{run.count:,} states, as far as {last}")
    except Exception as error:
        if not is_database_trouble(error):
            raise
        tell(f"the database is in trouble ({named(error)})")
        _say_end(arguments, published, run, last=last, broken_off=True)
        return 1
    _say_end(arguments, published, run, last=last, broken_off=False)
    return 0


def _say_end(
    arguments: Namespace, published: PublishedStates, run: Republication, *, last: str | None, broken_off: bool
) -> None:
    if arguments.json:
        end: dict[str, Any] = {"topic": published.topic.name, "published": run.count, "last_key": last}
        say_json({**end, "broken_off": broken_off})
        return
    say(f"{run.count} of {published.topic.name}" + (f", as far as {last}" if last else ""))
    if broken_off:
        say(f"Broken off: go on with --after {last}" if last else "Broken off before the first: run it again")


def _add_after_restore(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--most", type=positive, default=MOST, help=f"missing keys listed at most (default {MOST})"
    )
    add_form(parser)


async def _after_restore(desk: Desk, arguments: Namespace) -> int:
    outcome = await Restoration(desk.settings, desk.database, desk.published).run(most_listed=arguments.most)
    if arguments.json:
        say_json({"topic": desk.published.topic.name, **asdict(outcome)})
    else:
        _say_outcome(desk.published, outcome)
    return 1 if outcome.missing else 0


def _say_outcome(published: PublishedStates, outcome: Outcome) -> None:
    say(f"{outcome.records} records of {published.topic.name} read, {outcome.compared} keys compared")
    if outcome.unreadable:
        say(f"{outcome.unreadable} records are no event of this topic and were left out")
    if outcome.put_back:
        say(f"{outcome.put_back} that only the topic knew put back into the tables")
    say(f"{outcome.raised} raised above the topic and published, {outcome.published_again} published again")
    say(f"{outcome.outbox_rows_removed} rows of the outbox removed that the topic had already")
    if outcome.missing:
        say(f"{outcome.missing} keys stand in the topic and not in the tables:")
        for key in outcome.missing_keys:
            say(key)


REPUBLISH: Final = Command(
    "republish",
    "publish current states again, from the tables",
    _add_republish,
    _republish,
)
AFTER_RESTORE: Final = Command(
    "after-restore",
    "bring the topic in line with a database that came back older",
    _add_after_restore,
    _after_restore,
)
