"""Copies, sums and histograms are added up again from the people."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from services.reporting.verification import service
from services.reporting.verification.service import examine_copies, examine_histograms, examine_sums
from shared.db.session import Database
from shared.verification.differences import Kind
from shared.verification.examination import Examination
from tests.reporting.conftest import FoldAll, Project
from tests.reporting.people import drawn, person, seeded, state_of

CHECKS: Final = (examine_copies, examine_sums, examine_histograms)


async def examine(check: Callable[[Examination], Awaitable[None]], database: Database) -> Examination:
    examination = Examination("derived", database)
    await check(examination)
    return examination


def found(examination: Examination) -> list[tuple[Kind, str, str, set[str]]]:
    return [(one.kind, one.of, one.key, set(one.fields)) for one in examination.differences]


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SLICE", 7)


async def _people(project: Project, *, version: int = 1, seed: int = 1) -> None:
    chance = seeded(seed)
    await project([drawn(chance, number, version) for number in range(40)])


@pytest.mark.parametrize("check", CHECKS)
async def test_untouched_nothing_differs_whoever_moved(
    database: Database, project: Project, fold_all: FoldAll, check: Any
) -> None:
    assert (await examine(check, database)).count == 0
    for version in (1, 2, 3):
        await _people(project, version=version, seed=version)
        # What is not folded yet bears a mark, and counts nowhere.
        assert found(await examine(check, database)) == []
        await fold_all()
        examination = await examine(check, database)
        assert found(examination) == []
        assert examination.compared > 0


async def test_a_standing_that_lost_its_mark_is_found(
    database: Database, project: Project, fold_all: FoldAll, connection: Any
) -> None:
    await _people(project)
    await fold_all()
    await project([drawn(seeded(2), 3, 2), drawn(seeded(3), 50, 1)])
    await connection.execute("TRUNCATE derived.dirty")
    kinds = {(kind, key): fields for kind, _, key, fields in found(await examine(examine_copies, database))}
    assert kinds.keys() == {(Kind.DERIVATION, str(person(3))), (Kind.MISSING, str(person(50)))}
    assert "version" in kinds[Kind.DERIVATION, str(person(3))]


async def test_a_copy_without_a_standing_is_found(
    database: Database, project: Project, fold_all: FoldAll, connection: Any
) -> None:
    await _people(project)
    await fold_all()
    await connection.execute("DELETE FROM derived.standing WHERE employee_id = $1", person(3))
    assert [one[:3] for one in found(await examine(examine_copies, database))] == [
        (Kind.UNKNOWN, "derived", str(person(3)))
    ]


async def test_a_copy_of_the_same_version_that_says_something_else_is_found_though_marked(
    database: Database, project: Project, fold_all: FoldAll, connection: Any
) -> None:
    await _people(project)
    await fold_all()
    await connection.execute("UPDATE derived.folded SET unit_id = 'x' WHERE employee_id = $1", person(3))
    await connection.execute("INSERT INTO derived.dirty (employee_id) VALUES ($1)", person(3))
    assert found(await examine(examine_copies, database)) == [
        (Kind.DERIVATION, "derived", str(person(3)), {"unit_id"})
    ]


async def test_rows_of_the_board_that_are_missing_or_too_many_are_found(
    database: Database, project: Project, fold_all: FoldAll, connection: Any
) -> None:
    await _people(project)
    await fold_all()
    first = await connection.fetchval("SELECT min(region) FROM derived.board_row")
    await connection.execute("UPDATE derived.board_row SET region = '99.99' WHERE region = $1", first)
    assert found(await examine(examine_sums, database)) == [
        (Kind.MISSING, "derived.board_row", first, set()),
        (Kind.UNKNOWN, "derived.board_row", "99.99", set()),
    ]


async def test_a_row_that_claims_to_be_published_beyond_its_version_is_found(
    database: Database, project: Project, fold_all: FoldAll, connection: Any
) -> None:
    await _people(project)
    await fold_all()
    [version] = await connection.fetchrow(
        "UPDATE derived.board_row SET published_version = version + 5 WHERE region = '33.74' RETURNING version"
    )
    examination = await examine(examine_sums, database)
    assert found(examination) == [(Kind.DERIVATION, "derived.board_row", "33.74", {"published_version"})]
    assert examination.differences[0].fields == {"published_version": (version, version + 5)}


async def test_a_board_of_another_policy_is_told_as_such(
    database: Database, project: Project, fold_all: FoldAll, connection: Any
) -> None:
    await _people(project)
    await fold_all()
    await connection.execute("UPDATE derived.board_row SET policy_id = 'merit-other'")
    examination = await examine(examine_sums, database)
    assert examination.count == await connection.fetchval("SELECT count(*) FROM derived.board_row")
    assert {tuple(one.fields) for one in examination.differences} == {("policy_id",)}
    assert all("within a minute" in one.cause for one in examination.differences)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ("total = total + 1", {"total of block {block}"}),
        ("counts = array_fill(0, ARRAY[100]), total = 0", None),
    ],
)
async def test_a_block_that_was_changed_by_hand_is_found(
    database: Database, project: Project, fold_all: FoldAll, connection: Any, change: str, fields: set[str] | None
) -> None:
    await _people(project)
    await fold_all()
    block = await connection.fetchval(
        "SELECT min(block) FROM derived.value_histogram WHERE scope = 'nation' AND total > 0"
    )
    await connection.execute(
        f"UPDATE derived.value_histogram SET {change} WHERE scope = 'nation' AND block = $1", block
    )
    [(kind, _, scope, differing)] = found(await examine(examine_histograms, database))
    assert (kind, scope) == (Kind.DERIVATION, "nation")
    expected = fields and {field.format(block=block) for field in fields}
    assert differing == expected if expected else all(value.startswith(f"{block}.") for value in differing)


@pytest.mark.parametrize("scope", ["blocks/region/33.74", "blocks/province/33", "blocks/nation"])
@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ("counts[8] = counts[8] + 1, total = total + 1", {"block 7"}),
        ("total = total + 1", {"total of block 0"}),
        ("counts = array_fill(0, ARRAY[101])", None),
    ],
)
async def test_a_row_of_blocks_that_was_changed_by_hand_is_found(
    *,
    database: Database,
    project: Project,
    fold_all: FoldAll,
    connection: Any,
    scope: str,
    change: str,
    fields: set[str] | None,
) -> None:
    await _people(project)
    await fold_all()
    await connection.execute(f"UPDATE derived.value_histogram SET {change} WHERE scope = $1", scope)
    [(kind, _, key, differing)] = found(await examine(examine_histograms, database))
    assert (kind, key) == (Kind.DERIVATION, scope)
    assert differing == fields if fields else "total of block 0" in differing and len(differing) > 1


async def test_a_row_of_blocks_that_is_missing_or_one_too_many_is_found(
    database: Database, project: Project, fold_all: FoldAll, connection: Any
) -> None:
    await _people(project)
    await fold_all()
    await connection.execute("DELETE FROM derived.value_histogram WHERE scope = 'blocks/nation'")
    level = await connection.fetchval("""
        INSERT INTO derived.value_histogram SELECT 'blocks/' || scope, 0, total, counts
        FROM derived.value_histogram WHERE scope LIKE 'region/%/%' AND total > 0 LIMIT 1 RETURNING scope
    """)
    told = found(await examine(examine_histograms, database))
    assert sorted((kind, key) for kind, _, key, _ in told) == sorted(
        [(Kind.DERIVATION, "blocks/nation"), (Kind.DERIVATION, level)]
    )


async def test_who_is_folded_meanwhile_as_the_first_of_his_region_is_no_difference(
    database: Database, project: Project, fold_all: FoldAll
) -> None:
    await _people(project)
    await fold_all()

    class Meanwhile(Examination):
        async def went_through(self, count: int) -> None:
            if not self.compared:
                await project([state_of(100, 1, region="34.04")])
                await fold_all()
            await super().went_through(count)

    examination = Meanwhile("derived", database)
    await examine_histograms(examination)
    assert found(examination) == []


async def test_a_histogram_that_nobody_can_be_in_is_found(
    database: Database, project: Project, fold_all: FoldAll, connection: Any
) -> None:
    await _people(project)
    await fold_all()
    await connection.execute(
        "INSERT INTO derived.value_histogram VALUES ('region/99.99', 1, 0, array_fill(0, ARRAY[100]))"
    )
    assert found(await examine(examine_histograms, database)) == [(Kind.UNKNOWN, "derived", "region/99.99", set())]
