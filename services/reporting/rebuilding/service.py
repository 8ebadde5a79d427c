"""How the read model is settled and repaired: by the folder's own functions, with the folder's turn taken."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.queries import tallies_of
from services.reporting.boards.rules import policy_in_force
from services.reporting.boards.service import update_board
from services.reporting.folding.queries import next_revision
from services.reporting.folding.service import fold
from services.reporting.folding.tables import Folded
from services.reporting.rebuilding import queries
from services.reporting.standings.tables import Standing
from shared.events.envelope import Cause
from shared.kafka.topics import TALENTS
from shared.rebuilding.model import Compared, Difference, ReadModel

_FOLDED_AT_ONCE: Final = 10_000
_CAUSE: Final = "rebuild"
_PEOPLE: Final[Mapping[str, type[Standing | Folded]]] = {"standing": Standing, "folded": Folded}
_SUMS: Final = {"region_tally": queries.copy_tallies, "value_histogram": queries.copy_histograms}


async def settle(session: AsyncSession, _people: Sequence[UUID]) -> None:
    """Fold until nothing is dirty; the turn is held until the transaction ends."""
    while await fold(session, policy_in_force(), most=_FOLDED_AT_ONCE):
        pass


async def repair(session: AsyncSession, found: Sequence[Difference]) -> None:
    """What readers see changes, so it is another revision; what moves on the board is published as ever."""
    name = found[0].compared.name
    revision = await next_revision(session)
    if name in _PEOPLE:
        await queries.copy_people(session, _PEOPLE[name], [one.key for one in found])
        return
    if name in _SUMS:
        await _SUMS[name](session)
    await queries.take_off_the_board(session)
    tallies = await tallies_of(session, await queries.list_regions(session))
    causes = dict.fromkeys(tallies, Cause(revision.as_of, (_CAUSE,)))
    await update_board(session, policy_in_force(), revision, tallies, causes)
    await session.flush()
    await queries.raise_above_published(session)


def _of_people(name: str) -> Compared:
    return Compared(
        name,
        live=f"derived.{name}",
        shadow=f"shadow.{name}",
        key="employee_id",
        version=("version", "contract"),
        content=queries.CONTENT,
    )


def _of_sums(name: str, relation: str, key: str, content: Sequence[str], differs: str) -> Compared:
    live, shadow = (relation.format(schema=schema) for schema in ("derived", "shadow"))
    return Compared(name, live=live, shadow=shadow, key=key, content=content, differs=differs, whole=True)


READ_MODEL: Final = ReadModel(
    tables=[
        "derived.standing",
        "derived.dirty",
        "derived.folded",
        "derived.region_tally",
        "derived.value_histogram",
        "derived.revision",
        "derived.board_row",
    ],
    compared=[
        _of_people("standing"),
        _of_people("folded"),
        _of_sums("region_tally", queries.TALLIES, "region", queries.SUMS, "other sums"),
        _of_sums("value_histogram", queries.HISTOGRAMS, "place", ("total", "counts"), "other counts"),
        _of_sums("board_row", queries.BOARD, "region", queries.ON_THE_BOARD, "other content of the board"),
        Compared(
            "published",
            live=queries.REACHED,
            shadow=queries.ALL_REACHED,
            key="region",
            content=("reached",),
            differs="behind what was published",
            whole=True,
        ),
    ],
    settle=settle,
    repair=repair,
    held={TALENTS.name: "SELECT employee_id, version FROM shadow.standing"},
    # As the migration leaves it; both schemas' names, for the shadow is made by the live tables' own connection.
    statements=["INSERT INTO shadow.revision (single, number, as_of) VALUES (true, 0, now())"],
    carry_over=queries.CARRY_OVER,
)
