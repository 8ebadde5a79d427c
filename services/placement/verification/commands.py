"""`verify` of placement."""

from typing import Final

from services.placement.verification.queries import EMPLOYEES, RESULTS
from services.placement.verification.service import examine_talents
from shared.verification.commands import Followed, verify_command
from shared.verification.examination import Check

VERIFY: Final = verify_command(
    [Check("derived.talent", examine_talents)],
    [
        Followed(EMPLOYEES, url=lambda settings: settings.profile_url),
        Followed(RESULTS, url=lambda settings: settings.assessment_url),
    ],
)
