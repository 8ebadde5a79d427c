"""Optional headers that dependencies read by themselves, and what the OpenAPI document says of them.

FastAPI would validate each declared header on every request, sent or not. For three that any text is valid for,
that takes longer than all else that a cheap read does.

@reads_header("If-None-Match", "ETag of what you have; 304 when it is current.")
async def _freshness(request: Request, response: Response) -> Freshness:
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from fastapi.dependencies.models import Dependant

C = TypeVar("C", bound=Callable[..., Any])

_READ_BY: Final[dict[Callable[..., Any], list[dict[str, Any]]]] = {}


def reads_header(name: str, description: str, **schema: Any) -> Callable[[C], C]:
    """Mark a dependency that reads `name` out of its request; `schema` completes that of an optional text."""

    def marked(dependency: C) -> C:
        # The mark nearest to the function is set first.
        _READ_BY.setdefault(dependency, []).insert(0, _parameter(name, description, schema))
        return dependency

    return marked


def headers_read_by(dependant: Dependant) -> Iterator[dict[str, Any]]:
    """What the dependencies of an operation read by themselves, in the order of their declaration."""
    for dependency in dependant.dependencies:
        if dependency.call is not None:
            yield from _READ_BY.get(dependency.call, ())
        yield from headers_read_by(dependency)


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    text = {"anyOf": [{"type": "string"}, {"type": "null"}], "description": description, **schema, "title": name}
    return {
        "name": name.lower(),
        "in": "header",
        "required": False,
        "schema": text,
        "description": description,
    }
