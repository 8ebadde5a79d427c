"""Governments over HTTP."""

from fastapi import APIRouter

from services.profile.governments.rules import GOVERNMENTS
from services.profile.governments.schemas import GovernmentAnswer
from shared.auth.access import PUBLIC
from shared.http.pagination import Page

router = APIRouter(tags=["governments"])


@router.get("/v1/governments", dependencies=[PUBLIC])
async def list_governments() -> Page[GovernmentAnswer]:
    """The province and its regencies and cities, by code, on one page."""
    return Page(items=[GovernmentAnswer.model_validate(government) for government in GOVERNMENTS.values()])
