"""Policies are filled in by the migrations, and kept."""

import asyncpg
import pytest

from tests.placement.people import DEFAULT


async def test_default_policy_is_in_force_everywhere(connection: asyncpg.Connection) -> None:
    terms = await connection.fetch("SELECT region, policy_id FROM source.policy_in_force")
    assert [tuple(term) for term in terms] == [("*", DEFAULT.policy_id)]


async def test_policy_cannot_be_changed(connection: asyncpg.Connection) -> None:
    for statement in (
        "UPDATE source.talent_policy SET sha256 = ''",
        "DELETE FROM source.talent_policy",
    ):
        with pytest.raises(asyncpg.RaiseError, match="immutable"):
            await connection.execute(statement)
