"""Golongan of PNS and PPPK as in BKN's reference."""

import pytest

from shared.asn.golongan import PNS_GOLONGAN, PPPK_GOLONGAN, check_golongan


@pytest.mark.parametrize("golongan", ["I/a", "III/d", "IV/e", "I", "IX", "XVII"])
def test_known_golongan_holds(golongan: str) -> None:
    assert check_golongan(golongan) == golongan


@pytest.mark.parametrize("golongan", ["I/e", "V/a", "IV/f", "XVIII", "iii/a", "III-a", ""])
def test_unknown_golongan_is_refused(golongan: str) -> None:
    with pytest.raises(ValueError, match="golongan tidak dikenal"):
        check_golongan(golongan)


def test_there_are_seventeen_of_each() -> None:
    assert (len(PNS_GOLONGAN), len(PPPK_GOLONGAN)) == (17, 17)
    assert not PNS_GOLONGAN & PPPK_GOLONGAN
