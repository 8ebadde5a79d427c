"""Messages to people: Indonesian first, English for those who prefer it."""

from enum import StrEnum
from functools import lru_cache
from typing import Final

_LONGEST_HEADER: Final = 256


class Language(StrEnum):
    """The languages in which every message exists."""

    ID = "id"
    EN = "en"

    def choose(self, indonesian: str, english: str) -> str:
        """The text in this language."""
        return english if self is Language.EN else indonesian


def preferred(accept_language: str) -> Language:
    """English only where `Accept-Language` (RFC 9110 §12.5.4) wants it more than Indonesian."""
    return _preferred(accept_language[:_LONGEST_HEADER])  # cut before it is kept


@lru_cache(maxsize=256)
def _preferred(accept_language: str) -> Language:
    weights = {Language.ID: 0.0, Language.EN: 0.0}
    for part in accept_language.split(","):
        tag, _, quality = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        if primary in weights:
            language = Language(primary)
            weights[language] = max(weights[language], _quality_of(quality))
    return Language.EN if weights[Language.EN] > weights[Language.ID] else Language.ID


def _quality_of(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
