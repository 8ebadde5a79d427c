"""Logs: one JSON object a line, with the request's ids, and never a NIP.

Libraries that use the standard `logging` come out in the same form. uvicorn's access log is off: the middleware
writes one line a request, without query, with the NIP masked in the path.
"""

import json
import logging
import sys
import traceback
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from shared.asn.nip import IN_TEXT, mask_in

_QUIET: Final = ("httpx", "httpcore", "asyncio", "aiokafka.consumer.fetcher")
"""Libraries whose INFO is noise, or whose lines name addresses with parameters."""
_QUOTING: Final = frozenset({"sqlalchemy", "asyncpg", "pydantic", "pydantic_core"})
"""Libraries whose errors quote rows and input: of these the log names the kind only."""
_LONGEST_MESSAGE: Final = 500
_MOST_FRAMES: Final = 24
_dump: Final = json.JSONEncoder(ensure_ascii=False, default=str, separators=(",", ":")).encode


def configure_logging(*, service: str, role: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Set up this process's logs, on stdout or `stream`. `role` is what it does: api, worker, all, migrate."""
    stream = stream or sys.stdout
    shared_processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _Named(service, role),
        structlog.processors.ExceptionRenderer(_format_exception),
    ]
    structlog.configure(
        processors=[*shared_processors, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared_processors],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        ),
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _format_exception(exc_info: ExcInfo) -> str:
    """The innermost frames, then the error and what led to it, without what these may quote of somebody's data."""
    lines = traceback.format_tb(exc_info[2])[-_MOST_FRAMES:]
    error: BaseException | None = exc_info[1]
    while error is not None:
        lines.append(f"{_describe(error)}\n")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "".join(lines).rstrip()


def _describe(error: BaseException) -> str:
    kind = type(error)
    if kind.__module__.partition(".")[0] not in _QUOTING:
        return f"{kind.__qualname__}: {str(error)[:_LONGEST_MESSAGE]}"
    driver = getattr(error, "orig", None) or error
    told = {name: getattr(driver, name, None) for name in ("sqlstate", "constraint_name", "table_name")}
    return " ".join([kind.__qualname__, *(f"{name}={value}" for name, value in told.items() if value)])


class _Named:
    """Every line says which service wrote it, in which role."""

    def __init__(self, service: str, role: str) -> None:
        self._names = {"service": service, "role": role}

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.update(self._names)
        return event


def render(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """The line as JSON. Masked only where the whole line shows a NIP, so that lines without one stay cheap."""
    line = _dump(event)
    return _dump(masked(dict(event))) if IN_TEXT.search(line) else line


def masked(value: Any) -> Any:
    """`value` with every NIP in it masked: in texts, in keys, at any depth, and as a bare number."""
    if isinstance(value, dict):
        return {mask_in(str(key)): masked(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(entry) for entry in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return mask_in(text) if IN_TEXT.search(text := str(value)) else value
    return mask_in(str(value))
