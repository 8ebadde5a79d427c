"""The one place where a service's own statements are pointed at the shadow: the connection that they are sent on.

Handlers name their tables in full (`derived.standing`), in SQL of their own and through SQLAlchemy. Both ways end
in these methods of the driver's connection, so that handlers run on the shadow as they are.
"""

import re
from collections.abc import Callable, Collection
from functools import cache
from typing import Any, Final

from asyncpg import Connection

SCHEMA: Final = "shadow"
"""Where the tables of a rebuild stand until it ends."""


def shadow_of(table: str) -> str:
    """`derived.standing` → `shadow.standing`."""
    return f"{SCHEMA}.{table.partition('.')[2]}"


def redirection(tables: Collection[str]) -> Callable[[str], str]:
    """A function that puts the shadow of each of these tables (with their schemas) into a statement.

    Advisory locks by name become others too: the shadow's folder must not take the turn of the one that serves.
    """
    named = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(tables)))})\b")

    # Statements are few and each is sent thousands of times.
    @cache
    def redirected(statement: str) -> str:
        moved = named.sub(lambda found: shadow_of(found[0]), statement)
        return moved.replace("hashtext('talenta.", f"hashtext('{SCHEMA}.talenta.")

    return redirected


def redirecting(tables: Collection[str]) -> type[Connection]:
    """A class of connections for `asyncpg.connect(connection_class=…)` that redirects all that is sent."""
    redirected = redirection(tables)

    class Redirecting(Connection):  # type: ignore[misc]  # asyncpg ships no types
        async def execute(self, query: str, *args: Any, **how: Any) -> Any:
            return await super().execute(redirected(query), *args, **how)

        async def executemany(self, command: str, args: Any, **how: Any) -> Any:
            return await super().executemany(redirected(command), args, **how)

        async def prepare(self, query: str, **how: Any) -> Any:
            return await super().prepare(redirected(query), **how)

        async def fetch(self, query: str, *args: Any, **how: Any) -> Any:
            return await super().fetch(redirected(query), *args, **how)

        async def fetchval(self, query: str, *args: Any, **how: Any) -> Any:
            return await super().fetchval(redirected(query), *args, **how)

        async def fetchrow(self, query: str, *args: Any, **how: Any) -> Any:
            return await super().fetchrow(redirected(query), *args, **how)

    return Redirecting
