"""``_last_successful_install`` and ``_most_recent_install``: which deployment's directory they name."""

from __future__ import annotations

import posixpath
from typing import Optional

from tui.agent.reading import is_directory, read_record, unreadable
from tui.agent.records import Pointer, Problem
from tui.agent.rules import Rules
from tui.disk.root import Root
from tui.paths import from_bytes
from tui.windows_paths import native

LIMIT = 1 << 16
LAST_SUCCESSFUL = "_last_successful_install"
MOST_RECENT = "_most_recent_install"


def read_pointer(root: Root, path: str, rules: Optional[Rules] = None) -> Optional[Pointer]:
    """A pointer file, read as agent 1.8.1 reads it: whole, less one line end. None where there is none.

    On Windows its path, where slashes of both kinds can be mixed, is put in the program's form.
    ``exists`` says whether the target is a directory of the instance now.
    """
    content, problem = read_record(root, path, LIMIT)
    if content is None:
        return Pointer(path, "", None, False, problems=(problem,)) if problem else None
    if not content.complete:
        problem = unreadable(path, f"it is larger than {LIMIT} bytes")
        return Pointer(path, "", None, False, content.mtime, (problem,))
    target = from_bytes(_chomp(content.data))
    if root.platform == "windows":
        target = (rules or Rules(root)).place(target) or target
    exists = is_directory(root, target)
    deployment_id, problems = _judge(path, target, exists, root.platform == "windows")
    return Pointer(path, target, deployment_id, exists, content.mtime, tuple(problems))


def _chomp(data: bytes) -> bytes:
    """``String#chomp``: one line end off the end."""
    for end in (b"\r\n", b"\n", b"\r"):
        if data.endswith(end):
            return data[: -len(end)]
    return data


def _judge(path: str, target: str, exists: bool, windows: bool) -> tuple[Optional[str], list[Problem]]:
    if not target.strip():
        return None, [Problem("pointer-empty", path, "The pointer is empty: it names no deployment.")]
    if "\0" in target or "\n" in target or not target.startswith("/"):
        return None, [Problem("pointer-odd", path, "The pointer does not hold one absolute path.")]
    deployment_id = posixpath.basename(target.rstrip("/")) or None
    if exists:
        return deployment_id, []
    # ApplicationStop and the BlockTraffic events run from the last successful revision and fail without it.
    last = path.endswith(LAST_SUCCESSFUL)
    follows = "; events that use its scripts fail" if last else ""
    shown = native(target) if windows else target
    message = f"The pointer names {shown}, which is not there{follows}."
    return deployment_id, [Problem("pointer-gone", path, message, severity="critical" if last else "warning")]
