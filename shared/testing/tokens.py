"""A token issuer of one's own, for tests and the local stack: an ES256 key, its JWKS document, tokens by role."""

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from shared.auth.roles import Role
from shared.auth.scopes import Scope

_HOUR: Final = 3600.0


@dataclass(frozen=True)
class Issuer:
    """Signs with a key that lives as long as the object. `issuer` and `audience` are what a service is set to."""

    issuer: str = "http://127.0.0.1:8010"
    audience: str = "talenta"
    key_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def jwks(self) -> dict[str, Any]:
        """The document that `auth_jwks_url` serves."""
        public = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": self.key_id, "use": "sig", "alg": "ES256"}]}

    def token_for(
        self,
        role: Role,
        *,
        subject: str | None = None,
        regions: Sequence[str] = (),
        units: Sequence[str] = (),
        employee_id: UUID | None = None,
        scopes: Iterable[Scope] | None = None,
        lifetime: float = _HOUR,
    ) -> str:
        """A token of `role` over the given population, with all scopes of the role unless `scopes` says fewer."""
        claims: dict[str, Any] = {
            "sub": subject or role.name,
            "scope": " ".join(sorted(role.scopes if scopes is None else scopes)),
            "roles": [role.name],
            "regions": list(regions),
            "units": list(units),
        }
        if employee_id is not None:
            claims["employee_id"] = str(employee_id)
        return self.sign(claims, lifetime=lifetime)

    def sign(self, claims: dict[str, Any], *, lifetime: float = _HOUR) -> str:
        """A token with just these claims, and the registered ones where they are not given."""
        now = time.time()
        registered = {"iss": self.issuer, "aud": self.audience, "iat": int(now), "exp": int(now + lifetime)}
        return jwt.encode(registered | claims, self.key, algorithm="ES256", headers={"kid": self.key_id})
