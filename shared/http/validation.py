"""What pydantic found wrong, as violations: where by JSON pointer, what by code, why in both languages.

Messages are ours: pydantic's repeat the input, and input may be somebody's NIP or name.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from shared.asn.nip import mask_in
from shared.http.errors import Violation

MOST_VIOLATIONS: Final = 100
"""Told at most in one answer; who breaks more rules than that learns of the rest when these are mended."""
_LOCATIONS: Final = frozenset({"body", "query", "path", "header", "cookie"})
_LONGEST_KEY: Final = 64
_SEPARATOR: Final = " / "

_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "missing": ("wajib diisi", "is required"),
    "extra_forbidden": ("tidak dikenal", "is not known"),
    "string_type": ("harus berupa teks", "must be a text"),
    "string_too_short": ("paling sedikit {min_length} karakter", "at least {min_length} characters"),
    "string_too_long": ("paling banyak {max_length} karakter", "at most {max_length} characters"),
    "string_pattern_mismatch": ("tidak sesuai pola {pattern}", "does not match the pattern {pattern}"),
    "string_unicode": ("bukan teks Unicode yang sah", "is not valid Unicode text"),
    "int_type": ("harus berupa bilangan bulat", "must be a whole number"),
    "int_parsing": ("harus berupa bilangan bulat", "must be a whole number"),
    "int_from_float": ("harus berupa bilangan bulat", "must be a whole number"),
    "int_parsing_size": ("bilangan terlalu besar", "the number is too large"),
    "float_type": ("harus berupa bilangan", "must be a number"),
    "float_parsing": ("harus berupa bilangan", "must be a number"),
    "finite_number": ("harus berupa bilangan terhingga", "must be a finite number"),
    "decimal_type": ("harus berupa bilangan", "must be a number"),
    "decimal_parsing": ("harus berupa bilangan", "must be a number"),
    "decimal_max_digits": ("paling banyak {max_digits} angka", "at most {max_digits} digits"),
    "decimal_max_places": (
        "paling banyak {decimal_places} angka di belakang koma",
        "at most {decimal_places} decimal places",
    ),
    "decimal_whole_digits": (
        "paling banyak {whole_digits} angka di depan koma",
        "at most {whole_digits} digits before the decimal point",
    ),
    "greater_than": ("harus lebih dari {gt}", "must be more than {gt}"),
    "greater_than_equal": ("paling kecil {ge}", "must be at least {ge}"),
    "less_than": ("harus kurang dari {lt}", "must be less than {lt}"),
    "less_than_equal": ("paling besar {le}", "must be at most {le}"),
    "multiple_of": ("harus kelipatan {multiple_of}", "must be a multiple of {multiple_of}"),
    "bool_type": ("harus true atau false", "must be true or false"),
    "bool_parsing": ("harus true atau false", "must be true or false"),
    "enum": ("harus salah satu dari {expected}", "must be one of {expected}"),
    "literal_error": ("harus salah satu dari {expected}", "must be one of {expected}"),
    "date_type": ("harus tanggal TTTT-BB-HH", "must be a date YYYY-MM-DD"),
    "date_parsing": ("harus tanggal TTTT-BB-HH", "must be a date YYYY-MM-DD"),
    "date_from_datetime_parsing": ("harus tanggal TTTT-BB-HH", "must be a date YYYY-MM-DD"),
    "date_from_datetime_inexact": ("harus tanggal tanpa jam", "must be a date without a time"),
    "date_past": ("harus tanggal yang sudah lewat", "must be a date in the past"),
    "date_future": ("harus tanggal yang akan datang", "must be a date in the future"),
    "datetime_type": ("harus waktu menurut RFC 3339", "must be a time as in RFC 3339"),
    "datetime_parsing": ("harus waktu menurut RFC 3339", "must be a time as in RFC 3339"),
    "datetime_from_date_parsing": ("harus waktu menurut RFC 3339", "must be a time as in RFC 3339"),
    "timezone_aware": ("waktu harus menyebut zona", "the time must name its zone"),
    "uuid_type": ("harus UUID", "must be a UUID"),
    "uuid_parsing": ("harus UUID", "must be a UUID"),
    "uuid_version": ("versi UUID tidak sesuai", "the UUID has the wrong version"),
    "list_type": ("harus berupa daftar", "must be a list"),
    "tuple_type": ("harus berupa daftar", "must be a list"),
    "dict_type": ("harus berupa objek", "must be an object"),
    "model_type": ("harus berupa objek", "must be an object"),
    "model_attributes_type": ("harus berupa objek", "must be an object"),
    "too_short": ("paling sedikit {min_length} unsur", "at least {min_length} items"),
    "too_long": ("paling banyak {max_length} unsur", "at most {max_length} items"),
    "union_tag_invalid": ("harus salah satu dari {expected_tags}", "must be one of {expected_tags}"),
    "union_tag_not_found": ("jenisnya wajib disebut", "must say which kind it is"),
    "none_required": ("harus kosong (null)", "must be null"),
}
_OTHER: Final = ("nilai tidak sah", "is not valid")


def violations_of(
    errors: Iterable[Mapping[str, Any]], body: Any, *, inside: bool = False
) -> tuple[Violation, ...]:
    """Violations for pydantic's `errors()`, with pointers into `body`.

    With `inside` the locations begin in the body itself; else their first part names where the value stood, as
    FastAPI gives it.
    """
    found = (
        _violation(error, body, inside=inside) for _, error in zip(range(MOST_VIOLATIONS), errors, strict=False)
    )
    # The branches of a union complain one by one about the same place.
    return tuple(dict.fromkeys(found))


def _violation(error: Mapping[str, Any], body: Any, *, inside: bool) -> Violation:
    code: str = error["type"]
    path: Sequence[str | int] = error["loc"]
    location = "body"
    if not inside and path and path[0] in _LOCATIONS:
        location, path = str(path[0]), path[1:]
    if location == "body":
        path = _real_path(path, body, names_absent=code == "missing")
    indonesian, english = _message(code, error)
    return Violation(pointer_to(path), code, indonesian, english, location)


def _real_path(path: Sequence[str | int], body: Any, *, names_absent: bool) -> list[str | int]:
    """`path` without what pydantic adds for its own branches (the tags of unions): only steps that exist."""
    steps: list[str | int] = []
    for depth, step in enumerate(path):
        if _has(body, step):
            body = body[step]
        elif not (names_absent and depth == len(path) - 1):
            continue
        steps.append(step)
    return steps


def _has(body: Any, step: str | int) -> bool:
    if isinstance(body, Mapping):
        return step in body
    return isinstance(body, list) and isinstance(step, int) and step < len(body)


def pointer_to(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901). Keys are the sender's own words, as `shown`."""
    escaped = (shown(str(step)).replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in escaped)


def shown(key: str) -> str:
    """A key as an answer may repeat it: shortened, a NIP in it masked."""
    return mask_in(key)[:_LONGEST_KEY]


def _message(code: str, error: Mapping[str, Any]) -> tuple[str, str]:
    """Both languages. A validator of ours raises `Indonesian / English`; any other text of one is not trusted."""
    if code not in _MESSAGES:
        text = str(error.get("msg", "")).removeprefix("Value error, ").removeprefix("Assertion failed, ")
        indonesian, separator, english = text.partition(_SEPARATOR)
        return (indonesian, english) if separator else _OTHER
    indonesian, english = _MESSAGES[code]
    bounds: Mapping[str, Any] = error.get("ctx", {})
    try:
        return indonesian.format_map(_localised(bounds)), english.format_map(bounds)
    except KeyError:  # a validator of ours that took a code of pydantic's, without its bounds
        return _OTHER


def _localised(bounds: Mapping[str, Any]) -> dict[str, Any]:
    # pydantic joins the allowed values in English: 'A', 'B' or 'C'.
    return {
        name: value.replace(" or ", " atau ") if isinstance(value, str) else value
        for name, value in bounds.items()
    }
