"""Calls that fail, or end the process, at one point of a cleanup; all others are the real ones."""

from __future__ import annotations

import errno
import os
import sqlite3
from typing import Any, Callable, Optional, Union

from tui.cleanup.calls import Calls

BEFORE, AFTER = "before", "after"  # the process ends right before or right after the call


class Killed(BaseException):
    """The process ends here: nothing in the program may catch it, and no call works any more."""


class Faulty:
    """Real calls, one of which fails (an errno) or is the last (``BEFORE``, ``AFTER``). ``at`` counts from 0.

    Directories are closed whatever happens, as they are when a process ends. A copy that is cut off leaves half a file.
    """

    _FREE = ("close", "owner")

    def __init__(self, real: Calls, at: int = -1, mode: Union[str, int] = BEFORE) -> None:
        self._real = real
        self.at = at
        self.mode = mode
        self.made: list[str] = []  # the calls so far, by name
        self.dead = False
        self.die: Callable[[], None] = self._raise

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name in self._FREE:
            return found

        def call(*args: Any, **options: Any) -> Any:
            if name == "database":
                return Connection(self, self.hit(name, lambda: found(*args, **options)))
            if name == "sync":
                return self.hit(name, lambda: None)
            spoil = (lambda: self._real.write(args[2], args[3], b"half", os.lstat("."), {})) if name == "copy" else None
            return self.hit(name, lambda: found(*args, **options), spoil)

        return call

    def hit(self, name: str, do: Callable[[], Any], spoil: Optional[Callable[[], object]] = None) -> Any:
        """Make a call, unless it is the one."""
        if self.dead:
            raise Killed
        here = len(self.made) == self.at
        self.made.append(name)
        if here and self.mode == BEFORE:
            if spoil is not None:
                spoil()
            self.die()
        if here and isinstance(self.mode, int):
            raise self._error(name, self.mode)
        try:
            result = do()
        except Exception:
            if here and self.mode == AFTER:
                self.die()
            raise
        if here and self.mode == AFTER:
            if name in ("open_top", "open_dir", "lock"):  # nobody gets it any more, and a process's end closes it
                self._real.close(result)
            elif name == "database":
                result.close()
            self.die()
        return result

    def _raise(self) -> None:
        self.dead = True
        raise Killed

    @staticmethod
    def _error(name: str, number: int) -> Exception:
        if name.startswith("sql"):
            full = number == errno.ENOSPC
            return sqlite3.OperationalError("database or disk is full" if full else "disk I/O error")
        return OSError(number, os.strerror(number))


class Connection:
    """A journal's connection, each statement a call."""

    def __init__(self, faulty: Faulty, real: sqlite3.Connection) -> None:
        self._faulty = faulty
        self._real = real

    def execute(self, statement: str, *args: Any) -> Any:
        if statement.startswith("PRAGMA synchronous"):
            statement = "PRAGMA synchronous = OFF"  # a killed process needs no more, and thousands are killed here
        name = "sql " + statement.split(" ")[0]
        return self._faulty.hit(name, lambda: self._real.execute(statement, *args))

    def executemany(self, statement: str, *args: Any) -> Any:
        return self._faulty.hit("sql many", lambda: self._real.executemany(statement, *args))

    def close(self) -> None:
        self._real.close()
