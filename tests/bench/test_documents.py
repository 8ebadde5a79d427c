"""What a run writes into docs/performance.md and the README."""

from collections.abc import Callable, Sequence

import pytest

from bench.documents import (
    comparison_markdown,
    filled,
    growth_markdown,
    headlines,
    hops_markdown,
    least_markdown,
    parts_markdown,
    parts_of,
    rollout_markdown,
)
from bench.figures import Row
from bench.least.telling import budget_markdown
from deploy.local.settings import PROJECT

ABOUT = {
    "kind": "full",
    "at": "2026-11-24T17:00:00+00:00",
    "commit": "abc",
    "machine": {
        "processor": "EPYC",
        "cores": 2,
        "memory_gib": 23.5,
        "system": "Linux",
        "python": "3.11.7",
        "load_average_at_start": 0.1,
    },
}
TOGETHER = Row.of(
    "freshness at 200 scores/s",
    "ms",
    [1.0],
    load=0.0,
    details={
        "hops": {"accepted": {"p50": 1.0, "p99": 2.0}},
        "client_ms_per_score": 0.25,
        "rate": 200,
        "together_ms_per_score": {"PostgreSQL": 1.5, "assessment-all": 1.25},
    },
)
APART = Row.of(
    "the same with api and worker apart",
    "ms",
    [1.0],
    load=0.0,
    details={"apart_ms_per_score": {"PostgreSQL": 2.0, "assessment-api": 1.5, "assessment-worker": 0.25}},
)
READS = Row.of("reads", "ms", [1.0, 1.2, 1.1], [1.0, 1.0, 1.0], load=0.5)


def test_hops_come_from_the_row_that_has_them() -> None:
    _, _, hop, _, client, *_ = hops_markdown([READS, TOGETHER]).splitlines()
    assert hop.endswith("| 1.0 | 2.0 |")
    assert client.endswith("0.25 ms of the processor a score, 5.0 % of a core at 200/s.")


def test_what_a_score_costs_is_told_of_one_process_a_service_and_of_two() -> None:
    *_, header, _, database, service, total = hops_markdown([TOGETHER, APART]).splitlines()
    assert header == "| ms of the processor a score | one process a service | api and worker apart |"
    assert database == "| PostgreSQL | 1.50 | 2.00 |"
    assert service == "| assessment | 1.25 | 1.75 |"
    assert total == "| **all** | 2.75 | 3.75 |"
    assert hops_markdown([TOGETHER]).splitlines()[-1] == "| **all** | 2.75 | – |"


def test_the_least_parts_are_told_by_who_works_and_added_up() -> None:
    costs = {
        "rule": {"python": 20.0, "postgresql": 0.0, "kafka": 0.0},
        "row": {"python": 5.0, "postgresql": 10.0, "kafka": 0.5},
    }
    beside = {"index": {"python": 1.0, "postgresql": 5.0, "kafka": 0.0}}
    floor = {"floor": {"python": 10.0, "postgresql": 4.0, "kafka": 1.0}}
    details = {"microseconds": costs, "beside_microseconds": beside, "floor_microseconds": floor}
    row = Row.of("bulk at most", "events/s", [1.0], load=0.0, details=details)
    lines = parts_markdown([READS, row]).splitlines()
    assert lines[0] == "| part | Python | PostgreSQL | Kafka | all, µs |"
    assert lines[3:] == [
        "| row | 5.00 | 10.0 | 0.50 | 15.5 |",
        "| **all of the least** | 25.0 | 10.0 | 0.50 | 35.5 |",
        "| index | 1.00 | 5.00 | 0.00 | 6.00 |",
        "| **all** | 26.0 | 15.0 | 0.50 | 41.5 |",
        "| the floor of bulk, for comparison | 10.0 | 4.00 | 1.00 | 15.0 |",
    ]


def test_the_least_chain_is_told_by_hop_and_by_process_beside_the_services() -> None:
    hops = {"answered": {"p50": 1.0, "p99": 2.0}}
    costs = {"PostgreSQL": 1.0, "assessment-api": 0.25}
    bare = {"least_hops": hops, "least_ms_per_score": costs}
    least = Row.of("freshness at best", "ms", [1.0], load=0.0, details=bare)
    asked = Row.of("asked", "ms", [1.0], load=0.0, details={"asked_ms_per_score": {**costs, "PostgreSQL": 1.75}})
    framed = Row.of(
        "framed", "ms", [1.0], load=0.0, details={"framed_ms_per_score": {**costs, "assessment-api": 0.5}}
    )
    lines = least_markdown([READS, TOGETHER, APART, least, asked, framed]).splitlines()
    assert lines[2] == "| due → its answer has reached the caller | 1.0 | 2.0 |"
    assert lines[-3:] == [
        "| PostgreSQL | 1.00 | 1.75 | 1.00 | – | 2.00 |",
        "| assessment-api | 0.25 | 0.25 | 0.50 | – | 1.50 |",
        "| **all of these** | 1.25 | 2.00 | 1.50 | – | 3.50 |",
    ]
    assert least_markdown([least]).splitlines()[-1] == "| **all of these** | 1.25 | – | – | – | – |"


def test_growth_is_told_by_regions_and_size() -> None:
    def sized(employees: int, regions: int) -> Row:
        costs = {"rank_ms": 1.0, "board_ms": 2.0, "fold_ms": 30.0}
        return Row.of("rank", "ms", [1.0], load=0, details={"employees": employees, "regions": regions, **costs})

    lines = growth_markdown([sized(200, 36), sized(20, 546), READS, sized(20, 36)]).splitlines()
    assert [line.split(" | ")[:2] for line in lines[2:]] == [["| 20", "36"], ["| 200", "36"], ["| 20", "546"]]
    assert lines[2].endswith("| 1.00 | 2.00 | 30.0 |")


def test_each_program_stands_with_what_it_guarantees_and_what_was_wrong() -> None:
    details = {"guarantees": "exactly once", "wrong_after_two_kills": 0}
    row = Row.of("the same small job: Ours", "scores/s", [25_000.0], load=0.0, details=details)
    assert comparison_markdown([READS, row]).splitlines()[2] == "| Ours | 25,000 | 0 | exactly once |"


def test_a_country_needs_what_its_scores_cost_by_their_kind() -> None:
    costs = {"bulk_ms_per_score": {"assessment-api": 6.0, "PostgreSQL": 4.0}}
    bulk = Row.of("bulk: import", "events/s", [1.0], load=0.0, details=costs)
    lines = rollout_markdown([READS, bulk]).splitlines()
    assert lines[0].startswith("bulk: cores at work, 5,600,000 employees of 546 governments")
    assert lines[-3].startswith("| PostgreSQL | 4.00 | 0.037 |")
    assert lines[-2].startswith("| **all** | **10.00** | **0.093** | **0.389** | **1.944** |")
    assert lines[-1] == "| cores to have |  | 1 | 1 | 4 |"
    alone, in_a_file = rollout_markdown([TOGETHER, APART, bulk]).split("\n\n")[::2]
    assert (alone.partition(":")[0], in_a_file.partition(":")[0]) == ("single scores", "bulk")


def test_the_readme_tells_the_figures_that_matter_most_and_of_several_sizes_the_last() -> None:
    ranks = [
        Row.of(f"rank of one among {size}", "ms", [ms], [0.5], load=0.0) for size, ms in (("10", 1), ("20", 2))
    ]
    lines = headlines([READS, *ranks]).splitlines()
    assert lines[2:] == ["| all ranks of one person over HTTP, p50 | 2.00 ms | 0.50 |"]


@pytest.mark.parametrize(
    "part",
    [
        hops_markdown,
        least_markdown,
        budget_markdown,
        parts_markdown,
        growth_markdown,
        comparison_markdown,
        rollout_markdown,
        headlines,
    ],
)
def test_what_was_not_measured_leaves_its_place_empty(
    part: Callable[[Sequence[Row]], str],
) -> None:
    assert part([READS]) == ""


def test_a_part_of_a_document_is_replaced_and_nothing_else() -> None:
    document = "before\n<!-- table -->\nold\n<!-- /table -->\nafter\n"
    assert filled(document, {"table": "new\n"}) == "before\n<!-- table -->\nnew\n<!-- /table -->\nafter\n"


def test_a_document_without_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match="table"):
        filled("<!-- table -->", {"table": "new"})


def test_both_documents_have_all_places() -> None:
    parts = parts_of([READS], ABOUT)
    assert "| reads | 1.10 ms |" in filled((PROJECT / "docs" / "performance.md").read_text(), parts)
    assert "new" in filled((PROJECT / "README.md").read_text(), {"figures": "new"})
