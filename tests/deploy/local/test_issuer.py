import stat
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from deploy.local.issuer import AUDIENCE, Issuer
from deploy.local.ports import choose_ports
from shared.auth.scopes import Scope
from shared.auth.tokens import TokenVerifier
from shared.http.errors import NotAuthenticated


@pytest_asyncio.fixture
async def issuer(tmp_path: Path) -> AsyncIterator[Issuer]:
    port = choose_ports(tmp_path / "ports.json", {"issuer": 18010})["issuer"]
    with Issuer(tmp_path, port) as issuer:
        yield issuer


@pytest_asyncio.fixture
async def verifier(issuer: Issuer) -> AsyncIterator[TokenVerifier]:
    verifier = TokenVerifier(jwks_url=issuer.jwks_url, issuer=issuer.url, audience=AUDIENCE)
    yield verifier
    await verifier.close()


async def test_a_service_takes_the_tokens_of_the_three_example_roles(
    issuer: Issuer, verifier: TokenVerifier
) -> None:
    integrator = await verifier.caller(issuer.mint("integrator", regions=["33.74"]), Scope.PROFILE_WRITE)
    assert integrator is not None
    assert integrator.population.covers_region("33.74")
    assert not integrator.population.covers_region("33.01")

    operator = await verifier.caller(issuer.mint("province_operator", regions=["33.*"]), Scope.REPORTING_READ)
    assert operator is not None
    assert operator.population.covers_region("33.01")
    assert await verifier.caller(issuer.mint("province_operator", regions=["33.*"]), Scope.PROFILE_WRITE) is None

    person = uuid4()
    employee = await verifier.caller(issuer.mint("employee", employee_id=str(person)), Scope.PLACEMENT_READ)
    assert employee is not None
    assert employee.population.employee_id == person
    assert not employee.population.covers_region("33.74")


async def test_a_token_of_another_installation_is_refused(
    issuer: Issuer, verifier: TokenVerifier, tmp_path: Path
) -> None:
    stranger = Issuer(tmp_path / "elsewhere", int(issuer.url.rpartition(":")[2]))
    with pytest.raises(NotAuthenticated):
        await verifier.caller(stranger.mint("integrator", regions=["33.*"]), Scope.PROFILE_READ)


def test_the_key_is_kept_for_its_owner_alone_and_over_restarts(tmp_path: Path) -> None:
    assert Issuer(tmp_path, 1).jwks() == Issuer(tmp_path, 1).jwks()
    assert stat.S_IMODE((tmp_path / "issuer-key.pem").stat().st_mode) == 0o600
    assert "d" not in Issuer(tmp_path, 1).jwks()["keys"][0], "the private half must not be published"
