"""The HTTP application of the reporting service."""

from fastapi import FastAPI

from services.reporting import __version__
from services.reporting.boards.routes import router as boards
from services.reporting.ranks.queries import versions_of
from services.reporting.ranks.routes import router as ranks
from services.reporting.regions.routes import router as regions
from services.reporting.settings import Settings
from shared.http.app import create_service_app


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, connected to nothing until it is started. Without settings, those of the environment."""
    return create_service_app(
        settings or Settings(),
        title="Talenta · Reporting",
        summary="What it adds up to: the merit ranking of regions, and the ranks of people.",
        routers=(boards, regions, ranks),
        reached=versions_of,
        version=__version__,
    )
