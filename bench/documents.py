"""The parts of docs/performance.md and of the README that a run fills, as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bench.figures import Row
from bench.freshness.hops import HOPS
from bench.growth.measuring import by_regions
from bench.least.budget import ASKED_AT_ONCE, ASKED_GATHERED, FRAMED_AT_ONCE
from bench.least.running import BARE_HOPS
from bench.least.telling import budget_markdown
from bench.rollout import EMPLOYEES, GOVERNMENTS, needs
from bench.telling import markdown, number, table_markdown

_WORKERS: Final = {"python": "Python", "postgresql": "PostgreSQL", "kafka": "Kafka"}
_APART: Final = "apart_ms_per_score"
_ROLLED_OUT: Final = {"single scores": _APART, "bulk": "bulk_ms_per_score"}
"""Where the costs of a score stand by how it comes, in both with api and worker apart, as in production."""
_HEADLINES: Final = {
    "freshness at ": "a score accepted → box and regional rank to be read over HTTP, p99 at 200 scores a second",
    "bulk: ": "score import over HTTP to an exact board",
    "rank of one among ": "all ranks of one person over HTTP, p50",
}
"""By how their row's name begins: the figures that matter most. Of several rows the last one counts."""


def hops_markdown(rows: Sequence[Row]) -> str:
    """Where the time of a score goes; empty where freshness was not measured."""
    details = _details(rows, "hops")
    if not details:
        return ""
    table = _hops(HOPS, details["hops"])
    client, rate = details["client_ms_per_score"], details["rate"]
    share = f"{number(client)} ms of the processor a score, {client * rate / 10:.1f} % of a core"
    client_words = f"The bench's own client, which posts and watches on the same cores, took {share} at {rate}/s."
    costs = _both_forms(details["together_ms_per_score"], _details(rows, _APART).get(_APART))
    return f"{table}\n\n{client_words}\n\n{costs}"


def _both_forms(together: Mapping[str, float], apart: Mapping[str, float] | None) -> str:
    """What a score costs with one process a service, and with two, which are added up."""
    one, two = _by_service(together), _by_service(apart or {})
    lines = [(name, number(cost), number(two[name]) if name in two else "–") for name, cost in one.items()]
    total = ("**all**", number(sum(one.values())), number(sum(two.values())) if two else "–")
    header = ("ms of the processor a score", "one process a service", "api and worker apart")
    return table_markdown([header, *lines, total])


def _by_service(costs: Mapping[str, float]) -> dict[str, float]:
    summed: dict[str, float] = {}
    for process, cost in costs.items():
        service = process.partition("-")[0]
        summed[service] = summed.get(service, 0.0) + cost
    return summed


def _details(rows: Sequence[Row], key: str) -> Mapping[str, Any]:
    """Of the row that has this among its details; none where no row has."""
    return next((row.details for row in rows if key in row.details), {})


def _hops(words: Mapping[str, str], taken: Mapping[str, Mapping[str, float]]) -> str:
    lines = [(words[name], f"{times['p50']:.1f}", f"{times['p99']:.1f}") for name, times in taken.items()]
    return table_markdown([("hop", "p50 ms", "p99 ms"), *lines])


def least_markdown(rows: Sequence[Row]) -> str:
    """What the least chain costs by hop and by process, beside Talenta's own; empty where it was not measured."""
    details = _details(rows, "least_hops")
    if not details:
        return ""
    costs: dict[str, float] = details["least_ms_per_score"]
    beside = (ASKED_AT_ONCE, FRAMED_AT_ONCE, ASKED_GATHERED, _APART)
    columns = (costs, *(_details(rows, key).get(key, {}) for key in beside))
    lines = [(name, *(number(each[name]) if name in each else "–" for each in columns)) for name in costs]
    sums = [number(sum(each[name] for name in costs)) if each else "–" for each in columns]
    header = (
        "ms of the processor a score",
        "least",
        "all that is asked",
        "the same, APIs in FastAPI",
        "asked, gathered",
        "Talenta, gathered",
    )
    table = table_markdown([header, *lines, ("**all of these**", *sums)])
    return f"{_hops(BARE_HOPS, details['least_hops'])}\n\n{table}"


def parts_markdown(rows: Sequence[Row]) -> str:
    """What the least parts of one score cost, each in a line; empty where they were not measured."""
    details = _details(rows, "microseconds")
    if not details:
        return ""
    costs: dict[str, dict[str, float]] = details["microseconds"]
    beside: dict[str, dict[str, float]] = details["beside_microseconds"]
    least = [*map(_part, costs, costs.values()), _part("**all of the least**", _summed(costs.values()))]
    more = [*map(_part, beside, beside.values()), _part("**all**", _summed([*costs.values(), *beside.values()]))]
    floor = _part("the floor of bulk, for comparison", details["floor_microseconds"]["floor"])
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
    costs = {kind: _details(rows, key).get(key) for kind, key in _ROLLED_OUT.items()}
    return "\n\n".join(_rollout(kind, cost) for kind, cost in costs.items() if cost)


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
        "budget": budget_markdown(rows),
        "parts": parts_markdown(rows),
        "growth": growth_markdown(rows),
        "comparison": comparison_markdown(rows),
        "rollout": rollout_markdown(rows),
    }
