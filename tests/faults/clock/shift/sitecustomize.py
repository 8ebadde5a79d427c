"""Python imports this at its start. It shifts what the process takes for the time, and only that.

`datetime.datetime` is replaced by a subclass that knows another now; values made elsewhere, by drivers say, count
as its instances, so that nothing else notices.
"""

import datetime as dt
import os
import time
from typing import Any

_SHIFT = float(os.environ.get("FAULTS_CLOCK_SHIFT", "0"))
_real_time, _real_time_ns = time.time, time.time_ns
_Real = dt.datetime


class _AlsoReal(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, _Real)


class _Shifted(_Real, metaclass=_AlsoReal):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _Real.now(tz) + dt.timedelta(seconds=_SHIFT)

    @classmethod
    def utcnow(cls) -> Any:
        return _Real.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(seconds=_SHIFT)


time.time = lambda: _real_time() + _SHIFT
time.time_ns = lambda: _real_time_ns() + int(_SHIFT * 1e9)
setattr(dt, "datetime", _Shifted)  # noqa: B010  # to a type checker the name stays what it was
