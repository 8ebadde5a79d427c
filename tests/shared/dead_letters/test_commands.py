"""`dead-letters` on the command line: filters, bounds, policies, redaction."""

import re
from typing import Any

import pytest
from prometheus_client import REGISTRY

from shared.db.session import Database
from shared.dead_letters.counting import count_dead_letters
from tests.shared.dead_letters.conftest import GROUP, NAMESPACE, Bury, Call, state_of, subscription
from tests.shared.items import ITEMS, UNHANDLED, item, record_of

NIP = "198703122010011001"
PERSON = {
    "key": NIP.encode(),
    "value": (
        f'{{"item_id": "i1", "version": 2, "nip": "{NIP}", "name": "Budi Santoso", "said": "Budi, {NIP}", '
        f'"predikat": "BAIK", "caller": "BUDI", "since": "2026-01-01", "{NIP}": [{NIP}, 1.5, null, true], '
        '"holder": {"nama": ["Budi"]}}'
    ).encode(),
    "headers": [("ce_type", b"id.talenta.test.items.v1"), ("odd", b"Budi"), ("ce_subject", NIP.encode())],
}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("", [0, 1, 2, 3]),
        ("--id {1} {3}", [1, 3]),
        (f"--group {GROUP}", [0, 1, 2, 3]),
        (f"--group {NAMESPACE}{GROUP}", [0, 1, 2, 3]),
        ("--group other", []),
        (f"--topic {ITEMS.name} --partition 1", [1]),
        ("--topic other", []),
        ("--reason valueerror", [0, 1]),
        ("--reason %", []),
        ("--since 2026-01-02", [2, 3]),
        ("--until 2026-01-02", [0, 1]),
        ("--since 2026-01-02 --until 2026-01-02T00:00:01", [2, 3]),
        ("--state dropped", []),
        ("--state all --reason TypeError", [2, 3]),
    ],
)
async def test_list_filters(call: Call, outside: Any, buried: Bury, filters: str, found: list[int]) -> None:
    ids = [
        *await buried(item("i1"), item("i2")),
        *await buried(item("i3"), item("i4"), reason="TypeError", first=2),
    ]
    for at, letters in (("2026-01-01T23:59:59Z", ids[:2]), ("2026-01-02T00:00:00Z", ids[2:])):
        await outside.execute(
            "UPDATE source.dead_letter SET created_at = $1::text::timestamptz WHERE id = ANY($2)", at, letters
        )
    printed = await call("list", "--json", *filters.format(*ids).split())
    assert (printed.status, printed.ids) == (0, [ids[place] for place in found])


async def test_list_is_bounded_and_says_so(call: Call, buried: Bury) -> None:
    ids = await buried(*(item(f"i{number}") for number in range(5)))
    printed = await call("list", "--json", "--most", "3")
    assert (printed.ids, printed.json["more"]) == (ids[:3], True)
    assert "There are more" in (await call("list", "--most", "3")).text
    assert "There are more" not in (await call("list", "--most", "5")).text


@pytest.mark.parametrize("form", [[], ["--json"]])
async def test_nip_and_name_are_shown_to_nobody_who_did_not_ask(
    call: Call, buried: Bury, steps: Any, form: list[str]
) -> None:
    [letter] = await buried(PERSON, reason=f"not a ItemState: {NIP}: missing")
    for words in (["list"], ["show", str(letter)]):
        text = (await call(*words, *form)).text
        assert "budi" not in text.lower()
        assert re.search(r"\d{13}", text) is None
    assert await steps(letter) == []


async def test_shape_and_codes_are_shown(call: Call, buried: Bury) -> None:
    [letter] = await buried(PERSON)
    [shown] = (await call("show", str(letter), "--json")).json["dead_letters"]
    assert shown["key"] == "(18 bytes)"
    assert shown["payload"] == {
        "item_id": "***",
        "version": 2,
        "nip": "***",
        "name": "***",
        "said": "***",
        "predikat": "BAIK",
        "caller": "***",
        "since": "2026-01-01",
        "1987**************": ["***", 1.5, None, True],
        "holder": {"nama": "***"},
    }
    assert shown["headers"] == {
        "ce_type": "id.talenta.test.items.v1",
        "odd": "***",
        "ce_subject": "1987**************",
    }


@pytest.mark.parametrize("asked", [[], ["--unredacted", "--actor", "siti"]])
async def test_a_header_without_a_value_is_shown_as_one(call: Call, buried: Bury, asked: list[str]) -> None:
    [letter] = await buried(PERSON | {"headers": [("ce_sequence", None), ("odd", None)]})
    [shown] = (await call("show", str(letter), "--json", *asked)).json["dead_letters"]
    assert shown["headers"] == {"ce_sequence": None, "odd": None}


@pytest.mark.parametrize("payload", [b"Budi Santoso \xff", b"[" * 100_000 + b"]" * 100_000])
async def test_what_is_no_json_is_shown_by_its_size_only(call: Call, buried: Bury, payload: bytes) -> None:
    [letter] = await buried(PERSON | {"value": payload})
    [shown] = (await call("show", str(letter), "--json")).json["dead_letters"]
    assert shown["payload"] == f"({len(payload)} bytes, no JSON)"


async def test_who_asks_for_everything_is_remembered(call: Call, buried: Bury, steps: Any) -> None:
    [letter] = await buried(PERSON)
    printed = await call("show", str(letter), "--unredacted", "--actor", "siti")
    assert all(part in printed.text for part in (NIP, "Budi Santoso", "SHOW"))
    await call("list", "--unredacted", "--actor", "budi")
    assert await steps(letter) == [("SHOW", "siti", "SHOWN", None), ("SHOW", "budi", "SHOWN", None)]


async def test_showing_what_is_not_there_fails_and_says_so(call: Call, buried: Bury) -> None:
    [letter] = await buried(item("i1"))
    printed = await call("show", str(letter), str(letter + 1))
    assert (printed.status, printed.told) == (1, f"there is no dead letter {letter + 1}\n")
    assert "reason" in printed.text


@pytest.mark.parametrize(
    ("policy", "states", "status"),
    [
        ([], ["REPLAYED", "OPEN", "OPEN"], 1),
        (["--on-error", "continue"], ["REPLAYED", "OPEN", "REPLAYED"], 1),
        (["--on-error", "drop", "--why", "sent by a broken release"], ["REPLAYED", "DROPPED", "REPLAYED"], 0),
    ],
)
async def test_a_record_that_is_still_bad_is_met_by_policy(
    call: Call, outside: Any, buried: Bury, steps: Any, policy: list[str], states: list[str], status: int
) -> None:
    ids = await buried(item("i1"), item("i2", 1, UNHANDLED), item("i3"))
    printed = await call("replay", "--actor", "siti", *policy)
    assert (printed.status, [await state_of(outside, letter) for letter in ids]) == (status, states)
    assert [step[2] for step in await steps(ids[1])] == ["FAILED", *(["DROPPED"] if status == 0 else [])]
    rest = [row["item_id"] for row in await outside.fetch("SELECT item_id FROM derived.item ORDER BY 1")]
    assert rest == [f"i{place + 1}" for place, state in enumerate(states) if state == "REPLAYED"]


async def test_replay_takes_no_more_than_it_was_allowed(call: Call, outside: Any, buried: Bury) -> None:
    ids = await buried(*(item(f"i{number}") for number in range(3)))
    printed = await call("replay", "--most", "2", "--json")
    assert printed.json["counts"] == {"REPLAYED": 2}
    assert [await state_of(outside, letter) for letter in ids] == ["REPLAYED", "REPLAYED", "OPEN"]
    assert (await call("replay")).text.splitlines()[-1] == "1 REPLAYED"
    assert (await call("replay")).text == "No open dead letters.\n"


async def test_drop_takes_the_letters_that_were_named(call: Call, outside: Any, buried: Bury, steps: Any) -> None:
    ids = await buried(item("i1"), item("i2"))
    printed = await call("drop", "--id", str(ids[0]), "--why", "sent twice", "--actor", "siti")
    assert (printed.status, printed.text.splitlines()[-1]) == (0, "1 DROPPED")
    assert [await state_of(outside, letter) for letter in ids] == ["DROPPED", "OPEN"]
    assert await steps(ids[0]) == [("DROP", "siti", "DROPPED", "sent twice")]


@pytest.mark.parametrize(
    "words",
    [
        ["drop", "--why", "everything"],
        ["drop", "--id", "1"],
        ["replay", "--on-error", "drop"],
        ["replay", "--why", "no policy"],
        ["replay", "--most", "0"],
        ["list", "--since", "yesterday"],
    ],
)
async def test_what_would_be_too_much_or_means_nothing_is_refused(
    call: Call, outside: Any, buried: Bury, words: list[str]
) -> None:
    [letter] = await buried(item("i1"))
    with pytest.raises(SystemExit, match="2"):
        await call(*words)
    assert await state_of(outside, letter) == "OPEN"


async def test_open_ones_are_counted_until_they_are_repaired(
    database: Database, call: Call, buried: Bury, outside: Any
) -> None:
    labels = {"group": NAMESPACE + GROUP, "topic": NAMESPACE + ITEMS.name}
    [job] = count_dead_letters(database, [subscription()])
    await buried(item("i1"), record_of(item("i2")) | {"value": None})
    assert await job.run() is False
    assert REGISTRY.get_sample_value("talenta_dead_letters_open", labels) == 2
    await call("replay", "--on-error", "drop", "--why", "a test")
    await job.run()
    assert REGISTRY.get_sample_value("talenta_dead_letters_open", labels) is None
    assert count_dead_letters(database, []) == ()
