"""What can go wrong with regions."""

from shared.http.errors import NotFound


class RegionNotFound(NotFound):
    """No employee of that region has ever been reported."""

    code = "region_not_found"
    title_id = "Wilayah tidak ditemukan atau belum memiliki data"
    title_en = "The region does not exist or has no data yet"
