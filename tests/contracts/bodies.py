"""Values drawn from a JSON schema, and the same with something wrong in them."""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from hypothesis import strategies as st

Drawn = st.SearchStrategy[Any]
NASTY_TEXTS: Final = (
    "",
    " ",
    "\0",
    "a\x1fb",
    "\ud800",
    "\u202eb",
    "٣",
    "1_0",
    "1e400",
    "NaN",
    "null",
    "0001-01-01",
    "9999-12-31",
    "2025-02-30",
    "2025-01-01T00:00:00Z",
    "{0198c0de-0000-7000-8000-000000000001}",
    "0198C0DE-0000-7000-8000-000000000001",
    "33.*",
    "..",
    "%00",
    "' OR 1=1 --",
    "x" * 5000,
)
_NASTY: Final[Drawn] = st.one_of(
    st.sampled_from(NASTY_TEXTS),
    st.sampled_from([None, True, 0, -1, 2**63, 10**30, -0.0, 0.1 + 0.2, float("inf"), float("nan")]),
    st.builds(list),
    st.builds(dict),
    st.just([[[[[[[[]]]]]]]]),
    st.text(max_size=20),
)


def values_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Drawn:
    """Values that keep to `schema`; its own examples often, since patterns say less than rules."""
    if "$ref" in schema:
        return values_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "const" in schema:
        return st.just(schema["const"])
    drawn = _drawn(schema, schemas)
    return st.sampled_from(schema["examples"]).map(copy.deepcopy) | drawn if "examples" in schema else drawn


def _drawn(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Drawn:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([values_of(one, schemas) for one in schema["anyOf"]])
    match schema["type"]:
        case "object":
            return _objects(schema, schemas)
        case "array":
            items, least = values_of(schema["items"], schemas), schema.get("minItems", 0)
            return st.lists(items, min_size=least, max_size=min(schema.get("maxItems", 4), 4))
        case "string":
            return _texts(schema)
        case simple:
            return _SIMPLE[simple](schema.get("minimum", -5), schema.get("maximum", 3000))


_SIMPLE: Final[Mapping[str, Callable[[int, int], Drawn]]] = {
    "integer": st.integers,
    "number": lambda least, most: st.integers(int(least * 10), int(most * 10)).map(lambda tenths: tenths / 10),
    "boolean": lambda _least, _most: st.booleans(),
    "null": lambda _least, _most: st.none(),
}


def _objects(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Drawn:
    members = {name: values_of(one, schemas) for name, one in schema.get("properties", {}).items()}
    required = {name: members.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=members)


def _texts(schema: Mapping[str, Any]) -> Drawn:
    if schema.get("format") == "date":
        return st.dates().map(str)
    if schema.get("format") == "uuid":
        return st.uuids().map(str)
    if "pattern" in schema:
        return st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
    return st.text(min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 30), 30))


@st.composite
def spoiled(draw: st.DrawFn, values: Drawn) -> Any:
    """A value with up to three places in it replaced, taken away, doubled or made up."""
    value = [copy.deepcopy(draw(values))]
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(list(_places(value))))
        match draw(st.sampled_from(["replace", "replace", "remove", "add", "double"])):
            case "remove" if holder is not value:
                del holder[key]
            case "add" if isinstance(holder[key], dict):
                holder[key][draw(st.sampled_from(NASTY_TEXTS))] = copy.deepcopy(draw(_NASTY))
            case "double" if isinstance(holder[key], list):
                holder[key].extend(copy.deepcopy(holder[key]))
            case _:
                holder[key] = copy.deepcopy(draw(_NASTY))
    return value[0]


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
    keys = holder if isinstance(holder, dict) else range(len(holder))
    for key in keys:
        yield holder, key
        if isinstance(holder[key], dict | list):
            yield from _places(holder[key])
