"""How late a chain of queues is, from nothing but how many came into each and how many were taken out."""

from collections.abc import Hashable, Iterable
from typing import Final

from shared.kafka.positions import Position

PATIENCE: Final = 10.0
_WORTH_WAITING: Final = 2_000
"""Records that a queue must give up in so many seconds. One that has stopped, or is slower, is not waited for:
nothing could stay fresh behind it beside bulk, and who sends bulk must not depend on it.
"""
_KEPT: Final = 0.9
"""What an earlier look weighs beside the next: ten looks or so make up a speed."""
_FIRST_SECONDS: Final = 0.5
_FIRST_TAKEN: Final = 1000.0
"""Records that a queue is thought to take in so many seconds, until it was seen."""


class Chain:
    """Told the positions of its queues again and again, it knows how fast each drains, and so how long it takes.

    No record has to be read for that, and no clock but the caller's is asked.
    """

    def __init__(self) -> None:
        self._queues: dict[Hashable, _Queue] = {}

    def note(self, now: float, positions: Iterable[tuple[Hashable, Position]]) -> None:
        """The positions were these at `now`, in seconds."""
        for name, at in positions:
            self._queues.setdefault(name, _Queue(now, at)).note(now, at)

    def delay(self, coming: int = 0) -> float:
        """Seconds until what comes in now behind `coming` others is through all queues."""
        late = [queue for queue in self._queues.values() if queue.worth_waiting]
        slowest = max((queue.seconds_each for queue in late), default=_FIRST_SECONDS / _FIRST_TAKEN)
        return sum(queue.waiting * queue.seconds_each for queue in late) + coming * slowest


class _Queue:
    def __init__(self, now: float, at: Position) -> None:
        self.worth_waiting = True
        self._at = at
        self._looked = now
        self._judged = now, at.taken
        self._busy, self._taken = _FIRST_SECONDS, _FIRST_TAKEN

    @property
    def waiting(self) -> int:
        return max(0, self._at.end - self._at.taken)

    @property
    def seconds_each(self) -> float:
        """By what was taken while something waited all the time: what comes slowly is not taken slowly."""
        return self._busy / max(1.0, self._taken)

    def note(self, now: float, at: Position) -> None:
        was_waiting, taken, passed = self.waiting, at.taken - self._at.taken, now - self._looked
        self._at, self._looked = at, now
        always_waiting = was_waiting and self.waiting and taken >= 0
        self._judge(now)
        if always_waiting or taken * self.seconds_each > passed:
            self._busy = self._busy * _KEPT + passed
            self._taken = self._taken * _KEPT + taken

    def _judge(self, now: float) -> None:
        since, taken_then = self._judged
        if not self.waiting:
            self.worth_waiting, self._judged = True, (now, self._at.taken)
        elif now - since >= PATIENCE:
            self.worth_waiting = self._at.taken - taken_then >= _WORTH_WAITING
            self._judged = now, self._at.taken
