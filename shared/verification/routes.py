"""Digests of what a service published, for its followers' `verify`: for operations, who may read all of it."""

from collections.abc import Collection, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from shared.auth.access import requires
from shared.auth.caller import Caller
from shared.auth.scopes import Scope
from shared.http.errors import NotFound, OutsidePopulation
from shared.http.openapi import responses_of
from shared.http.session import Reading
from shared.verification.held import BEGINNING, Held, detail_of, entries_of, next_range
from shared.verification.schemas import MOST_KEYS, DetailAnswer, EntriesAnswer, RangeAnswer

After = Annotated[UUID, Query(description="Keys above this one; left out: from the first on")]
Most = Annotated[int, Query(ge=1, le=MOST_KEYS, description="Keys at most")]


def states_router(published: Sequence[Held], regions: Collection[str]) -> APIRouter:
    """The digests of `published`, one view a follower.

    A digest says something of everybody at once, so the caller's population must hold all of `regions`.
    """
    by_follower = {held.view.follower: held for held in published}

    def of_follower(
        follower: Annotated[str, Path(description="The service whose copy is compared", examples=["placement"])],
        caller: Annotated[Caller, requires(Scope.STATES_VERIFY)],
    ) -> Held:
        if not set(regions) <= set(caller.population.regions):
            raise OutsidePopulation
        if follower not in by_follower:
            raise NotFound
        return by_follower[follower]

    view = Annotated[Held, Depends(of_follower)]
    router = APIRouter(
        prefix="/internal/v1/states/{follower}",
        tags=["verification"],
        responses=responses_of(OutsidePopulation, NotFound),
    )

    @router.get("/ranges")
    async def get_state_range(
        held: view, session: Reading, after: After = BEGINNING, limit: Most = MOST_KEYS
    ) -> RangeAnswer:
        """The range of the keys that follow, with the digest of its states."""
        return RangeAnswer.model_validate(await next_range(session, held, after, limit), from_attributes=True)

    @router.get("/entries")
    async def list_state_entries(
        held: view,
        session: Reading,
        after: After = BEGINNING,
        last: Annotated[UUID | None, Query(description="Keys up to this one; left out: to the end")] = None,
        limit: Most = MOST_KEYS,
    ) -> EntriesAnswer:
        """The states of a range, one by one."""
        return EntriesAnswer(items=list(map(tuple, await entries_of(session, held, after, last, limit))))

    @router.get("/entries/{key}")
    async def get_state_entry(key: UUID, held: view, session: Reading) -> DetailAnswer:
        """One state field by field."""
        detail = await detail_of(session, held, key)
        return DetailAnswer.model_validate(detail, from_attributes=True)

    return router
