"""Talent assessments take effect."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.submissions.rules import Attributed, Change, Taken, change_by
from services.assessment.talent_assessments import queries
from services.assessment.talent_assessments.rules import HeldAssessment, TalentAssessment, says_the_same


async def take_effect(session: AsyncSession, assessments: Sequence[Attributed[TalentAssessment]]) -> list[Taken]:
    """Decide one by one, in the order given, and add the new versions; the employees' results are locked.

    The same day again is a new version; one whose every part is in force already is none.
    """
    employee_ids = {attributed.employee_id for attributed in assessments}
    held: defaultdict[tuple[UUID, date], list[HeldAssessment]] = defaultdict(list)
    for employee_id, of_employee in (await queries.read_newest(session, employee_ids)).items():
        for one in of_employee:
            held[employee_id, one.assessment.assessed_on].append(one)
    taken: list[Taken] = []
    added: list[tuple[Attributed[TalentAssessment], int]] = []
    for attributed in assessments:
        assessment = attributed.submission.measurement
        of_day = held[attributed.employee_id, assessment.assessed_on]
        change = change_by(held=bool(of_day), equal=says_the_same(of_day, assessment))
        newest = max(of_day, key=lambda one: one.version, default=None)
        if change is not Change.UNCHANGED or newest is None:
            newest = HeldAssessment(attributed.submission.id, newest.version + 1 if newest else 1, assessment)
            of_day.append(newest)
            added.append((attributed, newest.version))
        taken.append(Taken(newest.assessment_id, change))
    if added:
        await queries.insert_assessments(session, added)
    return taken
