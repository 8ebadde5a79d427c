"""Passwords of the stack's PostgreSQL roles: made once, kept in a file that only its owner may read."""

import json
import secrets
from pathlib import Path

from deploy.local.files import write_whole


class Passwords:
    """Role name to password, as a JSON object with mode 0600."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, role: str) -> str:
        known: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        if role not in known:
            known[role] = secrets.token_urlsafe(24)
            write_whole(self._path, json.dumps(known, indent=2) + "\n", mode=0o600)
        return known[role]
