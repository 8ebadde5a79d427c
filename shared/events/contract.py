"""What every event body has in common."""

from abc import ABC, abstractmethod
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class State(BaseModel, ABC):
    """The full state of one aggregate at `version`. Subclasses are the contracts of the topics.

    `CONTRACT` counts the additive changes of the contract: a consumer that learns a field takes a state again
    when it is republished, although its `version` is the same.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    CONTRACT: ClassVar[int] = 1

    version: int

    @property
    @abstractmethod
    def key(self) -> str:
        """The Kafka key: the aggregate's id."""


class Part(BaseModel):
    """A part of a state. Stricter subclasses, as HTTP reads them, become the part itself, so equals are equal."""

    model_config = ConfigDict(frozen=True, extra="ignore", revalidate_instances="subclass-instances")
