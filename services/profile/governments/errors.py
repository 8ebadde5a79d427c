"""What can go wrong where a region is named."""

from shared.http.errors import InvalidInput, Violation


def region_unknown(location: str = "body") -> InvalidInput:
    """The region is none of the governments that this installation serves."""
    violation = Violation(
        "/region",
        "region_unknown",
        "bukan pemerintah daerah yang dilayani di sini",
        "is no government that is served here",
        location,
    )
    return InvalidInput(errors=[violation])
