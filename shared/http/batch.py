"""Batches of up to 1,000 rows, each checked alone: the good ones are taken, each bad one is told why.

class EmployeeBatch(BaseModel):
    employees: Rows[EmployeeRow]

for row in body.employees.accepted: …            # Row(index, value)
results += [rejected(rejection.index, rejection.problem(), language) for rejection in body.employees.rejected]
return BatchAnswer.of(results)
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, Self, TypeVar, get_args

from pydantic import BaseModel, Field, GetCoreSchemaHandler, TypeAdapter, ValidationError, ValidationInfo
from pydantic_core import PydanticKnownError, core_schema

from shared.http.errors import InvalidInput, Problem, Violation
from shared.http.handlers import RowProblem, body_of
from shared.http.language import Language
from shared.http.validation import violations_of

R = TypeVar("R")
MOST_ROWS: Final = 1000
_MOST_TOLD: Final = 10_000
"""Things wrong in one batch, of which each is told; rows behind that are rejected without them."""
_UNTOLD: Final = Violation(
    "",
    "too_many_errors",
    "terlalu banyak kesalahan dalam permintaan ini; perbaiki baris sebelumnya dahulu",
    "too much is wrong in this request; mend the rows before this one first",
)


@dataclass(frozen=True, slots=True)
class Row(Generic[R]):
    """A row that keeps the rules of its schema; `index` is its place in what was sent."""

    index: int
    value: R


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that does not. Pointers go from the whole body: `/employees/3/nip`."""

    index: int
    violations: tuple[Violation, ...]

    def problem(self) -> InvalidInput:
        return InvalidInput(errors=self.violations)


class Rows(Generic[R]):
    """A field of a request body: a list of which each row is validated alone. `name` is the field's name."""

    __slots__ = ("accepted", "name", "rejected")

    def __init__(self, name: str, accepted: tuple[Row[R], ...], rejected: tuple[Rejection, ...]) -> None:
        self.name = name
        self.accepted = accepted
        self.rejected = rejected

    def pointer(self, index: int) -> str:
        """Where the row stands in the body."""
        return f"/{self.name}/{index}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        (row,) = get_args(source)
        adapter: TypeAdapter[Any] = TypeAdapter(row)

        def check(value: Any, _: Any, info: ValidationInfo) -> Rows[Any]:
            return _check_rows(value, info.field_name or "", adapter)

        # The inner list is never run: it gives the OpenAPI document the schema of a row.
        documented = core_schema.list_schema(handler.generate_schema(row), min_length=1, max_length=MOST_ROWS)
        return core_schema.with_info_wrap_validator_function(check, documented)


def _check_rows(value: Any, name: str, adapter: TypeAdapter[R]) -> Rows[R]:
    if not isinstance(value, list):
        raise PydanticKnownError("list_type")
    if not value:
        raise PydanticKnownError("too_short", {"field_type": "List", "min_length": 1, "actual_length": 0})
    if len(value) > MOST_ROWS:
        bound = {"field_type": "List", "max_length": MOST_ROWS, "actual_length": len(value)}
        raise PydanticKnownError("too_long", bound)
    accepted: list[Row[R]] = []
    rejected: list[Rejection] = []
    left = _MOST_TOLD
    for index, raw in enumerate(value):
        try:
            accepted.append(Row(index, adapter.validate_python(raw)))
        except ValidationError as error:
            left -= error.error_count()
            found = _violations(error, raw) if left >= 0 else (_UNTOLD,)
            rejected.append(Rejection(index, tuple(one.below(f"/{name}/{index}") for one in found)))
    return Rows(name, tuple(accepted), tuple(rejected))


def _violations(error: ValidationError, row: Any) -> tuple[Violation, ...]:
    return violations_of(error.errors(include_url=False, include_input=False), row, inside=True)


class Outcome(StrEnum):
    """What became of a row. RECEIVED is kept and takes effect later; it has no token yet."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    RECEIVED = "received"
    REJECTED = "rejected"


class RowWarning(BaseModel):
    """Something odd about a row that was taken all the same."""

    code: str = Field(examples=["nip_young_appointment"])
    message: str = Field(examples=["menurut NIP diangkat sebelum usia 18 tahun"])


class RowResult(BaseModel):
    """The answer to one row."""

    index: int = Field(description="The row's place in the request, from 0", examples=[0])
    status: int = Field(description="The HTTP status that the row alone would have had", examples=[201])
    outcome: Outcome
    id: str | None = Field(default=None, examples=["0198c0de-0000-7000-8000-000000000001"])
    token: str | None = Field(
        default=None,
        description="Talenta-Token of this row",
        examples=["profile.employees/0198c0de-0000-7000-8000-000000000001@1"],
    )
    warnings: tuple[RowWarning, ...] = ()
    problem: RowProblem | None = Field(default=None, description="Why the row was rejected")


class BatchAnswer(BaseModel):
    """The answers in the order of the rows, and how many there are of each outcome."""

    results: list[RowResult]
    counts: dict[Outcome, int] = Field(examples=[{"created": 998, "rejected": 2}])

    @classmethod
    def of(cls, results: Iterable[RowResult]) -> Self:
        ordered = sorted(results, key=lambda result: result.index)
        return cls(results=ordered, counts=dict(Counter(result.outcome for result in ordered)))


def rejected(index: int, problem: Problem, language: Language, *, within: str = "") -> RowResult:
    """The result of a row that was not taken. `within` is put before pointers that begin at the row."""
    return RowResult(
        index=index,
        status=problem.status,
        outcome=Outcome.REJECTED,
        problem=RowProblem.model_validate(body_of(problem, language, within=within)),
    )
