"""Processes beside this one: none outlives it, and an interrupt is this one's affair alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process


def workers(count: int, *, alike: bool = False) -> ProcessPoolExecutor:
    """So many processes, each begun afresh; a context manager.

    With `alike` each begins as a copy of this one where that is safe, which is on Linux without threads: then it need
    not import everything once more, which takes as long as a thousand batches.
    """
    copied = alike and sys.platform == "linux" and threading.active_count() == 1
    return ProcessPoolExecutor(count, mp_context=get_context("fork" if copied else "spawn"), initializer=_begin)


def _begin() -> None:
    """Leave an interrupt to the process that started this one, and end when that one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
