"""Running a command: what is in its way is told in one line, as somebody reads it at three in the morning."""

import logging
from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import Final

from aiokafka.errors import KafkaError

from shared.commands.command import Desk
from shared.commands.output import tell
from shared.db.trouble import is_database_trouble, state_of

NOT_NOW: Final = 2
"""The status, as of wrong arguments: it could not be done."""


class NotNow(Exception):
    """It cannot be done as things are; the message says why, and what helps."""


async def perform(run: Callable[[Desk, Namespace], Awaitable[int]], desk: Desk, arguments: Namespace) -> int:
    """The status to exit with. Errors that are nobody's trouble but ours are raised."""
    # What its clients report of their every step hides what the command says.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    try:
        return await run(desk, arguments)
    except Exception as error:
        if (why := _in_the_way(error)) is None:
            raise
        tell(why)
        return NOT_NOW


def named(error: BaseException) -> str:
    """Its kind and SQLSTATE: what a database says in words may quote rows."""
    state = state_of(error)
    return type(error).__name__ + (f", SQLSTATE {state}" if state else "")


def _in_the_way(error: Exception) -> str | None:
    if isinstance(error, NotNow):
        return str(error)
    if isinstance(error, KafkaError):
        return f"the broker is away or in trouble ({type(error).__name__}): run it again when it is back"
    if is_database_trouble(error):
        return f"the database is away or in trouble ({named(error)}): run it again when it is back"
    return None
