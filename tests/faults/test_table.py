"""The table of docs/reliability.md."""

from pathlib import Path

import pytest

from tests.faults.findings import Finding, Kind, compared
from tests.faults.table import BEGIN, DOCUMENT, END, write_table
from tests.faults.trial import Outcome

OUTCOMES = [
    Outcome("a fault", 1234, 1.25, []),
    Outcome("another", 10, 0.5, [*compared("here", "rows", 1, 4), Finding(Kind.LOST, "there", "row", 1, None)]),
]


def test_table_stands_between_its_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    document = tmp_path / "reliability.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    for _ in range(2):
        write_table(OUTCOMES, "c0ffee", "Left out: this.", document)
    text = document.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"\n{END}\nafter\n")
    assert "old" not in text
    assert "| a fault | 1,234 | 0 | 0 | 1.2 |" in text
    assert "| another | 10 | 1 | 3 | 0.5 |" in text
    assert "| **all** | 1,244 | 1 | 3 | 1.2 at most |" in text
    assert "seed `c0ffee`" in text
    assert "Left out: this." in text


def test_document_without_a_place_for_it_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "reliability.md"
    document.write_text("nothing here\n")
    with pytest.raises(ValueError, match="no place"):
        write_table(OUTCOMES, "c0ffee", "Left out: this.", document)


def test_our_own_document_has_a_place_for_it() -> None:
    text = DOCUMENT.read_text()
    assert text.index(BEGIN) < text.index(END)
