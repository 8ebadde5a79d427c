"""Errors become answers here, and nowhere else: problem details (RFC 9457) in the language of the caller."""

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.http import errors
from shared.http.context import RequestContext, context_of
from shared.http.errors import MethodNotAllowed, Problem, Violation
from shared.http.language import Language
from shared.http.validation import violations_of

PROBLEM_JSON: Final = "application/problem+json"
_BY_STATUS: Final[Mapping[int, type[Problem]]] = {
    400: errors.MalformedRequest,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    408: errors.TooSlow,
    413: errors.ContentTooLarge,
    415: errors.UnsupportedMediaType,
}


class ViolationBody(BaseModel):
    """One thing wrong with the input."""

    pointer: str = Field(description="JSON pointer (RFC 6901) into `in`", examples=["/employees/3/nip"])
    location: str = Field(alias="in", description="body, query, path, header or cookie", examples=["body"])
    code: str = Field(examples=["missing"])
    detail: str = Field(examples=["wajib diisi"])


class RowProblem(BaseModel):
    """A problem detail (RFC 9457) of one row of a batch."""

    type: str = Field(description="Explained at this address", examples=["/problems/invalid_input"])
    title: str = Field(examples=["Masukan tidak memenuhi aturan"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["Masukan tidak memenuhi aturan"])
    code: str = Field(examples=["invalid_input"])
    errors: list[ViolationBody] = []


class ProblemBody(RowProblem):
    """A problem detail (RFC 9457)."""

    request_id: str = Field(examples=["5c1f2d0a9b8e4c7d8f6a3b2c1d0e9f8a"])
    trace_id: str = Field(examples=["4bf92f3577b34da6a3ce929d0e0e4736"])


def body_of(problem: Problem, language: Language, *, within: str = "") -> dict[str, Any]:
    """The problem detail without what belongs to the request. `within` goes before pointers into the body."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": language.choose(problem.title_id, problem.title_en),
        "status": problem.status,
        "detail": language.choose(problem.detail_id, problem.detail_en),
        "code": problem.code,
    }
    if problem.errors:
        body["errors"] = [_violation_body(violation, language, within) for violation in problem.errors]
    return body


def _violation_body(violation: Violation, language: Language, within: str) -> dict[str, str]:
    return {
        "pointer": within + violation.pointer if violation.location == "body" else violation.pointer,
        "in": violation.location,
        "code": violation.code,
        "detail": language.choose(violation.detail_id, violation.detail_en),
    }


def answer(problem: Problem, context: RequestContext) -> Response:
    """The whole answer to a request that failed."""
    language = context.language
    body = body_of(problem, language)
    body["request_id"], body["trace_id"] = context.request_id, context.trace_id
    return Response(
        # A lone surrogate in a pointer is no UTF-8; it must not turn one problem into another.
        json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"),
        status_code=problem.status,
        headers={
            **problem.headers,
            "Content-Language": language.value,
            "Vary": "Accept-Language",
            "Cache-Control": "no-store",
        },
        media_type=PROBLEM_JSON,
    )


async def _on_problem(request: Request, problem: Problem) -> Response:
    return answer(problem, context_of(request))


async def _on_http_exception(request: Request, error: HTTPException) -> Response:
    """What the framework raises by itself: unknown address, method, a body that cannot be read."""
    headers = dict(error.headers or {})
    if error.status_code == MethodNotAllowed.status:
        headers["Allow"] = ", ".join(sorted(_methods_at(request)))
    problem = _BY_STATUS.get(error.status_code, errors.InternalError)(headers=headers)
    return answer(problem, context_of(request))


def _methods_at(request: Request) -> set[str]:
    """All that the address takes: each route of it knows only its own."""
    path: str = request.scope["path"]
    at_path = (one for one in iter_route_contexts(request.app.routes) if one.path_regex.match(path))
    methods = {method for one in at_path for method in one.methods or ()}
    return methods | {"HEAD"} if "GET" in methods else methods


async def _on_invalid_request(request: Request, error: RequestValidationError) -> Response:
    return answer(problem_of(error), context_of(request))


def problem_of(error: RequestValidationError) -> Problem:
    """Tell a body that is declared as something else than JSON from one that breaks a rule."""
    if isinstance(error.body, bytes):
        return errors.UnsupportedMediaType()
    return errors.InvalidInput(errors=violations_of(error.errors(), error.body))


def add_handlers(app: FastAPI) -> None:
    """All errors that a route can raise on purpose. The middleware answers those that nobody meant."""
    app.exception_handler(Problem)(_on_problem)
    app.exception_handler(HTTPException)(_on_http_exception)
    app.exception_handler(RequestValidationError)(_on_invalid_request)
