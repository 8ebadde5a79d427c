"""The demonstration behind `make run` and `make demo`.

A synthetic population of the 36 governments of Central Java is loaded through the services' own APIs, as an
integrator would do it; then one performance score is posted and what it moves is shown, with the milliseconds
of each hop; `make demo` also recomputes everything from what was sent and compares.

    population, governments, careers, measuring, names      who is sent: pure, reproducible, one person at a time
    bodies, api, loading, settling, marker                  sending it, waiting for its arrival, remembering it
    choosing, story, observing, telling, drawing            one score and what it moves
    expected, recounting, stored, comparing, answers, verification    recomputation and comparison
    demonstration, installation, errors                     all of it together, and what it needs
"""

from deploy.demo.demonstration import run_demonstration
from deploy.demo.errors import DemonstrationError
from deploy.demo.installation import Installation, PerService

__all__ = ["DemonstrationError", "Installation", "PerService", "run_demonstration"]
