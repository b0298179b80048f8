"""Which files the processes of this machine hold open, run or work in, while a plan is made."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from tui.paths import from_bytes
from tui.system.open_files import MAX_HOLDERS, SECONDS, Gathered, Holder, gather_open_files
from tui.windows_paths import inside

_MAPS = 8 << 20  # bytes of one process's map
_CODE = re.compile(rb"^\S+ ..x. \S+ \S+ \S+ +(/.*)$", re.MULTILINE)
_WORDS = 4  # of a command line, among which a script that is run stands


@dataclass(frozen=True)
class InUse:
    """Who uses what, by paths in the program's form. ``complete``: whether all processes told."""

    files: Mapping[str, Sequence[Holder]] = field(default_factory=dict)
    directories: Mapping[str, Sequence[Holder]] = field(default_factory=dict)  # somebody's working directory
    executed: Mapping[str, Sequence[Holder]] = field(default_factory=dict)
    complete: bool = True


def gather_in_use(
    wanted: Callable[[str], bool],
    cancelled: Callable[[], bool] = lambda: False,
    open_files: Optional[Callable[[Callable[[str], bool], Callable[[], bool]], Gathered]] = None,
    processes: Optional[Callable[[], Iterable[Any]]] = None,
    clock: Callable[[], float] = time.monotonic,
) -> InUse:
    """Ask the processes of this machine about the paths that ``wanted`` asks for. Never raises.

    Executed is a program, a library that is mapped to be run, and a file that a command line names
    as one of its first words, as that of an interpreter does.
    """
    gather = open_files or (lambda asked, stop: gather_open_files(asked, cancelled=stop, processes=processes))
    opened = gather(wanted, cancelled)
    executed: dict[str, list[Holder]] = {}
    complete = opened.complete and not opened.refused
    end = clock() + SECONDS
    try:
        for process in (processes or _processes)():
            if cancelled() or clock() >= end:
                complete = False
                break
            for path in _executed(process):
                if wanted(path):
                    holders = executed.setdefault(path, [])
                    if len(holders) < MAX_HOLDERS:
                        holders.append(Holder(process.pid, _asked(process.name) or "", False))
    except Exception:  # whatever a system's list of processes comes to
        complete = False
    return InUse(opened.files, opened.directories, executed, complete)


def _processes() -> Iterable[Any]:
    import psutil

    return psutil.process_iter()


def _executed(process: Any) -> set[str]:
    found = {_asked(process.exe), *(_asked(process.cmdline) or [])[:_WORDS]}
    paths = {path for path in map(_path, found) if path is not None}
    return paths | _mapped(process.pid)


def _path(text: Any) -> Optional[str]:
    if not isinstance(text, str) or not text:
        return None
    if sys.platform == "win32":
        return inside(text)
    return text if text.startswith("/") else None


def _mapped(pid: int) -> set[str]:
    """The files that a process of Linux has mapped to be run."""
    if sys.platform != "linux":
        return set()
    try:
        with open(f"/proc/{pid}/maps", "rb") as stream:
            data = stream.read(_MAPS)
    except OSError:
        return set()
    return {
        from_bytes(path.replace(b"\\012", b"\n")) for path in _CODE.findall(data) if not path.endswith(b" (deleted)")
    }


def _asked(question: Callable[[], Any]) -> Any:
    import psutil

    try:
        return question()
    except (psutil.Error, OSError, RuntimeError, ValueError, NotImplementedError):
        return None
