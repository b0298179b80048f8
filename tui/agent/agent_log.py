"""The agent's own log: which commands of which deployments failed, and why.

Version 1 (agent 1.8.1) writes local time, does not name the deployment in an error, and adds a
backtrace of many lines; version 2 writes UTC, and names deployment and command in each line. The local
tool of version 1 has a log of its own beside it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import BinaryIO, Optional

from tui.agent.agent_log_lines import Parsed, parse_lines
from tui.agent.log_records import AgentLog, Failure
from tui.agent.reading import chunks, unreadable, usable
from tui.agent.records import Layout, Problem
from tui.disk.root import NotThere, Root, RootError

TAIL = 4 << 20  # bytes read from the end
COUNTED = 256 << 20  # bytes before it in which lines are counted; beyond, lines have no numbers
MAX_FAILURES = 1000  # the last ones are kept
LOCAL_LOG = "codedeploy-local.log"
_WINDOWS_1 = "codedeploy-agent-log.txt"


def read_agent_log(root: Root, layout: Layout) -> Optional[AgentLog]:
    """The agent's log, with what the local tool's log tells; None where there is neither.

    On Windows the versions name it differently: the one that was written last counts.
    """
    directory = posixpath.dirname(layout.agent_log)
    names = [posixpath.basename(layout.agent_log)]
    if layout.platform == "windows":
        names += [name for name in (_WINDOWS_1, layout.program_name + ".log") if name not in names]
    found = [log for log in (_read(root, posixpath.join(directory, name)) for name in names) if log is not None]
    log = max(found, key=lambda log: log.mtime, default=None)
    local = _read(root, posixpath.join(directory, LOCAL_LOG)) if LOCAL_LOG not in names else None
    if log is None or local is None:
        return log or local
    return replace(
        log, failures=(*local.failures, *log.failures)[-MAX_FAILURES:], problems=(*log.problems, *local.problems)
    )


def _read(root: Root, path: str) -> Optional[AgentLog]:
    if not usable(path):
        return None
    try:
        stat = root.stat(path)
        if stat is None:
            return None
        with root.open(path) as stream:
            data, line, complete = _tail(stream, stat.size)
    except NotThere:
        return None
    except (RootError, OSError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "I/O error"
        return AgentLog(path, 0, 0.0, complete=False, problems=(unreadable(path, reason),))
    parsed = parse_lines(data)
    problems = []
    if data.strip() and parsed.form is None:
        problems.append(Problem("log-not-understood", path, "No line of it is an entry of the agent's."))
    return AgentLog(
        path=path,
        size=stat.size,
        mtime=stat.mtime,
        form=parsed.form,
        first_entry=parsed.first,
        last_entry=parsed.last,
        failures=tuple(_failures(parsed, path, line)[-MAX_FAILURES:]),
        rotated=_rotated(root, path),
        complete=complete,
        problems=tuple(problems),
    )


def _tail(stream: BinaryIO, size: int) -> tuple[bytes, Optional[int], bool]:
    """The last whole lines, the first one's number where the lines before could be counted, and whether it is all."""
    start = max(0, size - TAIL)
    line: Optional[int] = 1
    if 0 < start <= COUNTED:
        line = 1 + sum(piece.count(b"\n") for piece in chunks(stream, start))
    elif start:
        line = None
    stream.seek(start)
    data = b"".join(chunks(stream, TAIL))
    if not start:
        return data, line, True
    whole = data.find(b"\n") + 1
    return data[whole:], None if line is None else line + 1, False


def _failures(parsed: Parsed, path: str, line: Optional[int]) -> list[Failure]:
    """The failures with their place; the same one over and over is one."""
    found: list[Failure] = []
    for failure in parsed.failures:
        number = None if line is None or failure.line is None else line + failure.line
        placed = replace(failure, source=path, line=number)
        if found and _alike(found[-1]) == _alike(placed):
            found[-1] = replace(found[-1], repeats=found[-1].repeats + 1)
        else:
            found.append(placed)
    return found


def _alike(failure: Failure) -> tuple[object, ...]:
    return failure.message, failure.deployment_id, failure.event, failure.location


def _rotated(root: Root, path: str) -> tuple[str, ...]:
    directory, name = posixpath.split(path)
    try:
        names: Iterable[str] = [entry for entry, _ in root.list(directory)]
    except (RootError, OSError):
        return ()
    stem, dot, ending = name.rpartition(".")
    pattern = re.compile(rf"{re.escape(stem)}\.[0-9]{{8}}(?:\.[0-9]{{1,6}})?{re.escape(dot + ending)}\Z")
    return tuple(sorted(posixpath.join(directory, entry) for entry in names if pattern.match(entry)))
