"""The short form: quick faults and one combination. `make faults` has all."""

import secrets

import pytest

from tests.faults.combining import drawn
from tests.faults.faults import FAULTS, Fault
from tests.faults.trial import Trials

QUICK = [fault for fault in FAULTS if fault.quick]


@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: fault.name)
async def test_quick_fault_loses_nothing_and_doubles_nothing(trials: Trials, fault: Fault) -> None:
    outcome = await trials.run(fault.name, [fault], "quick")
    assert list(map(str, outcome.findings)) == []
    assert outcome.acknowledged > 0


async def test_quick_faults_together_lose_nothing_and_double_nothing(trials: Trials) -> None:
    seed = secrets.token_hex(4)
    [faults] = drawn(seed, 1, QUICK)
    outcome = await trials.run(f"{' + '.join(fault.name for fault in faults)}, seed {seed}", faults, seed)
    assert (seed, list(map(str, outcome.findings))) == (seed, [])


def test_same_seed_draws_the_same_combinations() -> None:
    first, second, other = (
        [[fault.name for fault in faults] for faults in drawn(seed, 20)] for seed in ("a", "a", "b")
    )
    assert first == second != other
    assert all(len(faults) > 1 for faults in first)


def test_faults_that_touch_the_same_are_not_combined() -> None:
    for faults in drawn("any", 100):
        touched = [thing for fault in faults for thing in fault.touches]
        assert len(touched) == len(set(touched))
