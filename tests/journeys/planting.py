"""Rows of an installation changed by hand, one at a time, and what `verify` must then find."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from shared.verification.differences import Kind
from tests.journeys.people import People
from tests.service import connected

KEYS: Final = {
    "source.nip_subject": "nip",
    "derived.region_tally": "region",
    "derived.board_row": "region",
    "derived.value_histogram": "scope, block",
}
"""Primary keys; of all others it is the employee's id."""
Found = tuple[Kind, str, set[str]]
"""Kind of a difference, of what, and which fields."""

A_ROW: Final = "employee_id = (SELECT min(employee_id::text)::uuid FROM {table} WHERE {where})"
"""The first person of a table who fits."""
PLANTED: Final[list[tuple[str, str, str, str, dict[str, list[Found]]]]] = [
    # In the database of which service, which row, what is set, and what the verify of which services then finds.
    (
        "profile",
        "source.employee",
        "true",
        "post_title = 'Kepala'",
        {
            "profile": [(Kind.DERIVATION, "source.employee", {"fingerprint"})],
            "placement": [(Kind.CONTENT, "profile.employees", {"post.title"})],
            "assessment": [],
        },
    ),
    (
        "profile",
        "source.employee",
        "true",
        "version = version + 1",
        {
            "profile": [],
            "placement": [(Kind.STALE, "profile.employees", {"version"})],
            "assessment": [(Kind.STALE, "profile.employees", {"version"})],
        },
    ),
    (
        "assessment",
        "derived.result",
        "body -> 'potential' <> 'null'",
        "body = body || '{\"potential\": null}'",
        {
            "assessment": [(Kind.DERIVATION, "derived.result", {"potential"})],
            "placement": [(Kind.CONTENT, "assessment.results", {"potential"})],
        },
    ),
    (
        "assessment",
        "derived.result",
        "version > 1",
        "version = version - 1",
        {"assessment": [], "placement": [(Kind.AHEAD, "assessment.results", {"version"})]},
    ),
    (
        "assessment",
        "source.nip_subject",
        "true",
        "employee_id = NULL",
        {"assessment": [(Kind.DERIVATION, "source.nip_subject", {"employee_id"})]},
    ),
    (
        "assessment",
        "derived.employee",
        "true",
        "unit_id = 'elsewhere'",
        {"assessment": [(Kind.CONTENT, "profile.employees", {"unit_id"})]},
    ),
    (
        "placement",
        "derived.talent",
        "box < 9",
        "box = box + 1",
        {
            "placement": [(Kind.DERIVATION, "derived.talent", {"box"})],
            "reporting": [(Kind.CONTENT, "placement.talents", {"box"})],
        },
    ),
    (
        "placement",
        "derived.talent",
        "next_change_on IS NOT NULL",
        "next_change_on = next_change_on + 1",
        {"placement": [(Kind.DERIVATION, "derived.talent", {"next_change_on"})], "reporting": []},
    ),
    (
        "placement",
        "derived.talent",
        "true",
        "vetoes = vetoes || 'not_active'::text",
        {"placement": [(Kind.DERIVATION, "derived.talent", {"vetoes"})], "reporting": []},
    ),
    (
        "placement",
        "derived.talent",
        "version > 1",
        "version = version - 1",
        {"placement": [], "reporting": [(Kind.AHEAD, "placement.talents", {"version"})]},
    ),
    (
        "reporting",
        "derived.standing",
        "true",
        "version = version - 1",
        {
            "reporting": [
                (Kind.DERIVATION, "derived.folded", {"version"}),
                (Kind.STALE, "placement.talents", {"version"}),
            ],
        },
    ),
    (
        "reporting",
        "derived.folded",
        "true",
        "unit_id = 'elsewhere'",
        {"reporting": [(Kind.DERIVATION, "derived.folded", {"unit_id"})]},
    ),
]
SUMS: Final[list[tuple[str, str, Found]]] = [
    ("region_tally", "boxed = boxed + 1", (Kind.DERIVATION, "derived.region_tally", {"boxed"})),
    ("board_row", "index = index - 0.000001", (Kind.DERIVATION, "derived.board_row", {"index"})),
    ("board_row", "rank = rank + 1", (Kind.DERIVATION, "derived.board_row", {"rank"})),
]


def found_in(told: dict[str, Any]) -> list[Found]:
    return [(Kind(one["kind"]), one["of"], set(one["fields"])) for one in told["differences"]]


@asynccontextmanager
async def planted(people: People, home: str, table: str, where: str, change: str | None) -> AsyncIterator[Any]:
    """One row as changed by hand, deleted where there is no change; at the end it is as before."""
    key = KEYS.get(table, "employee_id")
    async with connected(people.talenta.database_url(home)) as connection:
        await connection.execute(f"CREATE TEMP TABLE saved AS SELECT * FROM {table} WHERE {where}")
        [row] = await connection.fetch("SELECT * FROM saved")
        is_saved = f"({key}) IN (SELECT {key} FROM saved)"
        change_it = f"UPDATE {table} SET {change}" if change else f"DELETE FROM {table}"
        await connection.execute(f"{change_it} WHERE {is_saved}")
        try:
            yield row
        finally:
            await connection.execute(
                f"DELETE FROM {table} WHERE {is_saved}; INSERT INTO {table} SELECT * FROM saved; DROP TABLE saved"
            )
