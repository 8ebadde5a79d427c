"""A service's `reached` that remembers how it was asked."""

import asyncio
from collections.abc import Mapping, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession


class Counted:
    """`reached` that counts how often it is asked, for whom, and by how many at a time."""

    def __init__(self) -> None:
        self.versions: dict[str, int] = {}
        self.asked: list[frozenset[str]] = []
        self.at_once = 0
        self.failing = False
        self.turn = asyncio.Condition()

    async def __call__(self, session: AsyncSession, keys: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        self.at_once += 1
        assert self.at_once == 1, "two pollers"
        await session.connection()
        self.at_once -= 1
        async with self.turn:
            self.asked.append(frozenset(keys))
            self.turn.notify_all()
        if self.failing:
            raise ConnectionResetError
        return {key: {"sample.things": version} for key, version in self.versions.items()}

    async def until_asked_for(self, number: int) -> None:
        async with asyncio.timeout(5), self.turn:
            await self.turn.wait_for(lambda: bool(self.asked) and len(self.asked[-1]) == number)
