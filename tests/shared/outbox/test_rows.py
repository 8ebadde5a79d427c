"""A batch publishes one record a key: the newest state, and all that led to it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.events.envelope import MOST_CAUSES, Cause, cause_of
from shared.outbox.rows import Row, newest_of_each_key
from tests.shared.items import ORIGIN


def _row(number: int, key: str, *, minutes: int = 0, causes: tuple[str, ...] = ()) -> Row:
    return Row(
        id=number,
        topic="test.items",
        key=key,
        version=number,
        contract=2,
        payload=f"state {number}".encode(),
        cause=Cause(ORIGIN + timedelta(minutes=minutes), causes),
        created_at=datetime.now(UTC),
    )


def test_the_newest_state_goes_with_the_oldest_origin_and_all_causes() -> None:
    (publication,) = newest_of_each_key(
        [
            _row(1, "i1", minutes=5, causes=("score/1",)),
            _row(2, "i1", minutes=3, causes=("score/2",)),
            _row(3, "i1", minutes=9, causes=("score/3", "score/1")),
        ],
    )
    headers = dict(publication.headers)
    assert publication.payload == b"state 3"
    assert headers["ce_id"] == b"test.items/i1@3"
    assert headers["ce_contract"] == b"2"
    cause = cause_of(headers)
    assert cause.origin_time == ORIGIN + timedelta(minutes=3)
    assert set(cause.causes) == {"score/1", "score/2", "score/3"}


def test_causes_are_bounded_to_the_latest() -> None:
    rows = [_row(number, "i1", minutes=number, causes=(f"score/{number}",)) for number in range(50)]
    (publication,) = newest_of_each_key(rows)
    cause = cause_of(dict(publication.headers))
    assert cause.causes == tuple(f"score/{number}" for number in range(50 - MOST_CAUSES, 50))
    assert cause.origin_time == ORIGIN


@given(st.lists(st.sampled_from("abcde"), max_size=40))
def test_every_key_is_published_once_and_with_its_last_row(keys: list[str]) -> None:
    rows = [_row(number, key) for number, key in enumerate(keys)]
    published = {each.key.decode(): each.payload for each in newest_of_each_key(rows)}
    assert published == {row.key: row.payload for row in rows}
    assert len(newest_of_each_key(rows)) == len(set(keys))
