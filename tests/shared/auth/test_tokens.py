"""Which tokens hold, and for whom and what."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from shared.auth.caller import Caller
from shared.auth.roles import EMPLOYEE, INTEGRATOR
from shared.auth.scopes import Scope
from shared.auth.tokens import TokenVerifier
from shared.http.errors import NotAuthenticated
from shared.testing.tokens import Issuer
from tests.shared.auth.key_server import Clock, KeyServer

READ: Final = Scope.PROFILE_READ


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def server(issuer: Issuer) -> KeyServer:
    return KeyServer(issuer)


@pytest_asyncio.fixture
async def verifier(issuer: Issuer, server: KeyServer) -> AsyncIterator[TokenVerifier]:
    made = TokenVerifier(
        jwks_url="http://issuer/jwks.json",
        issuer=issuer.issuer,
        audience=issuer.audience,
        client=server.client(),
    )
    yield made
    await made.close()


async def test_good_token_gives_its_caller(issuer: Issuer, verifier: TokenVerifier) -> None:
    caller = await verifier.caller(issuer.token_for(INTEGRATOR, subject="simpeg", regions=["33.74"]), READ)
    assert isinstance(caller, Caller)
    assert (caller.subject, caller.roles) == ("simpeg", ("integrator",))
    assert caller.scopes == INTEGRATOR.scopes
    assert caller.population.regions == ("33.74",)


async def test_token_is_verified_once(issuer: Issuer, verifier: TokenVerifier, server: KeyServer) -> None:
    token = issuer.token_for(INTEGRATOR)
    first = await verifier.caller(token, READ)
    assert await verifier.caller(token, READ) is first
    assert server.asked == 1


Change = Callable[[Issuer], str]
BAD_TOKENS: Final[dict[str, Change]] = {
    "ended": lambda issuer: issuer.sign({"sub": "x"}, lifetime=-60),
    "not yet valid": lambda issuer: issuer.sign({"sub": "x", "nbf": time.time() + 60}),
    "other issuer": lambda issuer: issuer.sign({"sub": "x", "iss": "http://evil"}),
    "other audience": lambda issuer: issuer.sign({"sub": "x", "aud": "another"}),
    "no subject": lambda issuer: issuer.sign({}),
    "no end": lambda issuer: jwt.encode(
        {"sub": "x", "iss": issuer.issuer, "aud": issuer.audience},
        issuer.key,
        algorithm="ES256",
        headers={"kid": issuer.key_id},
    ),
    "no key id": lambda issuer: jwt.encode({"sub": "x"}, issuer.key, algorithm="ES256"),
    "signed by another": lambda issuer: Issuer(key_id=issuer.key_id).sign({"sub": "x"}),
    "unknown key": lambda _: Issuer().sign({"sub": "x"}),
    "unsigned": lambda issuer: jwt.encode({"sub": "x"}, "", algorithm="none", headers={"kid": issuer.key_id}),
    "claims of another shape": lambda issuer: issuer.sign({"sub": "x", "regions": ["everywhere"]}),
    "employee id that is none": lambda issuer: issuer.sign({"sub": "x", "employee_id": "1"}),
    "too many regions": lambda issuer: issuer.sign({"sub": "x", "regions": ["33.01"] * 601}),
    "too long": lambda issuer: issuer.sign({"sub": "x", "padding": "x" * 10_000}),
    "no token": lambda _: "a.b.c",
    "half a token": lambda issuer: issuer.sign({"sub": "x"})[:-10],
}


@pytest.mark.parametrize("made", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
async def test_bad_token_is_refused(issuer: Issuer, verifier: TokenVerifier, made: Change) -> None:
    with pytest.raises(NotAuthenticated) as raised:
        await verifier.caller(made(issuer), READ)
    assert raised.value.headers["WWW-Authenticate"].startswith('Bearer realm="talenta", error="invalid_token"')


async def test_public_key_is_no_shared_secret(issuer: Issuer, verifier: TokenVerifier) -> None:
    """The classic confusion: HS256 with the public key, which everybody knows, as the secret."""
    public = issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM,
        serialization.PublicFormat.SubjectPublicKeyInfo,
    )
    header = jwt.encode({}, "x" * 32, algorithm="HS256", headers={"kid": issuer.key_id}).partition(".")[0]
    claims = issuer.sign({"sub": "x"}).split(".")[1]
    signer = jwt.get_algorithm_by_name("HS256")
    signature = signer.sign(f"{header}.{claims}".encode(), public)
    forged = f"{header}.{claims}.{jwt.utils.base64url_encode(signature).decode()}"
    with pytest.raises(NotAuthenticated):
        await verifier.caller(forged, READ)


async def test_clocks_may_differ_by_half_a_minute(issuer: Issuer, verifier: TokenVerifier) -> None:
    claims = {"sub": "x", "scope": READ.value, "roles": ["integrator"]}
    assert await verifier.caller(issuer.sign(claims, lifetime=-20), READ)
    assert await verifier.caller(issuer.sign(claims | {"nbf": time.time() + 20}), READ)


class FrozenTime:
    def __init__(self, now: float) -> None:
        self.time = lambda: now


async def test_remembered_token_ends_at_its_time(
    issuer: Issuer,
    verifier: TokenVerifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = issuer.token_for(INTEGRATOR, lifetime=60)
    assert await verifier.caller(token, READ)
    now = time.time()
    monkeypatch.setattr("shared.auth.tokens.time", FrozenTime(now + 80))
    assert await verifier.caller(token, READ)
    monkeypatch.setattr("shared.auth.tokens.time", FrozenTime(now + 100))
    assert verifier._recall(token) is None


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA"])
async def test_other_asymmetric_keys_are_taken(issuer: Issuer, algorithm: str) -> None:
    server = KeyServer()
    if algorithm == "RS256":
        rsa_key = rsa.generate_private_key(65537, 2048)
        key: Any = rsa_key
        public: dict[str, Any] = RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True)
    else:
        key = ed25519.Ed25519PrivateKey.generate()
        public = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    server.keys = [public | {"kid": "one"}, {"kty": "oct", "kid": "secret", "k": "AAAA"}, {"kid": "odd"}, {}]
    verifier = TokenVerifier(jwks_url="http://i/j", issuer="i", audience="a", client=server.client())
    claims = {"sub": "x", "iss": "i", "aud": "a", "exp": time.time() + 60, "scope": READ, "roles": ["integrator"]}
    assert await verifier.caller(jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "one"}), READ)
    await verifier.close()


async def test_scope_needs_the_token_and_a_role(issuer: Issuer, verifier: TokenVerifier) -> None:
    cases: dict[str, tuple[dict[str, Any], bool]] = {
        "granted": ({"scope": "profile:read profile:write", "roles": ["integrator"]}, True),
        "as a list": ({"scope": ["profile:write"], "roles": ["integrator"]}, True),
        "role without it": ({"scope": "profile:write", "roles": ["employee"]}, False),
        "token without it": ({"scope": "profile:read", "roles": ["integrator"]}, False),
        "no role": ({"scope": "profile:write"}, False),
        "unknown role": ({"scope": "profile:write", "roles": ["root"]}, False),
    }
    for name, (claims, granted) in cases.items():
        caller = await verifier.caller(issuer.sign({"sub": "x"} | claims), Scope.PROFILE_WRITE)
        assert (caller is not None) == granted, name


async def test_population_is_that_of_the_roles_which_grant_the_scope(
    issuer: Issuer,
    verifier: TokenVerifier,
) -> None:
    own = "0198c0de-0000-7000-8000-000000000001"
    claims = {
        "sub": "x",
        "scope": " ".join(INTEGRATOR.scopes),
        "roles": ["employee", "integrator", "root"],
        "regions": ["33.74"],
        "units": ["u1"],
        "employee_id": own,
    }
    token = issuer.sign(claims)
    reading, writing = await verifier.caller(token, READ), await verifier.caller(token, Scope.PROFILE_WRITE)
    assert reading is not None
    assert writing is not None
    assert (reading.population.regions, str(reading.population.employee_id)) == (("33.74",), own)
    assert (writing.population.regions, writing.population.employee_id) == (("33.74",), None)
    assert (reading.population.units, writing.roles) == ((), ("integrator",))


async def test_employee_has_no_regions(issuer: Issuer, verifier: TokenVerifier) -> None:
    caller = await verifier.caller(issuer.token_for(EMPLOYEE, regions=["33.*"]), READ)
    assert caller is not None
    assert caller.population.regions == ()


async def test_number_of_remembered_tokens_is_bounded(
    issuer: Issuer,
    verifier: TokenVerifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.auth.tokens._MOST_REMEMBERED", 3)
    for number in range(10):
        await verifier.caller(issuer.token_for(INTEGRATOR, subject=str(number)), READ)
    assert len(verifier._remembered) == 3


async def test_token_of_a_withdrawn_key_ends(
    server: KeyServer,
    issuer: Issuer,
    verifier: TokenVerifier,
) -> None:
    clock = verifier._keys._clock = Clock()
    token = issuer.token_for(INTEGRATOR)
    assert await verifier.caller(token, READ)
    newer = Issuer()
    server.keys = newer.jwks()["keys"]
    clock.now += 700
    assert await verifier.caller(newer.token_for(INTEGRATOR), READ)
    with pytest.raises(NotAuthenticated):
        await verifier.caller(token, READ)
