"""The HTTP application of the assessment service."""

from fastapi import FastAPI

from services.assessment import __version__
from services.assessment.performance.routes import router as performance
from services.assessment.results.queries import versions_of
from services.assessment.results.routes import router as results
from services.assessment.settings import Settings
from services.assessment.talent_assessments.routes import router as talent_assessments
from services.assessment.verification.queries import VIEWS
from shared.http.app import create_service_app
from shared.verification.routes import states_router


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, connected to nothing until it is started. Without settings, those of the environment."""
    settings = settings or Settings()
    return create_service_app(
        settings,
        title="Talenta · Assessment",
        summary="What was measured of a civil servant: performance, competency and potential.",
        routers=(performance, talent_assessments, results, states_router(VIEWS, settings.installation_regions)),
        reached=versions_of,
        version=__version__,
    )
