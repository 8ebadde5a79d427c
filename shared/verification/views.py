"""What each follower holds of a topic: the one definition by which both sides make their digests.

A field has the name that it has in the contract (`post.level`) and the SQL type as which it is compared, so that
6.5 in a column and "6.50" in a document are the same number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS, Topic


@dataclass(frozen=True, slots=True)
class View:
    """What the service `follower` holds of the states of `topic`, which the service `source` publishes."""

    topic: Topic
    follower: str
    fields: Mapping[str, str]

    @property
    def source(self) -> str:
        return self.topic.name.partition(".")[0]


EMPLOYEES_IN_ASSESSMENT: Final = View(
    EMPLOYEES,
    "assessment",
    {"nip": "text", "region": "text", "unit_id": "text"},
)
EMPLOYEES_IN_PLACEMENT: Final = View(
    EMPLOYEES,
    "placement",
    {
        "kind": "text",
        "region": "text",
        "unit_id": "text",
        "post.title": "text",
        "post.level": "text",
        "post.eselon": "text",
        "post.since": "date",
        "kedudukan_hukum": "text",
        "retires_on": "date",
        "education": "text",
        "field_match": "boolean",
        "development": "boolean",
        "experience.years": "numeric",
        "experience.variety": "text",
        "experience.substance": "boolean",
        "discipline": "jsonb",
    },
)
RESULTS_IN_PLACEMENT: Final = View(
    RESULTS,
    "placement",
    {"performance": "jsonb", "competency": "jsonb", "potential": "jsonb"},
)
TALENTS_IN_REPORTING: Final = View(
    TALENTS,
    "reporting",
    {
        "region": "text",
        "unit_id": "text",
        "level": "text",
        "active": "boolean",
        "x": "numeric",
        "y": "numeric",
        "talent_value": "numeric",
        "box": "integer",
        "in_pool": "boolean",
        "inputs.employee": "bigint",
        "inputs.assessment": "bigint",
    },
)
