"""The governments that have a name here: the province, 29 regencies and 6 cities of Central Java.

Four names stand for a regency and a city (Magelang, Pekalongan, Semarang, Tegal): a name identifies nobody.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Government:
    """`code` is Kemendagri's; `type` is Provinsi, Kabupaten or Kota."""

    code: str
    type: str
    name: str


def _read() -> Mapping[str, Government]:
    text = (resources.files(__package__) / "governments.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["code"]: Government(**row) for row in csv.DictReader(text.splitlines())})


GOVERNMENTS: Final = _read()
"""By code. A region that is missing here is ranked all the same, without a name."""
