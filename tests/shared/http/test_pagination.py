"""Pages by a signed cursor: everything once, nothing by a cursor that we did not make for this list."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.pagination import CursorSigner, InvalidCursor

KEYS = st.lists(st.one_of(st.none(), st.integers(), st.text(st.characters(exclude_categories=["Cs"]))), max_size=4)


async def test_following_next_gives_everything_once(client: httpx.AsyncClient) -> None:
    seen: list[int] = []
    address: str | None = "/v1/numbers?limit=10"
    pages = 0
    while address is not None:
        answer = await client.get(address)
        seen += answer.json()["items"]
        address = answer.links.get("next", {}).get("url")
        pages += 1
        assert (address is None) == (answer.json()["next"] is None)
    assert (seen, pages) == (list(range(1, 26)), 3)


async def test_next_keeps_what_was_asked_for(client: httpx.AsyncClient) -> None:
    first = await client.get("/v1/numbers", params={"limit": 2, "step": 3})
    second = await client.get(first.links["next"]["url"])
    assert first.json()["items"] + second.json()["items"] == [3, 6, 9, 12]


async def test_page_may_change_its_size(client: httpx.AsyncClient) -> None:
    cursor = (await client.get("/v1/numbers?limit=2")).json()["next"]
    answer = await client.get("/v1/numbers", params={"after": cursor, "limit": 3})
    assert answer.json()["items"] == [3, 4, 5]


async def test_cursor_of_another_list_is_refused(client: httpx.AsyncClient) -> None:
    cursor = (await client.get("/v1/numbers?limit=2")).json()["next"]
    answer = await client.get("/v1/numbers", params={"after": cursor, "step": 2})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


async def test_altered_cursor_is_refused(client: httpx.AsyncClient) -> None:
    cursor = (await client.get("/v1/numbers?limit=2")).json()["next"]
    payload, signature = cursor.split(".")
    for altered in (
        f"WzldCg.{signature}",
        payload,
        f"{payload}.",
        ".",
        "",
        f"{payload}.{signature}!",
        cursor + "A",
    ):
        answer = await client.get("/v1/numbers", params={"after": altered})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), altered


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x"])
async def test_limit_is_bounded(client: httpx.AsyncClient, limit: str) -> None:
    answer = await client.get("/v1/numbers", params={"limit": limit})
    assert answer.status_code == 422


@given(KEYS, st.text(st.characters(exclude_categories=["Cs"])))
def test_cursor_gives_back_its_key(key: list[str | int | None], listing: str) -> None:
    signer = CursorSigner("secret")
    assert signer.read(listing, signer.sign(listing, key)) == key


@given(KEYS, st.integers(0, 500), st.characters(codec="ascii"))
def test_cursor_with_any_character_changed_is_refused(key: list[str | int | None], place: int, other: str) -> None:
    signer = CursorSigner("secret")
    cursor = signer.sign("/list", key)
    place %= len(cursor)
    changed = cursor[:place] + other + cursor[place + 1 :]
    if changed == cursor:
        return
    with pytest.raises(InvalidCursor):
        signer.read("/list", changed)


def test_cursor_has_one_spelling() -> None:
    signer = CursorSigner("secret")
    cursor = signer.sign("/list", [1])
    head, _, tail = cursor.partition(".")
    following = tail[:-1] + chr(ord(tail[-1]) + 1)  # its last character holds four bits of no byte
    assert tail[-1] in "AQgw"
    with pytest.raises(InvalidCursor):
        signer.read("/list", f"{head}.{following}")


def test_cursor_of_another_key_is_refused() -> None:
    with pytest.raises(InvalidCursor):
        CursorSigner("one").read("/list", CursorSigner("two").sign("/list", [1]))
