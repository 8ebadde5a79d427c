"""Which population a run works with: the one that is there, or a new one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest

from deploy.demo.demonstration import is_there, marker_of
from deploy.demo.errors import DemonstrationError
from deploy.demo.installation.api import Api
from deploy.demo.installation.installation import Installation, PerService
from deploy.demo.loading.marker import Marker
from deploy.demo.population.people import MOST, Population

NOWHERE = PerService("http://profile", "http://assessment", "http://placement", "http://reporting")
TODAY = date(2027, 5, 4)


def installation_in(folder: Path) -> Installation:
    return Installation(NOWHERE, NOWHERE, "", "", lambda: "token", folder)


def test_a_new_folder_gets_a_population_of_this_year(tmp_path: Path) -> None:
    marker = marker_of(installation_in(tmp_path), 200, TODAY)
    assert (marker.employees, marker.on, marker.loaded) == (200, date(2027, 1, 1), False)


def test_a_population_of_last_year_stays_as_it_was(tmp_path: Path) -> None:
    written = Marker.of(Population(200, date(2026, 1, 1))).after_loading()
    written.write(tmp_path)
    assert marker_of(installation_in(tmp_path), 200, TODAY) == written


def test_another_size_is_refused_and_told_how_to_go_on(tmp_path: Path) -> None:
    Marker.of(Population(200, date(2026, 1, 1))).write(tmp_path)
    with pytest.raises(DemonstrationError, match="EMPLOYEES=200"):
        marker_of(installation_in(tmp_path), 300, TODAY)


def test_a_population_that_is_drawn_otherwise_now_is_refused(tmp_path: Path) -> None:
    replace(Marker.of(Population(200, date(2026, 1, 1))), digest="other").write(tmp_path)
    with pytest.raises(DemonstrationError, match="another version"):
        marker_of(installation_in(tmp_path), 200, TODAY)


@pytest.mark.parametrize("employees", [0, -1, MOST + 1])
def test_an_impossible_size_is_refused(tmp_path: Path, employees: int) -> None:
    with pytest.raises(DemonstrationError, match="employees must be"):
        marker_of(installation_in(tmp_path), employees, TODAY)


@pytest.mark.parametrize(
    ("known", "there"), [([0, 199], True), ([0], False), ([199], False), ([], False)], ids=str
)
async def test_a_population_is_there_when_its_first_and_last_are(known: Sequence[int], *, there: bool) -> None:
    population = Population(200, date(2026, 1, 1))
    paths = {f"/v1/employees/{population.person(index).nip}" for index in known}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.url.path in paths else 404, json={})

    async with Api(installation_in(Path()), httpx.MockTransport(answer)) as api:
        assert await is_there(api, population) is there
