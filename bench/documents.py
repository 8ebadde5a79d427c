"""The parts of docs/performance.md and of the README that a run fills, as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bench.figures import Row
from bench.freshness.hops import HOPS
from bench.growth.measuring import by_regions
from bench.least.running import BARE_HOPS
from bench.rollout import EMPLOYEES, GOVERNMENTS, needs
from bench.telling import markdown, number, table_markdown

_WORKERS: Final = {"python": "Python", "postgresql": "PostgreSQL", "kafka": "Kafka"}
_COSTS: Final = "processor_ms_per_score"
_HEADLINES: Final = {
    "freshness at ": "a score accepted → box and regional rank to be read over HTTP, p99 at 200 scores a second",
    "bulk: ": "score import over HTTP to an exact board",
    "rank of one among ": "all ranks of one person over HTTP, p50",
}
"""By how their row's name begins: the figures that matter most. Of several rows the last one counts."""


def hops_markdown(rows: Sequence[Row]) -> str:
    """Where the time of a score goes; empty where freshness was not measured."""
    details = next((row.details for row in rows if "hops" in row.details), None)
    if details is None:
        return ""
    table = _hops(HOPS, details["hops"])
    client, rate = details["client_ms_per_score"], details["rate"]
    share = f"{number(client)} ms of the processor a score, {client * rate / 10:.1f} % of a core"
    client_words = f"The bench's own client, which posts and watches on the same cores, took {share} at {rate}/s."
    return f"{table}\n\n{client_words}"


def _hops(words: Mapping[str, str], taken: Mapping[str, Mapping[str, float]]) -> str:
    lines = [(words[name], f"{times['p50']:.1f}", f"{times['p99']:.1f}") for name, times in taken.items()]
    return table_markdown([("hop", "p50 ms", "p99 ms"), *lines])


def least_markdown(rows: Sequence[Row]) -> str:
    """What the least chain costs by hop and by process, beside Talenta's own; empty where it was not measured."""
    details = next((row.details for row in rows if "least_hops" in row.details), None)
    if details is None:
        return ""
    costs: dict[str, float] = details["least_ms_per_score"]
    ours: dict[str, float] = next((row.details[_COSTS] for row in rows if "hops" in row.details), {})
    lines = [(name, number(cost), number(ours[name]) if name in ours else "–") for name, cost in costs.items()]
    total = (
        "**all of these**",
        number(sum(costs.values())),
        number(sum(ours[name] for name in costs)) if ours else "–",
    )
    header = ("process", "least, ms of the processor a score", "Talenta's")
    return f"{_hops(BARE_HOPS, details['least_hops'])}\n\n{table_markdown([header, *lines, total])}"


def parts_markdown(rows: Sequence[Row]) -> str:
    """What the least parts of one score cost, each in a line; empty where they were not measured."""
    row = next((row for row in rows if "microseconds" in row.details), None)
    if row is None:
        return ""
    costs: dict[str, dict[str, float]] = row.details["microseconds"]
    beside: dict[str, dict[str, float]] = row.details["beside_microseconds"]
    least = [*map(_part, costs, costs.values()), _part("**all of the least**", _summed(costs.values()))]
    more = [*map(_part, beside, beside.values()), _part("**all**", _summed([*costs.values(), *beside.values()]))]
    floor = _part("the floor of bulk, for comparison", row.details["floor_microseconds"]["floor"])
    return table_markdown([("part", *_WORKERS.values(), "all, µs"), *least, *more, floor])


def _part(name: str, cost: Mapping[str, float]) -> tuple[str, ...]:
    return name, *(number(each) for each in (*cost.values(), sum(cost.values())))


def _summed(costs: Iterable[Mapping[str, float]]) -> dict[str, float]:
    costs = list(costs)
    return {who: sum(cost[who] for cost in costs) for who in _WORKERS}


def growth_markdown(rows: Sequence[Row]) -> str:
    """Each size in a line; empty where growth was not measured."""
    lines = [
        (
            f"{one['employees']:,}",
            str(regions),
            *(number(one[cost]) for cost in ("rank_ms", "board_ms", "fold_ms")),
        )
        for regions, sizes in by_regions(rows).items()
        for one in sizes
    ]
    header = ("employees", "regions", "ranks of one, p50 ms", "board, p50 ms", "fold of 200, p50 ms")
    return table_markdown([header, *lines]) if lines else ""


def comparison_markdown(rows: Sequence[Row]) -> str:
    """Each program in a line, and what it guarantees; empty where they were not compared."""
    lines = [
        (
            row.name.partition(": ")[2],
            number(row.figure),
            str(row.details["wrong_after_two_kills"]),
            row.details["guarantees"],
        )
        for row in rows
        if "guarantees" in row.details
    ]
    header = ("program", "scores/s", "people counted wrong after two kill -9", "what it guarantees")
    return table_markdown([header, *lines]) if lines else ""


def rollout_markdown(rows: Sequence[Row]) -> str:
    """Cores for a country, from what a score costs alone and in a file; empty where neither was measured."""
    costs = {row.name: row.details[_COSTS] for row in rows if _COSTS in row.details}
    return "\n\n".join(_rollout(name.partition(":")[0], cost) for name, cost in costs.items())


def _rollout(kind: str, costs: Mapping[str, float]) -> str:
    needed = needs(costs)
    lines = [
        (name, f"{cost:.2f}", *(f"{need.working[name]:.3f}" for need in needed)) for name, cost in costs.items()
    ]
    total = ("**all**", f"**{sum(costs.values()):.2f}**", *(f"**{sum(n.working.values()):.3f}**" for n in needed))
    have = ("cores to have", "", *(str(need.cores) for need in needed))
    header = ("process", "ms a score", *(f"{need.pattern.words} ({need.rate:.0f}/s)" for need in needed))
    words = (
        f"{kind}: cores at work, {EMPLOYEES:,} employees of {GOVERNMENTS} governments scored once within a week"
    )
    return f"{words}\n\n{table_markdown([header, *lines, total, have])}"


def headlines(rows: Sequence[Row]) -> str:
    """The three figures of the README, each beside its floor."""
    chosen = [(words, [row for row in rows if row.name.startswith(begin)]) for begin, words in _HEADLINES.items()]
    lines = [
        (
            words,
            f"{number(found[-1].figure)} {found[-1].unit}",
            "–" if found[-1].floor is None else number(found[-1].floor),
        )
        for words, found in chosen
        if found
    ]
    return table_markdown([("what", "figure", "floor of the same run"), *lines]) if lines else ""


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


def filled(document: str, parts: Mapping[str, str]) -> str:
    """The document with all parts in their places. Raises ValueError where one has none."""
    for name, content in parts.items():
        document = replaced(document, name, content)
    return document


def parts_of(rows: Sequence[Row], about: Mapping[str, Any]) -> dict[str, str]:
    """Everything that docs/performance.md has a place for."""
    return {
        "run": about_markdown(about),
        "table": markdown(rows),
        "hops": hops_markdown(rows),
        "least": least_markdown(rows),
        "parts": parts_markdown(rows),
        "growth": growth_markdown(rows),
        "comparison": comparison_markdown(rows),
        "rollout": rollout_markdown(rows),
    }
