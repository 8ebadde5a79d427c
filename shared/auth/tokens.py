"""Verifies JSON Web Tokens of any OIDC issuer. A token is checked once, and then remembered until it expires."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

import httpx
import jwt
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from shared.asn.region import RegionPattern
from shared.auth.caller import Caller, Population
from shared.auth.keys import ALGORITHMS, KeySet
from shared.auth.roles import PopulationKind, roles_granting
from shared.auth.scopes import Scope
from shared.http.errors import NotAuthenticated

_LEEWAY: Final = 30.0
_LONGEST_TOKEN: Final = 8 * 1024
_MOST_REMEMBERED: Final = 4096
_FETCH_TIMEOUT: Final = 3.0


def _words(value: Any) -> Any:
    return value.split() if isinstance(value, str) else value


_Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Claims(BaseModel):
    """What is read of a token. A claim of the wrong shape makes the token invalid; unknown claims are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sub: _Name
    exp: float
    scope: Annotated[tuple[_Name, ...], BeforeValidator(_words), Field(max_length=64)] = ()
    roles: Annotated[tuple[_Name, ...], Field(max_length=64)] = ()
    regions: Annotated[tuple[RegionPattern, ...], Field(max_length=600)] = ()
    units: Annotated[tuple[_Name, ...], Field(max_length=600)] = ()
    employee_id: UUID | None = None


@dataclass(slots=True)
class _Verified:
    claims: Claims
    generation: int
    callers: dict[Scope, Caller | None]


class TokenVerifier:
    """Turns a bearer token and the scope that a call needs into its caller."""

    def __init__(
        self,
        *,
        jwks_url: str,
        issuer: str,
        audience: str,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._client = client or httpx.AsyncClient(timeout=_FETCH_TIMEOUT, follow_redirects=False)
        self._keys = KeySet(jwks_url, self._client)
        self._remembered: OrderedDict[str, _Verified] = OrderedDict()

    async def close(self) -> None:
        await self._client.aclose()

    async def caller(self, token: str, scope: Scope) -> Caller | None:
        """The caller, with the population over which the token grants `scope`; None where it does not grant it.

        Raises NotAuthenticated where the token is invalid, IssuerUnavailable where no key could be read.
        """
        verified = self._recall(token) or await self._verify(token)
        if scope not in verified.callers:
            verified.callers[scope] = _caller_of(verified.claims, scope)
        return verified.callers[scope]

    def _recall(self, token: str) -> _Verified | None:
        verified = self._remembered.get(token)
        if verified is None:
            return None
        if verified.claims.exp + _LEEWAY <= time.time() or verified.generation != self._keys.generation:
            del self._remembered[token]
            return None
        self._remembered.move_to_end(token)
        return verified

    async def _verify(self, token: str) -> _Verified:
        try:
            claims = Claims.model_validate(await self._decode(token))
        except (jwt.PyJWTError, ValidationError, ValueError) as error:
            raise rejected("token tidak sah atau sudah berakhir", "the token is invalid or has ended") from error
        verified = _Verified(claims, self._keys.generation, {})
        self._remembered[token] = verified
        if len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        return verified

    async def _decode(self, token: str) -> dict[str, Any]:
        if len(token) > _LONGEST_TOKEN:
            raise ValueError("the token is too long")
        header = jwt.get_unverified_header(token)
        key_id = header.get("kid")
        if header.get("alg") not in ALGORITHMS or not isinstance(key_id, str):
            raise ValueError("the token names no key, or an algorithm that is not allowed")
        key = await self._keys.find(key_id)
        if key is None:
            raise ValueError("the issuer has no such key")
        # The key decides on the algorithm, and what the token says must agree with it.
        return jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self._audience,
            issuer=self._issuer,
            leeway=_LEEWAY,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )


def rejected(detail_id: str, detail_en: str) -> NotAuthenticated:
    """401 with the challenge that RFC 6750 asks for."""
    challenge = f'Bearer realm="talenta", error="invalid_token", error_description="{detail_en}"'
    return NotAuthenticated(detail_id, detail_en, headers={"WWW-Authenticate": challenge})


def _caller_of(claims: Claims, scope: Scope) -> Caller | None:
    """A scope counts when the token carries it and a role of the token grants it (least privilege)."""
    roles = roles_granting(scope, claims.roles)
    if scope not in claims.scope or not roles:
        return None
    kinds = frozenset[PopulationKind]().union(*(role.population for role in roles))
    population = Population(
        regions=claims.regions if PopulationKind.REGION in kinds else (),
        units=claims.units if PopulationKind.UNIT in kinds else (),
        employee_id=claims.employee_id if PopulationKind.SELF in kinds else None,
    )
    granted = frozenset(name for name in Scope if name in claims.scope and roles_granting(name, claims.roles))
    return Caller(claims.sub, tuple(role.name for role in roles), granted, population)
