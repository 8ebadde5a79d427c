"""`rebuild`: compare a read model with what its topics say; `--apply` repairs it, `--swap` replaces its tables."""

from argparse import ArgumentParser, Namespace
from functools import partial

from aiokafka.errors import KafkaError

from shared.commands.arguments import MOST, add_form, positive
from shared.commands.command import Command, Desk
from shared.commands.output import plain, say, say_json, say_table, tell
from shared.commands.performing import NOT_NOW, named
from shared.db.trouble import is_database_trouble
from shared.dead_letters.redaction import shown_key, shown_reason
from shared.rebuilding.model import ReadModel
from shared.rebuilding.reading import NotReplayable
from shared.rebuilding.rebuild import rebuilding
from shared.rebuilding.report import Report
from shared.rebuilding.shadow import RebuildUnderWay
from shared.rebuilding.untaken import Untaken


def rebuild_command(model: ReadModel) -> Command:
    """The command of a service with this read model."""
    return Command(
        name="rebuild",
        summary="compare the read model with its topics, repair it or replace its tables",
        add_arguments=_add_arguments,
        run=partial(_run, model),
        statuses="Status: 0 nothing differs now, 1 something does, 2 it could not be done; stderr says why.",
    )


def _add_arguments(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--apply", action="store_true", help="repair the differences while everything goes on")
    what.add_argument("--swap", action="store_true", help="repair, then replace the tables (for a new shape)")
    parser.add_argument("--most", type=positive, default=MOST, help=f"differences shown (default {MOST})")
    add_form(parser)


async def _run(model: ReadModel, desk: Desk, arguments: Namespace) -> int:
    """0: nothing differs, or no longer; 1: something does; 2: it cannot be rebuilt now."""
    repaired, left = Report(arguments.most), Report(arguments.most)
    try:
        async with rebuilding(desk, model) as rebuild:
            if rebuild.resumed:
                tell("going on with a rebuild that did not end")
            await rebuild.replay()
            _tell_untaken(await rebuild.untaken(arguments.most))
            if arguments.apply or arguments.swap:
                left = await rebuild.repair(repaired)
            else:
                await rebuild.compare(left, repair=False)
            if arguments.swap and not left.total:
                await rebuild.swap()
    except RebuildUnderWay:
        tell("another rebuild of this database is under way")
        return NOT_NOW
    except NotReplayable as why:
        tell(str(why))
        return NOT_NOW
    except Exception as error:
        if not (isinstance(error, KafkaError) or is_database_trouble(error)):
            raise
        tell(f"broken off, and goes on from there when it is run again: {named(error)}")
        return NOT_NOW
    _say(repaired, left, as_json=arguments.json)
    return 1 if left.total else 0


def _tell_untaken(untaken: Untaken) -> None:
    if not untaken.total:
        return
    tell(f"{untaken.total:,} records could not be taken in, and no newer state of their key has come:")
    for letter in untaken.first:
        key, reason = shown_key(letter, redacted=True), shown_reason(letter, redacted=True)
        tell(f"  {letter.topic}[{letter.partition}]@{letter.offset}  {plain(key)}  {plain(reason)}")
    if untaken.total > len(untaken.first):
        tell(f"  and {untaken.total - len(untaken.first):,} more")


def _say(repaired: Report, left: Report, *, as_json: bool) -> None:
    parts = {"repaired": repaired, "differences": left}
    if as_json:
        say_json(
            {
                name: {"rows": report.total, "causes": report.causes(), "first": report.shown()}
                for name, report in parts.items()
            }
        )
        return
    for name, report in parts.items():
        if report.total or report is left:
            say(f"{report.total:,} {name}")
        say_table(report.causes())
        say_table(report.shown())
