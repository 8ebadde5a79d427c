"""What can be wrong when results are read."""

from shared.http.errors import NotFound


class EmployeeUnknown(NotFound):
    """No employee with this id has arrived, or he lies outside the caller's population: nobody learns which."""

    code = "employee_unknown"
    title_id = "Pegawai tidak dikenal"
    title_en = "The employee is not known"
