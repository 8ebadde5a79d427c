"""Digests made by a real database: the same for the same content, however it is stored and read."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio

from shared.db.session import Database
from shared.kafka.topics import Topic
from shared.verification.comparing import Copy
from shared.verification.held import BEGINNING, Held, Range, detail_of, entries_of, next_range
from shared.verification.views import View
from tests.shared.verification.sides import key

THINGS: Final = Topic("test.things", key="employee_id")
VIEW: Final = View(THINGS, "copier", {"name": "text", "size": "numeric", "since": "date", "parts": "jsonb"})
COLUMNS: Final = Held(VIEW, "derived.thing", "version", {name: name for name in VIEW.fields})
DOCUMENT: Final = Held(
    VIEW,
    "derived.thing_copy",
    "version",
    {"name": "doc ->> 'name'", "size": "doc ->> 'size'", "since": "doc ->> 'since'", "parts": "doc -> 'parts'"},
)
TEXTS: Final = Held(
    VIEW,
    "derived.thing_copy",
    "version",
    {name: f"doc ->> '{name}'" for name in VIEW.fields},
    of_texts=True,
)
ROWS: Final = [
    (1, 3, "a", "6.50", "2026-01-01", '[{"b": 1, "a": null}]'),
    (2, 1, "a,b", "100", None, "null"),
    (3, 1, '"', None, "2026-01-01", None),
    (4, 0, "never published", "1", None, None),
    (5, 9, "", "0.0", None, "[]"),
]
DOCUMENTS: Final = [
    (1, 3, '{"since": "2026-01-01", "size": "6.5", "name": "a", "parts": [{"a":null,"b":1}]}'),
    (2, 1, '{"name": "a,b", "size": 100.00, "since": null}'),
    (3, 1, '{"name": "\\"", "since": "2026-01-01", "parts": null, "more": 1}'),
    (5, 9, '{"name": "", "size": "0", "parts": []}'),
]


@pytest_asyncio.fixture(loop_scope="session")
async def things(database: Database, outside: Any) -> AsyncIterator[Database]:
    await outside.execute(
        """
        CREATE TABLE derived.thing
            (employee_id uuid PRIMARY KEY, version bigint, name text, size numeric(7, 4), since date, parts jsonb);
        CREATE TABLE derived.thing_copy (employee_id uuid PRIMARY KEY, version bigint, doc jsonb);
        """
    )
    for number, version, name, size, since, parts in ROWS:
        await outside.execute(
            "INSERT INTO derived.thing VALUES ($1, $2, $3, $4::text::numeric, $5::text::date, $6::text::jsonb)",
            *(key(number), version, name, size, since, parts),
        )
    for number, version, document in DOCUMENTS:
        await outside.execute(
            "INSERT INTO derived.thing_copy VALUES ($1, $2, $3::text::jsonb)", key(number), version, document
        )
    yield database
    await outside.execute("DROP TABLE derived.thing, derived.thing_copy")


async def test_columns_and_documents_that_say_the_same_have_the_same_digests(things: Database) -> None:
    async with things.reading() as session:
        columns = await entries_of(session, COLUMNS, BEGINNING, None, 100)
        documents = await entries_of(session, DOCUMENT, BEGINNING, None, 100)
        texts = await entries_of(session, TEXTS, BEGINNING, None, 100)
        whole = [await next_range(session, held, BEGINNING, 100) for held in (COLUMNS, DOCUMENT, TEXTS)]
        details = [await detail_of(session, held, key(1)) for held in (COLUMNS, DOCUMENT, TEXTS)]
    for told in (whole, details):
        assert told[0] == told[1] == told[2]
    assert columns == documents == texts
    assert [entry[:2] for entry in columns] == [(key(1), 3), (key(2), 1), (key(3), 1), (key(5), 9)]
    assert len({entry.digest for entry in columns}) == len(columns)


async def test_ranges_lead_through_all_keys(things: Database) -> None:
    async with things.reading() as session:
        whole = await next_range(session, COLUMNS, BEGINNING, 100)
        assert whole[:2] == (None, 4)
        ranges: list[Range] = []
        after: UUID | None = BEGINNING
        while after is not None:
            ranges.append(await next_range(session, COLUMNS, after, 2))
            assert ranges[-1] == await next_range(session, DOCUMENT, after, 2)
            after = ranges[-1].last
    assert [(one.last, one.states) for one in ranges] == [(key(2), 2), (key(5), 2), (None, 0)]
    assert ranges[0].digest ^ ranges[1].digest == whole.digest


@pytest.mark.parametrize(
    "change",
    [
        "version = 4",
        "name = 'A'",
        "name = NULL",
        "size = 6.51",
        "since = NULL",
        "parts = '[]'",
        """parts = '[{"b": 1}]'""",
    ],
)
async def test_whatever_changes_changes_the_digest(things: Database, outside: Any, change: str) -> None:
    async with things.reading() as session:
        before = await next_range(session, COLUMNS, BEGINNING, 100)
        await outside.execute(f"UPDATE derived.thing SET {change} WHERE employee_id = $1", key(1))
        assert await next_range(session, COLUMNS, BEGINNING, 100) != before


@pytest.mark.parametrize(("number", "field"), [(1, "size"), (5, "size"), (2, "since"), (3, "parts")])
async def test_a_text_of_another_type_is_a_difference_of_its_own_row(
    things: Database, outside: Any, number: int, field: str
) -> None:
    async with things.reading() as session:
        before = await entries_of(session, TEXTS, BEGINNING, None, 100)
        detail = await detail_of(session, TEXTS, key(number))
        await outside.execute(
            "UPDATE derived.thing_copy SET doc = jsonb_set(doc, ARRAY[$2], '\"many\"') WHERE employee_id = $1",
            key(number),
            field,
        )
        after = await entries_of(session, TEXTS, BEGINNING, None, 100)
        assert [one.key for one, other in zip(before, after, strict=True) if one != other] == [key(number)]
        damaged = await detail_of(session, TEXTS, key(number))
    assert {name for name, digest in damaged.fields.items() if digest != detail.fields[name]} == {field}


async def test_detail_names_the_fields_and_what_waits_in_the_outbox(things: Database, outside: Any) -> None:
    await outside.execute(
        """
        INSERT INTO source.outbox (topic, key, version, contract, payload, origin_time, causes)
        VALUES ('test.things', $1, 1, 1, '', now(), '{}')
        """,
        str(key(3)),
    )
    async with things.reading() as session:
        details = {number: await detail_of(session, COLUMNS, key(number)) for number in (1, 3, 4, 6)}
        copied = await detail_of(session, DOCUMENT, key(1))
    assert details[1] == copied
    assert details[1].fields.keys() == VIEW.fields.keys()
    assert [details[number].pending for number in (1, 3)] == [False, True]
    assert details[3].fields["size"] is None
    for absent in (4, 6):
        assert details[absent] == (0, {}, False)


async def test_a_copy_knows_the_open_dead_letters_of_a_key(things: Database, outside: Any) -> None:
    for number, (topic, state) in enumerate(
        [("test.things", "OPEN"), ("ns.test.things", "OPEN"), ("test.things", "DROPPED"), ("other", "OPEN")]
    ):
        await outside.execute(
            """
            INSERT INTO source.dead_letter
                (consumer_group, topic, partition, "offset", key, headers, reason, state)
            VALUES ('copier', $1, 0, $2, convert_to($3, 'UTF8'), '{}', 'x', $4)
            """,
            *(topic, number, str(key(1)), state),
        )
    copy = Copy(things, COLUMNS, "ns.")
    assert len(await copy.dead_letters(key(1))) == 2
    assert await copy.dead_letters(key(2)) == []


@pytest.mark.parametrize("values", [{}, {"name": "name"}, {**COLUMNS.values, "more": "more"}])
def test_a_side_that_holds_other_fields_is_refused(values: Mapping[str, str]) -> None:
    with pytest.raises(ValueError, match=r"other fields than copier of test\.things"):
        Held(VIEW, "derived.thing", "version", values)
