"""What can go wrong with policies."""

from shared.http.errors import NotFound


class PolicyNotFound(NotFound):
    """There is no talent policy of that id."""

    code = "policy_not_found"
    title_id = "Kebijakan talenta tidak ditemukan"
    title_en = "Talent policy not found"
