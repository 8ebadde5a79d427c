"""A synthetic person as the bodies of the services' requests: plain dictionaries, made without validation.

450,000 people are 1.8 million rows; checking them is the services' work, and done there.
"""

from decimal import Decimal
from typing import Any

from deploy.demo.population.measuring import Rating
from deploy.demo.population.people import Person

Row = dict[str, Any]


def employee(person: Person) -> Row:
    """A row of `POST /v1/employees:batch`."""
    return {
        "nip": person.nip,
        "name": person.name,
        "kind": person.kind,
        "region": person.region,
        "unit_id": person.unit_id,
        "post": {
            "title": person.title,
            "level": person.level,
            "eselon": person.eselon,
            "since": person.since.isoformat(),
        },
        "golongan": person.golongan,
        "kedudukan_hukum": person.kedudukan_hukum,
        "retires_on": person.retires_on.isoformat(),
        "education": person.education,
        "field_match": person.field_match,
        "development": person.development,
        "experience": {
            "years": _number(person.years),
            "variety": person.variety,
            "substance": person.substance,
        },
        "discipline": [
            {
                "level": each.level,
                "imposed_on": each.imposed_on.isoformat(),
                "until": each.until.isoformat() if each.until else None,
                "annulled": each.annulled,
            }
            for each in person.discipline
        ],
    }


def performance_score(nip: str, rating: Rating) -> Row:
    """A row of `POST /v1/performance-scores:batch`, and the body of the single request."""
    return {
        "nip": nip,
        "period": {"kind": "YEARLY", "year": rating.year},
        "hasil": rating.hasil,
        "perilaku": rating.perilaku,
    }


def performance_scores(person: Person) -> list[Row]:
    """Both years, in one batch, so that one event carries them."""
    return [performance_score(person.nip, rating) for rating in person.ratings]


def talent_assessment(person: Person) -> Row:
    """A row of `POST /v1/talent-assessments:batch`."""
    measured = person.assessment
    return {
        "nip": person.nip,
        "assessed_on": measured.assessed_on.isoformat(),
        "jpm": _number(measured.jpm),
        "potential": _number(measured.potential),
    }


def _number(value: Decimal | None) -> float | None:
    """Two decimals survive the way through a double."""
    return None if value is None else float(value)
