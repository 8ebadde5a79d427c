"""What can go wrong with employees: the problem of every refusal."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from services.profile.employees.rules import Refusal
from services.profile.governments.errors import region_unknown
from shared.http.errors import InvalidInput, NotFound, OutsidePopulation, Problem, Violation


class EmployeeNotFound(NotFound):
    """No such employee, or none in the caller's population: the answer is the same."""

    code = "employee_not_found"
    title_id = "Pegawai tidak ditemukan"
    title_en = "Employee not found"


class VersionDiffers(Problem):
    """The employee has changed since the sender read the record, or does not exist."""

    status = 412
    code = "version_differs"
    title_id = "Data pegawai sudah berubah sejak dibaca"
    title_en = "The employee has changed since it was read"


def _invalid(pointer: str, refusal: Refusal, detail_id: str, detail_en: str) -> Callable[[], Problem]:
    return lambda: InvalidInput(errors=[Violation(pointer, refusal, detail_id, detail_en)])


_PROBLEMS: Final[Mapping[Refusal, Callable[[], Problem]]] = {
    Refusal.NIP_KIND_MISMATCH: _invalid(
        "/nip",
        Refusal.NIP_KIND_MISMATCH,
        "angka 13-14 NIP PNS harus bulan 01-12",
        "digits 13-14 of a PNS's NIP are a month 01-12",
    ),
    Refusal.NIP_REPEATED: _invalid(
        "/nip",
        Refusal.NIP_REPEATED,
        "NIP ini sudah muncul di baris sebelumnya",
        "this NIP stands in an earlier row already",
    ),
    Refusal.REGION_UNKNOWN: region_unknown,
    Refusal.REGION_OUTSIDE: OutsidePopulation,
    Refusal.EMPLOYEE_OUTSIDE: lambda: OutsidePopulation(
        "Pegawai ini tercatat di wilayah di luar kewenangan Anda",
        "This employee is recorded in a region that you are not entitled to",
    ),
    Refusal.UNIT_ELSEWHERE: _invalid(
        "/unit_id",
        Refusal.UNIT_ELSEWHERE,
        "unit ini milik wilayah lain",
        "this unit belongs to another region",
    ),
    Refusal.VERSION_DIFFERS: VersionDiffers,
}


def problem_of(refusal: Refusal, *, nip_in: str = "body") -> Problem:
    """The problem of a refused row. Pointers start at the row; `nip_in` is where the NIP stood: body or path."""
    problem = _PROBLEMS[refusal]()
    problem.errors = tuple(
        replace(violation, location=nip_in) if violation.pointer == "/nip" else violation
        for violation in problem.errors
    )
    return problem
