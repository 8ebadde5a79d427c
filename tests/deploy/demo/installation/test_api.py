"""How the loader meets a service that is busy, refuses a row, or does not show a write yet."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from deploy.demo.errors import DemonstrationError
from deploy.demo.installation.api import Api
from deploy.demo.installation.installation import Installation, PerService

NOWHERE = PerService("http://profile", "http://assessment", "http://placement", "http://reporting")
Answer = Callable[[httpx.Request], httpx.Response]


def api_of(answer: Answer) -> Api:
    installation = Installation(NOWHERE, NOWHERE, "", "", lambda: "token", Path())
    return Api(installation, httpx.MockTransport(answer))


async def test_a_busy_service_is_asked_again_when_it_says_so() -> None:
    answers = iter(
        [httpx.Response(503, headers={"Retry-After": "0"}), httpx.Response(429, headers={"Retry-After": "0"})]
    )
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return next(answers, httpx.Response(200, json={"results": [], "counts": {}}))

    async with api_of(answer) as api:
        await api.post_batch("profile/v1/employees:batch", "employees", [{"nip": "1"}])
    assert [str(request.url) for request in seen] == ["http://profile/v1/employees:batch"] * 3
    assert {request.content for request in seen} == {b'{"employees":[{"nip":"1"}]}'}
    assert seen[0].headers["Authorization"] == "Bearer token"


async def test_a_refused_row_ends_the_loading_and_is_shown() -> None:
    problem = {"code": "nip_invalid", "detail": "NIP harus 18 angka"}
    results = [{"index": 0, "outcome": "created"}, {"index": 1, "outcome": "rejected", "problem": problem}]
    answered = {"results": results, "counts": {"created": 1, "rejected": 1}}
    async with api_of(lambda _: httpx.Response(200, json=answered)) as api:
        with pytest.raises(DemonstrationError, match=r"row 1.*NIP harus 18 angka"):
            await api.post_batch("profile/v1/employees:batch", "employees", [{}, {}])


async def test_any_other_refusal_ends_at_once() -> None:
    asked = 0

    def refuse(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(403, json={"code": "scope_missing"})

    async with api_of(refuse) as api:
        with pytest.raises(DemonstrationError, match="scope_missing"):
            await api.get("reporting/v1/boards/merit")
    assert asked == 1


async def test_a_read_is_asked_again_until_it_shows_the_write() -> None:
    answers = iter([httpx.Response(202, json={"status": "pending"})] * 2)
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Talenta-After"])
        return next(answers, httpx.Response(200, json={"box": 7}))

    async with api_of(answer) as api:
        assert await api.get_after("placement/v1/talents/1", "assessment.results/1@3") == {"box": 7}
    assert seen == ["assessment.results/1@3"] * 3


async def test_what_is_not_there_is_none() -> None:
    async with api_of(lambda _: httpx.Response(404)) as api:
        assert await api.find("profile/v1/employees/1") is None
