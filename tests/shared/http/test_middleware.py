"""What surrounds every request: its ids, its log line, its metrics, and the bound on how many there are."""

import asyncio
import json
from datetime import UTC, datetime
from unittest.mock import Mock

import httpx
import pytest
import structlog
from fastapi import FastAPI
from opentelemetry import metrics, trace
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.http.context import accept
from tests.shared.http import sample
from tests.shared.http.server import served

NIP = "198703122010011001"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


async def test_well_formed_request_id_is_taken_over(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/ping", headers={"X-Request-Id": "simpeg-2026.11_24"})
    assert answer.headers["x-request-id"] == "simpeg-2026.11_24"


async def test_addresses_are_told_to_no_telemetry(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Mock()
    monkeypatch.setattr(trace, "get_tracer_provider", found)
    monkeypatch.setattr(metrics, "get_meter_provider", found)
    assert (await client.get(f"/v1/employees/{NIP}")).status_code == 404
    assert found.call_count == 0


@pytest.mark.parametrize("sent", ["short", "x" * 129, "with blank in it", f"nip-{NIP}", "semi;colon-here", ""])
async def test_other_request_ids_are_replaced(client: httpx.AsyncClient, sent: str) -> None:
    answer = await client.get("/v1/ping", headers={"X-Request-Id": sent})
    assert answer.headers["x-request-id"] != sent
    assert len(answer.headers["x-request-id"]) == 32


async def test_trace_is_carried_on_with_a_span_of_our_own(client: httpx.AsyncClient) -> None:
    sent = f"00-{TRACE}-00f067aa0ba902b7-01"
    answer = await client.get("/v1/nowhere", headers={"traceparent": sent})
    assert answer.json()["trace_id"] == TRACE
    made = accept({b"traceparent": sent.encode()}).traceparent
    assert made.startswith(f"00-{TRACE}-")
    assert made != sent


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "nonsense",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
    ],
)
def test_bad_trace_is_replaced(sent: str) -> None:
    made = accept({b"traceparent": sent.encode()})
    assert made.trace_id != TRACE
    assert made.trace_id != "0" * 32
    assert len(made.traceparent) == 55


def test_origin_time_is_the_acceptance() -> None:
    before = datetime.now(UTC)
    assert before <= accept({}).accepted_at <= datetime.now(UTC)


async def test_log_line_has_the_route_and_no_nip(client: httpx.AsyncClient) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await client.get(f"/v1/seen/{NIP}", params={"name": "Siti"}, headers={"X-Request-Id": "request-one"})
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["route"] == "/v1/seen/{key}"
    assert line["path"] == "/v1/seen/1987**************"
    assert (line["method"], line["status"], line["request_id"]) == ("GET", 404, "request-one")
    assert NIP not in json.dumps(line)
    assert "Siti" not in json.dumps(line)


async def test_log_line_hides_a_nip_as_it_is_printed_and_is_short(client: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        await client.get("/v1/employees/19870312%20201001%201%20001")
        await client.get(f"/v1/{'x' * 240}{NIP}{'x' * 10_000}")
    printed, long = [line["path"] for line in lines if line["event"] == "request"]
    assert printed == "/v1/employees/1987**************"
    assert long == f"/v1/{'x' * 240}1987{'*' * 8}"


def requests_of(route: str, status: str, method: str = "GET") -> float:
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("talenta_http_requests_total", labels) or 0.0


async def test_metrics_count_by_template(client: httpx.AsyncClient) -> None:
    before = requests_of("/v1/seen/{key}", "404")
    for key in ("a", "b", NIP):
        await client.get(f"/v1/seen/{key}")
    assert requests_of("/v1/seen/{key}", "404") == before + 3
    metrics = (await client.get("/metrics")).text
    assert 'route="/v1/seen/{key}"' in metrics
    assert NIP not in metrics


async def test_unknown_addresses_and_methods_share_one_label(client: httpx.AsyncClient) -> None:
    before = requests_of("unmatched", "404", "OTHER")
    await client.request("PROPFIND", "/v1/coffee")
    await client.request("MKCOL", "/v1/tea")
    assert requests_of("unmatched", "404", "OTHER") == before + 2


@pytest.fixture
def held_app(settings: sample.Settings) -> FastAPI:
    """Takes two requests at once; `/v1/slow` waits until it is let go."""
    app = sample.create_app(settings.model_copy(update={"http_most_in_flight": 2}))
    app.state.release = asyncio.Event()
    return app


async def test_more_requests_than_the_bound_are_refused_at_once(held_app: FastAPI) -> None:
    async with served(held_app) as address, httpx.AsyncClient(base_url=address) as client:
        held = [asyncio.create_task(client.get("/v1/slow")) for _ in range(2)]
        in_flight = REGISTRY.get_sample_value("talenta_http_requests_in_flight")
        async with asyncio.timeout(10):
            while (in_flight or 0) < 2:
                await asyncio.sleep(0.005)
                in_flight = REGISTRY.get_sample_value("talenta_http_requests_in_flight")
        refused = await client.get("/v1/board")
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert (await client.get("/livez")).status_code == 200
        held_app.state.release.set()
        assert {answer.status_code for answer in await asyncio.gather(*held)} == {200}
        assert (await client.get("/v1/board")).status_code == 200


async def test_head_answers_as_get_without_the_body(client: httpx.AsyncClient) -> None:
    got, asked = await client.get("/v1/ping"), await client.head("/v1/ping")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == got.headers["content-length"]
    assert (await client.head("/v1/things")).status_code == 405
    assert (await client.get("/v1/ping")).json() == got.json()
