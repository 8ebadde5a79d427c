"""What may be found, and what a finding consists of. No NIP, no name: versions, numbers and digests."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """MISSING: published and not held here. UNKNOWN: held here, and its source has none.

    STALE: an older version is held. AHEAD: a newer one than its source has. CONTENT: the same version says
    something else. DERIVATION: it does not follow from what is stored.
    """

    MISSING = "MISSING"
    UNKNOWN = "UNKNOWN"
    STALE = "STALE"
    AHEAD = "AHEAD"
    CONTENT = "CONTENT"
    DERIVATION = "DERIVATION"


@dataclass(frozen=True, slots=True)
class Difference:
    """`fields`: by name, what was expected and what was found."""

    kind: Kind
    of: str
    key: str
    fields: Mapping[str, tuple[Any, Any]]
    cause: str
