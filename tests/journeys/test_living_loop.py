"""The chain over HTTP: a score moves the box, the pool, the person's ranks and the region, exactly, by itself."""

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.demo.population import bodies
from deploy.demo.population.measuring import Rating
from deploy.local.settings import SERVICES
from deploy.local.stack import Stack
from shared.asn.predikat import Ekspektasi
from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS
from tests.journeys.installation import Installation
from tests.journeys.people import People

TOP, MEETS, BELOW = Ekspektasi.DI_ATAS, Ekspektasi.SESUAI, Ekspektasi.DI_BAWAH


class Loop:
    """What a front end and an integrator do, in words."""

    def __init__(self, talenta: Installation, people: People) -> None:
        self.talenta = talenta
        self.people = people

    async def score(self, nip: str, hasil: Ekspektasi, perilaku: Ekspektasi, year: int = 2025) -> httpx.Response:
        """Post one score; the answer is 201 or, told again, 200."""
        answer = await self.talenta.client.post(
            f"{self.talenta.urls['assessment']}/v1/performance-scores",
            json=bodies.performance_score(nip, Rating(year, hasil, perilaku)),
            headers=self.talenta.headers(),
        )
        assert answer.status_code in {200, 201}, answer.text
        return answer

    async def read(self, service: str, path: str, token: str | None = None, **headers: str) -> Any:
        """A read as the province's operator, after a write when its token is given."""
        after = {"Talenta-After": token, "Prefer": "wait=10"} if token else {}
        answer = await self.talenta.client.get(
            f"{self.talenta.urls[service]}{path}",
            headers={**self.talenta.headers("province_operator"), **after, **headers},
        )
        assert answer.status_code == 200, answer.text
        return answer.json(parse_float=Decimal)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def loop(talenta: Installation) -> AsyncIterator[Loop]:
    """Forty people, measured and settled; each test moves somebody of its own."""
    people = People.drawn(talenta, 40)
    await people.register()
    await people.assess()
    rows = [bodies.performance_score(nip, Rating(2025, MEETS, MEETS)) for nip in people.persons]
    await people.score(rows)
    await people.settle()
    yield Loop(talenta, people)


def _eligible(loop: Loop, place: int) -> tuple[str, str]:
    """NIP and id of somebody who is active, a PNS, unpunished and far from retirement."""
    fit = [
        str(person.nip)
        for person in loop.people.persons.values()
        if person.kind == "PNS"
        and person.kedudukan_hukum == "01"
        and not person.discipline
        and person.retires_on.year > 2028
    ]
    return fit[place], loop.people.ids[fit[place]]


async def test_score_moves_box_pool_ranks_and_region_by_itself(loop: Loop) -> None:
    nip, person = _eligible(loop, 0)
    region = loop.people.persons[nip].region
    low = (await loop.score(nip, BELOW, BELOW)).headers["Talenta-Token"]
    before = await loop.read("placement", f"/v1/talents/{person}", low)
    ranks_before = await loop.read("reporting", f"/v1/ranks/{person}", low)
    region_before = await loop.read("reporting", f"/v1/regions/{region}/standing", low)

    high = (await loop.score(nip, TOP, TOP)).headers["Talenta-Token"]
    after = await loop.read("placement", f"/v1/talents/{person}", high)
    ranks_after = await loop.read("reporting", f"/v1/ranks/{person}", high)
    region_after = await loop.read("reporting", f"/v1/regions/{region}/standing", high)
    pool = await loop.read("placement", f"/v1/pools/{region}?limit=1000", high)

    assert (before["predikat"], before["y"], before["in_pool"]) == ("SANGAT_KURANG", 20, False)
    assert (after["predikat"], after["y"]) == ("SANGAT_BAIK", 100)
    assert before["box"] in {1, 3, 6}
    # Row by row of the map of PermenPANRB 3/2020: below 1 3 6, above 4 7 9.
    assert after["box"] == {1: 4, 3: 7, 6: 9}[before["box"]]
    assert after["talent_value"] - before["talent_value"] == 40
    assert after["in_pool"] == (after["box"] in {7, 9})
    assert (person in {member["employee_id"] for member in pool["items"]}) == after["in_pool"]
    assert ranks_after["value"] == after["talent_value"]
    assert ranks_after["ranks"]["province"]["rank"] <= ranks_before["ranks"]["province"]["rank"]
    assert region_after["index"] > region_before["index"]


async def test_every_result_names_the_score_that_caused_it(loop: Loop) -> None:
    nip, person = _eligible(loop, 1)
    answer = await loop.score(nip, TOP, MEETS)
    cause = f"performance-score/{answer.json()['id']}"
    token = answer.headers["Talenta-Token"]
    assert cause in (await loop.read("placement", f"/v1/talents/{person}", token))["causes"]
    assert cause in (await loop.read("reporting", f"/v1/ranks/{person}", token))["causes"]


async def test_explanation_adds_up_to_the_result(loop: Loop) -> None:
    nip, person = _eligible(loop, 2)
    token = (await loop.score(nip, MEETS, MEETS)).headers["Talenta-Token"]
    talent = await loop.read("placement", f"/v1/talents/{person}", token)
    explanation = await loop.read("placement", f"/v1/talents/{person}/explanation", token)
    assert explanation["policy"]["policy_id"] == "talenta-default-1"
    assert explanation["x"]["score"] == talent["x"]
    shares = sum(item["points"] for item in explanation["x"]["components"])
    assert abs(shares - talent["x"]) < Decimal("0.001")


async def test_same_score_again_makes_no_event_anywhere(loop: Loop, stack: Stack) -> None:
    nip, person = _eligible(loop, 3)
    token = (await loop.score(nip, TOP, TOP)).headers["Talenta-Token"]
    await loop.read("reporting", f"/v1/ranks/{person}", token)
    revision = (await loop.read("reporting", "/v1/boards/merit"))["revision"]
    before = await _published(stack, loop.talenta)

    again = await loop.score(nip, TOP, TOP)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert again.headers["Talenta-Token"] == token
    # Another person's change comes behind it on its way: once that is visible, the repetition had its chance.
    other, other_person = _eligible(loop, 4)
    moved = (await loop.score(other, BELOW, MEETS)).headers["Talenta-Token"]
    await loop.read("reporting", f"/v1/ranks/{other_person}", moved)
    after = await _published(stack, loop.talenta)
    assert after == {topic: count + 1 for topic, count in before.items()}
    assert (await loop.read("reporting", "/v1/boards/merit"))["revision"] == revision + 1


async def _published(stack: Stack, talenta: Installation) -> dict[str, int]:
    """Records of assessment and placement so far."""
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap_servers)
    await consumer.start()
    try:
        counts = {}
        for topic in (RESULTS, TALENTS):
            parts = [TopicPartition(f"{talenta.name}.{topic.name}", part) for part in range(topic.partitions)]
            counts[topic.name] = sum((await consumer.end_offsets(parts)).values())
        return counts
    finally:
        await consumer.stop()


async def test_score_before_its_employee_takes_effect_when_he_arrives(loop: Loop) -> None:
    somebody = next(iter(loop.people.persons.values()))
    nip = f"{somebody.nip[:15]}998"
    early = await loop.score(nip, TOP, TOP)
    assert early.json()["state"] == "received"
    assert "Talenta-Token" not in early.headers
    body = {**bodies.employee(somebody)}
    del body["nip"]
    registered = await loop.talenta.client.put(
        f"{loop.talenta.urls['profile']}/v1/employees/{nip}", json=body, headers=loop.talenta.headers()
    )
    assert registered.status_code == 201, registered.text
    person = registered.json()["employee_id"]
    await loop.read("assessment", f"/v1/assessments/{person}", registered.headers["Talenta-Token"])
    late = await loop.score(nip, MEETS, BELOW, year=2024)
    talent = await loop.read("placement", f"/v1/talents/{person}", late.headers["Talenta-Token"])
    # The mean of the score that waited and the one that came later: SANGAT_BAIK 100, KURANG 40.
    assert (talent["predikat"], talent["y"]) == ("SANGAT_BAIK", 70)


async def test_malformed_event_becomes_a_dead_letter_and_blocks_nobody(loop: Loop, stack: Stack) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka_bootstrap_servers)
    await producer.start()
    try:
        for partition in range(EMPLOYEES.partitions):
            await producer.send_and_wait(
                f"{loop.talenta.name}.{EMPLOYEES.name}", b"{not json", key=b"poison", partition=partition
            )
    finally:
        await producer.stop()
    nip, person = _eligible(loop, 5)
    token = (await loop.score(nip, TOP, BELOW)).headers["Talenta-Token"]
    assert (await loop.read("placement", f"/v1/talents/{person}", token))["predikat"] == "KURANG"


async def test_bad_rows_are_told_why_and_good_ones_taken(loop: Loop) -> None:
    nip, person = _eligible(loop, 6)
    rows = [
        bodies.performance_score(nip, Rating(2025, TOP, TOP)),
        {"nip": "123", "period": {"kind": "YEARLY", "year": 2025}, "predikat": "HEBAT"},
        {**bodies.performance_score(nip, Rating(2024, MEETS, MEETS)), "predikat": "SANGAT_BAIK"},
    ]
    answer = await loop.talenta.client.post(
        f"{loop.talenta.urls['assessment']}/v1/performance-scores:batch",
        json={"scores": rows},
        headers={**loop.talenta.headers(), "Accept-Language": "en"},
    )
    body = answer.json()
    assert [result["status"] for result in body["results"]] == [201, 422, 422]
    pointers = {error["pointer"] for error in body["results"][1]["problem"]["errors"]}
    assert pointers == {"/scores/1/nip", "/scores/1/predikat"}
    assert "123" not in json.dumps(body["results"][1]["problem"]["errors"])
    talent = await loop.read("placement", f"/v1/talents/{person}", body["results"][0]["token"])
    assert talent["predikat"] == "SANGAT_BAIK"


async def test_employee_sees_himself_and_nobody_else(loop: Loop) -> None:
    _, own = _eligible(loop, 7)
    _, other = _eligible(loop, 8)
    headers = loop.talenta.headers("employee", employee_id=own)
    for service, path in (
        ("assessment", "/v1/assessments/{}"),
        ("placement", "/v1/talents/{}"),
        ("placement", "/v1/talents/{}/explanation"),
        ("reporting", "/v1/ranks/{}"),
    ):
        url = f"{loop.talenta.urls[service]}{path}"
        assert (await loop.talenta.client.get(url.format(own), headers=headers)).status_code == 200
        hidden = await loop.talenta.client.get(url.format(other), headers=headers)
        unknown = await loop.talenta.client.get(url.format(uuid4()), headers=headers)
        assert hidden.status_code == unknown.status_code == 404
        assert hidden.json()["code"] == unknown.json()["code"]


@pytest.mark.parametrize("service", SERVICES)
async def test_no_log_of_a_service_holds_a_nip(loop: Loop, service: str) -> None:
    log = loop.talenta.processes[service, "all"].log.read_text()
    assert log
    assert [nip for nip in loop.people.persons if nip in log] == []
