"""Tables."""

from bench.figures import Limit, Row
from bench.telling import markdown, table

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
