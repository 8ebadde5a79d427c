"""Going through a table slice by slice, where only what differs leaves the database."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import driver_of


async def last_of_page(session: AsyncSession, table: str, after: UUID, limit: int) -> tuple[UUID | None, int]:
    """The last of the `limit` employees that follow, None where there are fewer; and how many there are."""
    statement = f"""
        SELECT max(employee_id::text)::uuid, count(*)
        FROM (SELECT employee_id FROM {table} WHERE employee_id > $1 ORDER BY employee_id LIMIT $2) AS page
    """
    last, count = await (await driver_of(session)).fetchrow(statement, after, limit)
    return last if count == limit else None, count
