"""What a token may be used for."""

from enum import StrEnum


class Scope(StrEnum):
    """Spelled as in the token's `scope` claim."""

    PROFILE_READ = "profile:read"
    PROFILE_WRITE = "profile:write"
    ASSESSMENT_READ = "assessment:read"
    ASSESSMENT_WRITE = "assessment:write"
    PLACEMENT_READ = "placement:read"
    REPORTING_READ = "reporting:read"
    STATES_VERIFY = "states:verify"
