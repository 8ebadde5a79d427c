"""The contract: valid OpenAPI 3.1, with the scope and the errors of every operation, the same each time."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from shared.http.app import create_service_app
from shared.http.openapi import document_of, dump
from tests.shared.http import sample

SETTINGS = sample.Settings(database_url="postgresql://nobody@localhost/none")
DOCUMENT = sample.create_app(SETTINGS).openapi()


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


OPERATIONS = dict(operations())


def test_document_is_valid_openapi_31() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


def test_document_of_the_smallest_service_is_valid() -> None:
    empty = create_service_app(SETTINGS, title="Empty", summary="Nothing.", routers=[])
    validate(empty.openapi())


def test_document_is_the_same_each_time() -> None:
    assert dump(document_of(sample.create_app(SETTINGS))) == dump(DOCUMENT)


async def test_service_serves_its_document(client: httpx.AsyncClient) -> None:
    assert (await client.get("/openapi.json")).json() == DOCUMENT
    assert "/openapi.json" in (await client.get("/docs")).text


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_every_error_is_documented_as_a_problem(operation: dict[str, Any]) -> None:
    failing = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
    assert {"500", "503"} <= failing.keys()
    if operation.get("security"):
        assert {"401", "403"} <= failing.keys()
    if operation.get("parameters") or "requestBody" in operation:
        assert "422" in failing
    for answer in failing.values():
        if "$ref" in answer:
            answer = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]  # noqa: PLW2901
        (content,) = answer["content"].items()
        assert content[0] == "application/problem+json"
        assert content[1]["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert content[1]["example"]["type"].startswith("/problems/")


def test_scope_of_an_operation_is_documented() -> None:
    assert OPERATIONS["get /v1/ping"]["security"] == [{"bearer": ["profile:read"]}]
    assert "security" not in OPERATIONS["get /v1/board"]
    scheme = DOCUMENT["components"]["securitySchemes"]["bearer"]
    assert (scheme["type"], scheme["scheme"], scheme["bearerFormat"]) == ("http", "bearer", "JWT")


def test_common_headers_and_answers_are_documented() -> None:
    assert OPERATIONS["get /v1/seen/{key}"]["responses"]["202"]["headers"]["Retry-After"]
    assert "304" in OPERATIONS["get /v1/board"]["responses"]
    assert "Talenta-Token" in OPERATIONS["post /v1/things"]["responses"]["201"]["headers"]


def test_own_error_of_a_route_stands_beside_the_common_ones() -> None:
    own = OPERATIONS["post /v1/things"]["responses"]["404"]
    assert own["content"]["application/problem+json"]["example"]["code"] == "thing_not_found"


def test_nothing_of_fastapis_own_errors_is_left() -> None:
    assert "HTTPValidationError" not in dump(DOCUMENT)
