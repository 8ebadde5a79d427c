"""The job: consume scores, compute the box of the nine-box map, keep how many people of a region are in each.

Standard library only, for programs of any environment import it. Where a program writes batches it runs `TAKE_IN`,
so that what is compared is how the loops read, batch and commit, and not who knows more SQL.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

TOPIC: Final = "bench.scores"
REGIONS: Final = tuple(f"33.{number:02}" for number in range(1, 36))
BATCH: Final = 500
SESSION: Final = 6
"""Seconds after which the broker thinks that a program is dead. Each has its own, 10 to 60: they would only wait
longer after a kill."""

TABLES: Final = """
    CREATE TABLE person (
        employee_id uuid PRIMARY KEY, region text NOT NULL, version bigint NOT NULL, box smallint NOT NULL
    ) WITH (fillfactor = 70);
    CREATE TABLE tally (
        region text NOT NULL, box smallint NOT NULL, people bigint NOT NULL, PRIMARY KEY (region, box)
    ) WITH (fillfactor = 20)
"""
TAKE_IN: Final = """
    WITH written AS (
        INSERT INTO person AS known (employee_id, region, version, box)
        SELECT DISTINCT ON (employee_id) * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::smallint[])
            AS told (employee_id, region, version, box)
        ORDER BY employee_id, version DESC
        ON CONFLICT (employee_id) DO UPDATE
            SET region = EXCLUDED.region, version = EXCLUDED.version, box = EXCLUDED.box
            WHERE known.version < EXCLUDED.version
        RETURNING old.region AS old_region, old.box AS old_box, new.region, new.box
    )
    INSERT INTO tally AS known (region, box, people)
    SELECT region, box, sum(one) FROM (
        SELECT region, box, 1 AS one FROM written
        UNION ALL SELECT old_region, old_box, -1 FROM written WHERE old_region IS NOT NULL
    ) AS moved
    GROUP BY region, box HAVING sum(one) <> 0 ORDER BY region, box
    ON CONFLICT (region, box) DO UPDATE SET people = known.people + EXCLUDED.people
"""
"""Employee ids, regions, versions, boxes; newer versions only, and what they move in the tally."""
HANDLED: Final = "SELECT coalesce(sum(version), 0)::bigint FROM person"
"""Events whose effect is there: every event of a person raises his version by one."""

_MAP: Final = ((1, 3, 6), (2, 5, 8), (4, 7, 9))
_EACH: Final = 2


def box_of(x: int, y: int) -> int:
    """The box of potential `x` and performance `y`, both 0..100."""
    return _MAP[(y >= 70) + (y >= 90)][(x >= 60) + (x >= 80)]  # noqa: PLR2004 - cut-offs of the default policy


def events(count: int) -> Iterator[dict[str, Any]]:
    """`count` scores: of half as many people, first one of everybody, then another."""
    people = count // _EACH
    for version in range(1, _EACH + 1):
        for number in range(people):
            yield {
                "employee_id": str(UUID(int=number)),
                "region": REGIONS[number % len(REGIONS)],
                "version": version,
                "x": (number * 7 + version * 31) % 101,
                "y": (number * 13 + version * 17) % 101,
            }


def expected(count: int) -> Mapping[tuple[str, int], int]:
    """The tally after all of them: by region and box."""
    return Counter(
        (event["region"], box_of(event["x"], event["y"])) for event in events(count) if event["version"] == _EACH
    )
