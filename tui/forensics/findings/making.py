"""Making findings: texts come from the table of codes, and what one instance adds to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from tui.agent.records import Group, Instance
from tui.forensics.findings.codes import CODES
from tui.forensics.marks import Finding, Severity

PATHS_SHOWN = 200  # paths that a finding carries; its count is of all
NAMES_SHOWN = 5  # names that a sentence holds


def make(
    code: str,
    group: Optional[Group] = None,
    *,
    paths: Sequence[str] = (),
    count: Optional[int] = None,
    source: Optional[str] = None,
    severity: Optional[Severity] = None,
    title: Optional[str] = None,
    detail: Optional[str] = None,
    more: str = "",
    advice: Optional[str] = None,
    **values: str,
) -> Finding:
    """A finding of a code in the table.

    ``values`` fill the braces of its title; ``more`` is added to what it means, ``title``, ``detail`` and
    ``advice`` take its texts' place. ``count`` is of all paths where ``paths`` are only the first.
    """
    kind = CODES[code]
    told = kind.meaning if detail is None else detail
    return Finding(
        code,
        kind.severities[0] if severity is None else severity,
        kind.title.format(**values) if title is None else title,
        " ".join(part for part in (told, more) if part),
        kind.advice if advice is None else advice,
        group.id if group is not None else None,
        tuple(paths[:PATHS_SHOWN]),
        len(paths) if count is None else count,
        source,
    )


def named(names: Sequence[str], shown: int = NAMES_SHOWN) -> str:
    """Some names for a sentence, the first few of many."""
    first = ", ".join(names[:shown])
    return first if len(names) <= shown else f"{first} and {len(names) - shown} more"


def named_paths(instance: Instance, paths: Sequence[str], shown: int = NAMES_SHOWN) -> str:
    """Some paths for a sentence, as the instance's operator knows them."""
    first = [instance.native(path) for path in paths[:shown]]
    return ", ".join(first) + (f" and {len(paths) - shown} more" if len(paths) > shown else "")


def counted(count: int, one: str, many: Optional[str] = None) -> str:
    """``1 file``, ``2,000 files``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size_of(size: float) -> str:
    """Bytes as people read them: ``1.5 MiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def span_of(seconds: float) -> str:
    """A length of time in whole hours, or days where that is two or more."""
    hours = int(seconds // 3600)
    return counted(hours, "hour") if hours < 48 else counted(hours // 24, "day")
