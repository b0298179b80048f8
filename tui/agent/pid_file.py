"""The agent's pid file."""

from __future__ import annotations

import posixpath
from typing import Optional

from tui.agent.reading import leftovers, read_record, usable
from tui.agent.records import PidFile, Problem
from tui.agent.ruby import leading_integer
from tui.disk.root import Root, RootError
from tui.paths import from_bytes

LIMIT = 4096  # bytes


def read_pid_file(root: Root, path: str, problems: Optional[list[Problem]] = None) -> Optional[PidFile]:
    """The pid file at a path of the instance; None where there is none, or the agent keeps none (empty path)."""
    if problems is not None and path:
        directory = posixpath.dirname(path)
        problems.extend(leftovers(directory, _names(root, directory)))
    content, problem = read_record(root, path, LIMIT)
    if problem is not None and problems is not None:
        problems.append(problem)
    if content is None:
        return None
    pid = leading_integer(from_bytes(content.data))
    return PidFile(path, pid if 0 < pid < 1 << 32 else None, content.mtime)


def _names(root: Root, directory: str) -> list[str]:
    try:
        return [name for name, _ in root.list(directory)] if usable(directory) else []
    except (RootError, OSError):
        return []
