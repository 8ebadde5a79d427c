"""What the log asks for, beside rows that are as they must be, and rows that are not."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from deploy.demo.population.measuring import Rating
from deploy.demo.population.people import Person
from shared.asn.predikat import Ekspektasi
from tests.faults import writes
from tests.faults.expecting import Row, expect
from tests.faults.findings import Finding, Kind, counted
from tests.faults.load import population_of
from tests.faults.log import Log, Receipt
from tests.faults.writes import Request

TOP, MEETS, BELOW = Ekspektasi.DI_ATAS, Ekspektasi.SESUAI, Ekspektasi.DI_BAWAH
EMPLOYEE = uuid4()


@pytest.fixture
def person() -> Person:
    return population_of(1).person(0)


@pytest.fixture
def log(tmp_path: Path, person: Person) -> Iterator[Log]:
    """Of one person: registered, and scored twice for the same year."""
    log = Log(tmp_path / "log.ndjson")
    _acknowledge(log, writes.employees(1, [person]))
    for number, rating in ((2, Rating(2025, TOP, TOP)), (3, Rating(2025, BELOW, MEETS))):
        _acknowledge(log, writes.scores(number, [(person, rating)]))
    yield log
    log.close()


def _acknowledge(log: Log, request: Request) -> None:
    log.acknowledge(request, [Receipt(EMPLOYEE, f"any.topic/{EMPLOYEE}@{request.number}")])


def _rows(person: Person, *numbers: int) -> list[Row]:
    return [
        Row(str(person.nip), "2025", f"F-{number}", UUID(int=number), version)
        for version, number in enumerate(numbers, start=1)
    ]


def _found(log: Log, rows: Sequence[Row]) -> tuple[int, int]:
    findings: list[Finding] = expect(log, rows)[1]
    return counted(findings, Kind.LOST), counted(findings, Kind.DOUBLED)


def test_everything_acknowledged_is_there_once(log: Log, person: Person) -> None:
    expected, findings = expect(log, _rows(person, 2, 3))
    [score] = expected[str(person.nip)].state.performance
    assert findings == []
    assert (expected[str(person.nip)].state.version, score.score_version) == (2, 2)
    assert (score.hasil, score.score_id) == (BELOW, UUID(int=3))


@pytest.mark.parametrize(
    ("numbers", "lost", "doubled"),
    [
        pytest.param([2], 1, 0, id="one is missing"),
        pytest.param([2, 3, 3], 0, 1, id="one is there twice"),
        pytest.param([2, 9, 3], 0, 1, id="one that nobody asked for"),
        pytest.param([3, 2], 1, 0, id="in another order"),
    ],
)
def test_difference_is_counted(log: Log, person: Person, numbers: list[int], lost: int, doubled: int) -> None:
    assert _found(log, _rows(person, *numbers)) == (lost, doubled)


@pytest.mark.parametrize("numbers", [[2, 3], [2, 4, 3], [2, 3, 4]], ids=["not in", "in between", "in at last"])
def test_write_in_doubt_may_be_in_or_not(log: Log, person: Person, numbers: list[int]) -> None:
    log.doubt(writes.scores(4, [(person, Rating(2025, MEETS, MEETS))]))
    expected, findings = expect(log, _rows(person, *numbers))
    [score] = expected[str(person.nip)].state.performance
    assert findings == []
    assert score.score_id == UUID(int=numbers[-1])
    assert expected[str(person.nip)].state.version == len(numbers)


def test_write_in_doubt_may_not_be_in_twice(log: Log, person: Person) -> None:
    log.doubt(writes.scores(4, [(person, Rating(2025, MEETS, MEETS))]))
    assert _found(log, _rows(person, 2, 4, 3, 4)) == (0, 1)
