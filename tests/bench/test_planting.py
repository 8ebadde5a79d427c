"""What the bench changes by hand."""

from bench.verifying.planting import PLANTS
from deploy.local.settings import SERVICES
from shared.verification.differences import Kind


def test_every_service_has_rows_that_are_changed_and_finds_them_itself() -> None:
    assert {plant.home for plant in PLANTS} == set(SERVICES)
    assert {service for plant in PLANTS for service in plant.found} == set(SERVICES)


def test_what_is_derived_and_what_is_copied_is_changed() -> None:
    kinds = {kind for plant in PLANTS for found in plant.found.values() for kind, _ in found}
    assert kinds >= {Kind.DERIVATION, Kind.CONTENT, Kind.STALE}
