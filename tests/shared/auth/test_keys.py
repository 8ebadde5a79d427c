"""How seldom the issuer is asked for its keys, and what happens while it is away."""

import asyncio

import pytest

from shared.auth.keys import KeySet
from shared.http.errors import IssuerUnavailable
from shared.testing.tokens import Issuer
from tests.shared.auth.key_server import Clock, KeyServer


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def server(issuer: Issuer) -> KeyServer:
    return KeyServer(issuer)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_keys_are_asked_for_once_however_many_wait(server: KeyServer, issuer: Issuer, clock: Clock) -> None:
    keys = KeySet("http://i/j", server.client(), clock)
    found = await asyncio.gather(*(keys.find(issuer.key_id) for _ in range(50)))
    assert all(found)
    assert server.asked == 1


async def test_invented_key_ids_cost_the_issuer_nothing(server: KeyServer, issuer: Issuer, clock: Clock) -> None:
    keys = KeySet("http://i/j", server.client(), clock)
    await keys.find(issuer.key_id)
    for number in range(100):
        assert await keys.find(f"invented {number}") is None
    assert server.asked == 1
    clock.now += 11
    assert await keys.find("invented") is None
    assert server.asked == 2


async def test_new_key_is_found_and_old_tokens_are_verified_again(
    server: KeyServer,
    issuer: Issuer,
    clock: Clock,
) -> None:
    keys = KeySet("http://i/j", server.client(), clock)
    await keys.find(issuer.key_id)
    generation, newer = keys.generation, Issuer()
    server.keys = newer.jwks()["keys"]
    clock.now += 11
    assert await keys.find(newer.key_id)
    assert await keys.find(issuer.key_id) is None
    assert keys.generation == generation + 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, None),
        (404, None),
        (302, None),
        (200, b"no json"),
        (200, b"[]"),
        (200, b'{"keys": 1}'),
        (200, b" " * 300_000),
    ],
)
async def test_issuer_away_from_the_start_is_503(
    server: KeyServer,
    issuer: Issuer,
    clock: Clock,
    status: int,
    body: bytes | None,
) -> None:
    keys = KeySet("http://i/j", server.client(), clock)
    server.status, server.body = status, body
    with pytest.raises(IssuerUnavailable):
        await keys.find(issuer.key_id)
    server.status, server.body = 200, None
    clock.now += 11
    assert await keys.find(issuer.key_id)


async def test_keys_stay_in_use_while_the_issuer_is_away(server: KeyServer, issuer: Issuer, clock: Clock) -> None:
    keys = KeySet("http://i/j", server.client(), clock)
    await keys.find(issuer.key_id)
    server.status = 500
    clock.now += 7200
    assert await keys.find(issuer.key_id)
    assert server.asked == 2
