"""The agent's messages of scripts that failed, the same in all logs (agent 1.8.1)."""

from __future__ import annotations

import re
from typing import Optional

from tui.paths import from_bytes

LONGEST = 2000  # bytes of a message
_SCRIPT = re.compile(
    r"Script at specified location: (.+?)(?: run as user \S+)? failed (?:with (?:exit code|error)|to complete|to close)"
    r"|Script does not exist at specified location: (?:.*?[/\\]deployment-archive[/\\])?(.+)"
    r"|Unable to set script at specified location: (.+) as executable",
    re.DOTALL,
)


def script_in(message: str) -> Optional[str]:
    """The script that an error message of the agent's names, as the appspec does; None where it names none."""
    match = _SCRIPT.search(message)
    if match is None:
        return None
    return (match[1] or match[2] or match[3] or "").strip() or None


def one_line(text: bytes) -> str:
    """A message in one line, cut where it is long."""
    cut = text[:LONGEST]
    words = from_bytes(cut).split()
    return " ".join(words) + (" ..." if len(text) > LONGEST else "")
