"""Every endpoint of the four services against every kind of caller who may not call it.

What is denied is read off the routes, so that a new endpoint is tested here without a line.
"""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives import serialization

from shared.auth.matrix import Endpoint
from shared.auth.roles import ALL as ROLES
from shared.auth.roles import EMPLOYEE, INTEGRATOR, PROVINCE_OPERATOR, PopulationKind, Role
from shared.auth.scopes import Scope
from shared.testing.tokens import Issuer
from tests.contracts.house import ENDPOINTS, GUARDED, House, example_of, name_of, operation_of

READS: Final = [endpoint for endpoint in GUARDED if endpoint.method == "GET"]
WRITES: Final = [endpoint for endpoint in GUARDED if endpoint.method != "GET"]
LACKING: Final = [(one, role) for one in GUARDED for role in ROLES if one.scope not in role.scopes]
HOLDING: Final = [(one, role) for one in GUARDED for role in ROLES if one.scope in role.scopes]
NOBODYS: Final[dict[str, dict[str, Any]]] = {
    "no population": {},
    "another region": {"regions": ["33.01"]},
    "the province's own staff": {"regions": ["33"]},
    "another province": {"regions": ["34.*"]},
    "a unit, which no role counts": {"units": ["33.74-dinkes"]},
}
every_guarded: Final = pytest.mark.parametrize("endpoint", GUARDED, ids=name_of)


def ids(value: Any) -> str:
    return name_of(value) if isinstance(value, Endpoint) else str(getattr(value, "name", value))


def test_every_role_is_refused_somewhere_and_let_in_elsewhere() -> None:
    assert {role for _, role in LACKING} | {INTEGRATOR} == set(ROLES)
    assert {role for _, role in HOLDING} == set(ROLES)
    assert len(READS) > len(WRITES) > 0


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=name_of)
async def test_without_a_token_only_what_is_public_answers(house: House, endpoint: Endpoint) -> None:
    answer = await house.call(endpoint, None)
    if endpoint.scope is None:
        assert answer.status_code == 200
        assert str(house.ana.employee_id) not in answer.text
    else:
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["www-authenticate"] == 'Bearer realm="talenta"'


@pytest.mark.parametrize(("endpoint", "role"), LACKING, ids=ids)
async def test_a_role_without_the_scope_is_refused(
    house: House, issuer: Issuer, endpoint: Endpoint, role: Role
) -> None:
    everything = issuer.token_for(role, regions=["33.*"], employee_id=house.ana.employee_id, scopes=Scope)
    answer = await house.call(endpoint, everything)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert f'scope="{endpoint.scope}"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("roles", [[], ["auditor"], ["INTEGRATOR"], ["integrator "]], ids=str)
@every_guarded
async def test_a_scope_that_no_role_grants_is_refused(
    house: House, issuer: Issuer, endpoint: Endpoint, roles: list[str]
) -> None:
    claims = {"sub": "x", "scope": " ".join(Scope), "roles": roles, "regions": ["33.*"]}
    answer = await house.call(endpoint, issuer.sign(claims))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@every_guarded
async def test_a_role_whose_token_lacks_the_scope_is_refused(
    house: House, issuer: Issuer, endpoint: Endpoint
) -> None:
    others = [scope for scope in Scope if scope is not endpoint.scope]
    answer = await house.call(endpoint, issuer.token_for(INTEGRATOR, regions=["33.*"], scopes=others))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize("population", NOBODYS.values(), ids=NOBODYS)
@pytest.mark.parametrize(("endpoint", "role"), [case for case in HOLDING if case[0] in READS], ids=ids)
async def test_who_may_see_nobody_is_shown_nobody(
    house: House, issuer: Issuer, endpoint: Endpoint, role: Role, population: dict[str, Any]
) -> None:
    answer = await house.call(endpoint, issuer.token_for(role, **population))
    assert answer.status_code in {403, 404} or answer.json()["items"] == []
    assert not house.ana.is_in(answer.text)


@pytest.mark.parametrize("population", NOBODYS.values(), ids=NOBODYS)
@pytest.mark.parametrize("endpoint", WRITES, ids=name_of)
async def test_who_may_touch_nobody_changes_nothing(
    house: House, issuer: Issuer, endpoint: Endpoint, population: dict[str, Any]
) -> None:
    before = await everything_about_ana(house, issuer)
    answer = await house.call(endpoint, issuer.token_for(INTEGRATOR, subject="stranger", **population))
    told = answer.json()
    for result in told.get("results", [told]):
        # A measurement is kept: who hands it in must not learn whether anybody bears the NIP.
        assert result.get("outcome") == "received" or result["problem" if "index" in result else "status"]
        assert not house.ana.is_in(json.dumps(result))
    assert answer.headers.get("talenta-token") is None
    assert await everything_about_ana(house, issuer) == before


async def everything_about_ana(house: House, issuer: Issuer) -> list[Any]:
    """What an operator of the province reads of her in all services."""
    token = issuer.token_for(PROVINCE_OPERATOR, regions=["33.*"])
    answers = [await house.call(endpoint, token) for endpoint in READS]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json() for answer in answers]


@pytest.mark.parametrize("endpoint", READS, ids=name_of)
async def test_an_employee_sees_himself_and_never_a_colleague(
    house: House, issuer: Issuer, endpoint: Endpoint
) -> None:
    token = issuer.token_for(EMPLOYEE, employee_id=house.ana.employee_id, regions=["33.*"], units=["33.74-dinkes"])
    of_herself, of_him = [await house.call(endpoint, token, person) for person in (house.ana, house.budi)]
    assert not house.budi.is_in(of_herself.text)
    assert not house.budi.is_in(of_him.text)
    is_about_one = "{nip}" in endpoint.path or "{employee_id}" in endpoint.path
    assert of_herself.status_code == 200 if is_about_one else of_herself.status_code in {200, 403, 404}
    assert of_him.status_code == (404 if is_about_one else of_herself.status_code)


def test_regions_count_for_no_employee() -> None:
    assert EMPLOYEE.population == {PopulationKind.SELF}


def _unsigned(issuer: Issuer) -> str:
    return f"{_head_and_claims(issuer, 'none')}."


def _by_the_public_key_as_a_secret(issuer: Issuer) -> str:
    signed = _head_and_claims(issuer, "HS256")
    public = issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"{signed}.{_part(hmac.digest(public, signed.encode(), 'sha256'))}"


def _head_and_claims(issuer: Issuer, algorithm: str) -> str:
    # By hand: PyJWT signs nothing of the kind.
    parts = ({"alg": algorithm, "kid": issuer.key_id, "typ": "JWT"}, _claims(issuer))
    return ".".join(_part(json.dumps(part).encode()) for part in parts)


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _claims(issuer: Issuer, **changes: Any) -> dict[str, Any]:
    """A token that would open every door, with changes."""
    good: dict[str, Any] = {
        "sub": "x",
        "iss": issuer.issuer,
        "aud": issuer.audience,
        "exp": time.time() + 3600,
        "scope": " ".join(Scope),
        "roles": ["integrator"],
        "regions": ["33.*"],
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


BAD_TOKENS: Final[dict[str, Callable[[Issuer], str]]] = {
    "expired": lambda issuer: issuer.sign(_claims(issuer, exp=time.time() - 3600)),
    "not yet": lambda issuer: issuer.sign(_claims(issuer, nbf=time.time() + 3600)),
    "for others": lambda issuer: issuer.sign(_claims(issuer, aud="other")),
    "of another issuer": lambda issuer: issuer.sign(_claims(issuer, iss="https://other")),
    "by another key": lambda issuer: Issuer(key_id=issuer.key_id).sign(_claims(issuer)),
    "by an unknown key": lambda issuer: Issuer().sign(_claims(issuer)),
    "unsigned": _unsigned,
    "by the public key": _by_the_public_key_as_a_secret,
    "without a subject": lambda issuer: issuer.sign(_claims(issuer, sub=None)),
    "roles of another shape": lambda issuer: issuer.sign(_claims(issuer, roles={"integrator": True})),
    "regions of another shape": lambda issuer: issuer.sign(_claims(issuer, regions=["%"])),
    "cut off": lambda issuer: issuer.sign(_claims(issuer))[:-2],
    "too long": lambda issuer: issuer.sign(_claims(issuer, x="x" * 9000)),
    "garbage": lambda _: "garbage",
    "dots": lambda _: "..",
}


@pytest.mark.parametrize("bad", BAD_TOKENS.values(), ids=BAD_TOKENS)
@every_guarded
async def test_a_token_that_does_not_hold_opens_nothing(
    house: House, issuer: Issuer, endpoint: Endpoint, bad: Callable[[Issuer], str]
) -> None:
    answer = await house.call(endpoint, bad(issuer))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("endpoint", WRITES, ids=name_of)
async def test_the_same_caller_with_all_of_it_is_let_in(house: House, issuer: Issuer, endpoint: Endpoint) -> None:
    """Else all of the above would prove nothing. The body is the documented example."""
    assert example_of(endpoint) is not None
    answer = await house.call(endpoint, issuer.sign(_claims(issuer)))
    assert str(answer.status_code) in operation_of(endpoint)["responses"]
    assert answer.status_code < 300
    assert "rejected" not in answer.text
