"""``codedeploy-agent-deployments.log`` and its older parts: the output of all deployments' scripts."""

from __future__ import annotations

import posixpath
import re
from typing import Optional

from tui.agent.log_scan import Entry, Run, Scan
from tui.agent.log_times import seconds
from tui.agent.reading import unreadable, usable
from tui.agent.records import Layout, LogFile, Problem
from tui.disk.root import NotThere, Root, RootError
from tui.paths import from_bytes

MAX_PARTS = 64
_NAME = re.compile(r"(.+-deployments\.log)(?:\.(\d{1,6}))?\Z", re.DOTALL)
_TIME = re.compile(rb"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.(\d{3})\] ")
_ENTRY = re.compile(rb"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] \[([^\]\n]{1,255})\]")


def read_deployments_logs(root: Root, layout: Layout, problems: Optional[list[Problem]] = None) -> tuple[LogFile, ...]:
    """All parts of the log, oldest first; times are local, in milliseconds.

    Parts are ``.0``, ``.1`` … in version 1 of the agent and ``.1`` … in version 2, a higher number being
    older. A run that a change of parts cut in two is one run, in the part in which it began. A directory
    that cannot be read is added to ``problems``.
    """
    logs: list[LogFile] = []
    for paths in _parts(root, layout.deployment_logs_dir, [] if problems is None else problems):
        scans = [Scan(path, _DeploymentsLog()) for path in paths]
        scans = [scan for scan in scans if scan.read(root)]
        _join(scans)
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


def _join(scans: list[Scan]) -> None:
    """Carry an event and a run over from one part to the next."""
    event: Optional[str] = None
    run: Optional[Run] = None  # the one that no later entry has ended yet
    for scan in scans:
        if run is not None:
            run.lines += scan.lead
            run.last = run.last if scan.lead_last is None else scan.lead_last
            run.until = scan.first
        for begun in scan.runs:
            if begun.event is not None:
                break
            begun.event = event
        event = event if scan.event is None else scan.event
        if scan.first is not None:
            run = scan.runs[-1] if scan.runs and scan.runs[-1].until is None else None


class _DeploymentsLog:
    """``[2026-11-23 06:07:36.710] [d-XXXXXXXXX]Script - scripts/c.sh``; every entry begins a line."""

    resolution = 0.001

    def entry(self, block: bytes, line: int, at: int) -> Optional[Entry]:
        match = _ENTRY.fullmatch(block, line, at)
        time = self.time(block, line) if match else None
        if match is None or time is None:
            return None
        return Entry(line, time, from_bytes(match[1]))

    def time(self, block: bytes, line: int) -> Optional[float]:
        match = _TIME.match(block, line)
        whole = seconds(match[1]) if match else None
        if match is None or whole is None:
            return None
        return whole + int(match[2]) / 1000
