"""What a setting is where nobody gave it, and what it may be."""

import pytest
from pydantic import ValidationError

from tests.shared.items import Settings

NOWHERE = "postgresql://nobody:secret@localhost/none"


def test_cursor_key_follows_from_nothing_that_a_cursor_could_give_away() -> None:
    first, second = (Settings(database_url=NOWHERE).http_cursor_key for _ in range(2))
    assert first != second


def test_cursor_key_is_given_once_for_all_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_CURSOR_KEY", "k" * 32)
    assert Settings(database_url=NOWHERE).http_cursor_key == "k" * 32


@pytest.mark.parametrize("guessable", ["", "short"])
def test_cursor_key_that_can_be_guessed_is_refused(guessable: str) -> None:
    with pytest.raises(ValidationError, match="at least 32 characters"):
        Settings(database_url=NOWHERE, http_cursor_key=guessable)
