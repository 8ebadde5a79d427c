"""The cycle collector of a process that serves."""

import subprocess
import sys
from typing import Final

_PROGRAM: Final = """
import gc, weakref
from shared.garbage import collect_rarely

class Node:
    pass

def cycle():
    node = Node()
    node.itself = node
    return weakref.ref(node)

collect_rarely()
print(gc.get_freeze_count() > 1000)
first = cycle()
few = [[] for _ in range(10_000)]
print(first() is not None)
many = [[] for _ in range(100_000)]
print(first() is None)
"""


def test_what_exists_is_left_out_and_new_cycles_are_collected_late_but_surely() -> None:
    told = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, check=True, text=True)
    assert told.stdout.split() == ["True", "True", "True"]
