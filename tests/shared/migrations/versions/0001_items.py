"""Event core and items."""

from alembic import op

from shared.db.core_tables import CORE_V1

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in CORE_V1:
        op.execute(statement)
    op.execute(
        """
        CREATE TABLE derived.item (
            item_id text CONSTRAINT pk_item PRIMARY KEY,
            version bigint NOT NULL,
            value integer NOT NULL CONSTRAINT ck_item_value CHECK (value >= 0)
        )
        """,
    )
    op.execute(
        """
        CREATE TABLE derived.handled (
            place bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_handled PRIMARY KEY,
            item_id text NOT NULL,
            version bigint NOT NULL
        )
        """,
    )
    # Only at the commit does this table refuse a second pledge for an item.
    op.execute(
        """
        CREATE TABLE derived.pledge (
            item_id text NOT NULL CONSTRAINT uq_pledge_item_id UNIQUE DEFERRABLE INITIALLY DEFERRED
        )
        """,
    )
