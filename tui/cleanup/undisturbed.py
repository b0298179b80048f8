"""Whether anybody else put something into a directory, or wrote to something in it, while this program moved files out.

Linux tells, by inotify: an event is there before the directory can be changed again, so where there is none after a
file was moved, it is the one that was looked at before. That is one question for several files, instead of a look at
each. Where there is no inotify, or no more of it to be had, nothing is told.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from typing import Any, Callable, Optional

_MODIFY, _ATTRIB, _MOVED_TO, _CREATE, _ONLYDIR = 0x2, 0x4, 0x80, 0x100, 0x01000000
_EVENTS = _MODIFY | _ATTRIB | _MOVED_TO | _CREATE | _ONLYDIR
_SIZE = 1 << 16  # bytes of events that are read at once


class Watching:
    """``watching(here)`` for an open directory, the one that was watched before no longer. One directory at a time."""

    def __init__(self) -> None:
        self._libc: Any = None
        self._fd = -1
        self._watch = -1
        if sys.platform.startswith("linux"):
            with contextlib.suppress(OSError, AttributeError):
                self._libc = ctypes.CDLL(None, use_errno=True)
                self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)

    def __call__(self, here: int) -> Optional[Callable[[], bool]]:
        """Begin; gives the question whether all was quiet since it was asked last. None where that is not told."""
        if self._fd < 0:
            return None
        if self._watch >= 0:
            self._libc.inotify_rm_watch(self._fd, self._watch)
        self._watch = self._libc.inotify_add_watch(self._fd, b"/proc/self/fd/%d" % here, _EVENTS)
        if self._watch < 0:
            return None
        self._quiet()  # what was told of the one before
        return self._quiet

    def _quiet(self) -> bool:
        quiet = True
        while True:
            try:
                if not os.read(self._fd, _SIZE):
                    return False
            except BlockingIOError:
                return quiet
            quiet = False
