"""A careful client: it asks again until it is answered, with the same key, and never guesses."""

import asyncio
import time
from dataclasses import replace
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

from tests.faults.log import Log, Receipt
from tests.faults.system import System
from tests.faults.writes import Request

_PATIENCE: Final = 240.0
_BUSY: Final = frozenset({409, 429, 500, 502, 503, 504})
"""Answers after which the same may be asked again: in work, too many, failed, too busy."""
_GIVES_UP: Final = 0.05
"""Share of lost answers after which nobody asks again."""


class Refused(Exception):
    """A request was answered with what no fault explains."""


class Client:
    """Sends one request after the other."""

    def __init__(self, system: System, log: Log, chance: Random) -> None:
        self._system, self._log, self._chance = system, log, chance
        self._headers = {"Authorization": f"Bearer {system.token()}"}

    async def send(self, request: Request) -> None:
        """Until it is acknowledged, and logged; or until this client gives up, which is logged too."""
        headers = {**self._headers, **_condition_of(request)}
        until = time.monotonic() + _PATIENCE
        trouble = ""
        attempts = 0
        while time.monotonic() < until:
            attempts += 1
            try:
                answer = await self._ask(request.method, request.path, headers, request)
            except httpx.TransportError as error:
                trouble, pause = type(error).__name__, 0.2
                if request.expected is None and self._chance.random() < _GIVES_UP:
                    self._log.doubt(request)
                    return
            else:
                if answer.is_success:
                    self._log.acknowledge(request, _receipts(request, answer))
                    return
                if answer.status_code == httpx.codes.PRECONDITION_FAILED and self._may_have_moved(attempts):
                    seen = await self._seen(request)
                    if self._is_as_told(request, seen):
                        self._log.acknowledge(request, [_of_employee(seen)])
                        return
                    request = replace(request, expected=seen["version"])
                    headers |= _condition_of(request)
                    continue
                if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                    self._log.turn_away()
                trouble, pause = f"{answer.status_code} {answer.text[:300]}", _pause_of(answer)
                if answer.status_code not in _BUSY:
                    raise Refused(f"{request.method} {request.service}: {trouble}")
            await asyncio.sleep(pause * self._chance.uniform(0.5, 1.0))
        raise Refused(f"{request.method} {request.service}: not taken for {_PATIENCE:.0f} s: {trouble}")

    def _may_have_moved(self, attempts: int) -> bool:
        """An earlier attempt was taken and its answer lost, or profile came back older: the employee says so."""
        return attempts > 1 or self._log.employees_raised

    async def _seen(self, request: Request) -> dict[str, Any]:
        """The employee as he is now."""
        while True:
            try:
                answer = await self._ask("GET", request.path, self._headers)
            except httpx.TransportError:
                continue
            if answer.is_success:
                break
            await asyncio.sleep(_pause_of(answer))
        seen: dict[str, Any] = answer.json()
        return seen

    def _is_as_told(self, request: Request, seen: dict[str, Any]) -> bool:
        """Whether this change is in force. Where profile came back older it may not be, and is made again."""
        mark = request.writes[0].mark
        is_ours = bool(seen["post"]["title"].endswith(mark))
        if not self._log.employees_raised and not (is_ours and seen["version"] == (request.expected or 0) + 1):
            raise Refused(f"{mark}: refused, yet the employee is not as he was seen")
        return is_ours

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], request: Request | None = None
    ) -> httpx.Response:
        service = request.service if request else "profile"
        body = request.body if request else None
        return await self._system.client.request(
            method, f"{self._system.urls[service]}{path}", json=body, headers=headers
        )


def _condition_of(request: Request) -> dict[str, str]:
    """By which a repetition is known as one."""
    if request.expected is not None:
        return {"If-Match": f'"{request.expected}"'}
    return {"Idempotency-Key": str(uuid4())}


def _pause_of(answer: httpx.Response) -> float:
    return min(2.0, float(answer.headers.get("Retry-After", 0.3)))


def _receipts(request: Request, answer: httpx.Response) -> list[Receipt]:
    body = answer.json()
    if "results" in body:
        if "rejected" in body["counts"]:
            raise Refused(f"{request.path}: {body}")
        return [Receipt(UUID(result["id"]), result["token"]) for result in body["results"]]
    if request.service == "profile":
        return [_of_employee(body)]
    return [Receipt(UUID(body["id"]), answer.headers.get("Talenta-Token"))]


def _of_employee(body: dict[str, Any]) -> Receipt:
    key = UUID(body["employee_id"])
    return Receipt(key, f"profile.employees/{key}@{body['version']}")
