"""The tables of the event core, the same in every service's database, and their first form as SQL.

Migrations are history: `CORE_V1`, `CORE_V2` and `CORE_V3` never change; a later form stands beside them.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.db.metadata import DERIVED, SOURCE

CORE_V1: Final = (
    # cache 1 and rows locked before the insert: ids of one key follow commit order.
    """
    CREATE TABLE source.outbox (
        id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) CONSTRAINT pk_outbox PRIMARY KEY,
        topic text NOT NULL,
        key text NOT NULL,
        version bigint NOT NULL,
        contract integer NOT NULL,
        payload bytea NOT NULL,
        origin_time timestamptz NOT NULL,
        causes text[] NOT NULL,
        traceparent text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)
    """,
    """
    CREATE TABLE source.dead_letter (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_dead_letter PRIMARY KEY,
        consumer_group text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        key bytea,
        payload bytea,
        headers jsonb NOT NULL,
        reason text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    """
    CREATE UNIQUE INDEX uq_dead_letter_consumer_group_topic_partition_offset
        ON source.dead_letter (consumer_group, topic, partition, "offset")
    """,
    """
    CREATE TABLE source.idempotency_key (
        caller text NOT NULL,
        key text NOT NULL,
        fingerprint bytea NOT NULL,
        status integer NOT NULL,
        headers jsonb NOT NULL,
        body bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT pk_idempotency_key PRIMARY KEY (caller, key)
    )
    """,
    "CREATE INDEX ix_idempotency_key_created_at ON source.idempotency_key (created_at)",
    """
    CREATE TABLE derived.consumer_offset (
        consumer_group text NOT NULL,
        topic text NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        CONSTRAINT pk_consumer_offset PRIMARY KEY (consumer_group, topic, partition)
    ) WITH (fillfactor = 50)
    """,
)

CORE_V2: Final = (
    """
    ALTER TABLE source.dead_letter ADD COLUMN state text NOT NULL DEFAULT 'OPEN'
        CONSTRAINT ck_dead_letter_state CHECK (state IN ('OPEN', 'REPLAYED', 'DROPPED'))
    """,
    """
    CREATE INDEX ix_dead_letter_consumer_group_topic
        ON source.dead_letter (consumer_group, topic) WHERE state = 'OPEN'
    """,
    # No foreign key: steps outlive a dead letter that is erased with the person whom it is about.
    """
    CREATE TABLE source.dead_letter_step (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_dead_letter_step PRIMARY KEY,
        dead_letter_id bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        action text NOT NULL,
        actor text NOT NULL,
        outcome text NOT NULL,
        note text
    )
    """,
    "CREATE INDEX ix_dead_letter_step_dead_letter_id ON source.dead_letter_step (dead_letter_id)",
    """
    CREATE FUNCTION source.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END
    $$
    """,
    """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON source.dead_letter_step
        FOR EACH STATEMENT EXECUTE FUNCTION source.refuse_change()
    """,
)

CORE_V3: Final = (
    """
    CREATE TABLE derived.topic_check (
        topic text NOT NULL,
        partition integer NOT NULL,
        next_offset bigint NOT NULL,
        checked_at timestamptz NOT NULL,
        newest_at timestamptz,
        CONSTRAINT pk_topic_check PRIMARY KEY (topic, partition)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE derived.version_floor (
        key text CONSTRAINT pk_version_floor PRIMARY KEY,
        version bigint NOT NULL
    )
    """,
)

_STATES: Final = "state IN ('OPEN', 'REPLAYED', 'DROPPED')"


def _created_at() -> Column[object]:
    return Column(
        "created_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
    )


def add_core_tables(metadata: MetaData) -> None:
    """Declare the tables in a service's metadata, so that a check of its migrations knows them."""
    Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True, cache=1), primary_key=True),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("contract", Integer, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("origin_time", DateTime(timezone=True), nullable=False),
        Column("causes", ARRAY(Text), nullable=False),
        Column("traceparent", Text),
        _created_at(),
        schema=SOURCE,
    )
    _dead_letter(metadata)
    _dead_letter_step(metadata)
    Table(
        "idempotency_key",
        metadata,
        Column("caller", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column(
            "created_at",
            DateTime(timezone=True),
            nullable=False,
            server_default=func.clock_timestamp(),
            index=True,
        ),
        PrimaryKeyConstraint("caller", "key"),
        schema=SOURCE,
    )
    Table(
        "consumer_offset",
        metadata,
        Column("consumer_group", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("next_offset", BigInteger, nullable=False),
        PrimaryKeyConstraint("consumer_group", "topic", "partition"),
        schema=DERIVED,
    )
    _own_topic(metadata)


def _own_topic(metadata: MetaData) -> None:
    """How far it has been checked, and what it told of keys that a restored database does not have."""
    Table(
        "topic_check",
        metadata,
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("next_offset", BigInteger, nullable=False),
        Column("checked_at", DateTime(timezone=True), nullable=False),
        Column("newest_at", DateTime(timezone=True)),
        PrimaryKeyConstraint("topic", "partition"),
        schema=DERIVED,
    )
    Table(
        "version_floor",
        metadata,
        Column("key", Text, primary_key=True),
        Column("version", BigInteger, nullable=False),
        schema=DERIVED,
    )


def _dead_letter(metadata: MetaData) -> None:
    table = Table(
        "dead_letter",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("consumer_group", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("key", LargeBinary),
        Column("payload", LargeBinary),
        Column("headers", JSONB, nullable=False),
        Column("reason", Text, nullable=False),
        _created_at(),
        Column("state", Text, CheckConstraint(_STATES, name="state"), nullable=False, server_default="OPEN"),
        schema=SOURCE,
    )
    # A record that is read again after a crash leaves one dead letter, not two.
    columns = (table.c.consumer_group, table.c.topic, table.c.partition, table.c.offset)
    Index("uq_dead_letter_consumer_group_topic_partition_offset", *columns, unique=True)
    Index("ix_dead_letter_consumer_group_topic", *columns[:2], postgresql_where=text("state = 'OPEN'"))


def _dead_letter_step(metadata: MetaData) -> None:
    Table(
        "dead_letter_step",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("dead_letter_id", BigInteger, nullable=False, index=True),
        Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
        Column("action", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("note", Text),
        schema=SOURCE,
    )
