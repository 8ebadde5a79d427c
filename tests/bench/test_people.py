"""Scores that move everybody each time."""

import json

import pytest

from bench.bulk.sending import ScoreFile, rows_of
from bench.people import TURNS, population_of, rating_in, score_in, spread_over

POPULATION = population_of(720)


def test_each_turn_rates_everybody_otherwise_than_the_one_before() -> None:
    year = POPULATION.on.year - 1
    for person in POPULATION.people():
        ratings = [rating_in(turn, person, year) for turn in range(TURNS)]
        assert len(set(ratings)) == TURNS
        assert ratings[0].hasil != person.ratings[1].hasil
        assert rating_in(TURNS, person, year) == ratings[0]


def test_no_score_is_the_same_as_in_another_turn() -> None:
    person = POPULATION.person(0)
    scores = [score_in(turn, person, POPULATION.on.year - 1) for turn in range(3 * TURNS)]
    assert all(one != other for place, one in enumerate(scores) for other in scores[:place])


def test_an_import_has_a_score_of_both_years_for_everybody() -> None:
    rows = list(rows_of(POPULATION, 0))
    assert len({(row["nip"], row["period"]["year"]) for row in rows}) == len(rows) == 2 * POPULATION.total
    newer = [score_in(0, person, POPULATION.on.year - 1) for person in POPULATION.people()]
    assert rows[: POPULATION.total] == newer


@pytest.mark.parametrize("turn", [1, 1 + TURNS, 12 + TURNS])
def test_what_is_sent_of_a_turn_is_its_file(turn: int) -> None:
    file = ScoreFile(POPULATION)
    file.prepare([1, 12])
    batches = list(file.batches(turn))
    sent = [score for batch in batches for score in json.loads(batch.body)["scores"]]
    assert sent == json.loads(json.dumps(list(rows_of(POPULATION, turn))))
    assert [batch.scores for batch in batches] == [1_000, 440]


def test_those_who_are_scored_come_from_all_governments_each_once() -> None:
    people = spread_over(POPULATION, 180)
    assert len({person.nip for person in people}) == 180
    assert len({person.region for person in people}) == 36
