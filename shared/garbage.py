"""Python's cycle collector, set for processes whose objects die young and hold hardly a cycle.

A batch makes tens of thousands of objects that live until its commit. By default the collector goes through them
again and again, and every so often through all that was ever imported: 45 % of the processor's time of a bulk
batch, and pauses in which nothing is answered (docs/decisions/0008).
"""

import gc
from typing import Final

_YOUNG: Final = 50_000
"""Objects made and not freed before the collector looks at the youngest; Python's own is 700."""
_MIDDLE: Final = 20
_OLD: Final = 50


def collect_rarely() -> None:
    """Leave out of all collections what exists now, and collect the rest seldom; call it once all is imported.

    Without a last look at it: that takes as long as a tenth of the imports, which leave hardly any garbage.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
