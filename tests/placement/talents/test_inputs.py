"""What is kept of both inputs."""

import json
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import asyncpg

from tests.placement.arrivals import Arrivals, received
from tests.placement.people import NAME, NIP, assessment, employee

ID = UUID("0198c0de-0000-7000-8000-000000000001")


async def test_neither_nip_nor_name_is_kept(arrivals: Arrivals, connection: asyncpg.Connection) -> None:
    await arrivals.take(employee(ID), assessment(ID))
    kept = await connection.fetchval("SELECT t::text FROM derived.talent AS t")
    sent = await connection.fetchval("SELECT convert_from(payload, 'UTF8') FROM source.outbox")
    for text in (kept, sent):
        assert NIP not in text
        assert NAME not in text


async def test_an_assessment_is_kept_as_it_came(arrivals: Arrivals) -> None:
    measured = assessment(ID)
    told = json.loads(measured.model_dump_json()) | {"told_by": "a later contract"}
    await arrivals.take(employee(ID), replace(received(measured), value=json.dumps(told).encode()))
    assert json.loads((await arrivals.row(ID))["assessment"]) == told
    # What is not understood changes nothing when the row is evaluated by what it holds.
    await arrivals.take(employee(ID, version=2))
    assert (await arrivals.row(ID))["talent_value"] == Decimal("86.75")
