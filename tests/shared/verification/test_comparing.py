"""The algorithm that narrows a difference down to keys, and tells what is on its way from what is wrong."""

import asyncio
from typing import cast
from uuid import UUID

import pytest

from shared.db.session import Database
from shared.verification import comparing
from shared.verification.comparing import Comparison
from shared.verification.differences import Difference, Kind
from shared.verification.examination import Examination
from shared.verification.held import Detail, Range
from shared.verification.upstream import UpstreamSilent
from tests.shared.verification.sides import InMemory, States, key

ALL: States = {number: (1, number) for number in range(1, 30)}


async def compare(source: InMemory, copy: InMemory, *, patience: float = 0.02, most: int = 100) -> Examination:
    examination = Examination("profile.employees", cast("Database", None), most=most)
    await Comparison(examination, source, copy, "profile.employees", patience=patience).run()
    return examination


def told(examination: Examination) -> list[tuple[Kind, str]]:
    return [(one.kind, one.key) for one in examination.differences]


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "_FIRST_MOMENT", 0.005)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 29])
async def test_equal_sides_have_no_difference(count: int) -> None:
    states = {number: ALL[number] for number in range(1, count + 1)}
    examination = await compare(InMemory(states), InMemory(states))
    assert (examination.compared, examination.count, examination.moving) == (count, 0, 0)


async def test_both_sides_are_at_work_on_a_range_at_once() -> None:
    both = asyncio.Barrier(2)

    class Awaited(InMemory):
        async def next_range(self, after: UUID) -> Range:
            await both.wait()
            return await super().next_range(after)

    async with asyncio.timeout(10):
        examination = await compare(Awaited(ALL), Awaited(ALL))
    assert (examination.compared, examination.count) == (len(ALL), 0)


async def test_a_silent_source_leaves_nobody_at_work() -> None:
    done = []

    class Slow(InMemory):
        async def next_range(self, after: UUID) -> Range:
            await asyncio.sleep(0)
            done.append(await super().next_range(after))
            return done[0]

    class Silent(InMemory):
        async def next_range(self, after: UUID) -> Range:
            raise UpstreamSilent(after)

    with pytest.raises(UpstreamSilent):
        await compare(Silent(ALL), Slow(ALL))
    assert len(done) == 1


async def test_ranges_that_end_at_other_keys_are_in_step_again_behind_the_difference() -> None:
    lost, never_had = {1, 2, 3, 6, 7, 8, 9, 10, 20}, {4: (1, 4), 25: (1, 25), 60: (1, 60)}
    source = {number: state for number, state in ALL.items() if number not in never_had}
    copy = {number: state for number, state in source.items() if number not in lost} | never_had
    examination = await compare(InMemory(source), InMemory(copy))
    assert sorted(told(examination)) == sorted(
        [(Kind.MISSING, str(key(number))) for number in lost]
        + [(Kind.UNKNOWN, str(key(number))) for number in never_had]
    )


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (None, Kind.MISSING),
        ((0, 9), Kind.STALE),
        ((2, 9), Kind.AHEAD),
        ((1, 99), Kind.CONTENT),
    ],
)
@pytest.mark.parametrize("number", [1, 4, 5, 29])
async def test_a_lasting_difference_is_told_by_its_kind(
    number: int, change: tuple[int, int] | None, kind: Kind
) -> None:
    copy = {one: state for one, state in ALL.items() if one != number} | ({number: change} if change else {})
    assert told(await compare(InMemory(ALL), InMemory(copy))) == [(kind, str(key(number)))]


@pytest.mark.parametrize("number", [0.5, 29.5, 100], ids=["before", "after", "far behind"])
async def test_what_the_source_never_had_is_unknown_to_it(number: float) -> None:
    spread = {one * 10: state for one, state in ALL.items()}
    extra = int(number * 10)
    found = told(await compare(InMemory(spread), InMemory({**spread, extra: (1, 1)})))
    assert found == [(Kind.UNKNOWN, str(key(extra)))]


async def test_a_copy_without_a_source_is_all_unknown_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_KEYS", 5)
    source, copy = InMemory({}), InMemory(ALL)
    source.page = copy.page = 5
    examination = await compare(source, copy)
    assert told(examination) == [(Kind.UNKNOWN, str(key(number))) for number in ALL]


async def test_what_arrives_between_two_looks_is_no_difference() -> None:
    before = {**ALL, 7: (1, 70)}
    examination = await compare(InMemory({**ALL, 7: (2, 71)}), InMemory(before, {**ALL, 7: (2, 71)}))
    assert (examination.count, examination.moving) == (0, 0)


async def test_a_copy_that_reaches_what_its_source_had_a_look_ago_is_equal() -> None:
    source = InMemory(*({**ALL, 7: (version, 70 + version)} for version in range(2, 40)))
    copy = InMemory(*({**ALL, 7: (version, 70 + version)} for version in range(1, 39)))
    examination = await compare(source, copy)
    assert (examination.count, examination.moving) == (0, 0)


async def test_a_copy_that_is_never_met_but_keeps_up_is_counted_as_moving() -> None:
    source = InMemory(*({**ALL, 7: (2 * version, version)} for version in range(2, 40)))
    copy = InMemory(*({**ALL, 7: (2 * version - 1, version)} for version in range(2, 40)))
    examination = await compare(source, copy)
    assert (examination.count, examination.moving) == (0, 1)


async def test_a_copy_that_stands_still_behind_a_moving_source_is_stale() -> None:
    source = InMemory(*({**ALL, 7: (version, version)} for version in range(2, 40)))
    assert told(await compare(source, InMemory({**ALL, 7: (1, 1)}))) == [(Kind.STALE, str(key(7)))]


async def test_the_cause_is_a_dead_letter_or_the_outbox_where_they_hold_the_key() -> None:
    behind = {**ALL, 3: (0, 0), 5: (0, 0), 9: (0, 0)}
    examination = await compare(InMemory(ALL, pending=[5]), InMemory(behind, dead={3: 12}))
    by_key = {one.key: one.cause for one in examination.differences}
    assert "dead letter 12 is open" in by_key[str(key(3))]
    assert "outbox" in by_key[str(key(5))]
    assert "republish" in by_key[str(key(9))]


async def test_what_arrives_after_the_last_look_is_no_difference() -> None:
    copy = InMemory({**ALL, 7: (0, 0)}, {**ALL, 7: (0, 0)}, ALL)
    examination = await compare(InMemory(ALL), copy, patience=0)
    assert examination.count == 1
    copy = InMemory({**ALL, 7: (0, 0)}, ALL)
    assert (await compare(InMemory(ALL), copy, patience=0)).count == 0


async def test_content_is_told_by_field_as_digests() -> None:
    examination = await compare(InMemory(ALL), InMemory({**ALL, 9: (1, -1)}))
    assert examination.differences == [
        Difference(
            Kind.CONTENT,
            "profile.employees",
            str(key(9)),
            {"box": ("#0000000000000009", "#ffffffffffffffff")},
            examination.differences[0].cause,
        )
    ]


async def test_all_are_counted_and_a_few_listed() -> None:
    examination = await compare(InMemory(ALL), InMemory({}), most=3)
    assert (examination.count, len(examination.differences)) == (29, 3)


async def test_with_too_many_doubts_the_comparison_ends_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(comparing, "MOST_DOUBTS", 6)
    examination = await compare(InMemory(ALL), InMemory({}))
    assert (examination.compared, examination.count, examination.is_complete) == (8, 8, False)
    assert "ended" in capsys.readouterr().err


async def test_it_says_so_though_all_that_differed_has_arrived_since(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_DOUBTS", 6)

    class Late(InMemory):
        async def detail(self, key: UUID) -> Detail:
            return await InMemory(ALL).detail(key)

    examination = await compare(InMemory(ALL), Late({}))
    assert (examination.count, examination.is_complete) == (0, False)


async def test_many_doubts_within_a_range_hide_nothing_behind_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_DOUBTS", 6)
    monkeypatch.setattr(comparing, "MOST_KEYS", 5)
    lost = {number: state for number, state in ALL.items() if number != 25}
    behind = {number: state for number, state in lost.items() if number > 10}
    source, copy = InMemory(ALL), InMemory(behind, behind, lost)
    source.page = copy.page = 5
    source.range_size = copy.range_size = 100
    examination = await compare(source, copy)
    assert told(examination) == [(Kind.MISSING, str(key(25)))]
    assert (examination.compared, examination.is_complete) == (29, True)


async def test_many_doubts_that_settle_do_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_DOUBTS", 6)
    examination = await compare(InMemory(ALL), InMemory({}, {}, {}, ALL))
    assert (examination.compared, examination.count, examination.is_complete) == (29, 0, True)
