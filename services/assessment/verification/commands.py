"""`verify` of assessment."""

from typing import Final

from services.assessment.verification.queries import EMPLOYEES
from services.assessment.verification.service import examine_links, examine_results, examine_waiting
from shared.verification.commands import Followed, verify_command
from shared.verification.examination import Check

VERIFY: Final = verify_command(
    [
        Check("derived.result", examine_results),
        Check("source.nip_subject", examine_links),
        Check("source.unmatched", examine_waiting),
    ],
    [Followed(EMPLOYEES, url=lambda settings: settings.profile_url)],
)
