"""``codedeploy-agent-deployments.log`` and its older parts: the output of all deployments' scripts."""

from __future__ import annotations

import posixpath
import re
from typing import Callable, Optional

from tui.agent.log_scan import EVENT, SCRIPT, Entry, Scan, join
from tui.agent.log_times import seconds
from tui.agent.reading import never, unreadable, usable
from tui.agent.records import Layout, LogFile, Problem
from tui.disk.root import NotThere, Root, RootError
from tui.paths import from_bytes

MAX_PARTS = 64
_NAME = re.compile(r"(.+-deployments\.log)(?:\.(\d{1,6}))?\Z", re.DOTALL)
_TIME = re.compile(rb"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.(\d{3})\] ")
_OUTER = 26  # bytes of a time in brackets and its space
_INNER = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?= (?:\[std(?:out|err)\]|LifecycleEvent - |Script - ))")
_ENTRY = re.compile(rb"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] \[([^\]\n]{1,255})\]")
_ENTRY_2 = re.compile(rb"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] (?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )?")
_FAILED = b" failed: "
_FAILED_2 = re.compile(rb"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] (?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )?(\w{1,255})/\1")


def read_deployments_logs(
    root: Root,
    layout: Layout,
    problems: Optional[list[Problem]] = None,
    cancelled: Callable[[], bool] = never,
) -> tuple[LogFile, ...]:
    """All parts of the log, oldest first; times are local, in milliseconds.

    Parts are ``.0``, ``.1`` … in version 1 of the agent and ``.1`` … in version 2, a higher number being
    older. A run that a change of parts cut in two is one run, in the part in which it began. A directory
    that cannot be read is added to ``problems``.
    """
    logs: list[LogFile] = []
    for paths in _parts(root, layout.deployment_logs_dir, [] if problems is None else problems):
        scans = [Scan(path, _DeploymentsLog()) for path in paths]
        scans = [scan for scan in scans if scan.read(root, cancelled)]
        join(scans)
        logs.extend(scan.log_file() for scan in scans)
    return tuple(logs)


def _parts(root: Root, directory: str, problems: list[Problem]) -> list[list[str]]:
    if not usable(directory):
        return []
    try:
        entries = root.list(directory)
    except NotThere:
        return []
    except (RootError, OSError) as error:
        problems.append(unreadable(directory, getattr(error, "reason", "I/O error")))
        return []
    found: dict[str, list[tuple[int, str]]] = {}
    for name, _ in entries:
        match = _NAME.match(name)
        if match:
            age = -1 if match[2] is None else int(match[2])
            found.setdefault(match[1], []).append((-age, posixpath.join(directory, name)))
    return [[path for _, path in sorted(parts)[-MAX_PARTS:]] for _, parts in sorted(found.items())]


class _DeploymentsLog:
    """Both versions' entries, each of which begins a line.

    Version 1: ``[2026-11-23 06:07:36.710] [d-XXXXXXXXX]Script - scripts/c.sh``, written as things happen.
    Version 2: ``[2026-11-23 06:07:40.123] 2026-11-23 06:07:36 Script - scripts/c.sh``, written once the
    event is over, with scripts.log's own time, an empty line after it, and no deployment; where output was
    long its beginning is missing. Of an event that failed it says so and nothing else, with one time.
    """

    resolution = 0.001
    words: tuple[bytes, ...] = (EVENT, SCRIPT, _FAILED)
    blank_ends = True

    def entry(self, block: bytes, line: int, at: int) -> Optional[Entry]:
        if block.startswith(_FAILED, at):
            return self._failed(block, line, at)
        match = _ENTRY.fullmatch(block, line, at)
        if match is not None:
            time = self.written(block, line)
            return None if time is None else Entry(line, time, from_bytes(match[1]))
        match = _ENTRY_2.fullmatch(block, line, at)
        time = self.time(block, line) if match else None
        return None if time is None else Entry(line, time, None, 1.0)

    def _failed(self, block: bytes, line: int, at: int) -> Optional[Entry]:
        match = _FAILED_2.fullmatch(block, line, at)
        time = self.written(block, line) if match else None
        if match is None or time is None:
            return None
        return Entry(line, time, None, None, from_bytes(match[1]))

    def written(self, block: bytes, line: int) -> Optional[float]:
        match = _TIME.match(block, line)
        whole = seconds(match[1]) if match else None
        return None if match is None or whole is None else whole + int(match[2]) / 1000

    def time(self, block: bytes, line: int) -> Optional[float]:
        inner = _INNER.match(block, line + _OUTER) if block.startswith(b"[", line) else None
        within = seconds(inner[0]) if inner else None
        return self.written(block, line) if within is None else within
