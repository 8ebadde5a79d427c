"""FastStream and SQLModel, one message at a time: the way of the tutorials, with the safe one of its policies."""

import asyncio
import os
from uuid import UUID

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.comparison.job import SESSION, box_of

broker = KafkaBroker(os.environ["BROKER"])
engine = create_async_engine(os.environ["DATABASE"].replace("postgresql://", "postgresql+asyncpg://"))


class Score(BaseModel):
    """The message."""

    employee_id: UUID
    region: str
    version: int
    x: int
    y: int


class Person(SQLModel, table=True):
    """Where somebody is."""

    employee_id: UUID = Field(primary_key=True)
    region: str
    version: int
    box: int


class Tally(SQLModel, table=True):
    """How many are there."""

    region: str = Field(primary_key=True)
    box: int = Field(primary_key=True)
    people: int = 0


@broker.subscriber(
    os.environ["TOPIC"],
    group_id=os.environ["GROUP"],
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.NACK_ON_ERROR,
    session_timeout_ms=SESSION * 1000,
)
async def take_in(score: Score) -> None:
    """One transaction a score; acknowledged when it has been committed."""
    async with AsyncSession(engine) as session, session.begin():
        person = await session.get(Person, score.employee_id, with_for_update=True)
        if person is None:
            person = Person(employee_id=score.employee_id, region=score.region, version=0, box=0)
        elif person.version >= score.version:
            return
        else:
            await count(session, person.region, person.box, -1)
        person.region, person.version, person.box = score.region, score.version, box_of(score.x, score.y)
        session.add(person)
        await count(session, person.region, person.box, 1)


async def count(session: AsyncSession, region: str, box: int, more: int) -> None:
    """Add to the tally."""
    tally = await session.get(Tally, (region, box), with_for_update=True) or Tally(region=region, box=box)
    tally.people += more
    session.add(tally)


if __name__ == "__main__":
    asyncio.run(FastStream(broker).run())
