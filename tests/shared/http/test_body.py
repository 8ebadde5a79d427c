"""Requests with a body: the caller before the body, and a body that can be read in one way only."""

import asyncio
import gc
import json
from typing import Any, Final

import httpx
import pytest
from starlette.requests import Request

from shared.http.body import MOST_MEMBERS, read_json
from shared.http.errors import MalformedJson
from shared.http.idempotency import KEY_HEADER
from tests.shared.conditions import until
from tests.shared.http import sample
from tests.shared.http.server import served

NIP: Final = "198703122010011001"
THING: Final = "/v1/things"
BATCH: Final = "/v1/things:batch"
JSON: Final = {"Content-Type": "application/json"}
GOOD: Final = b'{"id": 1, "name": "one"}'


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, -0.5e3, null, true, "\\u00e9"]}', {"a": [1, -500.0, None, True, "é"]}),
        (b'\xef\xbb\xbf{"a": {}}', {"a": {}}),
        (b'{"a": {"a": 1}, "b": {"a": 1}}', {"a": {"a": 1}, "b": {"a": 1}}),
        (json.dumps(dict.fromkeys(map(str, range(MOST_MEMBERS)))).encode(), dict.fromkeys(map(str, range(64)))),
    ],
)
def test_json_is_read(body: bytes, value: Any) -> None:
    assert read_json(body) == value


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "invalid at character 0"),
        (b'{"a": 1,}', "invalid at character 8"),
        (b"{} {}", "invalid at character 3"),
        (b'{"a": 1, "a": 1}', "“a” stands twice"),
        (b'{"x": [{"a": 1, "\\u0061": 2}]}', "“a” stands twice"),
        (f'{{"{NIP}": 1, "{NIP}": 1}}'.encode(), "“1987**************” stands twice"),
        (b'{"a": NaN}', "NaN is no number"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b"1" * 5000, "number in the JSON is too long"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a": "\xff"}', "not UTF-8 at byte 7"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8 at byte 7"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8 at byte 0"),
        (json.dumps(dict.fromkeys(map(str, range(MOST_MEMBERS + 1)))).encode(), "more than 64 members"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_json_or_can_be_read_in_two_ways_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(MalformedJson) as refused:
        read_json(body)
    assert said in refused.value.detail_en
    assert refused.value.detail_id != refused.value.detail_en


async def test_what_is_wrong_with_the_json_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.post(THING, content=b'{"id": 1, "name": "one", "name": "two"}', headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert answer.json()["detail"] == "“name” ada dua kali dalam satu objek"


@pytest.mark.parametrize("body", [b"{", GOOD, b" " * 100_000])
async def test_the_body_of_a_stranger_is_not_looked_at(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(THING, content=body, headers={**JSON, "Authorization": ""})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


async def test_compressed_bodies_are_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await client.post(THING, content=GOOD, headers={**JSON, "Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert answer.headers["accept-encoding"] == "identity"


async def test_a_body_that_dawdles_is_broken_off(settings: sample.Settings, token: str) -> None:
    app = sample.create_app(settings.model_copy(update={"http_body_seconds": 0.05}))
    async with served(app) as address:
        reader, writer = await asyncio.open_connection(*address.removeprefix("http://").split(":"))
        head = f"POST {THING} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: 100\r\n"
        writer.write(f"{head}Content-Type: application/json\r\n\r\n{{".encode())
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"too_slow"' in answer


async def test_what_belongs_to_a_request_goes_with_it(client: httpx.AsyncClient) -> None:
    async def is_gone() -> bool:
        return not any(issubclass(type(one), Request) for one in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        for number in range(5):
            answer = await client.post(
                THING, json={"id": number, "name": "one"}, headers={KEY_HEADER: f"k{number}"}
            )
            assert answer.status_code == 201
        # Without the cycle collector, and the last as soon as its task has ended.
        await until(is_gone, within=3.0)
    finally:
        gc.enable()


async def test_a_reader_has_all_the_time_he_needs(settings: sample.Settings) -> None:
    app = sample.create_app(settings.model_copy(update={"http_body_seconds": 0.0}))
    async with served(app) as address, httpx.AsyncClient(base_url=address) as client:
        assert (await client.get("/v1/board")).status_code == 200


async def test_after_very_many_mistakes_a_batch_is_told_no_more_of_them(client: httpx.AsyncClient) -> None:
    row = {f"unknown{number}": 1 for number in range(60)}
    answer = await client.post(BATCH, json={"things": [row] * 1000})
    codes = [[error["code"] for error in row["problem"]["errors"]] for row in answer.json()["results"]]
    assert len(codes) == 1000
    assert len(codes[0]) > 60
    assert codes[-1] == ["too_many_errors"]
    assert answer.json()["results"][-1]["problem"]["errors"][0]["pointer"] == "/things/999"
    assert len(answer.content) < 2_000_000
