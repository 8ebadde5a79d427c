"""People of the synthetic population in an installation, and what it holds of them at rest, by NIP."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import httpx

from deploy.demo.population import bodies
from deploy.demo.population.people import Person, Population
from shared.asn.nip import mask_in
from tests.journeys.installation import Installation

ON: Final = date(2026, 11, 24)
AT_ONCE: Final = 16
LEFT_OUT: Final = frozenset(
    # Moments and counters of the installation, not results.
    {
        "computed_at",
        "folded_at",
        "changed_at",
        "as_of",
        "revision",
        "board_revision",
        "version",
        "inputs",
        "origin_time",
    },
)
"""Differ between installations by their nature: ids, moments, and counts of the steps that led there."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Results at rest: `people` by NIP (talent, all ranks), `regions` by code (tallies, index, rank, nine-box)."""

    people: dict[str, dict[str, Any]]
    regions: dict[str, dict[str, Any]]


class People:
    """Some people of the population, known by NIP; `ids` once they are registered."""

    def __init__(self, talenta: Installation, persons: Sequence[Person]) -> None:
        self.talenta = talenta
        self.persons = {str(person.nip): person for person in persons}
        self.ids: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        """The latest token of each NIP."""

    @classmethod
    def drawn(cls, talenta: Installation, total: int) -> "People":
        return cls(talenta, list(Population(total, ON).people()))

    async def register(self) -> None:
        """Send them to profile in one batch each 1,000."""
        rows = [bodies.employee(person) for person in self.persons.values()]
        for start in range(0, len(rows), 1000):
            part = rows[start : start + 1000]
            results = await self._batch("profile", "/v1/employees:batch", "employees", part)
            for row, result in zip(part, results, strict=True):
                self.ids[str(row["nip"])] = result["id"]
                self.tokens[str(row["nip"])] = result["token"]
        # What is measured of somebody whom assessment has not met waits for him, and its answer has no token.
        await self._for_all(self._until_met)

    async def assess(self) -> None:
        """Competency and potential of everybody."""
        rows = [bodies.talent_assessment(person) for person in self.persons.values()]
        await self._send("/v1/talent-assessments:batch", "assessments", rows)

    async def score(self, rows: Sequence[dict[str, Any]]) -> None:
        """One batch of performance scores."""
        await self._send("/v1/performance-scores:batch", "scores", rows)

    async def _send(self, path: str, name: str, rows: Sequence[dict[str, Any]]) -> None:
        results = await self._batch("assessment", path, name, rows)
        for row, result in zip(rows, results, strict=True):
            if token := result["token"]:
                self.tokens[str(row["nip"])] = token

    async def _batch(
        self, service: str, path: str, name: str, rows: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Send as a careful client does: bulk that has to wait for its turn comes again when it is told to."""
        answer = await self._post(service, path, name, rows)
        while answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            await asyncio.sleep(float(answer.headers["Retry-After"]))
            answer = await self._post(service, path, name, rows)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert "rejected" not in body["counts"], body
        results: list[dict[str, Any]] = body["results"]
        return results

    async def _post(self, service: str, path: str, name: str, rows: Sequence[dict[str, Any]]) -> httpx.Response:
        return await self.talenta.client.post(
            f"{self.talenta.urls[service]}{path}", json={name: list(rows)}, headers=self.talenta.headers()
        )

    async def _until_met(self, nip: str) -> dict[str, Any]:
        return await self._after(nip, "assessment", f"/v1/assessments/{self.ids[nip]}")

    async def settle(self) -> None:
        """Wait until reporting has folded the last write of everybody."""
        await self._for_all(self._until_ranked)

    async def _until_ranked(self, nip: str) -> dict[str, Any]:
        return await self._after(nip, "reporting", f"/v1/ranks/{self.ids[nip]}")

    async def _after(self, nip: str, service: str, path: str) -> dict[str, Any]:
        # Two minutes: what a killed worker left must be taken up by the next owner of its partitions.
        for _ in range(12):
            answer = await self.talenta.client.get(
                f"{self.talenta.urls[service]}{path}",
                headers={**self.talenta.headers(), "Talenta-After": self.tokens[nip], "Prefer": "wait=10"},
            )
            if answer.status_code == 200:
                body: dict[str, Any] = answer.json()
                return body
            assert answer.status_code == 202, answer.text
        raise AssertionError(f"the last write of a person did not arrive: {answer.text}")

    async def snapshot(self) -> Snapshot:
        people = dict(zip(self.persons, await self._for_all(self._person), strict=True))
        board = await self._get("reporting", "/v1/boards/merit")
        regions = {each["region_code"]: _results(each) for each in board["regions"]}
        for code, region in regions.items():
            region.update(_results(await self._get("reporting", f"/v1/regions/{code}/standing")))
            region["box_map"] = _results(await self._get("placement", f"/v1/box-map/{code}"))
        return Snapshot(people, regions)

    async def _person(self, nip: str) -> dict[str, Any]:
        talent = await self._get("placement", f"/v1/talents/{self.ids[nip]}")
        ranks = await self._get("reporting", f"/v1/ranks/{self.ids[nip]}")
        return {"talent": _results(talent), "ranks": _results(ranks)}

    async def _get(self, service: str, path: str) -> dict[str, Any]:
        answer = await self.talenta.client.get(
            f"{self.talenta.urls[service]}{path}", headers=self.talenta.headers("province_operator")
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def _for_all(self, ask: Any) -> list[dict[str, Any]]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(nip: str) -> dict[str, Any]:
            async with gate:
                found: dict[str, Any] = await ask(nip)
                return found

        return await asyncio.gather(*(one(nip) for nip in self.persons))


def _results(body: Any) -> Any:
    """The answer without what differs between installations by its nature."""
    if isinstance(body, dict):
        left_out = LEFT_OUT | {"employee_id", "freshness_ms", "causes", "cause"}
        return {name: _results(value) for name, value in body.items() if name not in left_out}
    if isinstance(body, list):
        return [_results(value) for value in body]
    return body


def differences(one: Snapshot, other: Snapshot) -> list[str]:
    """Every place where two snapshots differ, down to the single value; NIPs masked."""
    people = [mask_in(place) for place in _different(one.people, other.people, "")]
    return people + list(_different(one.regions, other.regions, ""))


def _different(one: Any, other: Any, place: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _different(one.get(name), other.get(name), f"{place}/{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _different(left, right, f"{place}/{index}")
    elif one != other:
        yield f"{place}: {one} != {other}"
