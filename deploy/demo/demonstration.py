"""The whole demonstration: population, story, verification."""

from datetime import UTC, date, datetime

from deploy.demo.errors import DemonstrationError
from deploy.demo.installation.api import Api
from deploy.demo.installation.installation import Installation
from deploy.demo.installation.stored import Stored
from deploy.demo.loading.marker import Marker, digest_of
from deploy.demo.loading.sending import load
from deploy.demo.loading.settling import settle
from deploy.demo.population.people import Population
from deploy.demo.progress import Say
from deploy.demo.recomputation.expected import Inputs
from deploy.demo.story.posting import choose_somebody, move_back, tell
from deploy.demo.verification.verifying import verify as verify_all
from services.assessment.submissions.rules import day_of


async def run_demonstration(
    installation: Installation,
    *,
    employees: int,
    verify: bool,
    say: Say,
    show: Say,
) -> int:
    """Load the population unless it is there, post one score and show what it moved; then compare, if asked.

    `say` takes the lines of progress, `show` those of the story, which are drawn for a terminal's whole width.
    The number of differences between the services and a recomputation from what was sent; 0 when not asked for.
    Raises DemonstrationError.
    """
    today = day_of(datetime.now(UTC))
    async with Api(installation) as api, Stored(installation.databases) as stored:
        marker = marker_of(installation, employees, today)
        population = Population(marker.employees, marker.on)
        if marker.loaded and await is_there(api, population):
            say(f"{population.total:,} pegawai sudah ada / employees are there already ({population.on})")
        else:
            marker.write(installation.folder)
            sent = await load(api, population, say)
            await settle(stored, sent, say)
            marker = marker.after_loading()
            marker.write(installation.folder)
        inputs = await _story(api, installation, marker, today, say, show)
        if not verify:
            return 0
        report = await verify_all(stored, api, inputs, today, say)
        return report.differences


def marker_of(installation: Installation, employees: int, today: date) -> Marker:
    """What the folder says it holds, or what it is about to. Raises DemonstrationError when that is another."""
    found = Marker.read(installation.folder)
    try:
        wanted = Population(employees, found.on if found else date(today.year, 1, 1))
    except ValueError as error:
        raise DemonstrationError(str(error)) from None
    if found is None:
        return Marker.of(wanted)
    if found.employees != employees:
        raise DemonstrationError(
            f"{installation.folder}: {found.employees:,} pegawai, bukan / employees, not {employees:,}. "
            f"Pakai EMPLOYEES={found.employees} atau hapus folder itu / use it or remove the folder."
        )
    if found.digest != digest_of(wanted):
        raise DemonstrationError(
            f"{installation.folder}: populasi buatan versi Talenta lain, hapus folder itu / "
            "made by another version of Talenta, remove the folder."
        )
    return found


async def is_there(api: Api, population: Population) -> bool:
    """Whether profile knows the first and the last: a database that was made anew has neither."""
    ends = (population.person(0), population.person(population.total - 1))
    found = [await api.find(f"profile/v1/employees/{person.nip}") for person in ends]
    return None not in found


async def _story(api: Api, installation: Installation, marker: Marker, today: date, say: Say, show: Say) -> Inputs:
    """Tell it, and return all that has been sent in the end."""
    population = Population(marker.employees, marker.on)
    inputs = Inputs(population, {})
    if marker.moved is not None:
        say("skor peragaan terakhir dikembalikan dahulu / the last demonstration's score is moved back first")
        await move_back(api, population.person(marker.moved))
    candidate = await choose_somebody(api, inputs, today)
    if candidate is None:
        say("populasi terlalu kecil, tidak ada kisah / the population is too small, there is no story to tell")
        return inputs
    # Written first: a run that is cut short moves the score back all the same.
    marker.with_moved(candidate.person.index).write(installation.folder)
    for line in await tell(api, installation, candidate):
        show(line)
    return Inputs(population, {candidate.person.index: candidate.ratings})
