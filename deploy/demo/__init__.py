"""The demonstration behind `make run` and `make demo`.

A synthetic population of the 36 governments of Central Java is loaded through the services' own APIs, as an
integrator would do it; then one performance score is posted and what it moves is shown, with the milliseconds
of each hop; `make demo` also recomputes everything from what was sent and compares.

    population/      who is sent: pure, reproducible, one person at a time
    recomputation/   what must follow from it, by the services' own pure rules
    installation/    what it is sent to: the services over HTTP, their databases to look into
    loading/         1  sending it, waiting until it has arrived, remembering that it has
    story/           2  one score, and what it moves
    verification/    3  everything that is stored and answered, beside what must follow
    demonstration    1, 2 and 3, one after the other

The three chapters stand on the three foundations, and do not know one another.
"""

from deploy.demo.demonstration import run_demonstration
from deploy.demo.errors import DemonstrationError
from deploy.demo.installation.installation import Installation, PerService

__all__ = ["DemonstrationError", "Installation", "PerService", "run_demonstration"]
