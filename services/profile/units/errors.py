"""What can go wrong with units."""

from shared.http.errors import InvalidInput, NotFound, Violation


class UnitNotFound(NotFound):
    """No such unit, or none in the caller's population: the answer is the same."""

    code = "unit_not_found"
    title_id = "Unit tidak ditemukan"
    title_en = "Unit not found"


class UnitStaysInItsRegion(InvalidInput):
    """A unit of one government cannot become that of another."""

    code = "unit_region_fixed"
    title_id = "Unit tidak dapat pindah wilayah"
    title_en = "A unit cannot move to another region"


class ParentDoesNotFit(InvalidInput):
    """The parent is unknown, of another region, or stands below the unit itself."""

    code = "unit_parent_invalid"
    title_id = "Unit atasan tidak dapat dipakai"
    title_en = "The parent unit cannot be used"

    def __init__(self, detail_id: str, detail_en: str) -> None:
        violation = Violation("/parent_id", self.code, detail_id, detail_en)
        super().__init__(detail_id, detail_en, errors=[violation])
