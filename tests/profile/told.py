"""What a source tells: an employee and his number, both invented."""

from typing import Any, Final

NIP: Final = "198703122010011001"
OTHER_NIP: Final = "199001152015042003"
PPPK_NIP: Final = "199205202023211002"


def employee(**changes: Any) -> dict[str, Any]:
    """A body that breaks no rule and raises no warning, with changes."""
    return {
        "name": "Contoh Sintetis",
        "kind": "PNS",
        "region": "33.74",
        "unit_id": "33.74-dinkes",
        "post": {
            "title": "Kepala Bidang",
            "level": "ADMINISTRATOR",
            "eselon": "III.b",
            "since": "2021-02-01",
        },
        "golongan": "IV/a",
        "kedudukan_hukum": "01",
        "retires_on": "2045-04-01",
        "education": "S-2",
        "field_match": True,
        "development": True,
        "experience": {"years": 6.5, "variety": "LINTAS_UNIT_ORGANISASI", "substance": True},
        "discipline": [{"level": "RINGAN", "imposed_on": "2019-05-01", "until": "2020-05-01"}],
    } | changes


def row(nip: str, **changes: Any) -> dict[str, Any]:
    """The same as a row of a batch."""
    return {"nip": nip, **employee(**changes)}


def nip_of(number: int) -> str:
    """The NIP of the invented employee of this number, below 900,000."""
    group, sequence = divmod(number, 900)
    year, month = divmod(group, 12)
    return f"{1970 + year % 30}0101{2010 + year // 30:04}{month + 1:02}1{sequence + 1:03}"
