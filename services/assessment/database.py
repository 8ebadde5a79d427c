"""The tables of this service's database; those of other services never meet them."""

from typing import Final

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.db.core_tables import add_core_tables
from shared.db.metadata import new_metadata

METADATA: Final[MetaData] = new_metadata()
add_core_tables(METADATA)


class Table(SQLModel, registry=registry(metadata=METADATA)):
    """The root of this service's tables."""
