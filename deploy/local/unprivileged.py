"""PostgreSQL refuses to run as root. Started by root, the stack gives it a user that exists on every system."""

import os
import pwd
import stat
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.progress import say

_USERS = ("postgres", "nobody")


def user_for_postgres() -> pwd.struct_passwd | None:
    """None: the stack's own user will do. Raises StackError when started by root without any such user."""
    if os.geteuid() != 0:
        return None
    for name in _USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StackError(
        "PostgreSQL refuses to run as root, and this system has neither a user postgres nor a user nobody.\n"
        "Ways out: start as an ordinary user, or give the address of a running PostgreSQL 18 in DATABASE_URL."
    )


def open_passage(*targets: Path) -> None:
    """Let other users pass through the folders above the targets (o+x: pass, not read); root's own are often shut.

    Only where a folder is shut, and never in silence.
    """
    for folder in sorted({parent for target in targets for parent in target.resolve().parents}):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            say(f"letting PostgreSQL's user pass through {folder} (chmod o+x): PostgreSQL refuses to run as root")
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
