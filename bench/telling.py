"""A result as JSON, as a table on a terminal, and as the tables of docs/performance.md."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.figures import Row
from bench.freshness.hops import HOPS

_WORDS: Final = {True: "met", False: "MISSED", None: "–"}
_HEADER: Final = ("what", "figure", "floor", "ratio", "repeats", "must reach", "", "load")


def result(rows: Sequence[Row], about: Mapping[str, Any]) -> dict[str, Any]:
    """The whole result; `about` is the machine, the day and the size of the run."""
    return {**about, "rows": [row.as_json() for row in rows]}


def write_result(path: Path, rows: Sequence[Row], about: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result(rows, about), indent=2, ensure_ascii=False) + "\n")


def table(rows: Sequence[Row]) -> list[str]:
    """For a terminal."""
    cells = [_HEADER, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADER))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    ]


def markdown(rows: Sequence[Row]) -> str:
    """The same for a document."""
    return _markdown([_HEADER, *map(_cells, rows)])


def hops_markdown(rows: Sequence[Row]) -> str:
    """Where the time of a score goes; empty where freshness was not measured."""
    hops: dict[str, dict[str, float]] = next((row.details["hops"] for row in rows if "hops" in row.details), {})
    lines = [(HOPS[name], f"{times['p50']:.1f}", f"{times['p99']:.1f}") for name, times in hops.items()]
    return _markdown([("hop", "p50 ms", "p99 ms"), *lines]) if lines else ""


def about_markdown(about: Mapping[str, Any]) -> str:
    """One sentence on where and when."""
    one = about["machine"]
    return (
        f"Run `{about['kind']}` of {about['at']} at commit `{about['commit']}`: {one['processor']}, "
        f"{one['cores']} cores, {one['memory_gib']} GiB, {one['system']}, Python {one['python']}; "
        f"load average at the start {one['load_average_at_start']}."
    )


def replaced(document: str, name: str, content: str) -> str:
    """The document with `content` between `<!-- name -->` and `<!-- /name -->`. Raises ValueError without them."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = document.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"no {begin} … {end}")
    return f"{before}{begin}\n{content.strip()}\n{end}{after}"


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    header, *rest = ("| " + " | ".join(line) + " |" for line in lines)
    return "\n".join([header, "|" + "---|" * len(lines[0]), *rest])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        f"{_number(row.figure)} {row.unit}",
        "–" if row.floor is None else _number(row.floor),
        "–" if row.ratio is None else f"{row.ratio:.2f}",
        f"{_number(min(row.repeats))} … {_number(max(row.repeats))} ({len(row.repeats)})",
        row.limit.words if row.limit else "–",
        _WORDS[row.met],
        f"{row.load:.1f}",
    )


def _number(value: float) -> str:
    """Three digits or more."""
    for bound, form in ((100, ",.0f"), (10, ".1f")):
        if value >= bound:
            return format(value, form)
    return f"{value:.2f}"
