"""The AsyncAPI 3.0 document of the topics, made from their contracts, their typed list and who follows them."""

from typing import Any, Final

from shared.events.contract import State
from shared.events.envelope import event_type
from shared.events.registry import CONTRACTS
from shared.kafka.topics import ALL, Topic
from shared.kafka.topology import followers_of

_HEADERS: Final[dict[str, str]] = {
    "ce_specversion": "CloudEvents version, 1.0",
    "ce_type": "Type of the event, `id.talenta.<topic>.v1`",
    "ce_source": "Publishing service",
    "ce_id": "`<topic>/<key>@<version>`; the same state republished is the same event",
    "ce_subject": "Key of the aggregate",
    "ce_time": "When the request that caused it was accepted",
    "ce_partitionkey": "Key of the record",
    "ce_sequence": "Version of the state",
    "ce_contract": "Count of the contract's additive changes",
    "ce_origintime": "When the request that caused it was accepted; carried along the whole chain",
    "ce_causationid": "What caused it, comma-separated, latest last; carried along the whole chain",
    "traceparent": "W3C trace context",
    "content-type": "application/json",
}
_OPTIONAL_HEADERS: Final = frozenset({"ce_causationid", "traceparent"})


def document() -> dict[str, Any]:
    """The whole document; deterministic, so that a committed copy can be compared."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    schemas: dict[str, Any] = {"CloudEventHeaders": _header_schema()}
    for topic in ALL:
        contract = CONTRACTS[topic.name]
        channels[topic.name] = _channel(topic, contract)
        messages[contract.__name__] = _message(topic, contract)
        schemas |= _schemas(contract)
        operations |= _operations(topic, contract)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Talenta: events",
            "version": "1",
            "description": (
                "Events are state: each carries the full current state of one aggregate at a version that only "
                "grows, keyed by its id; topics are compacted. Consumers ignore unknown fields, and take a "
                "state only when its version is newer than what they hold. Delivery is at least once. A record "
                "whose key begins with `heartbeat-` carries no state: skip it."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


def _header_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name in _HEADERS if name not in _OPTIONAL_HEADERS],
        "properties": {name: {"type": "string", "description": text} for name, text in _HEADERS.items()},
    }


def _channel(topic: Topic, contract: type[State]) -> dict[str, Any]:
    name = contract.__name__
    return {
        "address": topic.name,
        "description": (contract.__doc__ or "").strip(),
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {"cleanup.policy": ["compact"]},
                "bindingVersion": "0.5.0",
            },
        },
    }


def _message(topic: Topic, contract: type[State]) -> dict[str, Any]:
    return {
        "name": event_type(topic.name),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{contract.__name__}"},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": "0.5.0"},
        },
    }


def _schemas(contract: type[State]) -> dict[str, Any]:
    schema = contract.model_json_schema(
        mode="serialization",
        ref_template="#/components/schemas/{model}",
    )
    parts: dict[str, Any] = schema.pop("$defs", {})
    return {contract.__name__: schema, **parts}


def _operations(topic: Topic, contract: type[State]) -> dict[str, Any]:
    service = topic.name.partition(".")[0]
    channel = {"$ref": f"#/channels/{topic.name}"}
    messages = [{"$ref": f"#/channels/{topic.name}/messages/{contract.__name__}"}]
    operations: dict[str, Any] = {
        f"{service}.send": {"action": "send", "channel": channel, "messages": messages},
    }
    for follower in followers_of(topic):
        operations[f"{follower}.receive.{topic.name}"] = {
            "action": "receive",
            "channel": channel,
            "messages": messages,
        }
    return operations
