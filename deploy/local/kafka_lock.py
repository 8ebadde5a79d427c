"""The committed lock file `kafka.lock`: Kafka's version and every jar it runs with, each with its SHA-256.

After `version <kafka version>` one line a jar: `group:artifact:version sha256:<hex>`. `#` starts a comment.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import StackError

LOCK_FILE = Path(__file__).with_name("kafka.lock")
_HEADER = (
    "# Apache Kafka and its run-time dependencies. Made by `python -m deploy.local.kafka_jars lock VERSION`.\n"
)


@dataclass(frozen=True, slots=True)
class Jar:
    coordinates: str
    """`group:artifact:version`."""
    sha256: str

    @property
    def file_name(self) -> str:
        _, artifact, version = self.coordinates.split(":")
        return f"{artifact}-{version}.jar"


@dataclass(frozen=True, slots=True)
class KafkaLock:
    version: str
    jars: tuple[Jar, ...]

    def classpath(self, folder: Path) -> str:
        """Exactly the locked jars, in the lock's order; whatever else lies in the folder is not run."""
        return ":".join(str(folder / jar.file_name) for jar in self.jars)

    def missing(self, folder: Path) -> list[Jar]:
        """The jars that are not there yet. Raises StackError for one whose content is not what was locked."""
        missing = []
        for jar in self.jars:
            path = folder / jar.file_name
            if not path.exists():
                missing.append(jar)
            elif sha256_of(path) != jar.sha256:
                raise StackError(
                    f"{path} is not the jar that {LOCK_FILE.name} names: its SHA-256 differs from the locked one. "
                    "It was not run. Hapus berkas itu / delete the file, to have it fetched again."
                )
        return missing


def read_lock(path: Path = LOCK_FILE) -> KafkaLock:
    lines = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    (_, version), *jars = lines
    return KafkaLock(version, tuple(Jar(coordinates, sum_.removeprefix("sha256:")) for coordinates, sum_ in jars))


def write_lock(lock: KafkaLock, path: Path = LOCK_FILE) -> None:
    jars = "".join(f"{jar.coordinates} sha256:{jar.sha256}\n" for jar in lock.jars)
    path.write_text(f"{_HEADER}version {lock.version}\n{jars}")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
