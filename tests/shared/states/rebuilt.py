"""What a service published last beside what its tables say of it now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from shared.db.session import Database
from shared.events.contract import State
from shared.events.registry import CONTRACTS
from shared.states import queries
from shared.states.published import PublishedStates


class Event(NamedTuple):
    """A state, and where it began."""

    state: State
    origin_time: datetime
    causes: tuple[str, ...]


async def published_last(connection: Any, published: PublishedStates) -> Mapping[str, Event]:
    """The newest of each key in the outbox, which nobody relays in the tests of slices."""
    contract = CONTRACTS[published.topic.name]
    rows = await connection.fetch(
        "SELECT * FROM source.outbox WHERE topic = $1 ORDER BY id",
        published.topic.name,
    )
    return {
        row["key"]: Event(
            contract.model_validate_json(row["payload"]), row["origin_time"], tuple(row["causes"] or ())
        )
        for row in rows
    }


async def rebuilt(database: Database, published: PublishedStates) -> Mapping[str, Event]:
    """All that the description of the service finds in its tables."""
    async with database.reading() as session:
        found = await queries.page(session, published, after=None, most=1000)
        read = await published.read(session, [key for key, _ in found])
    return {each.state.key: Event(each.state, each.cause.origin_time, each.cause.causes) for each in read}
