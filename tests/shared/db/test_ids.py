"""Ids of rows: version 7, by time, and never the same twice."""

from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.db.ids import CHANCE, ids_of, new_ids

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


@given(moments, st.lists(st.binary(min_size=CHANCE, max_size=CHANCE), max_size=3))
def test_every_piece_of_chance_makes_a_uuid_of_version_7_that_begins_with_its_time(
    at: datetime, chance: list[bytes]
) -> None:
    made = ids_of(at, b"".join(chance))
    assert len(made) == len(chance)
    assert {(one.version, one.variant, one.int >> 80) for one in made} <= {
        (7, "specified in RFC 4122", int(at.timestamp() * 1000))
    }


def test_an_id_is_made_as_in_the_example_of_rfc_9562() -> None:
    # Appendix A.6.
    at = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    example = UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    assert ids_of(at, example.bytes[-CHANCE:]) == [example]


def test_ids_of_one_moment_differ_and_those_of_later_moments_sort_later() -> None:
    moments_in_order = [datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC) for second in range(3)]
    batches = [new_ids(at, 1000) for at in moments_in_order]
    assert len({one for batch in batches for one in batch}) == 3000
    assert all(max(earlier) < min(later) for earlier, later in pairwise(batches))
