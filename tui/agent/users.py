"""The names of an instance's users and groups, from its own files."""

from __future__ import annotations

from typing import Optional

from tui.agent.reading import read_record
from tui.agent.records import Problem
from tui.disk.root import Root
from tui.paths import from_bytes

LIMIT = 8 << 20  # bytes
MAX_NAMES = 100_000


def read_names(root: Root, problems: Optional[list[Problem]] = None) -> tuple[dict[int, str], dict[int, str]]:
    """``(users, groups)``: names by number, from ``/etc/passwd`` and ``/etc/group``.

    The first line of a number counts, as for the system; lines that make no sense are passed over.
    ``problems`` gets a word of a file that cannot be read.
    """
    kept = [] if problems is None else problems
    return _read(root, "/etc/passwd", kept), _read(root, "/etc/group", kept)


def _read(root: Root, path: str, problems: list[Problem]) -> dict[int, str]:
    names: dict[int, str] = {}
    content, problem = read_record(root, path, LIMIT)
    if problem is not None:
        problems.append(problem)
    if content is None:
        return names
    for line in content.data.split(b"\n"):
        fields = line.split(b":")
        if len(fields) < 3 or not fields[0] or not fields[2].isdigit() or len(fields[2]) > 10:
            continue
        names.setdefault(int(fields[2]), from_bytes(fields[0]))
        if len(names) == MAX_NAMES:
            break
    return names
