"""NIP: eighteen digits that identify a civil servant at a time. Correctable, so never a key between services.

Digits 1-8 birth date, 9-12 year of appointment, 13-14 month of appointment (PNS) or count of contracts
(PPPK), 15 sex, 16-18 sequence (Perka BKN 22/2007 and 43/2007). There is no check digit.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from shared.asn.employment import EmployeeKind

_LENGTH: Final = 18
_MONTHS: Final = range(1, 13)
_FIRST_PPPK_COUNT: Final = 20
_ADULT: Final = 18
_SHOWN: Final = 4
_GAP: Final = r"(?:[ .\-\u00a0]|%20)?"
IN_TEXT: Final = re.compile(
    r"\d\d(?:\d{16}(?<!\d{19})(?!\d)"
    rf"|(?<=19|20)(?:{_GAP}\d){{5,7}}{_GAP}(?:19|20)(?:{_GAP}\d){{7}}(?:{_GAP}\d\d*)?)"
)
"""Finds in any text, for masking, what is a NIP or was meant as one.

That is any number of 18 digits; and one with a digit too many or too few where it begins as a NIP does: with 19
or 20, and the same again after the date of birth. The latter also in groups, `19870312 201001 1 001`, with a
blank, dot or hyphen between. Not found are other numbers, however long (ids, times, versions), and a NIP with more
mistakes.

It begins with digits, which is found fastest: every line is searched.
"""


@dataclass(frozen=True, slots=True)
class NipWarning:
    """A soft finding: real records contain it, so it is told and never refused."""

    code: str
    message_id: str
    message_en: str


class Nip(str):
    """A NIP that passed the hard rules common to PNS and PPPK: shape, real birth date, sex, sequence."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "Nip":
        """Check `text`. Raises ValueError that says which digits are wrong, without repeating them."""
        if len(text) != _LENGTH or not (text.isascii() and text.isdigit()):
            raise ValueError("NIP harus 18 angka / a NIP has 18 digits")
        try:
            date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            raise ValueError(
                "angka 1-8 NIP bukan tanggal lahir / digits 1-8 of the NIP are no birth date",
            ) from None
        if text[:2] not in {"19", "20"} or text[8:10] not in {"19", "20"}:
            raise ValueError("tahun pada NIP di luar 1900-2099 / a year in the NIP lies outside 1900-2099")
        if text[14] not in "12":
            raise ValueError("angka 15 NIP harus 1 atau 2 / digit 15 of the NIP is 1 or 2")
        if text[15:] == "000":
            raise ValueError("nomor urut NIP mulai dari 001 / the sequence of a NIP starts at 001")
        return cls(text)

    @property
    def birth_date(self) -> date:
        return date(int(self[:4]), int(self[4:6]), int(self[6:8]))

    def check_kind(self, kind: EmployeeKind) -> tuple[NipWarning, ...]:
        """What is unusual about this NIP for an employee of `kind`.

        Raises ValueError where digits 13-14 of a PNS are no month (Perka BKN 22/2007).
        """
        appointment = int(self[12:14])
        warnings: list[NipWarning] = []
        if kind is EmployeeKind.PNS and appointment not in _MONTHS:
            raise ValueError(
                "angka 13-14 NIP PNS harus bulan 01-12 / digits 13-14 of a PNS's NIP are a month 01-12",
            )
        if kind is EmployeeKind.PPPK and appointment < _FIRST_PPPK_COUNT:
            warnings.append(
                NipWarning(
                    "nip_pppk_count",
                    "angka 13-14 NI PPPK lazimnya 20 atau lebih",
                    "digits 13-14 of a PPPK's number are usually 20 or more",
                ),
            )
        if int(self[8:12]) - int(self[:4]) < _ADULT:
            warnings.append(
                NipWarning(
                    "nip_young_appointment",
                    "menurut NIP diangkat sebelum usia 18 tahun",
                    "by the NIP appointed before the age of 18",
                ),
            )
        return tuple(warnings)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls._validate,
            core_schema.str_schema(),
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def _validate(cls, text: str) -> "Nip":
        try:
            return cls.parse(text)
        except ValueError as error:
            # A code of its own, and a message that does not repeat the number.
            raise PydanticCustomError("nip_invalid", "{reason}", {"reason": str(error)}) from None

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "type": "string",
            "title": "NIP",
            "pattern": r"^(19|20)\d{6}(19|20)\d{4}[12]\d{3}$",
            "examples": ["198703122010011001"],
        }


def mask_in(text: str) -> str:
    """`text` with every NIP in it masked; for logs, also where one stands in a path."""
    return IN_TEXT.sub(lambda found: found.group()[:_SHOWN] + "*" * (_LENGTH - _SHOWN), text)
