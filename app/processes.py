"""Processes that belong together end together."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have this process get a SIGTERM when its parent is gone, however that came.

    A killed parent cannot end its children itself, and they would go on holding their ports.
    Linux only; elsewhere nothing happens. It outlives an exec.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
