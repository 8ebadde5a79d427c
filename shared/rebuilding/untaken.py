"""Records that a replay could not take in and that still matter: no newer state of their key has come."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.session import Database, driver_of
from shared.dead_letters import queries
from shared.dead_letters.queries import Letter, Wanted
from shared.rebuilding.model import ReadModel
from shared.rebuilding.redirection import SCHEMA

# Key and header may hold anything: then there is nothing that they could be older than.
_KEY: Final = "encode(letter.key, 'escape')"
_VERSION: Final = "letter.headers ->> 'ce_sequence'"
_UNTAKEN: Final = f"""
    SELECT id FROM {SCHEMA}.dead_letter AS letter
    WHERE topic = $1 AND NOT EXISTS (
        SELECT FROM ({{held}}) AS held (key, version)
        WHERE key = CASE WHEN pg_input_is_valid({_KEY}, 'uuid') THEN {_KEY}::uuid END
            AND version >= CASE WHEN pg_input_is_valid({_VERSION}, 'bigint') THEN ({_VERSION})::bigint END
    )
    ORDER BY id
"""


class Untaken(NamedTuple):
    """How many there are, and the first of them."""

    total: int
    first: Sequence[Letter]


async def untaken(shadow: Database, model: ReadModel, *, namespace: str, most: int) -> Untaken:
    """Of the shadow's dead letters those that still matter."""
    async with shadow.reading() as session:
        ids = [one for topic in model.held for one in await _ids(session, model.held[topic], namespace + topic)]
        wanted = Wanted(ids=ids[:most])
        return Untaken(len(ids), await queries.find(session, wanted, namespace=namespace, most=most))


async def _ids(session: AsyncSession, held: str, topic: str) -> Sequence[int]:
    rows = await (await driver_of(session)).fetch(_UNTAKEN.format(held=held), topic)
    return [row["id"] for row in rows]
