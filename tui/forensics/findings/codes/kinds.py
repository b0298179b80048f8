"""What one kind of finding is."""

from __future__ import annotations

from dataclasses import dataclass

from tui.forensics.marks import Severity

CRITICAL, WARNING, INFO = (Severity.CRITICAL,), (Severity.WARNING,), (Severity.INFO,)


@dataclass(frozen=True)
class Kind:
    """One code: the severities it can have (the first is usual), its title, what it means and what to do.

    The title may hold names in braces, which each finding fills in. A finding can say more than
    ``meaning`` where it knows more.
    """

    severities: tuple[Severity, ...]
    title: str
    meaning: str
    advice: str
