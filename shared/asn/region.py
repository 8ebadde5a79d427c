"""Region codes of Kemendagri: `33` is the provincial government itself, `33.74` a regency or city.

A population spells `33.*` for the province and all in it; BKN's own codes are never derived from these.
"""

from typing import Annotated, Final

from pydantic import StringConstraints

REGION_CODE: Final = r"^[0-9]{2}(\.[0-9]{2})?$"
REGION_PATTERN: Final = r"^[0-9]{2}(\.([0-9]{2}|\*))?$"

RegionCode = Annotated[str, StringConstraints(pattern=REGION_CODE)]
RegionPattern = Annotated[str, StringConstraints(pattern=REGION_PATTERN)]


def province_of(code: str) -> str:
    """`33.74` → `33`; a province is its own province."""
    return code[:2]


def covers(pattern: str, code: str) -> bool:
    """True when the region `code` lies in `pattern` (`33`, `33.74` or `33.*`)."""
    return province_of(code) == pattern[:2] if pattern.endswith(".*") else pattern == code
