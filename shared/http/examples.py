"""Examples for the OpenAPI document, put together from those of the fields, so that none is written twice."""

from collections.abc import Mapping
from typing import Any, Final

_REFERENCE: Final = "#/components/schemas/"
_BY_FORMAT: Final = {
    "uuid": "0198c0de-0000-7000-8000-000000000001",
    "date": "2026-11-24",
    "date-time": "2026-11-24T03:00:00Z",
}
_BY_TYPE: Final = {"string": "…", "boolean": True, "null": None}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], inside: frozenset[str] = frozenset()) -> Any:
    """A value for `schema`. `schemas` are those that references name; `inside` are those that it stands in."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REFERENCE)
        return example_of(schemas[name], schemas, inside | {name})
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example_of(schema[key][0], schemas, inside)
    return _by_type(schema, schemas, inside)


def _by_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], inside: frozenset[str]) -> Any:
    match schema.get("type"):
        case "object":
            properties: Mapping[str, Any] = schema.get("properties", {})
            others = schema.get("additionalProperties")
            if isinstance(others, Mapping):
                properties = {example_of(schema.get("propertyNames", {}), schemas): others, **properties}
            return {name: example_of(below, schemas, inside) for name, below in properties.items()}
        case "array":
            items: Mapping[str, Any] = schema.get("items", {})
            is_recursive = items.get("$ref", "").removeprefix(_REFERENCE) in inside
            return [] if is_recursive else [example_of(items, schemas, inside)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case other:
            return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(other or "string"))
