"""How a process of the chain goes about its part: what it is told by `bench.least.budget` while it runs."""

import re
import time
from typing import Final

from shared.outbox.gathering import Gathering

_TOLD: Final = re.compile(rb"PUT /manner/(\d+)/([01]) ")


class Manner:
    """At first nothing is done besides, and nothing gathered."""

    def __init__(self) -> None:
        self._burden = 0.0
        self._gathering: Gathering | None = None

    @staticmethod
    def path(burden: float, *, gathers: bool) -> str:
        """Where the process is told to do work of so many seconds for a score besides, and whether to gather."""
        return f"/manner/{burden * 1e6:.0f}/{gathers:d}"

    def told(self, head: bytes) -> bool:
        """Whether this request did."""
        told = _TOLD.match(head)
        if told:
            self._burden = int(told[1]) / 1e6
            self._gathering = Gathering() if told[2] == b"1" else None
        return told is not None

    def carry(self, scores: int) -> None:
        """Do work for nobody, while all else in the process waits, as for code between two awaits.

        The processor's time of this process counts: while another one has the core, nothing is carried.
        """
        until = time.thread_time() + scores * self._burden
        while time.thread_time() < until:
            pass

    def distance(self, came: int) -> float:
        """Seconds until the next turn of a relay may begin, as in the services'."""
        return self._gathering.distance(came, time.monotonic()) if self._gathering else 0.0
