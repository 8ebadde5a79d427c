"""`reporting.standings`: a region on the board, as others are told of it."""

from collections.abc import Sequence
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.queries import list_published
from services.reporting.boards.rules import policy_of, step_of
from services.reporting.boards.tables import BoardRow
from shared.events.envelope import Cause
from shared.events.reporting import Component, StandingState
from shared.kafka.topics import STANDINGS
from shared.outbox.append import Outgoing
from shared.states.published import PublishedStates


def standing_event(row: BoardRow) -> Outgoing:
    """The state of the region in `row`, and all that led to it since it was last published."""
    state = StandingState(
        version=row.version,
        region_code=row.region,
        rank=row.rank,
        index=row.index,
        band=None if row.index is None else step_of(policy_of(row.policy_id).bands, row.index),
        unranked_reason=row.unranked_reason,
        components=tuple(
            Component(
                code=component["code"],
                numerator=component["numerator"],
                denominator=component["denominator"],
                value=component["value"],
                weight=component["applied_weight"],
            )
            for component in row.components
        ),
        policy_id=row.policy_id,
        as_of=row.as_of,
        board_revision=row.revision,
    )
    return Outgoing(state, Cause(row.origin_time, tuple(row.causes), row.traceparent))


async def read_states(session: AsyncSession, keys: Sequence[str]) -> list[Outgoing]:
    """What was published last of these regions; those that moved since are left out, and go out in a second."""
    return [standing_event(row) for row in await list_published(session, keys)]


PUBLISHED: Final = PublishedStates(
    topic=STANDINGS,
    contract=StandingState,
    table="derived.board_row",
    key="region",
    key_type="text",
    version="published_version",
    read=read_states,
    content_version="version",
)
