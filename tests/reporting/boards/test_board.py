"""The public board over HTTP, and the rows behind it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx

from services.reporting.boards.rules import policy_in_force
from services.reporting.boards.service import apply_policy
from shared.db.session import Database
from shared.events.envelope import Cause
from shared.events.placement import TalentState
from shared.http.after import token_of
from tests.reporting.conftest import FoldAll, Project
from tests.reporting.people import CAUSE, person, state_of


def region_of(code: str, first: int, people: int = 10, **changes: Any) -> list[TalentState]:
    return [state_of(first + number, region=code, **changes) for number in range(people)]


async def _board(client: httpx.AsyncClient, **headers: str) -> dict[str, Any]:
    answer = await client.get("/v1/boards/merit", headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_regions_are_ranked_and_equal_ones_equally(
    project: Project, fold_all: FoldAll, public: httpx.AsyncClient
) -> None:
    await project(
        [
            *region_of("33.01", 0),
            *region_of("33.74", 100),
            *region_of("33", 200, y=95),
            *region_of("33.02", 300, y=10),
        ]
    )
    await fold_all()
    board = await _board(public)
    assert [(region["region_code"], region["rank"]) for region in board["regions"]] == [
        ("33", 1),
        ("33.01", 2),
        ("33.74", 2),
        ("33.02", 4),
    ]
    semarang = board["regions"][2]
    assert (semarang["type"], semarang["name"]) == ("Kota", "Semarang")
    # (30 × 90 + 25 × 80.5 + 20 × 100) / 75 / 100 = 0.895; of ten people one can move it by 0.1.
    assert (semarang["index"], semarang["band"]) == (0.8, "TINGGI")
    assert (semarang["scale_400"], semarang["category"], semarang["coverage"]) == (320.0, "SANGAT_BAIK", 100.0)
    assert semarang["components"][0] == {
        "code": "performance",
        "numerator": None,
        "denominator": 10,
        "value": 90.0,
        "weight": 30,
        "applied_weight": 40.0,
        "dropped": None,
        "suppressed": False,
    }
    assert semarang["components"][4]["dropped"]["code"] == "not_measured_yet"
    assert semarang["counts"] == dict.fromkeys(
        ("active", "with_value", "with_x", "with_y", "boxed", "in_pool"), 10
    )
    assert board["policy"]["policy_id"] == "merit-default-1"


async def test_a_region_with_too_few_boxes_is_listed_without_a_rank(
    project: Project,
    fold_all: FoldAll,
    public: httpx.AsyncClient,
) -> None:
    await project([*region_of("33.01", 0), *region_of("33.74", 100, 6), *region_of("33.74", 200, 7, box=None)])
    await fold_all()
    first, last = (await _board(public))["regions"]
    assert (first["region_code"], first["rank"]) == ("33.01", 1)
    assert (last["region_code"], last["rank"], last["unranked_reason"]["code"]) == (
        "33.74",
        None,
        "coverage_too_low",
    )
    assert last["unranked_reason"]["text"]["id"].startswith("Terlalu sedikit ASN aktif")


async def test_a_board_of_nobody_is_empty(public: httpx.AsyncClient, database: Database) -> None:
    assert (await _board(public))["regions"] == []


async def test_numbers_of_very_few_people_are_withheld_from_the_public(
    project: Project,
    fold_all: FoldAll,
    public: httpx.AsyncClient,
    province: httpx.AsyncClient,
) -> None:
    await project([*region_of("33.01", 0, 4), *region_of("33.74", 100, 8), *region_of("33.74", 200, 2, y=None)])
    await project(
        [state_of(100, 2, y=None, in_pool=True), *(state_of(101 + n, 2, in_pool=False) for n in range(5))]
    )
    await fold_all()
    regions = {region["region_code"]: region for region in (await _board(public))["regions"]}
    few = regions["33.01"]
    assert set(few["counts"].values()) == {None}
    assert {few[name] for name in ("coverage", "rank", "index", "band", "scale_400", "category")} == {None}
    assert few["unranked_reason"]["code"] == "too_few_people"
    assert all(part["suppressed"] and part["value"] is None for part in few["components"][:3])
    assert regions["33.74"]["counts"] == {
        "active": 10,
        "with_value": 10,
        "with_x": 10,
        "with_y": 5,
        "boxed": 10,
        "in_pool": 5,
    }
    assert regions["33.74"]["rank"] == 1
    standing = (await province.get("/v1/regions/33.01/standing")).json()
    assert (standing["counts"]["active"], standing["index"], standing["rank"]) == (4, 0.895, 1)
    assert standing["components"][0]["numerator"] == 360.0
    assert not any(part["suppressed"] for part in standing["components"])


async def test_an_unchanged_board_is_304(project: Project, fold_all: FoldAll, public: httpx.AsyncClient) -> None:
    await project(region_of("33.01", 0))
    await fold_all()
    first = await public.get("/v1/boards/merit")
    etag = first.headers["ETag"]
    assert not etag.startswith("W/")
    again = await public.get("/v1/boards/merit", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert (await public.get("/v1/boards/merit")).content == first.content

    # Told again, or moved in nothing but its version: the same board.
    await project([*region_of("33.01", 0), state_of(0, 2, region="33.01")])
    await fold_all()
    assert (await public.get("/v1/boards/merit", headers={"If-None-Match": etag})).status_code == 304

    await project([state_of(0, 3, region="33.01", y=10)])
    await fold_all()
    moved = await public.get("/v1/boards/merit", headers={"If-None-Match": etag})
    assert moved.status_code == 200
    assert moved.json()["revision"] == first.json()["revision"] + 1
    assert moved.headers["ETag"] != etag


async def test_only_rows_whose_content_changes_are_written(
    project: Project,
    fold_all: FoldAll,
    connection: Any,
) -> None:
    await project([*region_of("33.01", 0), *region_of("33.74", 100, y=80), *region_of("33.02", 200, y=10)])
    await fold_all()
    versions = "SELECT region, version FROM derived.board_row ORDER BY region"
    assert [tuple(row) for row in await connection.fetch(versions)] == [("33.01", 1), ("33.02", 1), ("33.74", 1)]
    await project([state_of(200, 2, region="33.02", y=11)])
    await fold_all()
    assert [tuple(row) for row in await connection.fetch(versions)] == [("33.01", 1), ("33.02", 2), ("33.74", 1)]
    # 33.74 overtakes 33.01, whose own numbers stay.
    later = Cause(CAUSE.origin_time + timedelta(seconds=9), ("performance-score/z",))
    await project([state_of(100 + number, 2, y=100) for number in range(10)], later)
    await fold_all()
    assert [tuple(row) for row in await connection.fetch(versions)] == [("33.01", 2), ("33.02", 2), ("33.74", 2)]
    overtaken = await connection.fetchrow("SELECT rank, causes FROM derived.board_row WHERE region = '33.01'")
    assert (overtaken["rank"], overtaken["causes"][-1]) == (2, "performance-score/z")


async def test_everybody_has_left(project: Project, fold_all: FoldAll, public: httpx.AsyncClient) -> None:
    await project([state_of(0)])
    await fold_all()
    await project([state_of(0, 2, active=False)])
    await fold_all()
    [region] = (await _board(public))["regions"]
    assert (region["index"], region["rank"], region["band"]) == (None, None, None)
    assert region["unranked_reason"]["code"] == "no_active_employees"
    assert [part["dropped"]["code"] for part in region["components"][:3]] == ["nobody_measured"] * 3


async def test_a_new_policy_moves_the_whole_board_by_itself(
    project: Project,
    fold_all: FoldAll,
    database: Database,
    connection: Any,
) -> None:
    await project([*region_of("33.01", 0), *region_of("33.74", 100, y=80)])
    await fold_all()
    before = await connection.fetchval("SELECT number FROM derived.revision")
    async with database.transaction() as session:
        await apply_policy(session, policy_in_force())
    assert await connection.fetchval("SELECT number FROM derived.revision") == before

    # As if another policy had computed these rows.
    await connection.execute("UPDATE derived.board_row SET policy_id = 'older', index = 0.1")
    async with database.transaction() as session:
        await apply_policy(session, policy_in_force())
    rows = await connection.fetch(
        "SELECT policy_id, index, rank, version, causes FROM derived.board_row ORDER BY region"
    )
    assert {(row["policy_id"], row["version"]) for row in rows} == {("merit-default-1", 2)}
    assert [row["rank"] for row in rows] == [1, 2]
    assert rows[0]["causes"][-1] == "merit-policy/merit-default-1"
    assert await connection.fetchval("SELECT number FROM derived.revision") == before + 1


async def test_a_fold_after_an_update_leaves_no_region_to_the_older_policy(
    project: Project,
    fold_all: FoldAll,
    connection: Any,
) -> None:
    await project([*region_of("33.01", 0), *region_of("33.74", 100, y=80)])
    await fold_all()
    await connection.execute("UPDATE derived.board_row SET policy_id = 'older', index = 0.1")
    await project(region_of("33.02", 200))
    await fold_all()
    rows = await connection.fetch("SELECT policy_id, index FROM derived.board_row")
    assert {row["policy_id"] for row in rows} == {"merit-default-1"}
    assert Decimal("0.1") not in {row["index"] for row in rows}


async def test_reading_after_ones_own_write(
    project: Project, fold_all: FoldAll, public: httpx.AsyncClient
) -> None:
    await project([state_of(1, 3)])
    after = {"Talenta-After": token_of("assessment.results", person(1), 3)}
    pending = await public.get("/v1/boards/merit", headers=after)
    assert (pending.status_code, pending.headers["Retry-After"]) == (202, "1")
    await fold_all()
    assert (await public.get("/v1/boards/merit", headers=after)).status_code == 200
