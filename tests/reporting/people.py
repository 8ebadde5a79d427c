"""States of people, and everything that follows from them counted afresh, the plain way."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import add
from random import Random
from typing import Any, Final
from uuid import UUID

from services.reporting.boards.rules import assess, policy_in_force
from services.reporting.folding.rules import Place, Tally
from services.reporting.ranks.rules import BLOCK, BY_BLOCK, Scope, scopes_of
from services.reporting.standings.rules import HUNDREDTHS, TEN_THOUSANDTHS, whole
from services.reporting.verification.rules import ranks_of
from shared.asn.post import PostLevel
from shared.events.envelope import Cause
from shared.events.placement import InputVersions, TalentState

CAUSE: Final = Cause(datetime(2026, 11, 24, 3, 0, tzinfo=UTC), ("performance-score/a",), "00-" + "1" * 32)
REGIONS: Final = ("33", "33.01", "33.74", "34.71")
UNITS: Final = ("dinkes", "dindik", "bkd")
LEVELS: Final = (PostLevel.ADMINISTRATOR, PostLevel.PELAKSANA, PostLevel.JF_AHLI_MUDA)


def seeded(seed: int) -> Random:
    """Chance that repeats itself."""
    return Random(seed)  # noqa: S311 - reproducible on purpose


def person(number: int) -> UUID:
    """The id of a made-up person."""
    return UUID(int=number)


def state_of(number: int, version: int = 1, **changes: Any) -> TalentState:
    """Somebody ordinary, with what is to be different."""
    ordinary: dict[str, Any] = {
        "employee_id": person(number),
        "version": version,
        "region": "33.74",
        "unit_id": "dinkes",
        "level": PostLevel.ADMINISTRATOR,
        "active": True,
        "x": Decimal("80.5"),
        "y": Decimal(90),
        "talent_value": Decimal("85.25"),
        "box": 9,
        "eligible": True,
        "in_pool": True,
        "policy_id": "talenta-default-1",
        "evaluated_on": date(2026, 11, 24),
        "inputs": InputVersions(employee=version, assessment=version),
    }
    return TalentState(**{**ordinary, **changes})


def drawn(chance: Random, number: int, version: int) -> TalentState:
    """Anybody: many equal values, some people without value or box, some who have left."""
    valued = chance.random() > 0.1
    return state_of(
        number,
        version,
        region=chance.choice(REGIONS),
        unit_id=chance.choice(UNITS),
        level=chance.choice(LEVELS),
        active=chance.random() > 0.1,
        x=_number(chance, 4) if valued else None,
        y=_number(chance, 4) if chance.random() > 0.05 else None,
        talent_value=chance.choice((Decimal(0), Decimal(100), _number(chance, 1), _number(chance, 2)))
        if valued
        else None,
        box=chance.randint(1, 9) if valued else None,
        in_pool=chance.random() > 0.8,
    )


def _number(chance: Random, places: int) -> Decimal:
    return Decimal(chance.randint(0, 100 * 10**places)).scaleb(-places)


def place_of_state(state: TalentState) -> Place:
    """What of a state counts."""
    return Place(
        state.region,
        state.unit_id,
        state.level.value,
        state.active,
        whole(state.talent_value, HUNDREDTHS),
        whole(state.x, TEN_THOUSANDTHS),
        whole(state.y, TEN_THOUSANDTHS),
        state.box,
        state.in_pool,
    )


def final_states(states: Iterable[TalentState]) -> list[TalentState]:
    """The newest of everybody."""
    newest: dict[UUID, TalentState] = {}
    for state in states:
        if state.employee_id not in newest or newest[state.employee_id].version < state.version:
            newest[state.employee_id] = state
    return list(newest.values())


def _tally_of(place: Place) -> Tally:
    """The share of one active person in the tally of his region."""
    return Tally(
        active=1,
        with_value=int(place.value is not None),
        value_sum=place.value or 0,
        with_x=int(place.x is not None),
        x_sum=place.x or 0,
        with_y=int(place.y is not None),
        y_sum=place.y or 0,
        boxed=int(place.box is not None),
        in_pool=int(place.in_pool),
    )


def recounted_tallies(states: Iterable[TalentState]) -> dict[str, Tally]:
    """Everybody's share added up, region by region; regions that nobody counts in left out."""
    tallies: dict[str, Tally] = {}
    for place in map(place_of_state, states):
        if place.active:
            tallies[place.region] = Tally(*map(add, tallies.get(place.region, Tally()), _tally_of(place)))
    return tallies


def recounted_values(states: Iterable[TalentState]) -> dict[str, list[int]]:
    """The values of each scope, and its blocks by the name under which they are in one row, sorted."""
    values: dict[str, list[int]] = {}
    for place in map(place_of_state, states):
        if place.active and place.value is not None:
            for scope, name in scopes_of(place.region, place.level).items():
                values.setdefault(name, []).append(place.value)
                if scope is not Scope.LEVEL:
                    values.setdefault(f"{BY_BLOCK}{name}", []).append(place.value // BLOCK)
    return {scope: sorted(numbers) for scope, numbers in values.items()}


async def differences_from_recount(connection: Any, states: Iterable[TalentState]) -> list[Any]:
    """What the folded tables hold that does not follow from the newest of the states; empty when all is exact."""
    newest = final_states(states)
    board = await connection.fetch("SELECT region, rank, index FROM derived.board_row")
    expected_board = _recounted_board(recounted_tallies(newest))
    found: tuple[tuple[Any, Any], ...] = (
        (await _tallies(connection), recounted_tallies(newest)),
        (await _values(connection), recounted_values(newest)),
        ({row[0]: (row[1], row[2]) for row in board if row[2] is not None}, expected_board),
        (await connection.fetchval("SELECT count(*) FROM derived.folded"), len(newest)),
    )
    return [pair for pair in found if pair[0] != pair[1]]


def _recounted_board(tallies: dict[str, Tally]) -> dict[str, tuple[int | None, Decimal | None]]:
    assessed = {region: assess(tally, policy_in_force()) for region, tally in tallies.items()}
    ranks = ranks_of(
        {region: one.index for region, one in assessed.items() if one.index and not one.unranked_reason}
    )
    return {region: (ranks.get(region), one.index) for region, one in assessed.items()}


async def _tallies(connection: Any) -> dict[str, Tally]:
    columns = ", ".join(Tally._fields)
    rows = await connection.fetch(f"SELECT region, {columns} FROM derived.region_tally")
    return {row[0]: tally for row in rows if (tally := Tally(*row[1:])) != Tally()}


async def _values(connection: Any) -> dict[str, list[int]]:
    """The histograms written out as lists of values; a total that is not its sum shows as an odd value."""
    values: dict[str, list[int]] = {}
    for scope, block, total, counts in await connection.fetch(
        "SELECT scope, block, total, counts FROM derived.value_histogram ORDER BY scope, block",
    ):
        here = [block * BLOCK + place for place, count in enumerate(counts) for _ in range(count)]
        values.setdefault(scope, []).extend(here if len(here) == total and min(counts) >= 0 else [-1])
    return {scope: numbers for scope, numbers in values.items() if numbers}
