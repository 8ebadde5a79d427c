"""The verification of whole databases: silent when all is as it must be, and finding what is planted."""

import pytest

from deploy.demo.installation.stored import Stored
from deploy.demo.population.people import Population
from deploy.demo.recomputation.expected import Inputs
from deploy.demo.verification import verifying
from deploy.demo.verification.verifying import Report, verify_databases
from tests.deploy.demo.as_it_must_be import INPUTS, TODAY, Filled


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "_PAUSE", 0)
    monkeypatch.setattr(verifying, "_LOOKS", 2)


async def verified(filled: Filled, inputs: Inputs = INPUTS) -> Report:
    async with Stored(filled.urls) as stored:
        report, _ = await verify_databases(stored, inputs, TODAY, lambda _line: None)
    return report


async def test_databases_as_they_must_be_show_no_difference(filled: Filled) -> None:
    report = await verified(filled)
    assert report.first == []
    assert report.compared["pegawai / employees"] == 300
    assert report.compared["peringkat / ranks"] > 300


@pytest.mark.parametrize(
    ("service", "plant", "repair", "found"),
    [
        pytest.param(
            "placement",
            "UPDATE derived.talent SET x = x + 0.0001 WHERE x = (SELECT max(x) FROM derived.talent)",
            "UPDATE derived.talent SET x = x - 0.0001 WHERE x = (SELECT max(x) FROM derived.talent)",
            "x is",
            id="x of a person",
        ),
        pytest.param(
            "reporting",
            "UPDATE derived.folded SET version = version - 1",
            "UPDATE derived.folded SET version = version + 1",
            "version is 1",
            id="version folded",
        ),
        pytest.param(
            "reporting",
            "UPDATE derived.region_tally SET with_y = with_y + 1 WHERE region = '33.74'",
            "UPDATE derived.region_tally SET with_y = with_y - 1 WHERE region = '33.74'",
            "tally 33.74: with_y",
            id="a sum",
        ),
        pytest.param(
            "reporting",
            "UPDATE derived.value_histogram SET counts[1] = counts[1] + 1 WHERE scope = 'nation'",
            "UPDATE derived.value_histogram SET counts[1] = counts[1] - 1 WHERE scope = 'nation'",
            "ranks in nation",
            id="a histogram",
        ),
        pytest.param(
            "reporting",
            "UPDATE derived.board_row SET index = index + 0.000001 WHERE region = '33.74'",
            "UPDATE derived.board_row SET index = index - 0.000001 WHERE region = '33.74'",
            "board 33.74: index",
            id="the board",
        ),
    ],
)
async def test_a_planted_difference_is_found(
    filled: Filled, service: str, plant: str, repair: str, found: str
) -> None:
    await filled.execute(service, plant)
    try:
        report = await verified(filled)
    finally:
        await filled.execute(service, repair)
    assert report.differences
    assert any(found in str(difference) for difference in report.first)


async def test_a_score_that_did_not_arrive_is_found(filled: Filled) -> None:
    person = next(each for each in INPUTS.population.people() if each.ratings[0] != each.ratings[1])
    amended = Inputs(INPUTS.population, {person.index: (person.ratings[1], person.ratings[1])})
    report = await verified(filled, amended)
    assert report.differences


async def test_somebody_too_many_is_found(filled: Filled) -> None:
    fewer = Population(299, INPUTS.population.on)
    report = await verified(filled, Inputs(fewer, {}))
    assert any(difference.where == "rows" for difference in report.first) or report.differences > len(report.first)


async def test_the_report_shows_the_first_differences_and_counts_all(filled: Filled) -> None:
    await filled.execute("reporting", "UPDATE derived.folded SET version = version - 1")
    try:
        report = await verified(filled)
    finally:
        await filled.execute("reporting", "UPDATE derived.folded SET version = version + 1")
    assert report.differences == 300
    lines = list(report.lines())
    assert lines[0].endswith("300 beda / differ")
    assert "  300 pegawai / employees" in lines
    assert sum("version is 1, recomputed 2" in line for line in lines) == 20
    assert lines[-1].endswith(": 280")
