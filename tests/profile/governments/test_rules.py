"""The governments of Central Java."""

from collections import Counter

from services.profile.governments.rules import GOVERNMENTS


def test_there_are_36_of_three_types() -> None:
    assert Counter(government.type for government in GOVERNMENTS.values()) == {
        "Provinsi": 1,
        "Kabupaten": 29,
        "Kota": 6,
    }


def test_codes_of_kemendagri_and_bkn_are_told_apart() -> None:
    # Neither follows from the other.
    assert {code: GOVERNMENTS[code].bkn_code for code in ("33", "33.01", "33.22", "33.74", "33.76")} == {
        "33": "6400",
        "33.01": "6416",
        "33.22": "6401",
        "33.74": "6471",
        "33.76": "6474",
    }
    assert len({government.bkn_code for government in GOVERNMENTS.values()}) == 36


def test_four_names_stand_for_a_regency_and_a_city() -> None:
    names = Counter(government.name for government in GOVERNMENTS.values())
    assert {name for name, count in names.items() if count > 1} == {"Magelang", "Pekalongan", "Semarang", "Tegal"}
