"""`profile.employees`: who somebody is. The only topic that carries NIP and name."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.asn.education import EducationLevel
from shared.asn.employment import DisciplineLevel, EmployeeKind
from shared.asn.experience import ExperienceVariety
from shared.asn.post import Eselon, PostLevel
from shared.events.contract import Part, State


class Post(Part):
    """The post (jabatan) held now."""

    title: str
    level: PostLevel
    eselon: Eselon | None = None
    since: date | None = None


class Experience(Part):
    """Experience in posts: years in all, how far apart they lie, and whether in the substance of the post."""

    years: Decimal | None = None
    variety: ExperienceVariety | None = None
    substance: bool | None = None


class Discipline(Part):
    """One punishment (hukdis). An annulled one never counts; `until` is the last day of serving it."""

    level: DisciplineLevel
    imposed_on: date
    until: date | None = None
    annulled: bool = False


class EmployeeState(State):
    """One employee. `region` and `unit_id` are where the employee serves now."""

    employee_id: UUID
    nip: str
    name: str
    kind: EmployeeKind
    region: str
    unit_id: str
    post: Post
    golongan: str | None = None
    kedudukan_hukum: str
    retires_on: date | None = None
    education: EducationLevel | None = None
    field_match: bool | None = None
    development: bool | None = None
    experience: Experience = Experience()
    discipline: tuple[Discipline, ...] = ()

    @property
    def key(self) -> str:
        return str(self.employee_id)
