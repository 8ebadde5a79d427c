"""The HTTP application of the placement service."""

from fastapi import FastAPI

from services.placement import __version__
from services.placement.explanations.routes import router as explanations
from services.placement.nine_box.routes import router as nine_box
from services.placement.policies.routes import router as policies
from services.placement.pools.routes import router as pools
from services.placement.settings import Settings
from services.placement.talents.queries import versions_of
from services.placement.talents.routes import router as talents
from services.placement.verification.queries import VIEWS
from shared.http.app import create_service_app
from shared.verification.routes import states_router


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, connected to nothing until it is started. Without settings, those of the environment."""
    settings = settings or Settings()
    return create_service_app(
        settings,
        title="Talenta · Placement",
        summary="What follows: policies, the nine-box, talent pools, and why.",
        routers=(
            talents,
            explanations,
            pools,
            nine_box,
            policies,
            states_router(VIEWS, settings.installation_regions),
        ),
        reached=versions_of,
        version=__version__,
    )
