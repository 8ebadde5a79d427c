"""Statements are pointed at the shadow, and nothing else is."""

import pytest

from shared.rebuilding.redirection import redirection, shadow_of

_REDIRECTED = redirection(["derived.standing", "derived.consumer_offset", "source.outbox"])


@pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        ("SELECT * FROM derived.standing WHERE x = $1", "SELECT * FROM shadow.standing WHERE x = $1"),
        ("SELECT derived.standing.x FROM derived.standing", "SELECT shadow.standing.x FROM shadow.standing"),
        ("INSERT INTO source.outbox (x)", "INSERT INTO shadow.outbox (x)"),
        (
            "LOCK TABLE derived.consumer_offset IN EXCLUSIVE MODE",
            "LOCK TABLE shadow.consumer_offset IN EXCLUSIVE MODE",
        ),
        # Tables that are not of the shadow, functions, and names that only begin alike.
        ("SELECT derived.added_at(x) FROM source.talent_policy", None),
        ("SELECT * FROM derived.standing_of_others", None),
        ("SELECT * FROM underived.standing", None),
    ],
)
def test_tables_of_the_shadow_alone_are_redirected(sent: str, arrives: str | None) -> None:
    assert _REDIRECTED(sent) == (arrives or sent)


def test_the_shadow_takes_turns_of_its_own() -> None:
    turn = "SELECT pg_advisory_xact_lock(hashtext('talenta.reporting.fold'))"
    assert _REDIRECTED(turn) == "SELECT pg_advisory_xact_lock(hashtext('shadow.talenta.reporting.fold'))"


def test_a_shadow_bears_the_name_of_its_table() -> None:
    assert shadow_of("source.nip_subject") == "shadow.nip_subject"
