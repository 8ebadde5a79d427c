import hashlib
from pathlib import Path

import pytest
import requests

from deploy.local import kafka_jars
from deploy.local.errors import StackError
from deploy.local.kafka_jars import fetch
from deploy.local.kafka_lock import Jar, KafkaLock

CONTENT = b"a jar"
GOOD = Jar("org.example:good:1.0", hashlib.sha256(CONTENT).hexdigest())
SWAPPED = Jar("org.example:swapped:1.0", hashlib.sha256(b"what was locked").hexdigest())


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    staging = tmp_path / "staging"
    staging.mkdir()
    return staging


def _registry(monkeypatch: pytest.MonkeyPatch, staging: Path, *locked: Jar) -> None:
    """A registry that has the same content for every jar."""

    def download(_maven: object, coordinates: str) -> Path:
        path = staging / f"{coordinates.replace(':', '-')}.download"
        path.write_bytes(CONTENT)
        return path

    monkeypatch.setattr(kafka_jars, "read_lock", lambda: KafkaLock("4.3.1", locked))
    monkeypatch.setattr(kafka_jars, "_download", download)


def test_a_fetched_jar_is_put_in_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, staging: Path) -> None:
    _registry(monkeypatch, staging, GOOD)
    fetch(tmp_path / "jars", staging)
    assert (tmp_path / "jars" / GOOD.file_name).read_bytes() == CONTENT


def test_a_jar_with_another_content_than_locked_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, staging: Path
) -> None:
    _registry(monkeypatch, staging, SWAPPED)
    with pytest.raises(StackError, match="another SHA-256"):
        fetch(tmp_path / "jars", staging)
    assert list((tmp_path / "jars").iterdir()) == []


def test_without_a_network_the_message_names_the_ways_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, staging: Path
) -> None:
    _registry(monkeypatch, staging, GOOD)

    def unreachable(*_: object) -> Path:
        raise requests.ConnectionError("no route to host")

    monkeypatch.setattr(kafka_jars, "_download", unreachable)
    with pytest.raises(StackError, match="no route to host") as refused:
        fetch(tmp_path / "jars", staging)
    for way_out in ("HTTPS_PROXY", "kafka.lock", str(tmp_path / "jars"), "KAFKA_BOOTSTRAP_SERVERS"):
        assert way_out in str(refused.value)
