"""Golongan ruang: I/a to IV/e for PNS, I to XVII for PPPK (BKN reference)."""

from typing import Annotated, Final

from pydantic import AfterValidator

PNS_GOLONGAN: Final = frozenset(
    [f"{group}/{room}" for group in ("I", "II", "III") for room in "abcd"] + [f"IV/{room}" for room in "abcde"],
)
PPPK_GOLONGAN: Final = frozenset(
    ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII"],
)


def check_golongan(value: str) -> str:
    """Return `value` when BKN's reference knows it. Raises ValueError otherwise."""
    if value not in PNS_GOLONGAN | PPPK_GOLONGAN:
        raise ValueError("golongan tidak dikenal / unknown golongan")
    return value


Golongan = Annotated[str, AfterValidator(check_golongan)]
