"""A result as JSON, as a table on a terminal, and as one in a document."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.figures import Row

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
    return table_markdown([_HEADER, *map(_cells, rows)])


def table_markdown(lines: Sequence[Sequence[str]]) -> str:
    """The first line is the header."""
    header, *rest = ("| " + " | ".join(line) + " |" for line in lines)
    return "\n".join([header, "|" + "---|" * len(lines[0]), *rest])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        f"{number(row.figure)} {row.unit}",
        "–" if row.floor is None else number(row.floor),
        "–" if row.ratio is None else f"{row.ratio:.2f}",
        f"{number(min(row.repeats))} … {number(max(row.repeats))} ({len(row.repeats)})",
        row.limit.words if row.limit else "–",
        _WORDS[row.met],
        f"{row.load:.1f}",
    )


def number(value: float) -> str:
    """Three digits or more."""
    for bound, form in ((100, ",.0f"), (10, ".1f")):
        if value >= bound:
            return format(value, form)
    return f"{value:.2f}"
