"""What an endpoint answers to callers who may not, and the matrix of those who may."""

from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from httpx import ASGITransport

from shared.auth.access import PUBLIC, requires
from shared.auth.caller import Caller
from shared.auth.matrix import Endpoint, UndeclaredEndpoint, endpoints_of, permissions_of, render
from shared.auth.roles import EMPLOYEE, INTEGRATOR
from shared.auth.scopes import Scope
from shared.auth.tokens import TokenVerifier
from shared.http.app import create_service_app
from shared.testing.tokens import Issuer
from tests.shared.http.sample import Settings

SETTINGS = Settings(database_url="postgresql://nobody@localhost/none")
router = APIRouter()


@router.put("/v1/units/{unit_id}")
async def put_unit(unit_id: str, caller: Annotated[Caller, requires(Scope.PROFILE_WRITE)]) -> dict[str, str]:
    return {"unit_id": unit_id, "subject": caller.subject}


@router.get("/v1/policies", dependencies=[PUBLIC])
async def list_policies() -> list[str]:
    return []


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def app(issuer: Issuer) -> FastAPI:
    made = create_service_app(SETTINGS, title="t", summary="s", routers=[router])
    keys = httpx.MockTransport(lambda _: httpx.Response(200, json=issuer.jwks()))
    made.state.tokens = TokenVerifier(
        jwks_url="http://issuer/jwks.json",
        issuer=issuer.issuer,
        audience=issuer.audience,
        client=httpx.AsyncClient(transport=keys),
    )
    return made


@pytest.fixture
def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=ASGITransport(app), base_url="http://service")


async def put(client: httpx.AsyncClient, authorization: str | None) -> httpx.Response:
    return await client.put(
        "/v1/units/u1", headers={} if authorization is None else {"Authorization": authorization}
    )


async def test_caller_with_the_scope_is_let_in(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await put(client, f"bearer {issuer.token_for(INTEGRATOR, subject='simpeg')}")
    assert (answer.status_code, answer.json()) == (200, {"unit_id": "u1", "subject": "simpeg"})


async def test_nobody_is_told_how_to_become_somebody(client: httpx.AsyncClient) -> None:
    answer = await put(client, None)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="talenta"'


@pytest.mark.parametrize("authorization", ["Basic dTpw", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "x"])
async def test_what_is_no_token_is_401(client: httpx.AsyncClient, authorization: str) -> None:
    answer = await put(client, authorization)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_missing_scope_is_named(client: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await put(client, f"Bearer {issuer.token_for(EMPLOYEE)}")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert "profile:write" in answer.json()["detail"]
    assert 'error="insufficient_scope", scope="profile:write"' in answer.headers["www-authenticate"]


async def test_public_endpoint_asks_nobody(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/policies", headers={"Authorization": "Bearer nonsense"})).status_code == 200


def test_matrix_is_read_off_the_routes(app: FastAPI) -> None:
    endpoints = endpoints_of("profile", app)
    assert Endpoint("profile", "/v1/units/{unit_id}", "PUT", Scope.PROFILE_WRITE) in endpoints
    assert {"/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/problems/{code}", "/v1/policies"} == {
        endpoint.path for endpoint in endpoints if endpoint.scope is None
    }
    table = render(permissions_of(endpoints)).splitlines()
    assert "| profile | `PUT /v1/units/{unit_id}` | profile:write | integrator | region |" in table
    assert "| profile | `GET /v1/policies` | public | anyone | public |" in table
    assert not any("employee |" in line and "profile:write" in line for line in table)


def test_nested_routers_are_read_with_their_whole_path() -> None:
    inner, outer = (
        APIRouter(prefix="/inner"),
        APIRouter(prefix="/outer", dependencies=[requires(Scope.REPORTING_READ)]),
    )

    @inner.get("/leaf")
    async def leaf() -> None: ...

    outer.include_router(inner)
    app = create_service_app(SETTINGS, title="t", summary="s", routers=[outer])
    assert Endpoint("r", "/outer/inner/leaf", "GET", Scope.REPORTING_READ) in endpoints_of("r", app)


def declares_nothing(app: FastAPI) -> None:
    app.get("/open")(list_policies)


def declares_both(app: FastAPI) -> None:
    app.get("/both/{unit_id}", dependencies=[PUBLIC])(put_unit)


def declares_two_scopes(app: FastAPI) -> None:
    app.get("/two/{unit_id}", dependencies=[requires(Scope.PROFILE_READ)])(put_unit)


def declares_by_another_dependency(app: FastAPI) -> None:
    async def looks_like_access() -> None: ...

    app.get("/other", dependencies=[Depends(looks_like_access)])(list_policies)


def is_mounted(app: FastAPI) -> None:
    app.mount("/mounted", FastAPI())


@pytest.mark.parametrize(
    "change",
    [declares_nothing, declares_both, declares_two_scopes, declares_by_another_dependency, is_mounted],
)
def test_endpoint_that_does_not_declare_its_access_fails(app: FastAPI, change: object) -> None:
    assert callable(change)
    change(app)
    with pytest.raises(UndeclaredEndpoint):
        endpoints_of("profile", app)
