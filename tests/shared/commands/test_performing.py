"""What keeps a command from being done is one line and status 2; our own faults are raised."""

from argparse import Namespace
from typing import Any

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError

from shared.commands.performing import NotNow, perform

DESK: Any = None


async def _done(error: Exception | None) -> int:
    async def run(_desk: Any, _arguments: Namespace) -> int:
        if error:
            raise error
        return 1

    return await perform(run, DESK, Namespace())


async def test_its_own_status_is_that_of_the_process() -> None:
    assert await _done(None) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotNow("stop the workers first"), "stop the workers first"),
        (KafkaConnectionError(), "the broker is away or in trouble (KafkaConnectionError)"),
        (ConnectionRefusedError(), "the database is away or in trouble (ConnectionRefusedError)"),
        (
            asyncpg.UndefinedTableError("relation of Siti"),
            "the database is away or in trouble (UndefinedTableError, SQLSTATE 42P01)",
        ),
    ],
)
async def test_what_is_in_the_way_is_one_line(
    error: Exception, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await _done(error) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n"), "Siti" in printed.err) == ("", 1, False)
    assert printed.err.startswith(told)


async def test_a_fault_of_ours_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await _done(ZeroDivisionError())
