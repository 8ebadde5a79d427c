"""The services over HTTP, as an integrator meets them: with a token, patience, and no second way in."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Self

import httpx

from deploy.demo.errors import DemonstrationError
from deploy.demo.installation.installation import Installation
from shared.asn.nip import mask_in

_TOKEN_FOR: Final = 240.0
_PATIENCE: Final = 180.0
"""Seconds that one request is tried again for, before the demonstration gives up."""
_LONGEST_PAUSE: Final = 10.0
_WAIT: Final = 10
"""Seconds that a read waits for its own write, the most that the services allow."""
_BUSY: Final = frozenset({429, 503})
_STILL_PENDING: Final = 202

Row = dict[str, Any]


class Api:
    """`async with Api(installation)`. Paths start with the service: `profile/v1/employees`."""

    def __init__(self, installation: Installation, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._installation = installation
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(60.0, connect=5.0), transport=transport)
        self._token, self._token_until = "", 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._client.aclose()

    async def get(self, path: str, **query: str | int) -> Any:
        """The body of a 200. Raises DemonstrationError for anything else."""
        return _parsed(await self._call("GET", path, params=query))

    async def find(self, path: str) -> Any | None:
        """The body, or None where there is nothing (404)."""
        answer = await self._call("GET", path, missing_ok=True)
        return None if answer.status_code == httpx.codes.NOT_FOUND else _parsed(answer)

    async def get_after(self, path: str, token: str, **query: str | int) -> Any:
        """The body as soon as what is read has taken in the write that answered with `token`."""
        headers = {"Talenta-After": token, "Prefer": f"wait={_WAIT}"}
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            answer = await self._call("GET", path, params=query, headers=headers)
            if answer.status_code != _STILL_PENDING:
                return _parsed(answer)
        raise DemonstrationError(f"{path}: {token} belum tampak setelah / not shown after {_PATIENCE:.0f} s")

    async def put(self, path: str, body: Row) -> Any:
        return (await self._call("PUT", path, content=_serialised(body))).json()

    async def post(self, path: str, body: Row, *, idempotency_key: str) -> httpx.Response:
        """The whole answer of one write: its token stands in a header."""
        headers = {"Idempotency-Key": idempotency_key}
        return await self._call("POST", path, content=_serialised(body), headers=headers)

    async def post_batch(self, path: str, name: str, rows: Sequence[Row]) -> None:
        """Write `rows` under `name`. Raises DemonstrationError with the first row that was refused, and why."""
        answer = (await self._call("POST", path, content=_serialised({name: rows}))).json()
        if answer["counts"].get("rejected"):
            first = next(result for result in answer["results"] if result["outcome"] == "rejected")
            refused = f"baris ditolak / refused row {first['index']}"
            raise DemonstrationError(f"{path}: {refused}: {json.dumps(first['problem'], ensure_ascii=False)}")

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        missing_ok: bool = False,
    ) -> httpx.Response:
        """Try until the service takes it; a busy one says itself how long to stay away (Retry-After)."""
        service, _, rest = path.partition("/")
        url = f"{getattr(self._installation.addresses, service)}/{rest}"
        until = time.monotonic() + _PATIENCE
        while True:
            sent = {"Authorization": f"Bearer {self._fresh_token()}", "Content-Type": "application/json"}
            try:
                answer = await self._client.request(
                    method, url, params=params, content=content, headers={**sent, **(headers or {})}
                )
            except httpx.TransportError as error:
                pause, trouble = 1.0, repr(error)
            else:
                if answer.is_success or (missing_ok and answer.status_code == httpx.codes.NOT_FOUND):
                    return answer
                trouble = f"{answer.status_code} {answer.text[:1000]}"
                if answer.status_code not in _BUSY:
                    raise DemonstrationError(f"{method} {mask_in(path)}: {trouble}")
                pause = min(_LONGEST_PAUSE, float(answer.headers.get("Retry-After", 1)))
            if time.monotonic() + pause > until:
                raise DemonstrationError(
                    f"{method} {mask_in(path)}: gagal selama / failed for {_PATIENCE:.0f} s: {trouble}"
                )
            await asyncio.sleep(pause)

    def _fresh_token(self) -> str:
        if time.monotonic() >= self._token_until:
            self._token = self._installation.integrator_token()
            self._token_until = time.monotonic() + _TOKEN_FOR
        return self._token


def _parsed(answer: httpx.Response) -> Any:
    """JSON whose numbers keep the digits that were sent."""
    return answer.json(parse_float=Decimal)


def _serialised(body: Row) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
