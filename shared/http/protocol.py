"""What callers may take up before there is a request: connections, and heads that are not whole.

Of these uvicorn bounds nothing, and the middleware sees a request only when its head is whole.
"""

import asyncio
import sys
from typing import Any, ClassVar, Final, cast

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

_TOO_LARGE: Final = STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n"
_IN_BODY: Final = sys.maxsize
_MOST_PIPELINED: Final = 16
"""Requests sent before the answer to the one before. Hardly any client does so, and each takes a hundred times the
room of the bytes that it is made of."""

_log: Final = structlog.get_logger("http")


class BoundedProtocol(HttpToolsProtocol):
    """One connection: uvicorn's, and it ends when its caller takes too much room or time to say what he wants.

    A timer looks at it now and then: one for each request would cost more than most requests need for their head.
    """

    largest_head: ClassVar[int] = 32 * 1024
    """Bytes of a request line with its headers; what is larger is answered 431."""
    head_seconds: ClassVar[float] = 10
    """How long a connection may stay without a whole head; half of it at least. uvicorn ends those that rest after
    an answer."""
    most_connections: ClassVar[int] = 2000
    """Of one process. One more takes the place of one that is not being answered, so that probes get through."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = self.largest_head
        self._seen_waiting = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn
        super().connection_made(transport)
        self._look_later()
        if len(self.connections) > self.most_connections:
            others = (one for one in cast("set[BoundedProtocol]", self.connections) if one is not self)
            next((one for one in others if not one.answering), self).break_off("no_room")

    def connection_lost(self, exc: Exception | None) -> None:
        self._look_again.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        while len(data) > (room := self._room):
            self._feed(data[:room])
            if self.transport.is_closing():
                return
            data = data[room:]
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        self._room -= len(data)
        super().data_received(data)
        if (self._room <= 0 or len(self.pipeline) > _MOST_PIPELINED) and not self.transport.is_closing():
            self._refuse()

    def on_headers_complete(self) -> None:
        self._room = _IN_BODY
        self._seen_waiting = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._room = self.largest_head
        super().on_message_complete()

    @property
    def answering(self) -> bool:
        """Whether a request is being worked on."""
        return bool(self.cycle) and not self.cycle.response_complete

    def break_off(self, reason: str) -> None:
        """At once, also where the caller does not take what was answered before; it counts no longer."""
        _log.info("connection_closed", reason=reason)
        self.connections.discard(self)
        self.transport.abort()

    def _look(self) -> None:
        """Break off what has waited for a head since the last look."""
        waiting = not self.answering and self.timeout_keep_alive_task is None
        if waiting and self._seen_waiting:
            self.break_off("head_too_slow")
            return
        self._seen_waiting = waiting
        self._look_later()

    def _look_later(self) -> None:
        self._look_again = self.loop.call_later(self.head_seconds / 2, self._look)

    def _refuse(self) -> None:
        _log.info("connection_closed", reason="too_much")
        if not self.answering:
            self.transport.write(_TOO_LARGE)
        self.transport.close()
