"""Names of constraints and the two schemas that every database has."""

from typing import Final

from sqlalchemy import MetaData

SOURCE: Final = "source"
"""What people and systems told us or decided: backed up, never rebuilt."""
DERIVED: Final = "derived"
"""What follows from sources and topics: can be thrown away and rebuilt."""

NAMING_CONVENTION: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> MetaData:
    """The metadata of one service: its tables never meet another's."""
    return MetaData(naming_convention=NAMING_CONVENTION)
