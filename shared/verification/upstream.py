"""The digests of an upstream service, asked for over HTTP."""

from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from shared.verification.held import Detail, Entry, Range
from shared.verification.schemas import DetailAnswer, EntriesAnswer, RangeAnswer
from shared.verification.views import View

A = TypeVar("A", bound=BaseModel)

_TIMEOUT: Final = 30.0
_LIKELY: Final = {
    401: ", the token is missing, no longer valid or of another issuer",
    403: ", the token lacks `states:verify` or a region of `INSTALLATION_REGIONS`",
    404: ", it serves no such digests: another release, or another address",
}
"""What a refusal mostly means."""


class UpstreamSilent(Exception):
    """The upstream could not be asked, or did not let us."""


class Upstream:
    """`async with Upstream(view, url, token) as upstream:`. Every call raises UpstreamSilent."""

    def __init__(self, view: View, url: str, token: str) -> None:
        self._view = view
        self._url = f"{url.rstrip('/')}/internal/v1/states/{view.follower}"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.AsyncClient(headers=headers, timeout=_TIMEOUT, follow_redirects=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def next_range(self, after: UUID) -> Range:
        """The range of the keys that follow `after`."""
        answer = await self._get("ranges", RangeAnswer, after=after)
        return Range(answer.last, answer.states, answer.digest)

    async def entries(self, after: UUID, last: UUID | None) -> list[Entry]:
        """States of the range, the first so many."""
        answer = await self._get("entries", EntriesAnswer, after=after, last=last)
        return [Entry(*item) for item in answer.items]

    async def detail(self, key: UUID) -> Detail:
        """One state by field."""
        answer = await self._get(f"entries/{key}", DetailAnswer)
        return Detail(answer.version, answer.fields, answer.pending)

    async def _get(self, path: str, form: type[A], **asked: Any) -> A:
        params = {name: str(value) for name, value in asked.items() if value is not None}
        try:
            answer = await self._client.get(f"{self._url}/{path}", params=params)
        except httpx.HTTPError as error:
            raise UpstreamSilent(f"{self._view.source} at {self._url}: {type(error).__name__}") from error
        if not answer.is_success:
            likely = _LIKELY.get(answer.status_code, "")
            raise UpstreamSilent(f"{self._view.source} at {self._url}: status {answer.status_code}{likely}")
        try:
            return form.model_validate_json(answer.content)
        except ValidationError as error:
            raise UpstreamSilent(f"{self._view.source} at {self._url}: it answers something else") from error
