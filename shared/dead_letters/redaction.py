"""What may be seen of a dead letter without asking for more: its shape and its codes, nobody's NIP or name.

What a poisonous record holds is not known, so that free text is hidden wherever it stands: what is left are
numbers, dates, ids and the constants of the contracts.
"""

import json
import re
from functools import cache
from typing import Any, Final

from shared.asn.nip import mask_in
from shared.dead_letters.queries import Letter
from shared.events.registry import CONTRACTS

HIDDEN: Final = "***"
_PERSONAL: Final = re.compile("nip|nam[ae]", re.IGNORECASE)
"""Fields whose content is hidden whatever it looks like."""
_PLAIN: Final = re.compile(
    r"-?\d{1,12}(\.\d{1,12})?"
    r"|\d{4}-\d\d-\d\d(T[\d:.]{1,15}(Z|[+-]\d\d:?\d\d)?)?"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
)
_HEADER: Final = re.compile(r"[A-Za-z0-9_.:/@,+-]{0,1000}")
_OURS: Final = ("ce_", "content-type", "traceparent")
_LARGEST_NUMBER: Final = 10**12


def shown_key(letter: Letter, *, redacted: bool) -> str | None:
    """The record's key; redacted, only where it is an id or a region."""
    if letter.key is None:
        return None
    text = letter.key.decode(errors="backslashreplace")
    return text if not redacted or _PLAIN.fullmatch(text) else f"({len(letter.key)} bytes)"


def shown_reason(letter: Letter, *, redacted: bool) -> str:
    """Reasons name no values; a field's name may still be one that somebody made up."""
    return mask_in(letter.reason) if redacted else letter.reason


def shown_headers(letter: Letter, *, redacted: bool) -> dict[str, str | None]:
    """Redacted, only those that the relay writes keep their values."""
    if not redacted:
        return letter.headers
    return {
        mask_in(name): value
        and (mask_in(value) if name.startswith(_OURS) and _HEADER.fullmatch(value) else HIDDEN)
        for name, value in letter.headers.items()
    }


def shown_payload(letter: Letter, *, redacted: bool) -> Any:
    """The payload as JSON; where it is none, as text, of which redacted only the length is told."""
    if letter.payload is None:
        return None
    try:
        value = json.loads(letter.payload)
        return hidden(value) if redacted else value
    except (ValueError, RecursionError):
        size = f"({len(letter.payload)} bytes, no JSON)"
        return size if redacted else letter.payload.decode(errors="backslashreplace")


def hidden(value: Any) -> Any:
    """`value` with everything hidden that could tell who somebody is."""
    if isinstance(value, dict):
        return {
            mask_in(key): HIDDEN if _PERSONAL.search(key) and entry is not None else hidden(entry)
            for key, entry in value.items()
        }
    if isinstance(value, list):
        return [hidden(entry) for entry in value]
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) or value in _constants() else HIDDEN
    if isinstance(value, int | float) and abs(value) >= _LARGEST_NUMBER:
        return HIDDEN
    return value


@cache
def _constants() -> frozenset[str]:
    """All that a contract lists as values of its own. Whatever else is written like a code may be a name."""
    schemas = [
        schema for contract in CONTRACTS.values() for schema in contract.model_json_schema()["$defs"].values()
    ]
    return frozenset(value for schema in schemas for value in schema.get("enum", ()))
