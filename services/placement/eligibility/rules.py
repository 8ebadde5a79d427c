"""The gates of the talent pool. A veto keeps somebody out of the pool, never out of a box. Pure.

Source: no regulation fixes the gates nationally. Each instansi runs its own talent management (PermenPANRB 3/2020
Pasal 8), so which gates there are, and for how long they close, is policy.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from services.placement.policies.rules import Gates, RecentPunishment, day_after, months_after
from services.placement.potential.rules import is_served
from shared.asn.employment import EmployeeKind
from shared.events.profile import Discipline
from shared.shown import Text


class Employed(Protocol):
    """What the gates need to know of an employee."""

    @property
    def kind(self) -> EmployeeKind: ...
    @property
    def kedudukan_hukum(self) -> str: ...
    @property
    def retires_on(self) -> date | None: ...
    @property
    def discipline(self) -> tuple[Discipline, ...]: ...


class VetoCode(StrEnum):
    """Why somebody may not stand in a pool."""

    NOT_ACTIVE = "not_active"
    PPPK = "pppk"
    SERVING_PUNISHMENT = "serving_punishment"
    RECENT_PUNISHMENT = "recent_punishment"
    NEAR_RETIREMENT = "near_retirement"


VETOES: Final = {
    VetoCode.NOT_ACTIVE: Text(
        id="Kedudukan hukum bukan aktif atau tugas belajar",
        en="The legal standing is neither active nor on study assignment",
    ),
    VetoCode.PPPK: Text(
        id="PPPK belum dapat masuk kelompok rencana suksesi menurut kebijakan ini",
        en="By this policy a PPPK cannot join the succession group",
    ),
    VetoCode.SERVING_PUNISHMENT: Text(
        id="Sedang menjalani hukuman disiplin",
        en="A disciplinary punishment is being served",
    ),
    VetoCode.RECENT_PUNISHMENT: Text(
        id="Hukuman disiplin dijatuhkan belum lama ini",
        en="A disciplinary punishment was imposed recently",
    ),
    VetoCode.NEAR_RETIREMENT: Text(
        id="Masa kerja sampai pensiun tidak cukup",
        en="Too little time is left until retirement",
    ),
}


class Veto(NamedTuple):
    """A veto, and the first day without it; None where only a new fact ends it."""

    code: VetoCode
    ends_on: date | None = None


class Eligibility(NamedTuple):
    """What the gates say on a day; `vetoes` in their order. On `changes_on` that may change by itself."""

    active: bool
    vetoes: tuple[Veto, ...]
    changes_on: tuple[date, ...]

    @property
    def eligible(self) -> bool:
        return not self.vetoes


def check_gates(employee: Employed, gates: Gates, on: date) -> Eligibility:
    """Pass an employee through the gates on a day.

    A retirement date that nobody recorded vetoes nothing; `talents` remarks that it is missing.
    """
    active = employee.kedudukan_hukum in gates.active_kedudukan_hukum
    vetoes: list[Veto] = []
    if not active:
        vetoes.append(Veto(VetoCode.NOT_ACTIVE))
    if employee.kind is EmployeeKind.PPPK and not gates.pppk_eligible:
        vetoes.append(Veto(VetoCode.PPPK))
    changes_on: list[date] = []
    # Hardly anybody was ever punished.
    if employee.discipline:
        vetoes += _vetoes_of_punishments(employee.discipline, gates, on)
        changes_on += [
            punishment.imposed_on
            for punishment in employee.discipline
            if not punishment.annulled and punishment.imposed_on > on
        ]
    if gates.months_to_retirement and employee.retires_on:
        last_day = months_after(employee.retires_on, -gates.months_to_retirement)
        if on > last_day:
            vetoes.append(Veto(VetoCode.NEAR_RETIREMENT))
        else:
            changes_on.append(day_after(last_day))
    changes_on += [veto.ends_on for veto in vetoes if veto.ends_on]
    return Eligibility(active, tuple(vetoes), tuple(changes_on))


def _vetoes_of_punishments(discipline: Iterable[Discipline], gates: Gates, on: date) -> Iterator[Veto]:
    begun = [punishment for punishment in discipline if not punishment.annulled and punishment.imposed_on <= on]
    if gates.serving_punishment_vetoes:
        ends = [
            day_after(punishment.until) for punishment in begun if is_served(punishment, on) and punishment.until
        ]
        yield from _lasting(VetoCode.SERVING_PUNISHMENT, ends)
    if gates.recent_punishment:
        ends = [end for end in _ends_of_recent(begun, gates.recent_punishment) if end > on]
        yield from _lasting(VetoCode.RECENT_PUNISHMENT, ends)


def _lasting(code: VetoCode, ends: list[date]) -> Iterator[Veto]:
    """One veto, however many grounds there are, until the last of them has gone."""
    if ends:
        yield Veto(code, max(ends))


def _ends_of_recent(punishments: list[Discipline], clause: RecentPunishment) -> Iterator[date]:
    for punishment in punishments:
        if punishment.level in clause.levels:
            yield months_after(punishment.imposed_on, clause.months)
