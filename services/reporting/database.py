"""The tables of the reporting service's database."""

from typing import Final

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.db.core_tables import add_core_tables
from shared.db.metadata import new_metadata

METADATA: Final = new_metadata()
add_core_tables(METADATA)


class Table(SQLModel, registry=registry(metadata=METADATA)):
    """A table of this service."""
