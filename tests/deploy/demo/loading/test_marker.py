"""The small file that tells a second run what the first one loaded."""

from datetime import date
from pathlib import Path

import pytest

from deploy.demo.loading.marker import Marker, digest_of
from deploy.demo.population.people import Population

ON = date(2026, 1, 1)


def test_a_marker_is_read_back_as_written(tmp_path: Path) -> None:
    marker = Marker.of(Population(200, ON)).after_loading().with_moved(7)
    assert (marker.loaded, marker.moved) == (True, 7)
    marker.write(tmp_path / "new folder")
    assert Marker.read(tmp_path / "new folder") == marker


@pytest.mark.parametrize("content", ["", "{", "[]", '{"employees": 200}', '{"employees": 2, "on": "x"}'])
def test_a_broken_marker_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "demonstration.json").write_text(content)
    assert Marker.read(tmp_path) is None


def test_no_marker_is_none(tmp_path: Path) -> None:
    assert Marker.read(tmp_path) is None


def test_the_digest_tells_populations_apart_and_stays_for_the_same() -> None:
    digest = digest_of(Population(200, ON))
    assert digest == digest_of(Population(200, ON))
    assert digest != digest_of(Population(201, ON))
    assert digest != digest_of(Population(200, date(2025, 1, 1)))
