"""The synthetic population: one person per index, drawn anew whenever asked for, never kept.

A person is a pure function of (total, reference date, index): the loader streams them, the story picks one,
the verification draws them again, each in constant memory.

A NIP is unique by construction: birthday within the year and sex together take 730 values and the sequence
999, and the index is written in these two digits of a mixed-radix number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Final

from deploy.demo.population import names
from deploy.demo.population.careers import SEKDA, SEKDA_OF_THE_PROVINCE, SHARE_OF_PNS, Career, draw_career
from deploy.demo.population.governments import PROVINCE, Government, governments
from deploy.demo.population.measuring import Assessment, Rating, measure
from shared.asn.education import EducationLevel
from shared.asn.employment import DisciplineLevel, EmployeeKind
from shared.asn.experience import ExperienceVariety
from shared.asn.nip import Nip
from shared.asn.post import Eselon, PostLevel
from shared.events.profile import Discipline

SEED: Final = 20260108
_BIRTHDAYS: Final = 730  # 365 days, two sexes
_STRIDE: Final = 277  # coprime to 730: neighbours differ in birthday and sex
_SEQUENCES: Final = 999
MOST: Final = _BIRTHDAYS * _SEQUENCES
"""The largest population whose NIPs are unique by construction."""

# Shares of records, plausible for what governments keep.
_FACT_MISSING: Final = 0.03
_EXPERIENCE_MISSING: Final = 0.02
_EVER_PUNISHED: Final = 0.02
_ANNULLED: Final = 0.1
_FIRST_PPPK_YEAR: Final = 2019
_EPOCH: Final = date(2001, 1, 1)  # any year without a leap day


@dataclass(frozen=True, slots=True)
class Person:
    """One employee as the loader sends it, with what was measured. Years of experience come in steps of 0.5."""

    index: int
    nip: Nip
    name: str
    kind: EmployeeKind
    region: str
    unit_id: str
    title: str
    level: PostLevel
    eselon: Eselon | None
    since: date
    golongan: str
    kedudukan_hukum: str
    retires_on: date
    education: EducationLevel
    field_match: bool | None
    development: bool | None
    years: Decimal | None
    variety: ExperienceVariety | None
    substance: bool | None
    discipline: tuple[Discipline, ...]
    ratings: tuple[Rating, Rating]
    assessment: Assessment


@dataclass(frozen=True)
class Population:
    """`total` employees as they stand on `on`; their scores are of the two last complete years before it.

    Raises ValueError when `total` is not within 1..MOST.
    """

    total: int
    on: date

    def __post_init__(self) -> None:
        if not 1 <= self.total <= MOST:
            raise ValueError(f"jumlah pegawai harus 1 sampai {MOST:,} / employees must be 1 to {MOST:,}")

    @cached_property
    def governments(self) -> tuple[Government, ...]:
        return governments(self.total)

    def people(self) -> Iterator[Person]:
        """Everybody, government after government, in the order of the index."""
        for government in self.governments:
            yield from self.people_of(government)

    def people_of(self, government: Government) -> Iterator[Person]:
        cumulated = _cumulated_shares(government)
        for index in range(government.first, government.first + government.size):
            yield self._draw(index, government, cumulated)

    def person(self, index: int) -> Person:
        """Somebody by index. Raises IndexError outside 0..total-1."""
        for government in self.governments:
            if government.first <= index < government.first + government.size:
                return self._draw(index, government, _cumulated_shares(government))
        raise IndexError(index)

    def _draw(self, index: int, government: Government, cumulated: list[int]) -> Person:
        chance = Random(SEED << 32 | index)  # noqa: S311 - reproducible on purpose, nothing secret
        heads = index == government.first
        kind = EmployeeKind.PNS if heads or chance.random() < SHARE_OF_PNS else EmployeeKind.PPPK
        career = _head_of(government) if heads else draw_career(chance, kind)
        age = round(chance.triangular(career.ages[0], career.ages[2], career.ages[1]))
        nip = _nip(chance, index, kind, self.on.year, age)
        unit = government.units[0] if heads else chance.choices(government.units, cum_weights=cumulated)[0]
        appointed = int(nip[8:12])
        years = _years_in_posts(chance, self.on.year - appointed)
        measured = measure(chance, government.code, self.on)
        return Person(
            index=index,
            nip=nip,
            name=_name(chance, nip),
            kind=kind,
            region=government.code,
            unit_id=unit.unit_id,
            title=chance.choice(career.titles),
            level=career.level,
            eselon=career.eselon,
            since=self.on - timedelta(days=chance.randrange(30, 365 * max(1, min(6, self.on.year - appointed)))),
            golongan=_golongan(career, age),
            kedudukan_hukum=_kedudukan_hukum(chance),
            retires_on=_retires_on(nip.birth_date, career.bup),
            education=chance.choice(career.educations),
            field_match=_known(chance, likely=0.78),
            development=_known(chance, likely=0.7),
            years=years,
            variety=_variety(chance, years),
            substance=_known(chance, likely=0.75),
            discipline=_discipline(chance, self.on),
            ratings=measured.ratings,
            assessment=measured.assessment,
        )


def _cumulated_shares(government: Government) -> list[int]:
    whole, cumulated = 0, []
    for unit in government.units:
        whole += unit.share
        cumulated.append(whole)
    return cumulated


def _head_of(government: Government) -> Career:
    return SEKDA_OF_THE_PROVINCE if government.code == PROVINCE else SEKDA


def _nip(chance: Random, index: int, kind: EmployeeKind, year: int, age: int) -> Nip:
    birthday, sequence = index * _STRIDE % _BIRTHDAYS, index // _BIRTHDAYS
    day, sex = divmod(birthday, 2)
    born = year - age
    if kind is EmployeeKind.PNS:
        appointed = min(year - 1, born + chance.randrange(21, 31))
        count = chance.randrange(1, 13)
    else:
        appointed = chance.randrange(max(_FIRST_PPPK_YEAR, born + 20), year)
        count = chance.choice((21, 21, 21, 22))
    return Nip.parse(
        f"{born}{_EPOCH + timedelta(days=day):%m%d}{appointed}{count:02}{sex + 1}{sequence + 1:03}",
    )


def _name(chance: Random, nip: Nip) -> str:
    given = names.MALE if nip[14] == "1" else names.FEMALE
    return f"{chance.choice(given)} {chance.choice(given)} {chance.choice(names.FAMILY)}"


def _golongan(career: Career, age: int) -> str:
    """Rises with age through the career's golongan."""
    youngest, _, oldest = career.ages
    place = (age - youngest) * len(career.golongan) // (oldest - youngest + 1)
    return career.golongan[place]


def _kedudukan_hukum(chance: Random) -> str:
    """Aktif; a few tugas belajar, cuti di luar tanggungan negara, diberhentikan sementara."""
    return chance.choices(("01", "03", "02", "04"), cum_weights=(980, 990, 997, 1000))[0]


def _retires_on(born: date, bup: int) -> date:
    """A pension begins on the first day of the month after the birthday."""
    years, month = divmod(born.month, 12)
    return date(born.year + bup + years, month + 1, 1)


def _known(chance: Random, *, likely: float) -> bool | None:
    """A fact that is missing in 3 of 100 records, as in real ones."""
    drawn = chance.random()
    return None if drawn < _FACT_MISSING else drawn < _FACT_MISSING + (1 - _FACT_MISSING) * likely


def _years_in_posts(chance: Random, service: int) -> Decimal | None:
    if chance.random() < _EXPERIENCE_MISSING:
        return None
    return Decimal(max(1, 2 * service - chance.randrange(0, 4))) / 2


def _variety(chance: Random, years: Decimal | None) -> ExperienceVariety | None:
    if years is None:
        return None
    return chance.choices(tuple(ExperienceVariety), cum_weights=(25, 60, 100))[0]


def _discipline(chance: Random, on: date) -> tuple[Discipline, ...]:
    """Two in a hundred were ever punished; one punishment of ten is annulled."""
    if chance.random() >= _EVER_PUNISHED:
        return ()
    level = chance.choices(tuple(DisciplineLevel), cum_weights=(65, 92, 100))[0]
    imposed = on - timedelta(days=chance.randrange(1, 5 * 365))
    served = timedelta(days=chance.choice((180, 365, 730)))
    return (
        Discipline(
            level=level,
            imposed_on=imposed,
            until=None if level is DisciplineLevel.RINGAN else imposed + served,
            annulled=chance.random() < _ANNULLED,
        ),
    )
