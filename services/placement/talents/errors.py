"""What can go wrong with talents."""

from shared.http.errors import NotFound


class TalentNotFound(NotFound):
    """No evaluated employee by that id whom the caller may know of."""

    code = "talent_not_found"
    title_id = "Talenta tidak ditemukan"
    title_en = "Talent not found"
