"""The HTTP application of the profile service."""

from fastapi import FastAPI

from services.profile import __version__
from services.profile.employees.routes import router as employees
from services.profile.governments.routes import router as governments
from services.profile.settings import Settings
from services.profile.units.routes import router as units
from services.profile.verification.queries import VIEWS
from shared.http.app import create_service_app
from shared.verification.routes import states_router


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, connected to nothing until it is started. Without settings, those of the environment."""
    settings = settings or Settings()
    return create_service_app(
        settings,
        title="Talenta · Profile",
        summary="Who a civil servant is: governments, units and employees.",
        routers=(governments, units, employees, states_router(VIEWS, settings.installation_regions)),
        version=__version__,
    )
