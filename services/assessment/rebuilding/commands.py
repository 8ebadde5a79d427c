"""`rebuild` of this service."""

from typing import Final

from services.assessment.rebuilding.service import READ_MODEL
from shared.rebuilding.commands import rebuild_command

REBUILD: Final = rebuild_command(READ_MODEL)
