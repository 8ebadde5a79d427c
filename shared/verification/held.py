"""Digests of the states that a table holds, made where the table is: content never leaves the database.

A digest is 64 bits over (key, version, fields of the view); that of a range is the exclusive or of its keys', so
that the order of the rows does not matter. Ranges follow the primary key: none costs a scan of the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of
from shared.verification.views import View

BEGINNING: Final = UUID(int=0)
"""Before every key."""
END: Final = UUID(int=2**128 - 1)
"""Behind every key."""


class Range(NamedTuple):
    """The keys up to `last`, which is None where none follow: how many states, and their digest."""

    last: UUID | None
    states: int
    digest: int


class Entry(NamedTuple):
    """One state of a range."""

    key: UUID
    version: int
    digest: int


class Detail(NamedTuple):
    """One state by field, None where the field has no value. `pending`: its publication waits in the outbox.

    Version 0: there is no such state.
    """

    version: int
    fields: Mapping[str, int | None]
    pending: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A view in a table with one row a key. `values` gives each field of the view as an expression on the row.

    A row whose `version` is 0 holds no state. `of_texts`: the expressions are texts out of a document, which may
    say anything. One that is not of the field's type differs from all that a source can have, and fails nothing.
    """

    view: View
    table: str
    version: str
    values: Mapping[str, str]
    key: str = "employee_id"
    of_texts: bool = False

    def __post_init__(self) -> None:
        if self.values.keys() != self.view.fields.keys():
            raise ValueError(
                f"{self.table} holds other fields than {self.view.follower} of {self.view.topic.name}"
            )

    def value(self, field: str) -> str:
        """The field of a row, of the type that both sides compare, as an expression."""
        kind = self.view.fields[field]
        value = f"({self.values[field]})::{kind}"
        # A document without a member, and one in which it is null, say the same.
        return f"nullif({value}, 'null')" if kind == "jsonb" else value

    @property
    def digest(self) -> str:
        """The digest of a row, as an expression: of values, so that 6.5 and 6.50 have the same."""
        digest = self._digest(self.key, self.version, *map(self.value, self.view.fields))
        if not self.of_texts:
            return digest
        all_fit = " AND ".join(map(self._fits, self.view.fields))
        as_it_is = self._digest(self.key, self.version, *self.values.values())
        return f"CASE WHEN {all_fit} THEN {digest} ELSE {as_it_is} END"

    def digest_of(self, field: str) -> str:
        """The digest of one field of a row, as an expression; NULL where it has no value."""
        value = self.value(field)
        digest = f"CASE WHEN {value} IS NOT NULL THEN {self._digest(value)} END"
        if not self.of_texts:
            return digest
        return f"CASE WHEN {self._fits(field)} THEN {digest} ELSE {self._digest(self.values[field])} END"

    def _fits(self, field: str) -> str:
        """Whether the text can be cast; so can one that is not there."""
        kind = self.view.fields[field]
        return "true" if kind == "text" else f"pg_input_is_valid({self.values[field]}, '{kind}') IS NOT FALSE"

    def _digest(self, *values: str) -> str:
        return f"hash_record_extended(ROW({', '.join(values)}), 0)"


async def next_range(session: AsyncSession, held: Held, after: UUID, limit: int) -> Range:
    """The range of the `limit` keys that follow `after`; without a last key where there are fewer."""
    statement = f"""
        SELECT max({held.key}::text)::uuid AS last, count(*) AS count, coalesce(bit_xor(digest), 0) AS digest
        FROM (
            SELECT {held.key}, {held.digest} AS digest FROM {held.table}
            WHERE {held.key} > $1 AND {held.version} > 0 ORDER BY {held.key} LIMIT $2
        ) AS page
    """
    last, states, digest = await (await driver_of(session)).fetchrow(statement, after, limit)
    return Range(last if states == limit else None, states, digest)


async def entries_of(session: AsyncSession, held: Held, after: UUID, last: UUID | None, limit: int) -> list[Entry]:
    """The states of a range in the order of their keys, at most `limit`."""
    statement = f"""
        SELECT {held.key}, {held.version}, {held.digest} FROM {held.table}
        WHERE {held.key} > $1 AND {held.key} <= $2 AND {held.version} > 0
        ORDER BY {held.key} LIMIT $3
    """
    return [Entry(*row) for row in await (await driver_of(session)).fetch(statement, after, last or END, limit)]


async def detail_of(session: AsyncSession, held: Held, key: UUID) -> Detail:
    """One state by field; version 0 where there is none."""
    values = ", ".join(map(held.digest_of, held.view.fields))
    statement = f"""
        SELECT {held.version}, {values},
            EXISTS (SELECT FROM source.outbox WHERE topic = $2 AND outbox.key = $1::uuid::text)
        FROM {held.table} WHERE {held.key} = $1 AND {held.version} > 0
    """
    row = await (await driver_of(session)).fetchrow(statement, key, held.view.topic.name)
    if row is None:
        return Detail(0, {}, pending=False)
    version, *digests, pending = row
    return Detail(version, dict(zip(held.view.fields, digests, strict=True)), pending)
