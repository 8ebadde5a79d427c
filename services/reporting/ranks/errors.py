"""What can go wrong with ranks."""

from shared.http.errors import NotFound


class EmployeeNotRanked(NotFound):
    """No evaluated employee by that id whom the caller may know of."""

    code = "employee_not_ranked"
    title_id = "Pegawai tidak ditemukan dalam peringkat"
    title_en = "No such employee in the ranking"
