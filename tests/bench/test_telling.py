"""Tables, and where they stand in a document."""

import pytest

from bench.figures import Limit, Row
from bench.telling import hops_markdown, markdown, replaced, table

MET = Row.of("reads", "ms", [1.0, 1.2, 1.1], [1.0, 1.0, 1.0], load=0.5, limit=Limit("≤ 2 × floor", at_most=2.0))
MISSED = Row.of("rest", "%", [1234.0], load=3.0, limit=Limit("< 5", at_most=5.0, of_ratio=False))


def test_a_table_says_what_is_met_and_what_is_not() -> None:
    header, met, missed = table([MET, MISSED])
    assert header.startswith("what")
    assert met.split("  ")[0] == "reads"
    assert "1.10 ms" in met
    assert "1.00 … 1.20 (3)" in met
    assert "met" in met
    assert "1,234 %" in missed
    assert "MISSED" in missed


def test_the_same_in_markdown() -> None:
    lines = markdown([MET]).splitlines()
    assert lines[1] == "|" + "---|" * lines[0].count(" | ") + "---|"
    assert lines[2] == "| reads | 1.10 ms | 1.00 | 1.10 | 1.00 … 1.20 (3) | ≤ 2 × floor | met | 0.5 |"


def test_hops_come_from_the_row_that_has_them() -> None:
    hops = {"accepted": {"p50": 1.0, "p99": 2.0}}
    row = Row.of("freshness", "ms", [1.0], load=0.0, details={"hops": hops})
    assert hops_markdown([MET, row]).splitlines()[2].endswith("| 1.0 | 2.0 |")
    assert hops_markdown([MET]) == ""


def test_a_part_of_a_document_is_replaced_and_nothing_else() -> None:
    document = "before\n<!-- table -->\nold\n<!-- /table -->\nafter\n"
    assert replaced(document, "table", "new\n") == "before\n<!-- table -->\nnew\n<!-- /table -->\nafter\n"


def test_a_document_without_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match="table"):
        replaced("<!-- table -->", "table", "new")
