"""What batch files count and cut."""

from __future__ import annotations

import re
from typing import Optional

from tui.forensics.scripts.effects import base_name, parent
from tui.forensics.scripts.values import ANY, MAX_VALUES, Values, unique


def numbers(text: str) -> Values:
    """What ``for /l`` counts."""
    found = re.fullmatch(r"\s*(-?\d{1,6})[\s,]+(-?\d{1,6})[\s,]+(-?\d{1,6})\s*", text)
    if found is None or int(found[2]) == 0:
        return (ANY,)
    numbers = range(int(found[1]), int(found[3]) + (1 if int(found[2]) > 0 else -1), int(found[2]))
    return tuple(str(n) for n in numbers) if len(numbers) <= MAX_VALUES else (ANY,)


def modified(values: Values, how: Optional[str]) -> Values:
    """``%~dp0`` and its kin: drive and path, name, ending."""
    if not how or how.lower() == "f":
        return values
    found = []
    for value in values:
        name = base_name(value)
        stem, dot, ending = name.rpartition(".")
        stem = stem if dot else name
        text = ""
        if "p" in how or "d" in how:
            above = parent(value)
            drive = value[:2] if value[1:2] == ":" else ""
            text = (drive if "d" in how else "") + (above[len(drive) :].rstrip("\\") + "\\" if "p" in how else "")
        text += stem if "n" in how else ""
        text += dot + ending if "x" in how else ""
        found.append(text)
    return unique(found)
