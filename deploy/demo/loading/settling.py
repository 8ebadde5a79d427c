"""Waits until everything that was loaded has gone all the way: to boxes, sums and ranks."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from deploy.demo.errors import DemonstrationError
from deploy.demo.installation.stored import Stored
from deploy.demo.population.people import Person
from deploy.demo.progress import Progress, Say
from deploy.demo.recomputation.expected import policy

_EVERY: Final = 1.0
_PATIENCE: Final = 120.0
"""Seconds without any progress, before the demonstration gives up."""


@dataclass
class Sent:
    """What the loaded people must come to in reporting: active employees, and those with y and with x."""

    active: int = 0
    with_x: int = 0

    def counting(self, people: Iterable[Person]) -> Iterator[Person]:
        """Pass `people` through, counting them."""
        codes = policy().gates.active_kedudukan_hukum
        for person in people:
            if person.kedudukan_hukum in codes:
                self.active += 1
                self.with_x += person.assessment.potential is not None
            yield person

    @property
    def facts(self) -> int:
        """Everybody active counts once as such, once with y, and once with x if measured in full."""
        return 2 * self.active + self.with_x


async def settle(stored: Stored, sent: Sent, say: Say) -> None:
    """Return when reporting's sums contain all that was `sent` and nothing is on its way any more.

    Raises DemonstrationError when nothing has moved for two minutes.
    """
    progress = Progress("fakta sampai ke peringkat / facts that have reached the ranking", sent.facts, say)
    reached, moved_at = -1, time.monotonic()
    while True:
        arrived = await _arrived(stored)
        progress.reached(arrived)
        if arrived == sent.facts and not await stored.on_the_way():
            progress.finish()
            return
        if arrived != reached:
            reached, moved_at = arrived, time.monotonic()
        elif time.monotonic() - moved_at > _PATIENCE:
            raise DemonstrationError(
                f"{arrived:,} / {sent.facts:,} fakta sampai ke peringkat, lalu tidak ada yang bergerak selama / "
                f"facts have reached the ranking, and nothing has moved for {_PATIENCE:.0f} s. "
                "Lihat log layanan / the logs of the services say why."
            )
        await asyncio.sleep(_EVERY)


async def _arrived(stored: Stored) -> int:
    tallies = (await stored.tallies()).values()
    return sum(int(tally["active"] + tally["with_y"] + tally["with_x"]) for tally in tallies)
