"""`python -m bench.pressure [--rows N]`: on servers in `.local/pressure`, or on given ones; ends with 1 on a miss.

`ASSESSMENT_BULK_LONGEST_DELAY=1e9` measures the same without a pace.
"""

import argparse
import sys
from dataclasses import replace
from typing import Final

import uvloop

from bench.installation import Bench
from bench.people import load_everybody, population_of
from bench.pressure.measuring import Pressed, measure_pressure
from bench.processes import APART, environment_of, migrate, running, services_in
from bench.sizes import FULL
from bench.telling import table
from deploy.local.errors import StackError
from deploy.local.issuer import Issuer
from deploy.local.progress import show
from deploy.local.settings import SERVICES, Settings
from deploy.local.stack import Stack
from shared.kafka.topics import create_topics

_ROWS: Final = 1_000_000


async def _measure(rows: int) -> Pressed:
    async with Stack(Settings.from_environment("pressure", emptied=True)) as stack:
        await create_topics(stack.kafka_bootstrap_servers, stack.kafka_namespace)
        with Issuer(stack.settings.folder, stack.ports["issuer"]) as issuer:
            bench = Bench(stack, issuer, replace(FULL, bulk_rows=rows))
            for service in SERVICES:
                await migrate(stack, service, environment_of(stack, issuer))
            async with running(stack, services_in(stack, issuer, APART)):
                await load_everybody(bench, population_of(bench.sizes.employees))
                pressed = await measure_pressure(bench, rows, turn=1)
        await stack.clear_given_servers()
    return pressed


def main() -> int:
    """0, or 1 where a row misses its target or nothing could be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.pressure", description=__doc__)
    parser.add_argument("--rows", type=int, default=_ROWS, help="scores of the import: two for each employee")
    arguments = parser.parse_args()
    try:
        pressed = uvloop.run(_measure(arguments.rows))
    except StackError as error:
        show(f"\n{error}")
        return 1
    rows = pressed.rows(arguments.rows)
    show("\n" + "\n".join(table(rows)))
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
