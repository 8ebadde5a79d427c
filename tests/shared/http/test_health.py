"""Alive is what the process can say of itself; ready is what its work depends on."""

import asyncio

import httpx
from httpx import ASGITransport

from shared.http.health import Health, create_health_app
from tests.shared.conditions import until


def client_of(health: Health) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=ASGITransport(create_health_app(health)), base_url="http://worker")


async def test_service_is_ready_with_its_database(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    checks = ("database", "outbox", "broker")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": dict.fromkeys(checks, "ok")})


async def test_probes_ask_nobody_who_he_is(address: str) -> None:
    async with httpx.AsyncClient(base_url=address) as stranger:
        assert {(await stranger.get(path)).status_code for path in ("/livez", "/readyz", "/metrics")} == {200}


async def test_stalled_loop_fails_livez_and_says_which() -> None:
    health = Health()
    reason: str | None = None
    health.watch("relay", lambda: reason)
    async with client_of(health) as client:
        assert (await client.get("/livez")).status_code == 200
        reason = "no turn for 90 s"
        answer = await client.get("/livez")
        assert (answer.status_code, answer.json()["checks"]) == (503, {"relay": "no turn for 90 s"})


async def test_readyz_names_what_is_away_and_keeps_the_others_apart() -> None:
    async def away() -> str | None:
        raise ConnectionRefusedError

    async def hanging() -> str | None:
        await asyncio.Event().wait()
        return None

    async def good() -> str | None:
        return None

    health = Health(patience=0.1)
    health.depend_on("database", away)
    health.depend_on("consumers", hanging)
    health.depend_on("issuer", good)
    async with client_of(health) as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"] == {
            "database": "ConnectionRefusedError",
            "consumers": "no answer",
            "issuer": "ok",
        }
        assert (await client.get("/livez")).status_code == 200


async def test_readiness_is_asked_once_at_a_time_and_not_again_for_a_while() -> None:
    asked, answer = 0, asyncio.Event()

    async def counted() -> str | None:
        nonlocal asked
        asked += 1
        await answer.wait()
        return None

    async def begun() -> bool:
        return asked == 1

    health = Health(kept=0.3)
    health.depend_on("database", counted)
    async with client_of(health) as client:
        gone = asyncio.create_task(client.get("/readyz"))
        others = [asyncio.create_task(client.get("/readyz")) for _ in range(20)]
        await until(begun)
        gone.cancel()
        answer.set()
        assert {other.status_code for other in await asyncio.gather(*others)} == {200}
        assert (await client.get("/readyz")).status_code == 200
        assert asked == 1

        async def asked_again() -> bool:
            await client.get("/readyz")
            return asked == 2

        await until(asked_again)


async def test_worker_serves_metrics() -> None:
    async with client_of(Health()) as client:
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        assert "talenta_http_requests" in answer.text


async def test_trouble_in_which_reading_goes_on_is_told_and_keeps_the_process_ready() -> None:
    trouble: str | None = None

    async def told() -> str | None:
        return trouble

    health = Health(kept=0.0)
    health.tell("broker", told)
    async with client_of(health) as client:
        assert (await client.get("/readyz")).json() == {"status": "ok", "checks": {"broker": "ok"}}
        trouble = "away"
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "degraded", "checks": {"broker": "away"}})
        health.depend_on("database", told)
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "failing")
