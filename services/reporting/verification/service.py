"""Adding up again what the folder keeps. What is compared stands in one snapshot, so that no fold lies between."""

from collections.abc import Collection, Iterable
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.reporting.boards.queries import board_rows
from services.reporting.boards.rules import assess, policy_in_force
from services.reporting.folding.rules import NOTHING, Tally
from services.reporting.verification import queries
from services.reporting.verification.rules import Content, Counted, above, board_of, fields_of, within
from shared.verification.differences import Difference, Kind
from shared.verification.examination import Examination
from shared.verification.held import BEGINNING, END
from shared.verification.paging import last_of_page

SLICE: Final = 10_000

_CHANGED: Final = "changed past the folder: rebuild"
_BOARD: Final = "derived.board_row"
_SILENT: Final = "above its own version, so that nothing new of it is published: rebuild"
_POLICY: Final = "another merit policy is in force since: the board is computed anew within a minute"


async def examine_copies(examination: Examination) -> None:
    """Every standing is folded, or marked to be."""
    after: UUID | None = BEGINNING
    while after is not None:
        async with examination.database.snapshot() as session:
            last, count = await last_of_page(session, "derived.standing", after, SLICE)
            rows = await queries.list_unfolded(session, after, last or END)
        for row in rows:
            _tell_unfolded(examination, row)
        after = last
        await examination.went_through(count)


def _tell_unfolded(examination: Examination, row: Any) -> None:
    if row["version"] is None or row["copy_version"] is None:
        kind = Kind.UNKNOWN if row["version"] is None else Kind.MISSING
        fields = {"version": (row["version"], row["copy_version"])}
        examination.found(Difference(kind, examination.name, str(row["employee_id"]), fields, _CHANGED))
        return
    expected = {name: row[name] for name in queries.COPIED}
    found = {name: row[f"copy_{name}"] for name in queries.COPIED}
    examination.expect(row["employee_id"], expected, found, cause=_CHANGED)


async def examine_sums(examination: Examination) -> None:
    """The tally of every region is the sum over its people, and the board follows from these sums."""
    async with examination.database.snapshot() as session:
        sums = await queries.add_up(session)
        stored = await queries.stored_tallies(session)
        for region in sorted(sums.keys() | stored.keys()):
            expected, found = sums.get(region, NOTHING), stored.get(region, NOTHING)
            examination.expect(region, expected._asdict(), found._asdict(), cause=_CHANGED)
        await _examine_board(session, examination, {**dict.fromkeys(stored, NOTHING), **sums})
    await examination.went_through(sum(tally.active for tally in sums.values()))


async def _examine_board(session: AsyncSession, examination: Examination, sums: dict[str, Tally]) -> None:
    policy = policy_in_force()
    rows = await board_rows(session)
    board = board_of({region: assess(tally, policy) for region, tally in sums.items()}, policy.policy_id)
    for region in sorted(board.keys() | rows.keys()):
        row = rows.get(region)
        if row is None or region not in board:
            kind = Kind.MISSING if row is None else Kind.UNKNOWN
            examination.found(Difference(kind, _BOARD, region, {}, _CHANGED))
            continue
        cause = _CHANGED if row.policy_id == policy.policy_id else _POLICY
        fields = Content.__dataclass_fields__
        expected, found = ({name: getattr(one, name) for name in fields} for one in (board[region], row))
        examination.expect(region, expected, found, of=_BOARD, cause=cause)
        published = {"published_version": row.published_version}
        most = {"published_version": min(row.published_version, row.version)}
        examination.expect(region, most, published, of=_BOARD, cause=_SILENT)


async def examine_histograms(examination: Examination) -> None:
    """A region's histograms count its people; those of provinces and the nation are the sums of the regions'."""
    async with examination.database.snapshot() as session:
        people = {**await queries.stored_tallies(session), **await queries.add_up(session)}
    for region, tally in sorted(people.items()):
        counting = within(region)
        async with examination.database.snapshot() as session:
            miscounted = await queries.list_miscounted(session, counting, region)
            mistotalled = await queries.list_mistotalled(session, _scopes(counting))
        _tell(examination, fields_of(miscounted, mistotalled))
        await examination.went_through(tally.with_value)
    async with examination.database.snapshot() as session:
        # Since then somebody may have come to be the first of his region.
        await _examine_above(session, examination, people | await queries.stored_tallies(session))
    await examination.went_through(0)


async def _examine_above(session: AsyncSession, examination: Examination, regions: Collection[str]) -> None:
    counting = [pair for region in regions for pair in above(region)]
    misadded = await queries.list_misadded(session, counting)
    mistotalled = await queries.list_mistotalled(session, _scopes(counting))
    _tell(examination, fields_of(misadded, mistotalled))
    known = _scopes(counting).union(*(_scopes(within(region)) for region in regions))
    for scope in await queries.list_scopes(session) - known:
        examination.found(Difference(Kind.UNKNOWN, examination.name, scope, {}, _CHANGED))


def _scopes(counting: Iterable[Counted]) -> set[str]:
    return {scope for _, scope in counting}


def _tell(examination: Examination, found: dict[str, dict[str, tuple[int, int]]]) -> None:
    for scope, fields in sorted(found.items()):
        examination.found(Difference(Kind.DERIVATION, examination.name, scope, fields, _CHANGED))
