"""The local token issuer: a key that outlives it, its public half at /jwks.json, tokens for the example roles.

For this machine alone. In production any OIDC issuer takes its place; the services know only a JWKS address.
"""

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.local.errors import StackError
from deploy.local.files import write_whole
from deploy.local.ports import LOOPBACK
from shared.auth.roles import ALL
from shared.testing import tokens

AUDIENCE: Final = "talenta"
WHOLE_PROVINCE: Final = ("33.*",)
_KEY_ID: Final = "talenta-local"
_HALF_A_DAY: Final = 12 * 3600
_ROLES: Final = {role.name: role for role in ALL}


class Issuer:
    """Mints tokens at once; serves /jwks.json on loopback while entered."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://{LOOPBACK}:{port}"
        """The `iss` of every token."""
        self._port = port
        key = _load_or_make_key(folder / "issuer-key.pem")
        self._tokens = tokens.Issuer(self.url, AUDIENCE, _KEY_ID, key)
        self._server: ThreadingHTTPServer | None = None

    @property
    def jwks_url(self) -> str:
        return f"{self.url}/jwks.json"

    def mint(self, role: str, *, regions: Sequence[str] = (), employee_id: str | None = None) -> str:
        """A token for half a day, of an example role (`integrator`, `province_operator`, `employee`).

        It has all scopes of that role; `regions` and `employee_id` are the population.
        """
        return self._tokens.token_for(
            _ROLES[role],
            subject=f"local-{role}",
            regions=regions,
            employee_id=UUID(employee_id) if employee_id else None,
            lifetime=_HALF_A_DAY,
        )

    def jwks(self) -> dict[str, Any]:
        """The public key as a JSON Web Key Set (RFC 7517)."""
        return self._tokens.jwks()

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer((LOOPBACK, self._port), _handler(json.dumps(self.jwks()).encode()))
        threading.Thread(target=self._server.serve_forever, name="issuer", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()


def _handler(document: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/jwks.json"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(document) if found else 0))
            self.end_headers()
            if found:
                self.wfile.write(document)

        def log_message(self, *_: Any) -> None:
            """Silent: the terminal belongs to the stack's progress lines."""

    return Handler


def _load_or_make_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The same key over restarts, so that tokens in somebody's shell stay good."""
    if not path.exists():
        fresh = ec.generate_private_key(ec.SECP256R1())
        pem = fresh.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_whole(path, pem.decode(), mode=0o600)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise StackError(f"{path}: kunci jenis lain, hapus berkas itu / a key of another kind, delete the file.")
    return key
