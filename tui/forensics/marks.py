"""The vocabulary of an examination: marks, states, confidence, evidence, findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Optional


class Mark(IntEnum):
    """Whose a path is, by the contract's definitions."""

    DEPLOYED = 0
    SCRIPT_CREATED = 1
    ORPHANED = 2
    UNATTRIBUTED = 3

    @property
    def label(self) -> str:
        return ("deployed", "script-created", "orphaned", "unattributed")[self]

    @property
    def letter(self) -> str:
        return "DSOU"[self]


class State(IntEnum):
    """How a path compares with the revision it came from.

    For deployed paths, and for those that the last Install planned and did not list; NONE for all others.
    """

    NONE = 0
    INTACT = 1
    MODIFIED = 2
    MISSING = 3
    REPLACED = 4
    UNVERIFIED = 5
    PENDING = 6  # not compared yet: while a scan runs, or until it is asked for

    @property
    def label(self) -> Optional[str]:
        return (None, "intact", "modified", "missing", "replaced", "unverified", "pending")[self]

    @property
    def sign(self) -> str:
        return " \x20~\u2013!?\u2026"[self]


class Confidence(IntEnum):
    """How far the evidence for a mark goes."""

    CERTAIN = 0
    LIKELY = 1
    POSSIBLE = 2

    @property
    def label(self) -> str:
        return ("certain", "likely", "possible")[self]


class Severity(IntEnum):
    """How much a finding matters; the worst sorts first."""

    CRITICAL = 0
    WARNING = 1
    INFO = 2

    @property
    def label(self) -> str:
        return ("critical", "warning", "info")[self]


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks for a mark: its kind, a sentence, and the record's file and line (``relative/path:line``).

    ``for_mark`` is the mark it speaks for, which is not always the one that the path has; None where
    it speaks for none.
    """

    kind: str
    detail: str
    source: Optional[str] = None
    for_mark: Optional[Mark] = None


@dataclass(frozen=True)
class Finding:
    """Something an operator should know or do. ``paths`` are the files concerned, maybe cut to the first few."""

    code: str
    severity: Severity
    title: str
    detail: str
    advice: str
    group: Optional[str] = None
    paths: tuple[str, ...] = ()
    count: int = 0  # of all the files concerned
    source: Optional[str] = None
