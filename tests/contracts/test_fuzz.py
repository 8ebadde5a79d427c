"""Whatever a caller sends, each operation answers as its contract says: with the documented body or a problem.

Requests are drawn from the contract itself, half of the bodies then spoiled; every run draws the same ones.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator

from shared.auth.matrix import Endpoint
from shared.auth.roles import INTEGRATOR
from shared.testing.tokens import Issuer
from tests.contracts.bodies import NASTY_TEXTS, spoiled, values_of
from tests.contracts.house import APPS, ENDPOINTS, House, name_of, operation_of

DOCUMENTED: Final = [endpoint for endpoint in ENDPOINTS if operation_of(endpoint)]
_HEADERS: Final = (
    *("", '"1"', "*", 'W/"x"', "wait=0", "wait=-1", "wait=x", "é\x80", "x" * 300, "a b"),
    *("assessment.results/0198c0de-0000-7000-8000-000000000001@1", "a.b/c@" + "9" * 18, "a.b/c@1," * 17, "a.b/@"),
)
_quickly: Final = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("endpoint", DOCUMENTED, ids=name_of)
@_quickly
@given(data=st.data())
async def test_every_request_is_answered_as_documented(
    house: House, issuer: Issuer, endpoint: Endpoint, data: st.DataObject
) -> None:
    request = data.draw(requests_to(endpoint), "request")
    token = issuer.token_for(INTEGRATOR, regions=["33.*"])
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", **request.pop("headers")}
    answer = await house.client.request(
        endpoint.method,
        f"{house.addresses[endpoint.service]}{request['path']}{request['query']}",
        headers={name: value.encode("latin-1") for name, value in headers.items()},
        content=request["content"],
    )
    check(endpoint, answer)


def check(endpoint: Endpoint, answer: httpx.Response) -> None:
    """The status is documented, and the body is what is documented for it."""
    document = APPS[endpoint.service].openapi()
    assert answer.status_code < 500
    documented = operation_of(endpoint)["responses"].get(str(answer.status_code))
    assert documented is not None, f"{answer.status_code} is not documented"
    if "$ref" in documented:
        documented = document["components"]["responses"][documented["$ref"].rpartition("/")[2]]
    sent = answer.headers.get("content-type", "").partition(";")[0]
    assert (sent == "application/problem+json") is (answer.status_code >= 400)
    if sent:
        schema = documented["content"][sent].get("schema", {})
        OAS31Validator({**schema, "components": document["components"]}).validate(answer.json())
    else:
        assert (answer.status_code, answer.content) == (304, b"")
    if "talenta-token" in answer.headers:
        assert "Talenta-Token" in documented["headers"]


def requests_to(endpoint: Endpoint) -> st.SearchStrategy[dict[str, Any]]:
    """Path, query, headers and content of a request to the endpoint."""
    operation = operation_of(endpoint)
    schemas = APPS[endpoint.service].openapi()["components"]["schemas"]
    places: dict[str, dict[str, st.SearchStrategy[str]]] = {"path": {}, "query": {}, "header": {}}
    for parameter in operation.get("parameters", ()):
        texts = st.sampled_from(_HEADERS) if parameter["in"] == "header" else _texts_for(parameter, schemas)
        places[parameter["in"]][parameter["name"]] = texts
    return st.fixed_dictionaries(
        {
            "path": st.fixed_dictionaries(places["path"]).map(lambda values: _path(endpoint.path, values)),
            "query": st.fixed_dictionaries({}, optional=places["query"]).map(_query),
            "headers": st.fixed_dictionaries({}, optional=places["header"]),
            "content": _contents(operation, schemas),
        },
    )


def _texts_for(parameter: dict[str, Any], schemas: Mapping[str, Any]) -> st.SearchStrategy[str]:
    good = values_of(parameter["schema"], schemas).map(str)
    known = st.sampled_from(parameter.get("examples", ["33.74", "33.*", "10"]))
    return st.one_of(good, known, st.sampled_from(NASTY_TEXTS).map(lambda text: text[:900]))


def _path(template: str, values: dict[str, str]) -> str:
    # A client would take dots for steps.
    return template.format_map({name: _quoted(text).replace(".", "%2E") for name, text in values.items()})


def _query(values: dict[str, str]) -> str:
    return f"?{'&'.join(f'{name}={_quoted(text)}' for name, text in values.items())}" if values else ""


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _contents(operation: dict[str, Any], schemas: Mapping[str, Any]) -> st.SearchStrategy[bytes | None]:
    if "requestBody" not in operation:
        return st.none()
    values = values_of(operation["requestBody"]["content"]["application/json"]["schema"], schemas)
    return st.one_of(values, spoiled(values)).map(lambda value: json.dumps(value).encode())
