"""`verify` of reporting."""

from typing import Final

from services.reporting.verification.queries import TALENTS
from services.reporting.verification.service import examine_copies, examine_histograms, examine_sums
from shared.verification.commands import Followed, verify_command
from shared.verification.examination import Check

VERIFY: Final = verify_command(
    [
        Check("derived.folded", examine_copies),
        Check("derived.region_tally", examine_sums),
        Check("derived.value_histogram", examine_histograms),
    ],
    [Followed(TALENTS, url=lambda settings: settings.placement_url)],
)
