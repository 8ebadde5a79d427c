"""The steps of dead letters."""

from alembic import op

from shared.db.core_tables import CORE_V2

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for statement in CORE_V2:
        op.execute(statement)
