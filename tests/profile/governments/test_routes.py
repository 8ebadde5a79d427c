"""Governments over HTTP."""

import httpx


async def test_anybody_may_read_the_governments(address: str) -> None:
    async with httpx.AsyncClient(base_url=address) as nobody:
        answer = await nobody.get("/v1/governments")
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert len(items) == 36
    assert items[0] == {
        "code": "33",
        "type": "Provinsi",
        "name": "Jawa Tengah",
        "bkn_code": "6400",
        "bkn_instansi_id": "A5EB03E23BA3F6A0E040640A040252AD",
    }
