"""What can go wrong where a region is named."""

from shared.http.errors import InvalidInput, Violation


def region_unknown(location: str = "body") -> InvalidInput:
    """The problem of a region that is none of the governments served here; `location` is where it was named."""
    violation = Violation(
        "/region",
        "region_unknown",
        "bukan pemerintah daerah yang dilayani di sini",
        "is no government that is served here",
        location,
    )
    return InvalidInput(errors=[violation])
