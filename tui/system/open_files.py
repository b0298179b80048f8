"""Which files the processes of this machine hold open, asked of the system."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple, Optional

from tui.paths import from_bytes
from tui.windows_paths import inside

SECONDS = 5.0
MAX_PATHS = 50_000
MAX_HOLDERS = 16  # of one path
_UNIT = re.compile(r"[^/\n]+\.(?:service|scope|socket|mount)(?=/|$)", re.MULTILINE)


class Holder(NamedTuple):
    """A process. ``service``: the systemd unit or Windows service it belongs to, where it is known."""

    pid: int
    name: str
    writes: bool  # the file is open for writing; None of its open files: False
    service: Optional[str] = None


@dataclass
class Gathered:
    """What was seen. ``complete`` is False where not all processes were asked in time, or did not answer."""

    files: dict[str, list[Holder]] = field(default_factory=dict)
    directories: dict[str, list[Holder]] = field(default_factory=dict)  # working directories
    asked: int = 0
    refused: int = 0  # processes that may not be asked, or could not answer
    complete: bool = True


def gather_open_files(
    wanted: Callable[[str], bool],
    seconds: float = SECONDS,
    cancelled: Callable[[], bool] = lambda: False,
    processes: Optional[Callable[[], Iterable[Any]]] = None,
    clock: Callable[[], float] = time.monotonic,
    services: Optional[Callable[[int], Optional[str]]] = None,
) -> Gathered:
    """Open regular files and working directories of all processes, those that ``wanted`` asks for.

    Paths are in the program's form. Between two processes it looks whether ``seconds`` are over or the
    search was cancelled; what is missing then makes the result incomplete. Never raises.
    """
    found = Gathered()
    end = clock() + seconds
    own = os.getpid()
    service_of = services or _services()
    try:
        for process in (processes or _processes)():
            if cancelled() or clock() >= end or len(found.files) >= MAX_PATHS:
                found.complete = False
                break
            if getattr(process, "pid", None) != own:
                _ask(process, wanted, service_of, found)
    except Exception:  # whatever a system's list of processes comes to
        found.complete = False
    return found


def _processes() -> Iterable[Any]:
    import psutil

    return psutil.process_iter()


def _ask(
    process: Any, wanted: Callable[[str], bool], service_of: Callable[[int], Optional[str]], found: Gathered
) -> None:
    """Add one process. What it does not tell is left out and counted."""
    import psutil

    found.asked += 1
    refused = False
    opened: list[Any] = []
    cwd = None
    try:
        opened = process.open_files()
    except psutil.NoSuchProcess:
        return
    except (psutil.Error, OSError, RuntimeError, ValueError, NotImplementedError):
        refused = True
    try:
        cwd = process.cwd()
    except (psutil.Error, OSError, RuntimeError, ValueError, NotImplementedError):
        refused = True
    found.refused += refused
    seen: dict[str, bool] = {}
    for file in opened:
        path = _path(file.path)
        if path is not None and wanted(path) and _same(process.pid, file):
            seen[path] = seen.get(path, False) or _writes(file)
    directory = _path(cwd) if cwd else None
    if directory is not None and not wanted(directory):
        directory = None
    if seen or directory is not None:
        holder = Holder(process.pid, _name(process), False, service_of(process.pid))
        for path, writes in seen.items():
            _add(found.files, path, holder._replace(writes=writes))
        if directory is not None:
            _add(found.directories, directory, holder)


def _add(holders: dict[str, list[Holder]], path: str, holder: Holder) -> None:
    known = holders.setdefault(path, [])
    if len(known) < MAX_HOLDERS:
        known.append(holder)


def _path(path: str) -> Optional[str]:
    """The program's form; None for what is no path of a file that is there."""
    if sys.platform == "win32":
        return inside(path)
    return path if path.startswith("/") and not path.endswith(" (deleted)") else None


def _writes(file: Any) -> bool:
    """Whether a file is open for writing; Windows does not tell."""
    mode = getattr(file, "mode", "")
    return any(letter in mode for letter in "wa+")


def _same(pid: int, file: Any) -> bool:
    """Whether the path leads to the open file here as well: a container's process has a file system of its own."""
    descriptor = getattr(file, "fd", -1)
    if sys.platform != "linux" or descriptor < 0:
        return True
    try:
        return os.path.samefile(f"/proc/{pid}/fd/{descriptor}", file.path)
    except (OSError, ValueError):
        return False


def _name(process: Any) -> str:
    import psutil

    try:
        return str(process.name())
    except (psutil.Error, OSError, RuntimeError, ValueError):
        return ""


def unit_of(cgroup: str) -> Optional[str]:
    """The systemd unit that a ``/proc/PID/cgroup`` names: the innermost service or scope."""
    for line in sorted(cgroup.split("\n"), key=lambda line: not line.startswith(("0::", "1:name=systemd:"))):
        found = _UNIT.findall(line.rpartition(":")[2])
        if found:
            services = [unit for unit in found if unit.endswith(".service")]
            return str((services or found)[-1])
    return None


def _services() -> Callable[[int], Optional[str]]:
    if sys.platform == "win32":
        return _windows_services()
    return _unit


def _unit(pid: int) -> Optional[str]:
    try:
        with open(f"/proc/{pid}/cgroup", "rb") as stream:
            return unit_of(from_bytes(stream.read(65536)))
    except OSError:
        return None


def _windows_services() -> Callable[[int], Optional[str]]:
    import psutil

    names: dict[int, str] = {}
    try:
        for service in getattr(psutil, "win_service_iter")():  # noqa: B009 - not there on Linux
            try:
                pid = service.pid()
            except (psutil.Error, OSError):
                continue
            if pid:
                names.setdefault(pid, service.name())
    except (psutil.Error, OSError, AttributeError):
        pass
    return names.get
