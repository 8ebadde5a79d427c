"""The public keys of the token issuer (JWKS), fetched as seldom as possible."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Final

import httpx
import jwt
import structlog

from shared.http.errors import IssuerUnavailable

ALGORITHMS: Final = ("ES256", "RS256", "EdDSA")
"""Asymmetric only: with these a public key cannot be passed off as a shared secret, and `none` does not exist."""
_LARGEST_DOCUMENT: Final = 256 * 1024
_MOST_KEYS: Final = 64
_OLDEST: Final = 600.0
_LEAST_INTERVAL: Final = 10.0

_log: Final = structlog.get_logger(__name__)


class KeySet:
    """The issuer's keys by id.

    An unknown id makes the set ask the issuer again, one request at a time and at most every 10 s, so that a flood
    of invented ids costs the issuer nothing. Keys older than 10 minutes are read again; while the issuer is away
    they stay in use.
    """

    def __init__(self, url: str, client: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._client = client
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._tried_at = float("-inf")
        self._read_at = float("-inf")
        self._refreshing = asyncio.Lock()
        self.generation = 0
        """Grows whenever the keys change: what was verified by older ones has to be verified again."""

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key, or None where the issuer knows none by that id. Raises IssuerUnavailable."""
        if key_id not in self._keys or self._clock() - self._read_at > _OLDEST:
            await self._refresh()
        if self._read_at == float("-inf"):
            raise IssuerUnavailable
        return self._keys.get(key_id)

    async def _refresh(self) -> None:
        async with self._refreshing:
            if self._clock() - self._tried_at < _LEAST_INTERVAL:
                return
            self._tried_at = self._clock()
            try:
                keys = _parse(await self._fetch())
            except (httpx.HTTPError, ValueError) as error:
                _log.warning("jwks_not_read", reason=type(error).__name__)
                return
            if not keys:
                _log.warning("jwks_without_keys")
                return
            if keys.keys() != self._keys.keys():
                self.generation += 1
            self._keys, self._read_at = keys, self._clock()

    async def _fetch(self) -> bytes:
        async with self._client.stream("GET", self._url) as answer:
            answer.raise_for_status()
            document = b""
            async for chunk in answer.aiter_bytes():
                document += chunk
                if len(document) > _LARGEST_DOCUMENT:
                    raise ValueError("the key document is too large")
            return document


def _parse(document: bytes) -> dict[str, jwt.PyJWK]:
    """Signing keys of the allowed algorithms. Keys that we cannot read are passed over."""
    parsed: Any = json.loads(document)
    entries = parsed.get("keys") if isinstance(parsed, dict) else None
    keys: dict[str, jwt.PyJWK] = {}
    for entry in entries[:_MOST_KEYS] if isinstance(entries, list) else ():
        if (
            not isinstance(entry, dict)
            or not isinstance(entry.get("kid"), str)
            or entry.get("use", "sig") != "sig"
        ):
            continue
        try:
            key = jwt.PyJWK(entry)
        except jwt.PyJWTError:
            continue
        if key.algorithm_name in ALGORITHMS:
            keys[entry["kid"]] = key
    return keys
