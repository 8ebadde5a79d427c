"""Who follows which topic, over the whole installation: what a change has to pass until everybody can read it.

A service knows its own subscriptions only. What lies further down is written here once, so that who takes in a
million rows can be slowed by the last consumer that they go through. A test holds it to what the services read.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from shared.kafka.topics import EMPLOYEES, RESULTS, TALENTS, Topic

FOLLOWERS: Final[Mapping[str, tuple[Topic, ...]]] = {
    "assessment.employees": (EMPLOYEES,),
    "placement.talents": (EMPLOYEES, RESULTS),
    "reporting.standings": (TALENTS,),
}
"""The topics that each group reads. Group and topic begin with the service that they belong to."""


class Hop(NamedTuple):
    """A topic on its way into one of the groups that read it."""

    topic: Topic
    group: str


def followers_of(topic: Topic) -> tuple[str, ...]:
    """The services that read the topic."""
    return tuple(_service_of(group) for group, read in FOLLOWERS.items() if topic in read)


def hops_after(service: str) -> tuple[Hop, ...]:
    """All hops that a change in `service` may go through, each once, the nearest first."""
    return tuple(dict.fromkeys(_hops(service)))


def _hops(service: str) -> Iterator[Hop]:
    following = [Hop(topic, group) for group, read in FOLLOWERS.items() for topic in read]
    nearest = [hop for hop in following if _service_of(hop.topic.name) == service]
    yield from nearest
    for hop in nearest:
        yield from _hops(_service_of(hop.group))


def _service_of(name: str) -> str:
    return name.partition(".")[0]
