"""Who may call what, read off the routes that an application really serves, and never written by hand."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from shared.auth import roles
from shared.auth.access import Access, public
from shared.auth.scopes import Scope

_PUBLIC: Final = "public"


class UndeclaredEndpoint(Exception):
    """An endpoint that declares neither a scope nor that it is public, or both."""


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """One method of one path, and the scope it needs; None when it is public."""

    service: str
    path: str
    method: str
    scope: Scope | None


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One row of the matrix: by this role the endpoint may be called, over this population."""

    endpoint: Endpoint
    role: str
    population: str


def endpoints_of(service: str, app: FastAPI) -> list[Endpoint]:
    """All endpoints of the application, by path and method. Raises UndeclaredEndpoint."""
    return sorted(_endpoints(service, app), key=lambda endpoint: (endpoint.path, endpoint.method))


def _endpoints(service: str, app: FastAPI) -> Iterator[Endpoint]:
    for context in iter_route_contexts(app.routes):
        path = context.path_format or "?"
        if not isinstance(context.original_route, APIRoute):
            raise UndeclaredEndpoint(f"{service}: {path} is served past the routes that declare their access")
        scope = _declared(f"{service}: {path}", context.dependant)
        for method in sorted(context.methods or ()):
            yield Endpoint(service, path, method, scope)


def _declared(where: str, dependant: Dependant) -> Scope | None:
    scopes = {access.scope for access in _accesses(dependant)}
    is_public = any(found.call is public for found in _all_below(dependant))
    if len(scopes) + is_public != 1:
        raise UndeclaredEndpoint(f"{where} declares {len(scopes)} scopes, and public: {is_public}")
    return next(iter(scopes), None)


def access_of(dependant: Dependant) -> Access | None:
    """The access that an endpoint declares; None where it is public."""
    return next(_accesses(dependant), None)


def _accesses(dependant: Dependant) -> Iterator[Access]:
    return (found.call for found in _all_below(dependant) if isinstance(found.call, Access))


def _all_below(dependant: Dependant) -> Iterator[Dependant]:
    for below in dependant.dependencies:
        yield below
        yield from _all_below(below)


def permissions_of(endpoints: Iterable[Endpoint]) -> list[Permission]:
    """Endpoint × scope × role × population."""
    return [permission for endpoint in endpoints for permission in _permissions(endpoint)]


def _permissions(endpoint: Endpoint) -> Iterator[Permission]:
    if endpoint.scope is None:
        yield Permission(endpoint, "anyone", "public")
        return
    for role in roles.ALL:
        if endpoint.scope in role.scopes:
            yield Permission(endpoint, role.name, ", ".join(sorted(role.population)))


def render(permissions: Sequence[Permission]) -> str:
    """The Markdown table of `docs/access.md`."""
    lines = [
        "| service | endpoint | scope | role | population |",
        "|---|---|---|---|---|",
        *(
            f"| {one.endpoint.service} | `{one.endpoint.method} {one.endpoint.path}` "
            f"| {one.endpoint.scope or _PUBLIC} | {one.role} | {one.population} |"
            for one in permissions
        ),
    ]
    return "\n".join(lines) + "\n"
