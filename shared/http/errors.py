"""Everything that can go wrong, as one tree. Each error is a sentence about the matter and carries its status.

Problem
├── MalformedJson 400            ├── NotFound 404               ├── InternalError 500
├── MalformedRequest 400         ├── MethodNotAllowed 405       └── Unavailable 503
├── InvalidAfterToken 400 (after.py)                                ├── DatabaseUnavailable
├── InvalidCursor 400 (pagination.py)                               ├── IssuerUnavailable
├── NotAuthenticated 401         ├── TooSlow 408                    ├── Overloaded
├── ScopeMissing 403             ├── ContentTooLarge 413            └── WritesPaused, NoBulkTurn (pressure.py)
├── OutsidePopulation 403        ├── UnsupportedMediaType 415
│                                ├── InvalidInput 422
└── InvalidKey 400, KeyInFlight 409, KeyReused 422 (idempotency.py)

A slice declares its own in `errors.py`, as subclasses of Problem or of one of these:

    class EmployeeNotFound(NotFound):
        code = "employee_not_found"
        title_id = "Pegawai tidak ditemukan"
        title_en = "Employee not found"

On the wire each is a problem detail (RFC 9457) whose type is `/problems/<code>`; `handlers.py` renders them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with the input. `pointer` is a JSON pointer (RFC 6901) into `location`.

    `location` is `body`, `query`, `path`, `header` or `cookie`; outside the body the pointer is `/<name>`.
    """

    pointer: str
    code: str
    detail_id: str
    detail_en: str
    location: str = "body"

    def below(self, prefix: str) -> "Violation":
        """The same violation seen from the whole body, e.g. below `/employees/3`."""
        return Violation(prefix + self.pointer, self.code, self.detail_id, self.detail_en, self.location)


class Problem(Exception):
    """Raise a subclass; whoever asked gets a problem detail in his language, and nothing is written."""

    status: ClassVar[int]
    code: ClassVar[str]
    title_id: ClassVar[str]
    title_en: ClassVar[str]

    def __init__(
        self,
        detail_id: str = "",
        detail_en: str = "",
        *,
        errors: Sequence[Violation] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail_en or self.title_en)
        self.detail_id = detail_id or self.title_id
        self.detail_en = detail_en or self.title_en
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    @classmethod
    def advice(cls) -> tuple[str, str]:
        """What whoever got this problem can do, Indonesian and English."""
        if cls.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return (
                "Ulangi setelah Retry-After; bila berlanjut, laporkan dengan request_id",
                "Try again after Retry-After; if it goes on, report it with the request_id",
            )
        return (
            "Perbaiki permintaan menurut detail dan errors; mengulang tanpa perubahan tidak menolong",
            "Mend the request as detail and errors say; repeating it unchanged does not help",
        )


def every_problem(root: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """All problems known to this process, the root left out."""
    for problem in root.__subclasses__():
        yield problem
        yield from every_problem(problem)


class MalformedJson(Problem):
    """The body is no JSON."""

    status = 400
    code = "malformed_json"
    title_id = "Isi permintaan bukan JSON yang sah"
    title_en = "The body is not valid JSON"


class MalformedRequest(Problem):
    """The request cannot be understood at all."""

    status = 400
    code = "malformed_request"
    title_id = "Permintaan tidak dapat dipahami"
    title_en = "The request cannot be understood"


class NotAuthenticated(Problem):
    """No token, or none that holds."""

    status = 401
    code = "not_authenticated"
    title_id = "Token tidak ada atau tidak berlaku"
    title_en = "The token is missing or does not hold"


class ScopeMissing(Problem):
    """The caller is known, and the token lacks the scope that the call needs."""

    status = 403
    code = "scope_missing"
    title_id = "Token tidak memuat cakupan (scope) yang diperlukan"
    title_en = "The token lacks the scope that is needed"


class OutsidePopulation(Problem):
    """The region or the person lies outside what the caller may touch."""

    status = 403
    code = "outside_population"
    title_id = "Di luar wilayah atau unit yang menjadi kewenangan Anda"
    title_en = "Outside the regions or units that you are entitled to"


class NotFound(Problem):
    """Nothing there, or nothing that the caller may know of."""

    status = 404
    code = "not_found"
    title_id = "Tidak ditemukan"
    title_en = "Not found"


class MethodNotAllowed(Problem):
    """The address exists, and does not take this method."""

    status = 405
    code = "method_not_allowed"
    title_id = "Metode HTTP tidak didukung di alamat ini"
    title_en = "This address does not take that HTTP method"


class TooSlow(Problem):
    """The body did not arrive whole within the time for it."""

    status = 408
    code = "too_slow"
    title_id = "Isi permintaan tidak tiba pada waktunya"
    title_en = "The body did not arrive in time"


class ContentTooLarge(Problem):
    """The body is larger than the bound."""

    status = 413
    code = "content_too_large"
    title_id = "Isi permintaan terlalu besar"
    title_en = "The body is too large"


class UnsupportedMediaType(Problem):
    """The body is not declared as JSON."""

    status = 415
    code = "unsupported_media_type"
    title_id = "Jenis isi tidak didukung; kirim application/json"
    title_en = "Unsupported media type; send application/json"


class InvalidInput(Problem):
    """The input breaks a rule; `errors` says where and which."""

    status = 422
    code = "invalid_input"
    title_id = "Masukan tidak memenuhi aturan"
    title_en = "The input breaks a rule"


class InternalError(Problem):
    """A fault of ours. The log knows more under the request id; the answer does not."""

    status = 500
    code = "internal_error"
    title_id = "Terjadi kesalahan di pihak kami"
    title_en = "Something went wrong on our side"


class Unavailable(Problem):
    """Something that we need is away for the moment."""

    status = 503
    code = "unavailable"
    title_id = "Layanan sedang tidak tersedia"
    title_en = "The service is not available at the moment"
    retry_after: ClassVar[int] = 2
    """Seconds after which asking again makes sense."""

    def __init__(self, detail_id: str = "", detail_en: str = "") -> None:
        super().__init__(detail_id, detail_en, headers={"Retry-After": str(self.retry_after)})


class DatabaseUnavailable(Unavailable):
    """The database is away, or too busy to take this."""

    code = "database_unavailable"
    title_id = "Basis data sedang tidak tersedia"
    title_en = "The database is not available at the moment"


class IssuerUnavailable(Unavailable):
    """The keys of the token issuer cannot be read, so that nobody can be known."""

    code = "issuer_unavailable"
    title_id = "Penerbit token sedang tidak dapat dihubungi"
    title_en = "The issuer of tokens cannot be reached at the moment"


class Overloaded(Unavailable):
    """More requests are in flight, or more reads wait, than this process takes."""

    code = "overloaded"
    title_id = "Layanan sedang penuh"
    title_en = "The service is full at the moment"
    retry_after = 1
