"""The clocks of the applications are wrong; the database's is right."""

from typing import Final

from tests.faults.clock import SHIFTED
from tests.faults.faults.fault import Scene
from tests.faults.system import APIS, WORKERS

_HOUR: Final = 3600


async def hour_ahead(scene: Scene) -> None:
    """Every process runs an hour ahead."""
    await _shift(scene, _HOUR)


async def hour_behind(scene: Scene) -> None:
    """Every process runs an hour behind."""
    await _shift(scene, -_HOUR)


async def _shift(scene: Scene, seconds: int) -> None:
    for environment in (SHIFTED | {"FAULTS_CLOCK_SHIFT": str(seconds)}, {}):
        for seat in (*APIS, *WORKERS):
            await scene.system.end(seat)
            scene.system.start(seat, environment)
        await scene.system.all_ready()
        await scene.writes(60)
