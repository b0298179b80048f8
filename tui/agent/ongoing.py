"""Tracking files of lifecycle events that run, or that were running when the agent was killed."""

from __future__ import annotations

import posixpath
from typing import Optional

from tui.agent.reading import leftovers, read_record, unreadable, usable
from tui.agent.records import Layout, OngoingDeployment, Problem
from tui.disk.root import NotThere, Root, RootError
from tui.paths import from_bytes

LIMIT = 4096  # bytes of a command id
MAX_FILES = 10_000


def read_ongoing(root: Root, layout: Layout, problems: Optional[list[Problem]] = None) -> tuple[OngoingDeployment, ...]:
    """What stands in the tracking directory, by name. Every entry counts for the agent, whatever it is.

    So does a file that version 2 was stopped writing, and several stand there while it runs several commands
    at once. What cannot be read is added to ``problems``; a command id that cannot be read is empty.
    """
    found: list[OngoingDeployment] = []
    gathered: list[Problem] = [] if problems is None else problems
    if not usable(layout.ongoing_dir):
        return ()
    try:
        entries = root.list(layout.ongoing_dir)
    except NotThere:
        return ()
    except (RootError, OSError) as error:
        gathered.append(unreadable(layout.ongoing_dir, getattr(error, "reason", "I/O error")))
        return ()
    gathered.extend(leftovers(layout.ongoing_dir, (name for name, _ in entries[:MAX_FILES])))
    for name, stat in entries[:MAX_FILES]:
        path = posixpath.join(layout.ongoing_dir, name)
        content, problem = read_record(root, path, LIMIT)
        if problem is not None:
            gathered.append(problem)
        command_id = from_bytes(content.data).strip() if content else ""
        found.append(OngoingDeployment(path, name, command_id, stat.mtime))
    return tuple(found)
