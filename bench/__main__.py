"""`python -m bench [--quick]`: measure, judge, write the result; ends with 1 where a row misses its target.

All of it writes bench/results.json, the pictures in docs/performance/ and the tables of docs/performance.md;
`--quick` and a choice of rows write beside the logs in .local/bench instead, so that they replace no whole result.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run
from typing import Any, Final

import uvloop

from bench.bulk.importing import measure_bulk
from bench.figures import Row
from bench.freshness.measuring import Freshness, measure_freshness
from bench.installation import Bench, stack_of
from bench.machine import machine
from bench.people import load_everybody, population_of
from bench.pictures import draw_freshness
from bench.processes import APART, LAPTOP, environment_of, migrate, running, services_in
from bench.reading.measuring import measure_boards, measure_ranks
from bench.resting import measure_rest
from bench.sizes import FULL, QUICK, Sizes
from bench.telling import about_markdown, hops_markdown, markdown, replaced, table, write_result
from deploy.local.errors import StackError
from deploy.local.progress import show
from deploy.local.settings import PROJECT, SERVICES

_CHAPTERS: Final = ("rest", "freshness", "bulk", "ranks", "boards")
_DOCUMENT: Final = PROJECT / "docs" / "performance.md"


@dataclass
class _Measured:
    rows: list[Row] = field(default_factory=list)
    freshness: Freshness | None = None


async def _measure(sizes: Sizes, chapters: Sequence[str]) -> _Measured:
    measured = _Measured()
    async with stack_of(sizes) as bench:
        for service in SERVICES:
            await migrate(bench.stack, service, environment_of(bench.stack, bench.issuer))
        if {"rest", "freshness", "bulk"} & set(chapters):
            await _of_the_chain(bench, chapters, measured)
        if "ranks" in chapters:
            measured.rows += await measure_ranks(bench)
        if "boards" in chapters:
            measured.rows += await measure_boards(bench)
    return measured


async def _of_the_chain(bench: Bench, chapters: Sequence[str], measured: _Measured) -> None:
    """What needs all four services and people in them."""
    async with running(bench.stack, services_in(bench.stack, bench.issuer, LAPTOP)) as services:
        await load_everybody(bench, population_of(bench.sizes.employees))
        if "rest" in chapters:
            measured.rows += await measure_rest(bench, services)
    async with running(bench.stack, services_in(bench.stack, bench.issuer, APART)) as services:
        if "freshness" in chapters:
            measured.freshness = await measure_freshness(bench, services)
            measured.rows += measured.freshness.rows(bench.sizes)
        if "bulk" in chapters:
            measured.rows.append(await measure_bulk(bench, last_turn=bench.sizes.last_turn))


def _about(sizes: Sizes) -> dict[str, Any]:
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = run(git, cwd=PROJECT, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    return {
        "kind": sizes.kind,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip() or "unknown",
        "machine": machine(),
    }


def _write_document(rows: Sequence[Row], about: dict[str, Any]) -> None:
    document = _DOCUMENT.read_text()
    for name, content in (
        ("run", about_markdown(about)),
        ("table", markdown(rows)),
        ("hops", hops_markdown(rows)),
    ):
        document = replaced(document, name, content)
    _DOCUMENT.write_text(document)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything: five minutes at most")
    parser.add_argument("--bulk-rows", type=int, help="scores of one import")
    parser.add_argument("--only", choices=_CHAPTERS, nargs="+", default=_CHAPTERS, help="some of the rows")
    return parser


def main() -> int:
    """0, or 1 where a row misses its target or nothing could be measured."""
    arguments = _parser().parse_args()
    sizes = QUICK if arguments.quick else FULL
    if arguments.bulk_rows:
        sizes = replace(sizes, bulk_rows=arguments.bulk_rows)
    about = _about(sizes)
    try:
        measured = uvloop.run(_measure(sizes, arguments.only))
    except StackError as error:
        show(f"\n{error}")
        return 1
    whole = not arguments.quick and set(arguments.only) == set(_CHAPTERS)
    beside = PROJECT / ".local" / "bench"
    write_result((PROJECT / "bench" if whole else beside) / "results.json", measured.rows, about)
    if measured.freshness:
        folder: Path = _DOCUMENT.with_suffix("") if whole else beside
        draw_freshness(folder, measured.freshness, sizes)
    if whole:
        _write_document(measured.rows, about)
    show("\n" + "\n".join(table(measured.rows)))
    return 1 if any(row.met is False for row in measured.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
