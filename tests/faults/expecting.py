"""What must hold of each person: recomputed from the log by the services' own pure rules.

Of a write in doubt only assessment itself knows whether, and where among the others, it was taken; that one fact
is read from there. Everything else follows from what was acknowledged.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from deploy.demo.population.measuring import Assessment, Rating
from services.assessment.performance.rules import HeldScore, Score, period_of, settle_predikat
from services.assessment.results.rules import state_of
from services.assessment.talent_assessments.rules import HeldAssessment, TalentAssessment, validity_of
from shared.events.assessment import AssessmentState, PeriodKind
from tests.faults.findings import Finding, Kind, compared
from tests.faults.log import Log, Told
from tests.faults.writes import Write


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement as assessment keeps it: of whom, of which year or day, and its version there."""

    nip: str
    measured: str
    mark: str
    id: UUID
    version: int

    @property
    def place(self) -> tuple[str, str]:
        """Another one of the same place takes its place."""
        return self.nip, self.measured


@dataclass(frozen=True, slots=True)
class Taken:
    """A write that took effect, at its version of its place."""

    write: Write
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Expected:
    """One person at the version that profile must have, and what was measured of him at that of assessment."""

    told: Told
    version: int
    state: AssessmentState


def expect(log: Log, rows: Iterable[Row]) -> tuple[dict[str, Expected], list[Finding]]:
    """By NIP; and what is wrong with the measurements themselves."""
    kept: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.version):
        kept[row.place].append(row)
    sent: defaultdict[tuple[str, str], dict[str, Write]] = defaultdict(dict)
    for told in log.told.values():
        for each in (*told.scores, *told.assessments):
            sent[each.write.nip, _measured(each.write)][each.write.mark] = each.write
    doubtful = {write.mark + write.nip: write for write in log.in_doubt}
    taken: defaultdict[str, list[Taken]] = defaultdict(list)
    findings: list[Finding] = []
    for place in kept.keys() | sent.keys():
        findings += _wrong(sent[place], kept[place], doubtful)
        taken[place[0]] += _taken(sent[place], kept[place], doubtful)
    # Each acknowledged change is one version, and each version an acknowledged change.
    expected = {
        nip: Expected(told, len(told.employee), _state(told, taken[nip])) for nip, told in log.told.items()
    }
    return expected, findings


def _measured(write: Write) -> str:
    content = write.content
    return str(content.year) if isinstance(content, Rating) else str(_as_assessment(content).assessed_on)


def _as_assessment(content: object) -> Assessment:
    assert isinstance(content, Assessment)
    return content


def _wrong(sent: Mapping[str, Write], rows: Sequence[Row], doubtful: Mapping[str, Write]) -> Iterator[Finding]:
    """Acknowledged and not there, there twice, there unasked, or in another order than acknowledged."""
    where = "assessment"
    there = Counter(row.mark for row in rows)
    for mark in sent.keys() - there.keys():
        yield Finding(Kind.LOST, where, mark, "taken", "missing")
    known = sent.keys() | {row.mark for row in rows if row.mark + row.nip in doubtful}
    for mark, count in there.items():
        yield from compared(where, f"rows of {mark}", 1 if mark in known else 0, count)
    order = [mark for mark in there if mark in sent]
    if order != [mark for mark in sent if mark in there]:
        yield Finding(Kind.LOST, where, "order of versions", list(sent), order)


def _taken(sent: Mapping[str, Write], rows: Sequence[Row], doubtful: Mapping[str, Write]) -> list[Taken]:
    found: dict[str, tuple[Write, UUID]] = {}
    for row in rows:
        write = sent.get(row.mark) or doubtful.get(row.mark + row.nip)
        if write is not None:
            found.setdefault(row.mark, (write, row.id))
    return [Taken(write, key, version) for version, (write, key) in enumerate(found.values(), start=1)]


def _state(told: Told, taken: Sequence[Taken]) -> AssessmentState:
    """A version for each request that measured something of him; of each year the last score is in force."""
    scores = {each.write.content.year: each for each in taken if isinstance(each.write.content, Rating)}
    return state_of(
        told.employee_id,
        [
            HeldScore(each.id, each.version, _score(each.write.content, each.write.mark))
            for each in scores.values()
            if isinstance(each.write.content, Rating)
        ],
        [
            HeldAssessment(each.id, each.version, _assessment(each.write.content, each.write.mark))
            for each in taken
            if isinstance(each.write.content, Assessment)
        ],
        version=len({each.write.request for each in taken}),
    )


def _score(rating: Rating, mark: str) -> Score:
    return Score(
        period=period_of(PeriodKind.YEARLY, rating.year, None, on=date(rating.year, 12, 31)),
        predikat=settle_predikat(rating.hasil, rating.perilaku, None),
        hasil=rating.hasil,
        perilaku=rating.perilaku,
        document=mark,
    )


def _assessment(measured: Assessment, mark: str) -> TalentAssessment:
    return TalentAssessment(
        assessed_on=measured.assessed_on,
        valid_until=validity_of(measured.assessed_on, None, on=measured.assessed_on),
        jpm=measured.jpm,
        potential=measured.potential,
        document=mark,
    )
