"""Performance scores take effect."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.assessment.performance import queries
from services.assessment.performance.rules import HeldScore, Score
from services.assessment.submissions.rules import Attributed, Change, Taken, change_by


async def take_effect(session: AsyncSession, scores: Sequence[Attributed[Score]]) -> list[Taken]:
    """Decide score by score, in the order given, and add the new versions; the employees' results are locked.

    The same period again is a new version of its score; the same content again is none.
    """
    employee_ids = {attributed.employee_id for attributed in scores}
    in_force = {
        (employee_id, held.score.measured): held
        for employee_id, of_employee in (await queries.read_in_force(session, employee_ids)).items()
        for held in of_employee
    }
    taken: list[Taken] = []
    added: list[tuple[Attributed[Score], int]] = []
    for attributed in scores:
        score = attributed.submission.measurement
        place = (attributed.employee_id, score.measured)
        held = in_force.get(place)
        change = change_by(held=held is not None, equal=held is not None and held.score == score)
        if change is not Change.UNCHANGED or held is None:
            held = HeldScore(attributed.submission.id, held.version + 1 if held else 1, score)
            in_force[place] = held
            added.append((attributed, held.version))
        taken.append(Taken(held.score_id, change))
    if added:
        await queries.insert_scores(session, added)
    return taken
