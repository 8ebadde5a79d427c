"""The OpenAPI 3.1 document: what FastAPI draws from the code, and the errors that every operation can answer."""

import json
from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from shared.http import errors
from shared.http.after import AFTER_HEADER
from shared.http.errors import Problem
from shared.http.examples import example_of
from shared.http.handlers import PROBLEM_JSON, ProblemBody, body_of
from shared.http.headers import headers_read_by
from shared.http.idempotency import KeyInFlight
from shared.http.language import Language

_SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}
_FASTAPI_SCHEMAS: Final = ("HTTPValidationError", "ValidationError")
_METHODS: Final = ("get", "put", "post", "patch", "delete")
_EXAMPLE_IDS: Final = {
    "request_id": "5c1f2d0a9b8e4c7d8f6a3b2c1d0e9f8a",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
}
_EXAMPLE_VIOLATION: Final = errors.Violation("/nip", "missing", "wajib diisi", "is required")


def document_of(app: FastAPI) -> dict[str, Any]:
    """The document of one service."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/"}],
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _FASTAPI_SCHEMAS:
        schemas.pop(name, None)
    schemas |= _problem_schemas()
    components["responses"] = {problem.__name__: _response_of(problem) for problem in _COMMON}
    routes = _routes_by_operation(app)
    for operation in _operations(document):
        _add_headers(operation, routes[operation["operationId"]])
        _complete(operation)
        for content in _json_of(operation):
            content.setdefault("example", example_of(content["schema"], schemas))
    return document


def responses_of(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: its own errors, beside those that all share."""
    return {problem.status: _response_of(problem) for problem in problems}


def dump(document: dict[str, Any]) -> str:
    """The document as it is committed: the same text for the same code."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from (item[method] for method in _METHODS if method in item)


def _routes_by_operation(app: FastAPI) -> dict[str, APIRoute]:
    # An operation bears the name of its endpoint (`shared.http.app`).
    routes = (context.original_route for context in iter_route_contexts(app.routes))
    return {route.name: route for route in routes if isinstance(route, APIRoute)}


def _add_headers(operation: dict[str, Any], route: APIRoute) -> None:
    """Those that dependencies read by themselves, where FastAPI would put them: before the answers."""
    if headers := list(headers_read_by(route.dependant)):
        operation.setdefault("parameters", []).extend(headers)
        operation["responses"] = operation.pop("responses")


def _json_of(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The JSON that goes in and that comes out when all is well."""
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        content = part.get("content", {}).get("application/json", {})
        if "schema" in content:
            yield content


_COMMON: Final[tuple[type[Problem], ...]] = (
    errors.MalformedRequest,
    errors.NotAuthenticated,
    errors.ScopeMissing,
    errors.NotFound,
    KeyInFlight,
    errors.TooSlow,
    errors.ContentTooLarge,
    errors.UnsupportedMediaType,
    errors.InvalidInput,
    errors.InternalError,
    errors.Unavailable,
)


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema | {"title": "Problem"}}


def _response_of(problem: type[Problem]) -> dict[str, Any]:
    shown = problem(errors=[_EXAMPLE_VIOLATION]) if problem is errors.InvalidInput else problem()
    response: dict[str, Any] = {
        "description": f"{problem.title_en} / {problem.title_id}",
        "content": {
            PROBLEM_JSON: {"schema": _SCHEMA, "example": body_of(shown, Language.ID) | _EXAMPLE_IDS},
        },
    }
    if issubclass(problem, errors.Unavailable):
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
    return response


def _complete(operation: dict[str, Any]) -> None:
    """Add the errors that this operation can answer, and the headers that it shares with others of its kind."""
    responses: dict[str, Any] = operation["responses"]
    if _is_fastapis(responses.get("422")):
        del responses["422"]
    for problem in _problems_of(operation):
        responses.setdefault(str(problem.status), {"$ref": f"#/components/responses/{problem.__name__}"})
    names = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
    if AFTER_HEADER.lower() in names:
        responses.setdefault("202", _PENDING)
    if "if-none-match" in names:
        responses.setdefault("304", {"description": "Not modified / Tidak berubah"})
    operation["responses"] = dict(sorted(responses.items()))


_PENDING: Final = {
    "description": "Not taken in yet; ask again / Belum diterima; ulangi",
    "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}},
    "content": {"application/json": {"example": {"status": "pending"}}},
}


def _is_fastapis(response: dict[str, Any] | None) -> bool:
    return response is not None and "HTTPValidationError" in json.dumps(response)


def _problems_of(operation: dict[str, Any]) -> Iterator[type[Problem]]:
    parameters, body = operation.get("parameters", ()), "requestBody" in operation
    if operation.get("security"):
        yield errors.NotAuthenticated
        yield errors.ScopeMissing
    if parameters or body:
        yield errors.MalformedRequest
        yield errors.InvalidInput
    if any(parameter["name"].lower() == "idempotency-key" for parameter in parameters):
        yield KeyInFlight
    if body:
        yield errors.TooSlow
        yield errors.ContentTooLarge
        yield errors.UnsupportedMediaType
    if any(parameter["in"] == "path" for parameter in parameters):
        yield errors.NotFound
    yield errors.InternalError
    yield errors.Unavailable
