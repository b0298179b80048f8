"""The kinds of evidence, one module each. Each tells what a record says of a path, and where it says so."""

from __future__ import annotations

from typing import Optional


def at(path: str, line: Optional[int] = None) -> str:
    """The contract's form of a source: a path relative to the instance's root, and the 1-based line."""
    return path.lstrip("/") + (f":{line}" if line is not None else "")
