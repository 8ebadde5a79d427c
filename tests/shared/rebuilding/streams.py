"""Topics as bad as they can be: shuffled, doubled, of an older contract, and full of what nobody can take in."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from shared.events.contract import State
from shared.events.envelope import Cause, headers_of
from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS, Topic
from tests.assessment.people import employee as assessed_employee
from tests.placement.people import assessment, employee, measure, punishment
from tests.reporting.people import drawn, person, state_of
from tests.shared.rebuilding.scene import Raw

PEOPLE: Final = 60
CAUSE: Final = Cause(datetime(2026, 11, 24, 3, tzinfo=UTC), ("test/1",))

Make = Callable[[Random, int, int], State]
"""The state of a person, by his number, at a version."""


def _employee(chance: Random, number: int, version: int) -> State:
    discipline = [punishment("SEDANG", "2026-02-01")] if chance.random() < 0.2 else []
    region = chance.choice(("33.74", "33.01"))
    return employee(person(number), version=version, region=region, discipline=discipline)


def _assessment(chance: Random, number: int, version: int) -> State:
    return assessment(person(number), version=version, potential=measure("score", chance.randrange(30, 100)))


def _assessed(chance: Random, number: int, version: int) -> State:
    bears = number + chance.choice((0, 300, 301))
    return assessed_employee(number, version=version, region=chance.choice(("33.74", "33.24")), bears=bears)


def _refused(_chance: Random, number: int, version: int) -> State:
    """It is an event, but its value has more decimals than were agreed."""
    return state_of(number, version, talent_value="1.234")


MAKERS: Final[dict[str, dict[Topic, Sequence[Make]]]] = {
    "reporting": {TALENTS: (drawn, drawn, drawn, _refused)},
    "placement": {EMPLOYEES: (_employee,), RESULTS: (_assessment,)},
    "assessment": {EMPLOYEES: (_assessed,)},
}
"""Who makes the states of the topics that a service reads; one of them is drawn for each state."""


def stream(chance: Random, service: str) -> list[Raw]:
    """Some states of everybody, without order, among what is none."""
    found: list[Raw] = []
    for topic, makers in MAKERS[service].items():
        for number in range(PEOPLE):
            for version in range(1, chance.randrange(1, 8)):
                state, other = (chance.choice(makers)(chance, number, version) for _ in range(2))
                # The copies of assessment are guarded by the version alone.
                found += _of_version(chance, topic, state, older=state if service == "assessment" else other)
        # Of some only one input ever comes.
        gone = chance.sample(range(PEOPLE), 5)
        found = [raw for raw in found if raw[1] not in {str(person(number)).encode() for number in gone}]
    found += chance.sample(found, len(found) // 5)
    chance.shuffle(found)
    return found


def _of_version(chance: Random, topic: Topic, state: State, *, older: State) -> list[Raw]:
    whole = raw(topic, state)
    *_, headers = whole
    spoilt = (
        _with(whole, value=b'{"version": "none"}'),
        _with(whole, value=None),
        _with(whole, headers=[]),
        _with(whole, headers=[*headers, ("ce_type", b"id.talenta.else.v1")]),
        _with(whole, headers=[*headers, ("ce_origintime", b"yesterday")]),
    )
    draw = chance.random()
    if draw < 0.17:
        return [chance.choice(spoilt)]
    if draw < 0.3:
        return [whole, raw(topic, older, contract=0), raw(topic, state, contract=9)]
    if draw < 0.35:
        return [whole, *(_with(whole, headers=[*headers, ("ce_sequence", lie)]) for lie in (b"0", b"99", None))]
    return [whole]


def _with(whole: Raw, **changes: Any) -> Raw:
    topic, key, value, headers = whole
    return topic, key, changes.get("value", value), changes.get("headers", headers)


def raw(topic: Topic, state: State, contract: int = 1) -> Raw:
    """A record as a relay writes it."""
    headers = headers_of(topic=topic.name, key=state.key, version=state.version, contract=contract, cause=CAUSE)
    return topic, state.key.encode(), state.model_dump_json().encode(), headers
