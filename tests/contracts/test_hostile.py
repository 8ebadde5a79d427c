"""Bodies that are no bodies, at every endpoint that takes one: a clear answer, and nothing written."""

import json
from typing import Any, Final

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from shared.auth.matrix import Endpoint
from shared.auth.roles import INTEGRATOR, PROVINCE_OPERATOR
from shared.http.body import BodyRoute
from shared.testing.tokens import Issuer
from tests.contracts.house import APPS, GUARDED, House, example_of, name_of

TAKING: Final = [endpoint for endpoint in GUARDED if example_of(endpoint) is not None]
READS: Final = [endpoint for endpoint in GUARDED if endpoint.method == "GET"]
JSON: Final = "application/json"
BODIES: Final[dict[str, tuple[bytes, str, int, str]]] = {
    "nothing": (b"", JSON, 422, "invalid_input"),
    "null": (b"null", JSON, 422, "invalid_input"),
    "list": (b"[]", JSON, 422, "invalid_input"),
    "text": (b'"x"', JSON, 422, "invalid_input"),
    "no member": (b"{}", JSON, 422, "invalid_input"),
    "not json": (b"{", JSON, 400, "malformed_json"),
    "nan": (b'{"x": NaN}', JSON, 400, "malformed_json"),
    "twice": (b'{"nip": "1", "nip": "2"}', JSON, 400, "malformed_json"),
    "digits": (b'{"x": ' + b"1" * 5000 + b"}", JSON, 400, "malformed_json"),
    "deep": (b"[" * 100_000, JSON, 400, "malformed_json"),
    "not utf-8": (b'{"x": "\xff"}', JSON, 400, "malformed_json"),
    "form": (b"nip=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    "no type": (b"{}", "", 415, "unsupported_media_type"),
    "large": (b" " * (8 * 2**20 + 1), JSON, 413, "content_too_large"),
}


def test_every_route_with_a_body_reads_it_strictly() -> None:
    routes = [one.original_route for app in APPS.values() for one in iter_route_contexts(app.routes)]
    taking = [route for route in routes if isinstance(route, APIRoute) and route.body_field is not None]
    assert len(taking) == len(TAKING) > 0
    assert [route.path for route in taking if not isinstance(route, BodyRoute)] == []


@pytest.mark.parametrize(("body", "media_type", "status", "code"), BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("endpoint", TAKING, ids=name_of)
async def test_what_is_no_body_is_refused(
    *, house: House, issuer: Issuer, endpoint: Endpoint, body: bytes, media_type: str, status: int, code: str
) -> None:
    token = issuer.token_for(INTEGRATOR, regions=["33.*"])
    headers = {"Authorization": f"Bearer {token}", "Content-Type": media_type}
    answer = await house.call(endpoint, token, json=None, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("endpoint", TAKING, ids=name_of)
async def test_an_unknown_member_is_refused_and_nothing_written(
    house: House, issuer: Issuer, endpoint: Endpoint
) -> None:
    reading = issuer.token_for(PROVINCE_OPERATOR, regions=["33.*"])
    before = [(await house.call(one, reading)).text for one in READS]
    body = json.loads(json.dumps(example_of(endpoint)))
    place: Any = next(iter(body.values()))[0] if endpoint.path.endswith(":batch") else body
    place["nik"] = "3374"
    answer = await house.call(endpoint, issuer.token_for(INTEGRATOR, regions=["33.*"]), json=body)
    told = answer.json()
    problem = told["results"][0]["problem"] if "results" in told else told
    assert [error["code"] for error in problem["errors"]] == ["extra_forbidden"]
    assert problem["errors"][0]["pointer"].endswith("/nik")
    assert [(await house.call(one, reading)).text for one in READS] == before
