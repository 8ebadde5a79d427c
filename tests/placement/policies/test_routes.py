"""Criteria are open to everybody."""

import asyncpg
import httpx

from services.placement.policies.rules import TalentPolicy
from tests.placement.people import DEFAULT, DJBK

NOBODY = {"Authorization": ""}


async def test_anybody_may_list_policies_and_see_which_is_in_force(http: httpx.AsyncClient) -> None:
    items = (await http.get("/v1/policies", headers=NOBODY)).json()["items"]
    assert [item["policy_id"] for item in items] == ["djbk-2026", "talenta-default-1"]
    assert items[0]["in_force"] == []
    assert items[1]["in_force"] == [{"region": "*", "effective_from": "2020-01-01"}]


async def test_anybody_may_read_all_criteria(http: httpx.AsyncClient) -> None:
    for policy in (DEFAULT, DJBK):
        body = (await http.get(f"/v1/policies/{policy.policy_id}", headers=NOBODY)).json()
        assert TalentPolicy.model_validate(body["content"]) == policy
    assert body["content"]["x"]["weights"]["potential_competency"] == 65


async def test_unknown_policy_is_not_found(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/policies/no-such-policy")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/policy_not_found")


async def test_etag_changes_with_the_terms(http: httpx.AsyncClient, connection: asyncpg.Connection) -> None:
    etag = (await http.get("/v1/policies")).headers["etag"]
    assert (await http.get("/v1/policies", headers={"If-None-Match": etag})).status_code == 304
    await connection.execute("INSERT INTO source.policy_in_force VALUES ('33.72', '2026-01-01', 'djbk-2026')")
    assert (await http.get("/v1/policies", headers={"If-None-Match": etag})).status_code == 200
