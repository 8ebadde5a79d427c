"""A population means the same in Python and in SQL, and nothing means nobody."""

from typing import Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Select, Table, Text, Uuid, select, values

from shared.asn.region import covers, province_of
from shared.auth.caller import Population, covered
from shared.db.session import Database, driver_of

IDS: Final = [UUID(int=number) for number in range(3)]
CODES: Final = ["33", "33.01", "33.74", "32", "32.01", "34.71"]
UNITS: Final = ["dinkes", "bkd", None]
PEOPLE: Final = [(code, unit, one) for code in CODES for unit in UNITS for one in IDS]
POPULATIONS: Final = st.builds(
    Population,
    regions=st.lists(st.sampled_from([*CODES, "33.*", "32.*", "34.*"]), max_size=3).map(tuple),
    units=st.lists(st.sampled_from(["dinkes", "bkd", "other"]), max_size=2).map(tuple),
    employee_id=st.one_of(st.none(), st.sampled_from(IDS)),
)
PERSON: Final = Table("person", MetaData(), Column("region", Text), Column("unit_id", Text), Column("id", Uuid))


def expected(population: Population) -> set[tuple[str, str | None, UUID]]:
    return {one for one in PEOPLE if population.covers(region=one[0], unit_id=one[1], employee_id=one[2])}


def people() -> Select[str, str | None, UUID]:
    rows = values(*PERSON.columns, name="person").data(PEOPLE)
    return select(rows.c.region, rows.c.unit_id, rows.c.id)


@limits(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(population=POPULATIONS)
async def test_condition_and_python_let_the_same_people_through(
    database: Database, population: Population
) -> None:
    statement = people()
    region, unit, employee = statement.selected_columns
    async with database.engine.connect() as connection:
        rows = await connection.execute(statement.where(population.condition(region, unit, employee)))
        assert {tuple(row) for row in rows} == expected(population)


@limits(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(population=POPULATIONS)
async def test_covered_and_python_let_the_same_people_through(database: Database, population: Population) -> None:
    statement = f"""
        SELECT region, unit_id, employee_id FROM unnest($1::text[], $6::text[], $7::uuid[])
            AS person (region, unit_id, employee_id)
        WHERE {covered("person")}
    """
    regions, unit_ids, ids = map(list, zip(*PEOPLE, strict=True))
    async with database.reading() as session:
        driver = await driver_of(session)
        rows = await driver.fetch(statement, regions, *population.arrays(), unit_ids, ids)
    assert {tuple(row) for row in rows} == expected(population)


async def test_empty_population_is_nobody(database: Database) -> None:
    statement = people()
    async with database.engine.connect() as connection:
        rows = await connection.execute(statement.where(Population().condition(*statement.selected_columns)))
        assert list(rows) == []
    assert not any(Population().covers_region(code) for code in CODES)


def test_table_without_a_column_is_not_widened_by_it() -> None:
    region = PERSON.c.region
    for population in (Population(units=("dinkes",)), Population(employee_id=IDS[0])):
        assert str(population.condition(region)) == str(Population().condition(region))


@given(st.sampled_from(["33", "33.74", "33.*", "32.*"]), st.sampled_from(CODES))
def test_pattern_covers_as_it_is_spelled(pattern: str, code: str) -> None:
    whole_province = pattern.endswith(".*") and province_of(code) == pattern[:2]
    assert covers(pattern, code) == (whole_province or code == pattern)


@pytest.mark.parametrize(
    ("pattern", "code", "covered"),
    [
        ("33", "33", True),
        ("33", "33.74", False),
        ("33.*", "33", True),
        ("33.*", "33.01", True),
        ("33.*", "32", False),
    ],
)
def test_province_alone_is_its_own_government(pattern: str, code: str, *, covered: bool) -> None:
    assert Population(regions=(pattern,)).covers_region(code) == covered
