"""Whatever goes wrong, the answer is a problem in the caller's language that repeats nothing of the input."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.http.errors import NotFound, Problem, every_problem
from shared.testing.tokens import Issuer
from tests.shared.http import sample
from tests.shared.http.server import served

NIP = "198703122010011001"
THING = "/v1/things"
GOOD = {"id": 1, "name": "one"}


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body["type"] == f"/problems/{code}"
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == answer.headers["x-request-id"]
    assert len(str(body["trace_id"])) == 32
    return body


async def test_unknown_address_is_a_problem(client: httpx.AsyncClient) -> None:
    problem_of(await client.get(f"/v1/nowhere/{NIP}"), 404, "not_found")


async def test_trailing_slash_is_another_address(client: httpx.AsyncClient) -> None:
    problem_of(await client.get("/v1/ping/"), 404, "not_found")


@pytest.mark.parametrize(("path", "methods"), [("/v1/ping", "GET, HEAD"), (THING, "POST")])
async def test_wrong_method_is_a_problem_that_names_all_right_ones(
    client: httpx.AsyncClient,
    path: str,
    methods: str,
) -> None:
    answer = await client.delete(path)
    problem_of(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == methods


@pytest.mark.parametrize("body", [b"{", b'{"id": 1,}', b"\xff\xfe", b'{"id": ' + b"[" * 100_000, b""])
async def test_body_that_is_no_json_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(THING, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in {"malformed_json", "malformed_request", "invalid_input"}


async def test_malformed_json_says_where(client: httpx.AsyncClient) -> None:
    answer = await client.post(THING, content=b'{"id": 1,}', headers={"Content-Type": "application/json"})
    assert problem_of(answer, 400, "malformed_json")["detail"] == "JSON tidak sah pada karakter ke-9"


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", None])
async def test_body_of_another_type_is_refused(client: httpx.AsyncClient, media_type: str | None) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    problem_of(await client.post(THING, content=b'{"id": 1}', headers=headers), 415, "unsupported_media_type")


async def test_announced_body_above_the_bound_is_refused(
    client: httpx.AsyncClient,
    settings: sample.Settings,
) -> None:
    large = b" " * (settings.http_largest_body + 1)
    answer = await client.post(THING, content=large, headers={"Content-Type": "application/json"})
    problem_of(answer, 413, "content_too_large")


async def test_streamed_body_above_the_bound_is_refused(
    client: httpx.AsyncClient,
    settings: sample.Settings,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(settings.http_largest_body // 65_536 + 2):
            yield b" " * 65_536

    answer = await client.post(THING, content=chunks(), headers={"Content-Type": "application/json"})
    problem_of(answer, 413, "content_too_large")


async def test_fault_of_ours_tells_nothing_about_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/broken")
    problem_of(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert "ZeroDivision" not in answer.text


async def test_database_away_is_503_and_worth_another_try(
    settings: sample.Settings,
    issuer: Issuer,
    token: str,
) -> None:
    elsewhere = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    async with (
        served(sample.create_app(elsewhere)) as address,
        httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {token}"}) as client,
    ):
        answer = await client.post(THING, json=GOOD)
        problem_of(answer, 503, "database_unavailable")
        assert int(answer.headers["retry-after"]) > 0
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "failing")
        assert ready.json()["checks"]["database"] != "ok"
        assert (await client.get("/livez")).status_code == 200


async def test_violations_point_into_the_body_and_repeat_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.post(THING, json={"id": "secret-value", "extra/~field": NIP})
    body = problem_of(answer, 422, "invalid_input")
    assert body["errors"] == [
        {"pointer": "/id", "in": "body", "code": "int_parsing", "detail": "harus berupa bilangan bulat"},
        {"pointer": "/name", "in": "body", "code": "missing", "detail": "wajib diisi"},
        {"pointer": "/extra~1~0field", "in": "body", "code": "extra_forbidden", "detail": "tidak dikenal"},
    ]
    assert "secret-value" not in answer.text
    assert NIP not in answer.text


async def test_violations_of_parameters_say_which_parameter(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/numbers", params={"limit": 5000, "step": "x"})
    errors = problem_of(answer, 422, "invalid_input")["errors"]
    assert isinstance(errors, list)
    assert [(error["in"], error["pointer"], error["code"]) for error in errors] == [
        ("query", "/limit", "less_than_equal"),
        ("query", "/step", "int_parsing"),
    ]


@pytest.mark.parametrize(
    ("accepted", "language", "title"),
    [
        (None, "id", "Tidak ditemukan"),
        ("id, en;q=0.5", "id", "Tidak ditemukan"),
        ("fr, *;q=0.1", "id", "Tidak ditemukan"),
        ("en-GB,en;q=0.9,id;q=0.8", "en", "Not found"),
        ("EN", "en", "Not found"),
        ("en;q=nonsense", "id", "Tidak ditemukan"),
    ],
)
async def test_language_follows_the_caller(
    client: httpx.AsyncClient,
    accepted: str | None,
    language: str,
    title: str,
) -> None:
    answer = await client.get("/v1/nowhere", headers={} if accepted is None else {"Accept-Language": accepted})
    assert answer.json()["title"] == title
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]


async def test_type_of_a_problem_is_explained_at_its_address(client: httpx.AsyncClient) -> None:
    told = (await client.get("/v1/seen/none")).json()
    explained = await client.get(told["type"], headers={"Accept-Language": "en"})
    assert explained.status_code == 200
    assert explained.json()["title"] == "Thing not found"
    problem_of(await client.get("/problems/no_such_code"), 404, "not_found")


@pytest.mark.parametrize("problem", list(every_problem()), ids=lambda problem: problem.__name__)
def test_every_problem_speaks_both_languages(problem: type[Problem]) -> None:
    assert problem.title_id != problem.title_en
    assert all((problem.title_id, problem.title_en, problem.__doc__, *problem.advice()))
    assert problem.code.isidentifier()
    assert 400 <= problem.status < 600


def test_detail_is_the_title_until_something_better_is_said() -> None:
    assert (NotFound().detail_id, NotFound().detail_en) == (NotFound.title_id, NotFound.title_en)
    assert NotFound("lain", "other").detail_en == "other"
