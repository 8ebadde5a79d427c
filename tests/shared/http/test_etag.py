"""Conditional reads: 304 without a body for who has the current revision."""

import httpx
import pytest
from starlette.responses import Response

from shared.http.etag import Freshness, NotModified, matches


def etag_of(*parts: str | int, release: str = "0.1.0") -> str:
    response = Response()
    Freshness(None, release, response).check(*parts)
    return response.headers["ETag"]


CURRENT = etag_of("board", 7)


async def test_answer_carries_a_strong_etag(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/board")
    assert (answer.status_code, answer.headers["etag"]) == (200, CURRENT)
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "header",
    [CURRENT, f'"other", {CURRENT}', f'{CURRENT},"other"', f"W/{CURRENT}", "*", f'"with, comma", {CURRENT}'],
)
async def test_unchanged_is_304_without_a_body(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/v1/board", headers={"If-None-Match": header})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == CURRENT
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("header", ['"other"', "", CURRENT.strip('"'), '"', f"{CURRENT[:-1]}", "W/"])
async def test_changed_is_answered_whole(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/v1/board", headers={"If-None-Match": header})
    assert (answer.status_code, answer.json()) == (200, {"revision": 7})


def test_parts_of_an_etag_are_kept_apart() -> None:
    assert etag_of("ab", "c") != etag_of("a", "bc")
    assert etag_of("a", 1) == etag_of("a", 1)


def test_another_release_has_other_etags() -> None:
    assert etag_of("a", 1, release="0.2.0") != etag_of("a", 1)
    with pytest.raises(NotModified):
        Freshness(CURRENT, "0.1.0", Response()).check("board", 7)
    Freshness(CURRENT, "0.2.0", Response()).check("board", 7)
    assert Freshness(CURRENT, "0.2.0", Response()).whole(b"{}", "board", 7).status_code == 200


def test_answer_that_is_rendered_already_has_the_same_etag() -> None:
    whole = Freshness(None, "0.1.0", Response()).whole(b"{}", "board", 7)
    assert (whole.status_code, whole.body, whole.headers["ETag"]) == (200, b"{}", CURRENT)
    assert Freshness(CURRENT, "0.1.0", Response()).whole(b"{}", "board", 7).status_code == 304


def test_star_alone_matches_everything() -> None:
    assert matches(" * ", '"x"')
    assert not matches('"*"', '"x"')
