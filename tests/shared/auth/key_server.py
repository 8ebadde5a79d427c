"""The issuer's side in tests: what it serves, and how often it was asked."""

import asyncio

import httpx

from shared.testing.tokens import Issuer


class KeyServer:
    """Serves the keys of some issuers."""

    def __init__(self, *issuers: Issuer) -> None:
        self.keys = [key for issuer in issuers for key in issuer.jwks()["keys"]]
        self.asked = 0
        self.status = 200
        self.body: bytes | None = None

    async def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(0)
        if self.body is not None:
            return httpx.Response(self.status, content=self.body)
        return httpx.Response(self.status, json={"keys": self.keys})

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self))


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now
