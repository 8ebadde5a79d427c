"""`verify` of profile, which has no upstream."""

from typing import Final

from services.profile.verification.service import examine_fingerprints
from shared.verification.commands import verify_command
from shared.verification.examination import Check

VERIFY: Final = verify_command([Check("source.employee", examine_fingerprints)])
