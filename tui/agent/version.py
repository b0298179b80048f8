"""The agent's version."""

from __future__ import annotations

import re

from tui.agent.reading import read_record
from tui.agent.records import AgentVersion, Layout
from tui.disk.root import Root

LIMIT = 4096
# Version 1 writes "agent_version: OFFICIAL_1.8.1-9_deb", version 2 "agent_version: 2.1.0" and no newline.
_VERSION = re.compile(rb"agent_version:[ \t]*(?:[A-Za-z]+_)?([0-9]{1,6}(?:\.[0-9]{1,9}){1,3})")


def read_version(root: Root, layout: Layout) -> AgentVersion:
    """The version from the first of the layout's version files that tells one; text None where none does."""
    for path in layout.version_files:
        content, _ = read_record(root, path, LIMIT)
        match = _VERSION.search(content.data) if content else None
        if match:
            return AgentVersion(match[1].decode("ascii"), path)
    return AgentVersion(None, None)
