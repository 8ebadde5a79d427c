"""Scopes of ranks."""

from services.reporting.ranks.rules import Scope, scopes_of


def test_everybody_counts_in_six_histograms() -> None:
    names = scopes_of("33.74", "PELAKSANA")
    assert names == {
        Scope.REGION: "region/33.74",
        Scope.LEVEL: "region/33.74/PELAKSANA",
        Scope.PROVINCE: "province/33",
        Scope.PROVINCE_LEVEL: "province/33/PELAKSANA",
        Scope.NATION: "nation",
        Scope.NATION_LEVEL: "nation/PELAKSANA",
    }


def test_the_government_of_the_province_is_not_the_province() -> None:
    names = scopes_of("33", "PELAKSANA")
    assert (names[Scope.REGION], names[Scope.PROVINCE]) == ("region/33", "province/33")
    assert len(set(names.values())) == 6
