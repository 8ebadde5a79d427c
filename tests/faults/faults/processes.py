"""Processes die, hang, and wake up again."""

import asyncio
from functools import partial
from typing import Final

import psutil

from deploy.local.progress import say
from tests.faults.faults.fault import Scene
from tests.faults.system import APIS, WORKERS, Seat
from tests.shared.conditions import until

HANGS_FOR: Final = 45.0
_HOLDER: Final = """
    SELECT client_port FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE datname = current_database() AND locktype = 'advisory' AND granted
        AND objid::bigint = hashtext('{name}')::bigint & 4294967295
"""
_ACTIVE_RELAY: Final = _HOLDER.format(name="talenta.outbox.relay")
_FOLDING: Final = _HOLDER.format(name="talenta.reporting.fold")


async def kill_apis(scene: Scene) -> None:
    """Each API that writes dies by kill -9 in the midst of requests."""
    for seat in scene.chance.sample([seat for seat in APIS if seat.service in {"profile", "assessment"}], 2):
        await scene.system.kill(seat)
        scene.system.start(seat)
        await scene.system.ready(seat)
        await scene.writes(20)


async def kill_workers(scene: Scene) -> None:
    """Every worker dies by kill -9 in the midst of its batches, one after the other."""
    for seat in scene.chance.sample(WORKERS, len(WORKERS)):
        await scene.system.kill(seat)
        await scene.writes(15)
        # Not waited for: Kafka takes the dead member for living until its session ends.
        scene.system.start(seat)


async def kill_relay(scene: Scene) -> None:
    """The worker whose relay is active dies by kill -9, while another of its service stands by."""
    service = scene.chance.choice(["assessment", "placement"])
    first, second = Seat(service, "worker"), Seat(service, "worker", 1)
    scene.system.start(second)
    await scene.system.ready(second)
    victim = await _who_holds(scene, service, _ACTIVE_RELAY, (first, second)) or first
    say(f"  the active relay of {service} is that of {victim}")
    await scene.system.kill(victim)
    await scene.writes(60)
    scene.system.start(victim)
    await scene.writes(30)
    await scene.system.end(second)


async def hang_worker(scene: Scene) -> None:
    """SIGSTOP of a worker for 45 s: it holds what it holds, and wakes up late."""
    await _hang(scene, scene.chance.choice(WORKERS), HANGS_FOR)


async def hang_worker_beside_another(scene: Scene) -> None:
    """SIGSTOP for 45 s of a worker whose partitions and relay another worker takes over meanwhile."""
    service = scene.chance.choice(["assessment", "placement", "reporting"])
    second = Seat(service, "worker", 1)
    scene.system.start(second)
    await scene.system.ready(second)
    await _hang(scene, Seat(service, "worker"), HANGS_FOR)
    await scene.system.end(second)


async def hang_folder(scene: Scene) -> None:
    """SIGSTOP of reporting's worker while its folder holds the turn, in the midst of a transaction.

    The server ends that session in the end, and another worker's folder goes on.
    """
    first, second = Seat("reporting", "worker"), Seat("reporting", "worker", 1)
    async with scene.system.connected("reporting") as connection:
        # The folder stops at this row with the turn taken, and so cannot slip away before the signal.
        async with connection.transaction():
            await connection.execute("SELECT FROM derived.revision FOR UPDATE")
            async with scene.system.connected("reporting") as observer:

                async def folder_stopped() -> bool:
                    return bool(await observer.fetch(f"{_FOLDING} AND wait_event_type = 'Lock'"))

                await until(folder_stopped, within=30)
            scene.system.hang(first)
        await scene.writes(20)
        scene.system.start(second)
        await scene.system.ready(second)
    # Freed by the server, and nobody else.
    await until(partial(_let_go, scene, first), within=60)
    await scene.writes(20)
    scene.system.wake(first)
    await scene.system.ready(first)
    await scene.system.end(second)


async def rebalance(scene: Scene) -> None:
    """Three members of a group, of whom one after the other leaves, in order or by kill -9, and comes again."""
    service = scene.chance.choice(["assessment", "placement", "reporting"])
    members = [Seat(service, "worker", number) for number in range(3)]
    for seat in members[1:]:
        scene.system.start(seat)
    for seat in members[1:]:
        await scene.system.ready(seat)
    for seat in scene.chance.sample(members, 3):
        await (scene.system.end if scene.chance.random() < 0.7 else scene.system.kill)(seat)
        await scene.writes(15)
        scene.system.start(seat)
        await scene.writes(15)
    for seat in members[1:]:
        await scene.system.end(seat)


async def _hang(scene: Scene, seat: Seat, seconds: float) -> None:
    say(f"  {seat} hangs for {seconds:.0f} s")
    scene.system.hang(seat)
    try:
        await asyncio.sleep(seconds)
    finally:
        scene.system.wake(seat)
    await scene.system.ready(seat)


async def _who_holds(scene: Scene, service: str, query: str, seats: tuple[Seat, ...]) -> Seat | None:
    """Whose session it is that `query` finds, by its port; None for none of these."""
    async with scene.system.connected(service) as connection:
        ports = {row[0] for row in await connection.fetch(query)}
    return next((seat for seat in seats if ports & _ports(scene, seat)), None)


def _ports(scene: Scene, seat: Seat) -> set[int]:
    """From which the process speaks to others."""
    return {each.laddr.port for each in psutil.Process(scene.system.pid(seat)).net_connections()}


async def _let_go(scene: Scene, seat: Seat) -> bool:
    return await _who_holds(scene, "reporting", _FOLDING, (seat,)) is None
