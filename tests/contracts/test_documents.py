"""Committed documents are those that the code makes, and valid by their own specifications."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from deploy.local.settings import PROJECT, SERVICES
from docs.generate import apps, documents


@pytest.mark.parametrize(("path", "text"), list(documents()), ids=lambda value: getattr(value, "name", ""))
def test_committed_document_is_what_the_code_makes(path: Path, text: str) -> None:
    assert path.read_text() == text, "run `make docs`"


@pytest.mark.parametrize("service", SERVICES)
def test_openapi_is_valid_with_unique_operations(service: str) -> None:
    loaded = json.loads((PROJECT / "docs" / "api" / f"{service}.openapi.json").read_text())
    validate(loaded, cls=OpenAPIV31SpecValidator)
    operations = [
        operation["operationId"]
        for path in loaded["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]
    assert len(operations) == len(set(operations)) > 0


def test_asyncapi_names_every_topic_and_resolves_every_reference() -> None:
    loaded = json.loads((PROJECT / "docs" / "api" / "asyncapi.json").read_text())
    assert loaded["asyncapi"] == "3.0.0"
    assert list(loaded["channels"]) == [
        "profile.employees",
        "assessment.results",
        "placement.talents",
        "reporting.standings",
    ]
    unresolved = [reference for reference in _references(loaded) if not _resolves(loaded, reference)]
    assert unresolved == []


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []


def _resolves(document: object, reference: str) -> bool:
    node = document
    for part in reference.removeprefix("#/").split("/"):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True


OPERATIONS = [
    (document, f"{method} {path}", operation)
    for document in (app.openapi() for app in apps().values())
    for path, item in document["paths"].items()
    for method, operation in item.items()
]


@pytest.mark.parametrize(("document", "name", "operation"), OPERATIONS, ids=[name for _, name, _ in OPERATIONS])
def test_every_body_has_an_example_that_keeps_its_schema(
    document: dict[str, Any], name: str, operation: dict[str, Any]
) -> None:
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        shared = part["$ref"].rpartition("/")[2] if "$ref" in part else None
        bodies = (document["components"]["responses"][shared] if shared else part).get("content", {})
        for content in bodies.values():
            schema = {**content.get("schema", {}), "components": document["components"]}
            OAS31Validator(schema).validate(content["example"])


def test_the_token_of_a_write_is_documented_where_it_is_sent() -> None:
    telling = {
        (name, status)
        for _, name, operation in OPERATIONS
        for status, answer in operation["responses"].items()
        if "Talenta-Token" in answer.get("headers", {})
    }
    sent_by = ("put /v1/employees/{nip}", "post /v1/performance-scores", "post /v1/talent-assessments")
    assert telling == {(name, status) for name in sent_by for status in ("200", "201")}
