"""Whose messages are English: who asks for it, more than for Indonesian."""

import pytest

from shared.http import language
from shared.http.language import Language, preferred


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", Language.ID),
        ("en", Language.EN),
        ("en-GB;q=0.8, id;q=0.9", Language.ID),
        ("id;q=0.1, EN", Language.EN),
        ("fr, en;q=0.1", Language.EN),
        ("en;q=x", Language.ID),
        ("en, id", Language.ID),
        ("x" * 1000 + ",en", Language.ID),
    ],
)
def test_language_is_what_the_caller_wants_more(accepted: str, chosen: Language) -> None:
    assert preferred(accepted) is chosen


def test_nothing_is_kept_of_what_stands_behind_the_beginning() -> None:
    language._preferred.cache_clear()
    for number in range(300):
        assert preferred("en," + " " * 1000 + str(number)) is Language.EN
    assert language._preferred.cache_info().currsize == 1
