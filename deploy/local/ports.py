"""Ports on the loopback interface: the usual ones where they are free, the same again at the next start."""

import json
import socket
from collections.abc import Mapping
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.files import write_whole
from deploy.local.settings import SERVICES

LOOPBACK = "127.0.0.1"
USUAL: Mapping[str, int] = {
    "postgres": 5432,
    "kafka": 9092,
    "kafka-controller": 9093,
    "issuer": 8010,
    **{service: 8001 + place for place, service in enumerate(SERVICES)},
    **{f"{service}-worker": 8101 + place for place, service in enumerate(SERVICES)},
}
_STEP = 20
"""5432, 5452, 5472, …: an easily recognised neighbour, and never another server's usual port."""
_HIGHEST = 65_000


def choose_ports(remembered_in: Path, usual: Mapping[str, int] = USUAL) -> dict[str, int]:
    """A free port for each name: the remembered one, else the usual one, else the next of its series.

    What was chosen is written to `remembered_in` (JSON: name to port), so that addresses and README lines
    stay true over restarts.
    """
    remembered = _read(remembered_in)
    chosen: dict[str, int] = {}
    for name, port in usual.items():
        series = (remembered.get(name, port), *range(port, _HIGHEST, _STEP))
        chosen[name] = _first_free(name, series, taken=set(chosen.values()))
    write_whole(remembered_in, json.dumps(chosen, indent=2) + "\n")
    return chosen


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now. Connections that merely linger do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _first_free(name: str, series: tuple[int, ...], *, taken: set[int]) -> int:
    for port in series:
        if port not in taken and is_free(port):
            return port
    raise StackError(
        f"Tidak ada port bebas / no free port for {name} on {LOOPBACK}: {series[0]}, and every {_STEP}th after it."
    )


def _read(path: Path) -> dict[str, int]:
    try:
        ports = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return ports if isinstance(ports, dict) else {}
