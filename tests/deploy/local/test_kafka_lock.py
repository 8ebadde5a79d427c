import hashlib
from pathlib import Path

import pytest

from deploy.local.errors import StackError
from deploy.local.kafka_lock import LOCK_FILE, Jar, KafkaLock, read_lock, write_lock

CONTENT = b"a jar"
JAR = Jar("org.example:thing:1.0", hashlib.sha256(CONTENT).hexdigest())
LOCK = KafkaLock("4.3.1", (JAR,))


def test_a_jar_as_locked_is_run(tmp_path: Path) -> None:
    (tmp_path / "thing-1.0.jar").write_bytes(CONTENT)
    assert LOCK.missing(tmp_path) == []


def test_a_tampered_jar_is_refused(tmp_path: Path) -> None:
    tampered = tmp_path / "thing-1.0.jar"
    tampered.write_bytes(CONTENT + b" and more")
    with pytest.raises(StackError, match="SHA-256") as refused:
        LOCK.missing(tmp_path)
    assert str(tampered) in str(refused.value)


def test_a_missing_jar_is_fetched_and_one_that_nobody_locked_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "stranger-6.6.jar").write_bytes(b"not ours")
    assert LOCK.missing(tmp_path) == [JAR]
    assert LOCK.classpath(tmp_path) == str(tmp_path / "thing-1.0.jar")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_lock(LOCK, tmp_path / "kafka.lock")
    assert read_lock(tmp_path / "kafka.lock") == LOCK


def test_the_committed_lock_is_one_kafka_of_its_version_and_names_no_host() -> None:
    lock = read_lock()
    names = {jar.file_name for jar in lock.jars}
    assert {f"kafka_2.13-{lock.version}.jar", f"kafka-clients-{lock.version}.jar"} <= names
    assert int(lock.version.partition(".")[0]) >= 4
    assert any(name.startswith("log4j-slf4j-impl-") for name in names), "Kafka would run without a log"
    assert len(names) == len(lock.jars)
    assert all(len(jar.sha256) == 64 for jar in lock.jars)
    assert "//" not in LOCK_FILE.read_text()
