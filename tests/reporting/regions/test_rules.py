"""The governments by name."""

from services.reporting.regions.rules import GOVERNMENTS


def test_all_36_governments_of_central_java() -> None:
    assert len(GOVERNMENTS) == 36
    kinds = [government.type for government in GOVERNMENTS.values()]
    assert (kinds.count("Provinsi"), kinds.count("Kabupaten"), kinds.count("Kota")) == (1, 29, 6)


def test_a_regency_and_a_city_of_the_same_name_are_two() -> None:
    assert {code for code, government in GOVERNMENTS.items() if government.name == "Semarang"} == {
        "33.22",
        "33.74",
    }
