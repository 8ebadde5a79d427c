"""What becomes of an employee whom a source sends: created, updated, left unchanged, or refused and why. Pure."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from services.profile.governments.rules import GOVERNMENTS
from shared.asn.employment import EmployeeKind
from shared.asn.golongan import PNS_GOLONGAN, PPPK_GOLONGAN
from shared.asn.nip import Nip
from shared.asn.post import Eselon, PostLevel
from shared.events.profile import EmployeeState


class Change(StrEnum):
    """What a row that was taken did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class Refusal(StrEnum):
    """Why a row was not taken."""

    NIP_KIND_MISMATCH = "nip_kind_mismatch"
    NIP_REPEATED = "nip_repeated"
    REGION_UNKNOWN = "region_unknown"
    REGION_OUTSIDE = "region_outside"
    EMPLOYEE_OUTSIDE = "employee_outside"
    UNIT_ELSEWHERE = "unit_elsewhere"
    VERSION_DIFFERS = "version_differs"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd that real records contain: the row is taken all the same, and its sender is told."""

    code: str
    message_id: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What was sent. `state` is what will be recorded if the NIP is new: under a new id, at version 1."""

    state: EmployeeState
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """As much of a stored employee as `decide` needs."""

    employee_id: UUID
    version: int
    region: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row that was taken, as it stands now."""

    change: Change
    state: EmployeeState
    fingerprint: bytes
    findings: tuple[Finding, ...] = ()


Outcome = Recorded | Refusal
Covers = Callable[[str], bool]
"""Does a region lie in the caller's population?"""
Accepts = Callable[[int | None], bool]
"""May this version be replaced? Asked with None where the NIP is not known yet."""

ESELON_OF_LEVEL: Final[Mapping[PostLevel, frozenset[Eselon]]] = {
    PostLevel.JPT_UTAMA: frozenset({Eselon.I_A}),
    PostLevel.JPT_MADYA: frozenset({Eselon.I_A, Eselon.I_B}),
    PostLevel.JPT_PRATAMA: frozenset({Eselon.II_A, Eselon.II_B}),
    PostLevel.ADMINISTRATOR: frozenset({Eselon.III_A, Eselon.III_B}),
    PostLevel.PENGAWAS: frozenset({Eselon.IV_A, Eselon.IV_B}),
}
"""The eselons of each level of managerial post, by BKN's reference; every other post has none."""

_UNIT_CREATED: Final = Finding(
    "unit_created",
    "unit belum dikenal dan dibuat otomatis dengan kodenya sebagai nama",
    "the unit was not known and has been created with its id as its name",
)
_GOLONGAN_KIND: Final = Finding(
    "golongan_kind_mismatch",
    "golongan tidak lazim untuk jenis pegawai ini",
    "the golongan is unusual for this kind of employee",
)
_ESELON_LEVEL: Final = Finding(
    "eselon_level_mismatch",
    "eselon tidak sesuai dengan jenjang jabatan",
    "the eselon does not match the level of the post",
)


def draft_of(state: EmployeeState) -> Draft:
    """The draft of a state that is recorded nowhere yet."""
    return Draft(state, fingerprint_of(state))


def fingerprint_of(state: EmployeeState) -> bytes:
    """SHA-256 of what a source can send: equal for equal content, under any id, NIP and version.

    Absent fields are left out, so that a field added to the contract changes no stored fingerprint.
    """
    content = state.model_dump_json(exclude={"employee_id", "nip", "version"}, exclude_defaults=True)
    return sha256(content.encode()).digest()


def screen(drafts: Sequence[Draft], covers: Covers) -> list[Refusal | None]:
    """The refusals that need no look into the database, in the order of `drafts`; None means admitted.

    Of several rows with one NIP only the first is admitted: which of them is right, nobody can tell.
    """
    seen: set[str] = set()
    verdicts: list[Refusal | None] = []
    for draft in drafts:
        repeated = draft.state.nip in seen
        seen.add(draft.state.nip)
        verdicts.append(Refusal.NIP_REPEATED if repeated else _screen_one(draft.state, covers))
    return verdicts


def _screen_one(state: EmployeeState, covers: Covers) -> Refusal | None:
    if not nip_fits_kind(state):
        return Refusal.NIP_KIND_MISMATCH
    if state.region not in GOVERNMENTS:
        return Refusal.REGION_UNKNOWN
    return None if covers(state.region) else Refusal.REGION_OUTSIDE


def nip_fits_kind(state: EmployeeState) -> bool:
    """Whether digits 13-14 of a PNS's NIP are a month, the one hard rule on kinds (Perka BKN 22/2007)."""
    try:
        Nip(state.nip).check_kind(state.kind)
    except ValueError:
        return False
    return True


def accept_any(_version: int | None) -> bool:
    """Any version may be replaced: the sender did not say which one they had read."""
    return True


def decide(draft: Draft, stored: Stored | None, *, covers: Covers, accepts: Accepts = accept_any) -> Outcome:
    """What `draft` does to what is stored under its NIP.

    Only a sender entitled to both regions moves an employee from one to the other. A sender who is not entitled to
    the old one is told so, and nothing else: otherwise the employee would silently be missing in the new region.
    """
    if stored is not None and not covers(stored.region):
        return Refusal.EMPLOYEE_OUTSIDE
    if not accepts(None if stored is None else stored.version):
        return Refusal.VERSION_DIFFERS
    if stored is None:
        return Recorded(Change.CREATED, draft.state, draft.fingerprint, findings_of(draft.state))
    changed = stored.fingerprint != draft.fingerprint
    state = draft.state.model_copy(
        update={"employee_id": stored.employee_id, "version": stored.version + changed},
    )
    change = Change.UPDATED if changed else Change.UNCHANGED
    return Recorded(change, state, draft.fingerprint, findings_of(state))


def tell_new_unit(outcome: Outcome, created: Container[str]) -> Outcome:
    """The outcome, with a finding where its unit was created only now."""
    if isinstance(outcome, Refusal) or outcome.state.unit_id not in created:
        return outcome
    return replace(outcome, findings=(*outcome.findings, _UNIT_CREATED))


def findings_of(state: EmployeeState) -> tuple[Finding, ...]:
    """What is odd about one employee. The NIP must fit the kind (`nip_fits_kind`)."""
    found = [
        Finding(warning.code, warning.message_id, warning.message_en)
        for warning in Nip(state.nip).check_kind(state.kind)
    ]
    usual = PNS_GOLONGAN if state.kind is EmployeeKind.PNS else PPPK_GOLONGAN
    if state.golongan is not None and state.golongan not in usual:
        found.append(_GOLONGAN_KIND)
    eselon = state.post.eselon
    if eselon is not None and eselon not in ESELON_OF_LEVEL.get(state.post.level, ()):
        found.append(_ESELON_LEVEL)
    return tuple(found)
