"""Digests over HTTP: to operations alone, of the whole installation or not at all."""

from typing import Any

import httpx
import pytest

from shared.auth.roles import PROVINCE_OPERATOR
from shared.testing.tokens import Issuer
from shared.verification.held import BEGINNING
from shared.verification.upstream import Upstream, UpstreamSilent
from shared.verification.views import EMPLOYEES_IN_ASSESSMENT
from tests.profile.conftest import Calling
from tests.profile.told import NIP, employee


@pytest.fixture
def operator(calling: Calling, issuer: Issuer) -> httpx.AsyncClient:
    return calling(issuer.token_for(PROVINCE_OPERATOR, regions=["33.*"]))


async def test_neither_nip_nor_name_is_told(province: httpx.AsyncClient, operator: httpx.AsyncClient) -> None:
    key = (await province.put(f"/v1/employees/{NIP}", json=employee())).json()["employee_id"]
    for follower, field in (("assessment", "nip"), ("placement", "post.title")):
        states = f"/internal/v1/states/{follower}"
        ranges, entries, entry = [
            await operator.get(f"{states}/{path}") for path in ("ranges", "entries", f"entries/{key}")
        ]
        assert ranges.json()["states"] == 1
        assert [item[:2] for item in entries.json()["items"]] == [[key, 1]]
        assert entries.json()["items"][0][2] == ranges.json()["digest"]
        assert field in entry.json()["fields"]
        for answer in (ranges, entries, entry):
            assert not any(said in answer.text for said in (NIP, "Contoh", "33.74", "Kepala"))


@pytest.mark.parametrize(("path", "status"), [("reporting/ranges", 404), ("placement/ranges?limit=5001", 422)])
async def test_what_does_not_exist_is_told(operator: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await operator.get(f"/internal/v1/states/{path}")).status_code == status


@pytest.mark.parametrize("regions", [[], ["33"], ["33.74"], ["34.*"]], ids=str)
async def test_who_may_read_a_part_gets_none_of_it(calling: Calling, issuer: Issuer, regions: list[str]) -> None:
    part = calling(issuer.token_for(PROVINCE_OPERATOR, regions=regions))
    answer = await part.get("/internal/v1/states/placement/ranges")
    assert (answer.status_code, answer.json()["code"]) == (403, "outside_population")


async def test_whoever_compares_learns_why_he_was_not_answered(address: str, empty: Any, issuer: Issuer) -> None:
    outside = issuer.token_for(PROVINCE_OPERATOR, regions=["33.74"])
    for token, status in (("", 401), ("nonsense", 401), (outside, 403)):
        async with Upstream(EMPLOYEES_IN_ASSESSMENT, f"{address}/", token) as upstream:
            with pytest.raises(
                UpstreamSilent, match=f"profile at .*/internal/v1/states/assessment: status {status}"
            ):
                await upstream.next_range(BEGINNING)
