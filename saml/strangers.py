"""Threads to read messages from strangers in.

libxml2 keeps each name that it ever read (of elements, attributes, namespaces) until the thread
ends that read it: strangers could fill the memory with ever new ones. So they are read in
threads that are replaced every few megabytes. Nothing of lxml leaves such a thread.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

_THREADS: Final = 2
_BYTES: Final = 4 * 1024 * 1024
Result = TypeVar("Result")


class _Threads:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._bytes_left = 0

    def run(self, job: Callable[[], Result], size: int) -> Result:
        with self._lock:
            if self._pool is None or self._bytes_left <= 0:
                if self._pool is not None:
                    self._pool.shutdown(wait=False)
                self._pool = ThreadPoolExecutor(_THREADS, "saml-strangers")
                self._bytes_left = _BYTES
            self._bytes_left -= size
            running = self._pool.submit(job)
        return running.result()


_threads = _Threads()


def run(job: Callable[[], Result], *, size: int) -> Result:
    """Run `job`, which reads a message of `size` bytes; return or raise what it does."""
    return _threads.run(job, size)


def _start_over() -> None:
    global _threads
    _threads = _Threads()


# A forked process has the memory of a thread, but not the thread.
os.register_at_fork(after_in_child=_start_over)
