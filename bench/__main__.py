"""`python -m bench [--quick]`: measure, judge, write the result; ends with 1 where a row misses its target.

All of it writes bench/results.json, the pictures in docs/performance/, the tables of docs/performance.md and the
figures of the README; `--quick` and a choice of chapters write to .local/bench instead, beside the logs, so that
they replace no whole result. A chapter that fails is a row that is missed, and the others go on.
"""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run
from typing import Any, Final

import uvloop

from bench.chapters import CHAPTERS, Run
from bench.documents import about_markdown, filled, headlines, parts_of
from bench.installation import stack_of
from bench.machine import machine
from bench.pictures import draw_budget, draw_freshness, draw_growth
from bench.sizes import FULL, QUICK, Sizes
from bench.telling import table, write_result
from deploy.local.errors import StackError
from deploy.local.progress import show
from deploy.local.settings import PROJECT

_BESIDE: Final = PROJECT / ".local" / "bench"
_RESULT: Final = "results.json"
_PICTURES: Final = PROJECT / "docs" / "performance"
_DOCUMENT: Final = PROJECT / "docs" / "performance.md"
_README: Final = PROJECT / "README.md"
_INTERRUPTED: Final = 130
_ONCE: Final = 200_000
"""Scores from which on an import is not repeated."""


async def _measure(sizes: Sizes, chapters: Sequence[str], about: dict[str, Any]) -> Run:
    # SIGTERM ends it as Ctrl-C does: with the servers stopped.
    task = asyncio.current_task()
    if task:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with stack_of(sizes) as bench:
        measured = Run(bench, chapters, _BESIDE / _RESULT, about)
        await measured.all()
    return measured


def _about(sizes: Sizes) -> dict[str, Any]:
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = run(git, cwd=PROJECT, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    return {
        "kind": sizes.kind,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip() or "unknown",
        "machine": machine(),
    }


def _draw(folder: Path, measured: Run) -> None:
    if measured.freshness:
        draw_freshness(folder, measured.freshness, measured.bench.sizes)
    draw_growth(folder, measured.rows)
    draw_budget(folder, measured.rows)


def _write_documents(measured: Run) -> None:
    _DOCUMENT.write_text(filled(_DOCUMENT.read_text(), parts_of(measured.rows, measured.about)))
    figures = f"{headlines(measured.rows)}\n\n{about_markdown(measured.about)}"
    _README.write_text(filled(_README.read_text(), {"figures": figures}))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything: five minutes at most")
    parser.add_argument(
        "--bulk-rows",
        type=int,
        help=f"scores of one import, two for each employee; from {_ONCE:,} on it is not repeated",
    )
    parser.add_argument("--only", choices=CHAPTERS, nargs="+", default=CHAPTERS, help="some of the chapters")
    return parser


def _sizes(arguments: argparse.Namespace) -> Sizes:
    sizes = QUICK if arguments.quick else FULL
    if arguments.bulk_rows is None:
        return sizes
    repeats = 1 if arguments.bulk_rows >= _ONCE else sizes.bulk_repeats
    longest = max(sizes.longest_chapter, arguments.bulk_rows / 100)
    return replace(sizes, bulk_rows=arguments.bulk_rows, bulk_repeats=repeats, longest_chapter=longest)


def main() -> int:
    """0, or 1 where a row misses its target or nothing could be measured."""
    arguments = _parser().parse_args()
    # What the client tries again by itself is no news; what it gives up is an exception.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    sizes = _sizes(arguments)
    whole = not arguments.quick and set(arguments.only) == set(CHAPTERS)
    try:
        measured = uvloop.run(_measure(sizes, arguments.only, _about(sizes)))
    except StackError as error:
        show(f"\n{error}")
        return 1
    except asyncio.CancelledError:
        return _INTERRUPTED
    _draw(_PICTURES if whole else _BESIDE, measured)
    if whole:
        write_result(PROJECT / "bench" / _RESULT, measured.rows, measured.about)
        _write_documents(measured)
    show("\n" + "\n".join(table(measured.rows)))
    return 1 if any(row.met is False for row in measured.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
