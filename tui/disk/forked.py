"""Work in a second process, where the program has but one thread: the other core compares or counts along.

Forking a process that has threads is unsafe, so the app, which scans from a thread, does all in one.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Callable, Optional

ENOUGH = 20_000  # rows: fewer are compared before a second process would have paid for itself
_WAIT = 0.1  # seconds between two looks at cancelled()
_CHUNK = 1 << 16

Compare = Callable[[Sequence[int]], Iterator[tuple[int, bytes]]]


def may_fork() -> bool:
    """Whether a second process can be had safely."""
    return sys.platform.startswith("linux") and threading.active_count() == 1 and (os.cpu_count() or 1) > 1


class Forked:
    """Runs ``work`` in a forked child; its bytes come back over a pipe. Ended by ``close`` at any time.

    Where the system has no process or descriptor left it is as if the child had failed.
    """

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._pid, self._read = 0, -1
        try:
            self._read, write = os.pipe()
        except OSError:
            return
        try:
            pid = os.fork()
        except OSError:
            os.close(write)
            return
        if pid == 0:
            status = 1
            try:
                os.close(self._read)
                view = memoryview(work())
                while view:
                    view = view[os.write(write, view) :]
                status = 0
            finally:
                os._exit(status)  # nothing of the parent's may run twice
        self._pid = pid
        os.close(write)

    def __enter__(self) -> Forked:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def result(self, cancelled: Callable[[], bool]) -> Optional[bytes]:
        """What the child sent; None where it failed or ``cancelled()`` became true."""
        if not self._pid:
            return None
        chunks: list[bytes] = []
        waiting = select.poll()  # unlike select() it takes descriptors of any number
        waiting.register(self._read, select.POLLIN)
        while True:
            if not waiting.poll(_WAIT * 1000):
                if cancelled():
                    return None
                continue
            chunk = os.read(self._read, _CHUNK)
            if not chunk:
                break
            chunks.append(chunk)
        pid, self._pid = self._pid, 0
        _, status = os.waitpid(pid, 0)
        return b"".join(chunks) if status == 0 else None

    def close(self) -> None:
        """End the child where it still runs, and let go of everything."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0
        if self._read >= 0:
            os.close(self._read)
            self._read = -1


def compare_in_two(compare: Compare, rows: Sequence[int], cancelled: Callable[[], bool]) -> Iterator[tuple[int, bytes]]:
    """What ``compare(rows)`` gives, the second half of the rows compared in a second process."""
    half = len(rows) // 2

    def second() -> bytes:
        return b"".join(results for _, results in compare(rows[half:]))

    with Forked(second) as child:
        for done, results in compare(rows[:half]):
            yield done, results
        if cancelled():
            return
        results_of_second = child.result(cancelled)
    if results_of_second is not None and len(results_of_second) == len(rows) - half:
        yield len(rows), results_of_second
    elif not cancelled():
        for done, results in compare(rows[half:]):
            yield half + done, results
