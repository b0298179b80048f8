"""Evidence in plain words: kinds have headings, and what speaks for another mark stands apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tui.forensics.marks import Evidence, Mark

_HEADINGS = {
    "cleanup-file": "The cleanup file",
    "cut-off-line": "The cleanup file",
    "install-plan": "install.json",
    "install-time": "When Install ran",
    "revision": "Revisions",
    "other-content": "Revisions",
    "content": "Content",
    "via-link": "Links",
    "absent": "On disk",
    "not-looked-at": "On disk",
    "script-text": "Scripts' text",
    "script-output": "Scripts' output",
    "script-time": "When scripts ran",
    "script-left": "When scripts ran",
    "name": "Its name",
    "app-file": "What it looks like",
    "runas-owner": "Owner",
    "open-file": "Open files",
    "package": "Packages",
    "before-first": "Age",
    "group-gone": "The operator's word",
    "none": "What was looked for",
}


@dataclass(frozen=True)
class Section:
    """Evidence of kinds that have one heading. ``against``: it speaks for another mark than the path has."""

    heading: str
    pieces: tuple[Evidence, ...]
    against: bool = False


def heading(kind: str) -> str:
    """What a kind of evidence is called; one that has no other name is called what it is."""
    return _HEADINGS.get(kind, kind)


def speaks_against(evidence: Evidence, mark: Mark) -> bool:
    """Whether it speaks for another mark than the one that a path has."""
    return evidence.for_mark is not None and evidence.for_mark != mark


def sections(evidence: Iterable[Evidence], mark: Mark) -> list[Section]:
    """Evidence by heading, in the order in which each came first; what speaks for another mark at the end."""
    grouped: dict[tuple[bool, str], list[Evidence]] = {}
    for piece in evidence:
        grouped.setdefault((speaks_against(piece, mark), heading(piece.kind)), []).append(piece)
    found = [Section(name, tuple(pieces), against) for (against, name), pieces in grouped.items()]
    return sorted(found, key=lambda section: section.against)
