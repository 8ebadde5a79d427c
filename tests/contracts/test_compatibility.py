"""A contract may gain a field; none may go, change its type or become required.

`golden/<topic>.v1.json` is one event as it was once published, body and headers; it must stay readable for ever.
`golden/<topic>.v1.schema.json` is the contract as last released; it is extended by hand when a contract gains a
field and its count goes up, and never otherwise.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.events.contract import State
from shared.events.envelope import Cause, cause_of, headers_of
from shared.events.registry import CONTRACTS

GOLDEN = Path(__file__).parent / "golden"
TOPICS = sorted(CONTRACTS)


def _golden(topic: str, kind: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((GOLDEN / f"{topic}.v1{kind}.json").read_text())
    return loaded


def _incompatible(old: dict[str, Any], new: dict[str, Any], place: str) -> list[str]:
    """What a consumer of `old` could stumble over in `new`."""
    found = [
        f"{place}: {name} became required" for name in set(new.get("required", ())) - set(old.get("required", ()))
    ]
    for name, schema in old.get("properties", {}).items():
        present = new.get("properties", {}).get(name)
        if present is None:
            found.append(f"{place}: {name} is gone")
        elif _shape(schema) != _shape(present):
            found.append(f"{place}: {name} changed its type")
    return found


def _shape(schema: dict[str, Any]) -> Any:
    return {key: value for key, value in schema.items() if key not in {"description", "title", "default"}}


@pytest.mark.parametrize("topic", TOPICS)
def test_contract_is_compatible_with_what_was_released(topic: str) -> None:
    released = _golden(topic, ".schema")
    now = CONTRACTS[topic].model_json_schema(mode="serialization")
    problems = _incompatible(released, now, topic)
    for name, schema in released.get("$defs", {}).items():
        if "enum" in schema:
            if missing := set(schema["enum"]) - set(now["$defs"][name]["enum"]):
                problems.append(f"{name}: values {missing} are gone")
        else:
            problems += _incompatible(schema, now["$defs"][name], name)
    assert problems == []


@pytest.mark.parametrize("topic", TOPICS)
def test_golden_event_is_read_and_written_to_the_byte(topic: str) -> None:
    event = _golden(topic, "")
    state: State = CONTRACTS[topic].model_validate(event["body"])
    assert json.loads(state.model_dump_json()) == event["body"]
    headers = {name: value.encode() for name, value in event["headers"].items()}
    written = headers_of(
        topic=topic,
        key=state.key,
        version=state.version,
        contract=state.CONTRACT,
        cause=cause_of(headers),
    )
    assert dict(written) == headers


@pytest.mark.parametrize("topic", TOPICS)
def test_unknown_fields_of_an_event_are_ignored(topic: str) -> None:
    body = _golden(topic, "")["body"]
    assert CONTRACTS[topic].model_validate({**body, "learnt_later": {"a": 1}}) == CONTRACTS[topic].model_validate(
        body
    )


def test_only_profile_employees_carries_nip_and_name() -> None:
    for topic in TOPICS:
        fields = set(CONTRACTS[topic].model_fields)
        assert (topic == "profile.employees") == bool(fields & {"nip", "name"})


def test_a_gone_field_is_noticed() -> None:
    released = _golden("profile.employees", ".schema")
    changed = json.loads(json.dumps(released))
    del changed["properties"]["nip"]
    changed["required"].append("education")
    changed["properties"]["name"]["type"] = "integer"
    assert sorted(_incompatible(released, changed, "employee")) == [
        "employee: education became required",
        "employee: name changed its type",
        "employee: nip is gone",
    ]


def test_merged_cause_keeps_the_oldest_origin_and_bounds_the_names() -> None:
    golden = cause_of({n: v.encode() for n, v in _golden("placement.talents", "")["headers"].items()})
    many = [Cause(golden.origin_time.replace(microsecond=n), (f"performance-score/{n}",)) for n in range(40)]
    merged = Cause.merged(reversed(many))
    assert merged.origin_time == many[0].origin_time
    assert merged.causes == tuple(f"performance-score/{n}" for n in range(24, 40))
