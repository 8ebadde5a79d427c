"""Fetches Kafka's jars by their coordinates with `jgo`, a resolver in pure Python: no Maven is needed.

A start fetches only what the lock file names and checks each jar before it is put in place; the dependency graph
is walked only when the lock is made anew. A process of its own, so that Ctrl-C need not wait for the network:

    python -m deploy.local.kafka_jars fetch FOLDER STAGING
    python -m deploy.local.kafka_jars lock VERSION
"""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
import stamina
from jgo.maven import MavenContext

from deploy.local.errors import StackError
from deploy.local.kafka_lock import LOCK_FILE, Jar, KafkaLock, read_lock, sha256_of, write_lock

_MAVEN_CACHE = Path.home() / ".m2" / "repository"
_TIMEOUT = 60
_AT_ONCE = 6
_KAFKA = "org.apache.kafka:kafka_2.13"
_LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl"
"""Kafka logs through SLF4J; its distribution adds this bridge to Log4j, its published dependencies do not."""


def fetch(folder: Path, staging: Path) -> None:
    """Complete the locked jars in `folder`; `staging` is for what is not checked yet. Raises StackError."""
    missing = read_lock().missing(folder)
    folder.mkdir(parents=True, exist_ok=True)
    maven = _maven(staging)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        try:
            list(threads.map(lambda jar: _fetch_one(maven, jar, folder, staging), missing))
        except (requests.RequestException, RuntimeError) as error:
            threads.shutdown(cancel_futures=True)
            raise StackError(
                f"Jar Kafka tidak dapat diambil / Kafka's jars could not be fetched: {error}\n"
                f"Jalankan lagi untuk melanjutkan / start again to go on: {folder} keeps what has come.\n"
                "Jalan keluar / ways out: allow the network (HTTPS_PROXY is honoured), put the jars that "
                f"{LOCK_FILE.name} names into that folder or into {_MAVEN_CACHE}, "
                "or give a running Kafka in KAFKA_BOOTSTRAP_SERVERS."
            ) from error


def _fetch_one(maven: MavenContext, jar: Jar, folder: Path, staging: Path) -> None:
    fetched = _download(maven, jar.coordinates)
    if sha256_of(fetched) != jar.sha256:
        raise StackError(f"{jar.coordinates} arrived with another SHA-256 than {LOCK_FILE.name} names; not taken.")
    # Copied, since it may lie in the user's own Maven cache; then put in place at once or not at all.
    copy = staging / jar.file_name
    copy.write_bytes(fetched.read_bytes())
    copy.replace(folder / jar.file_name)


@stamina.retry(on=requests.RequestException, attempts=4, timeout=300)
def _download(maven: MavenContext, coordinates: str) -> Path:
    return Path(maven.create_dependency(coordinates).artifact.resolve())


def _maven(cache: Path) -> MavenContext:
    known = [_MAVEN_CACHE] if _MAVEN_CACHE.is_dir() else []
    return MavenContext(repo_cache=cache, local_repos=known, timeout=_TIMEOUT)


def resolve(version: str) -> KafkaLock:
    """Walk the dependency graph of a Kafka version and lock every jar that it runs with. Uses the network."""
    with tempfile.TemporaryDirectory(prefix="talenta-lock-") as staging:
        maven = _maven(Path(staging))
        kafka, needed = maven.resolver.resolve([maven.create_dependency(f"{_KAFKA}:{version}")])
        artifacts = [item.artifact for item in (*kafka, *needed) if item.scope in {None, "compile", "runtime"}]
        log4j = next(item.version for item in artifacts if item.artifactId == "log4j-core")
        coordinates = [f"{item.groupId}:{item.artifactId}:{item.version}" for item in artifacts]
        coordinates.append(f"{_LOGGING}:{log4j}")
        jars = tuple(Jar(each, sha256_of(_download(maven, each))) for each in sorted(coordinates))
    return KafkaLock(version, jars)


def main(arguments: list[str]) -> int:
    stamina.instrumentation.set_on_retry_hooks([])  # the last failure is told once, with the ways out
    match arguments:
        case ["fetch", folder, staging]:
            try:
                fetch(Path(folder), Path(staging))
            except StackError as error:
                print(error, file=sys.stderr)
                return 1
        case ["lock", version]:
            write_lock(resolve(version))
            print(f"locked Kafka {version} and its jars in {LOCK_FILE}")
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
