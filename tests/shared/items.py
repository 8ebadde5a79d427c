"""The smallest service there can be: one topic, one contract, one table, one guarded bulk upsert."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from pydantic_settings import SettingsConfigDict
from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Table, Text
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db.core_tables import add_core_tables
from shared.db.metadata import DERIVED, new_metadata
from shared.db.session import driver_of
from shared.events.contract import State
from shared.events.envelope import Cause, headers_of
from shared.kafka.subscription import Received
from shared.kafka.topics import Topic
from shared.outbox.append import Outgoing
from shared.settings import ServiceSettings
from shared.states.published import PublishedStates

METADATA: Final = new_metadata()
add_core_tables(METADATA)


class Item(SQLModel, table=True):
    """The newest state of each item."""

    metadata = METADATA
    __tablename__ = "item"
    __table_args__ = (CheckConstraint("value >= 0", name="value"), {"schema": DERIVED})

    item_id: str = Field(primary_key=True)
    version: int = Field(sa_type=BigInteger)
    value: int


Table(
    "handled",
    METADATA,
    Column("place", BigInteger, Identity(always=True), primary_key=True),
    Column("item_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    schema=DERIVED,
)

ITEMS: Final = Topic("test.items", key="item_id", partitions=4)
ORIGIN: Final = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
UNHANDLED: Final = -1
"""The table refuses this value: a handler that meets it fails."""

_UPSERT: Final = """
    INSERT INTO derived.item (item_id, version, value)
    SELECT DISTINCT ON (item_id) item_id, version, value
    FROM unnest($1::text[], $2::bigint[], $3::int[]) AS new (item_id, version, value)
    ORDER BY item_id, version DESC
    ON CONFLICT (item_id) DO UPDATE SET version = excluded.version, value = excluded.value
    WHERE item.version < excluded.version
"""
_READ: Final = "SELECT * FROM derived.item WHERE item_id = ANY($1::text[]) AND version > 0 ORDER BY item_id"
_LOG: Final = """
    INSERT INTO derived.handled (item_id, version)
    SELECT item_id, version
    FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS seen (item_id, version, place)
    ORDER BY place
"""


class ItemState(State):
    """One item."""

    item_id: str
    value: int = 0

    @property
    def key(self) -> str:
        return self.item_id


def items(count: int, *, keys: int | None = None) -> list[ItemState]:
    """So many states; of so many items, whose versions then grow."""
    keys = keys or count
    return [item(f"i{number % keys}", version=number // keys + 1, value=number) for number in range(count)]


async def upsert_items(session: AsyncSession, received: Sequence[Received[ItemState]]) -> None:
    """The handler: a guarded upsert, and a log of everything that was handed over, in its order."""
    driver = await driver_of(session)
    states = [each.state for each in received]
    ids, versions = [state.item_id for state in states], [state.version for state in states]
    await driver.execute(_UPSERT, ids, versions, [state.value for state in states])
    await driver.execute(_LOG, ids, versions)


async def read_items(session: AsyncSession, keys: Sequence[str]) -> list[Outgoing]:
    """The items as they were published last."""
    rows = await (await driver_of(session)).fetch(_READ, list(keys))
    return [Outgoing(ItemState(**row), cause(f"item-change/{row['item_id']}")) for row in rows]


PUBLISHED: Final = PublishedStates(
    topic=ITEMS,
    contract=ItemState,
    table="derived.item",
    key="item_id",
    key_type="text",
    version="version",
    read=read_items,
)


class Settings(ServiceSettings):
    """Those of the service of items."""

    model_config = SettingsConfigDict(env_prefix="ITEMS_")
    service: ClassVar[str] = "core"
    port: int = 0
    worker_port: int = 0


def cause(*names: str, origin_time: datetime = ORIGIN) -> Cause:
    return Cause(origin_time, names)


def item(item_id: str, version: int = 1, value: int = 0) -> ItemState:
    return ItemState(item_id=item_id, version=version, value=value)


def record_of(state: ItemState, because: Cause | None = None) -> dict[str, Any]:
    """Arguments of aiokafka's `send`, as the relay would make them."""
    headers = headers_of(
        topic=ITEMS.name,
        key=state.key,
        version=state.version,
        contract=state.CONTRACT,
        cause=because or cause(f"item-change/{state.item_id}"),
    )
    return {"key": state.key.encode(), "value": state.model_dump_json().encode(), "headers": headers}
