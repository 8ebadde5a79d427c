"""What an endpoint asks of its caller. Each declares a scope, or that it is public; a test refuses any other.

caller: Annotated[Caller, requires(Scope.PLACEMENT_READ)]          the endpoint gets its caller
@router.get("/v1/policies", dependencies=[PUBLIC])                  nobody is asked
"""

from functools import lru_cache
from typing import Any, Final

from fastapi import Depends, Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.auth.tokens import TokenVerifier, rejected
from shared.http.errors import NotAuthenticated, ScopeMissing

_CALLER: Final = "talenta.caller"


class Access(SecurityBase):
    """The dependency behind `requires`; the OpenAPI document takes the scheme and the scope from it."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.scheme_name = "bearer"
        self.model = HTTPBearer(
            bearerFormat="JWT",
            description="JSON Web Token of the OIDC issuer; claims: scope, roles, regions, units, employee_id.",
        )

    async def __call__(self, request: Request) -> Caller:
        known: tuple[Access, Caller] | None = request.scope.get(_CALLER)
        if known is not None and known[0] is self:
            return known[1]  # asked before the body was read
        verifier: TokenVerifier = request.app.state.tokens
        caller = await verifier.caller(_bearer_of(request), self.scope)
        if caller is None:
            raise self._missing()
        request.scope[_CALLER] = self, caller
        return caller

    def _missing(self) -> ScopeMissing:
        challenge = f'Bearer realm="talenta", error="insufficient_scope", scope="{self.scope}"'
        return ScopeMissing(
            f"Diperlukan cakupan {self.scope} dan peran yang memberikannya",
            f"The scope {self.scope} is needed, and a role that grants it",
            headers={"WWW-Authenticate": challenge},
        )


def _bearer_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    if scheme:
        raise rejected("skema autentikasi harus Bearer", "the authentication scheme must be Bearer")
    # A caller without a token is told the scheme and nothing else (RFC 6750 §3.1).
    raise NotAuthenticated(headers={"WWW-Authenticate": 'Bearer realm="talenta"'})


def caller_of(request: Request) -> Caller | None:
    """The caller whom `requires` let in, once it has run."""
    known: tuple[Access, Caller] | None = request.scope.get(_CALLER)
    return None if known is None else known[1]


def requires(scope: Scope) -> Any:
    """The dependency of an endpoint that needs `scope`. Answers 401 or 403 as a problem."""
    return Security(_access(scope), scopes=[scope.value])


@lru_cache
def _access(scope: Scope) -> Access:
    # One object per scope: an endpoint that asks for it twice runs it once.
    return Access(scope)


async def public() -> None:
    """Marks an endpoint that asks nothing of its caller."""


PUBLIC: Final = Depends(public)
