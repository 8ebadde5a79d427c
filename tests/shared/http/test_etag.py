"""Conditional reads: 304 without a body for who has the current revision."""

import httpx
import pytest

from shared.http.etag import etag_of, matches

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


def test_star_alone_matches_everything() -> None:
    assert matches(" * ", '"x"')
    assert not matches('"*"', '"x"')
