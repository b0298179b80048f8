"""A cleanup's records, in the direction they flow: a choice, its plan, what was done, what was put back.

Paths are the instance's own, as everywhere in the program. Times are nanoseconds since 1970 where a name
ends in ``_ns``, else seconds; sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Optional

from tui.disk.inventory import FILE


class Act(str, Enum):
    """What a step does with its path."""

    QUARANTINE = "quarantine"  # moved, can be put back
    DELETE = "delete"  # for good
    RESTORE = "restore"  # an agent's record is put right: what stood there is kept in quarantine


class Why(str, Enum):
    """What chose a path."""

    RESIDUE = "residue"
    UNBLOCK = "unblock"
    UNINSTALL = "uninstall"
    RECORDS = "agent-records"
    MARK = "mark"
    PATH = "path"


class Seen(NamedTuple):
    """What stood at a path when it was planned; it must be the very same when it is acted on."""

    kind: int  # as in tui.disk.inventory
    device: int
    inode: int
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    ctime_ns: int
    links: int
    target: Optional[str] = None  # of a symbolic link
    digest: Optional[str] = (
        None  # SHA-256 in hex, where content decides (delete for good; copies to another file system)
    )


class PlanStep(NamedTuple):
    """One path and what happens to it. Steps are in the order of work: what is in a directory before the directory."""

    number: int  # from 1
    path: str
    act: Act
    why: Why
    seen: Seen
    mark: Optional[str] = None  # label of the mark; None for the agent's own records
    confidence: Optional[str] = None
    evidence: str = ""  # the first piece, one sentence
    group: Optional[str] = None
    content: Optional[bytes] = None  # what is written in place of an agent's record that is put right


class Warned(NamedTuple):
    """Something to think of before the plan is carried out. ``code`` is stable and kebab-case.

    ``held-open``, ``executed``, ``hard-links``, ``other-mount``, ``watched-directory``, ``deployed``,
    ``low-confidence``, ``content-lost`` (delete for good), ``other-group`` (to which it belongs too),
    ``incomplete-scan``, ``not-this-machine``.
    """

    code: str
    message: str
    paths: Sequence[str] = ()


class Refused(NamedTuple):
    """A chosen path that is not acted on, and why. ``code`` is stable: see ``tui.cleanup.guard``."""

    path: str
    code: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What a cleanup would do, whole, before anything happens."""

    source: str  # the Root's label
    source_kind: str  # machine or directory
    host: Optional[str]
    made: float
    version: str  # of the tool
    steps: tuple[PlanStep, ...]
    warnings: tuple[Warned, ...] = ()
    refused: tuple[Refused, ...] = ()
    chosen_by: str = ""  # the choice in words, for the journal: "residue of group X"

    @property
    def bytes(self) -> int:
        """What the files of the plan take up, each once, however many names it has."""
        several: dict[tuple[int, int], int] = {}
        alone = 0
        for step in self.steps:
            if step.seen.kind == FILE:
                if step.seen.links > 1:
                    several[step.seen.device, step.seen.inode] = step.seen.size
                else:
                    alone += step.seen.size
        return alone + sum(several.values())

    @property
    def freed(self) -> int:
        """What there is to be gained: files with a name that is not in the plan give back nothing.

        Moved to quarantine on the same file system, they give it back when that is purged.
        """
        names: dict[tuple[int, int], int] = {}
        freed = 0
        for step in self.steps:
            if step.seen.kind == FILE and step.act is not Act.RESTORE:
                file = step.seen.device, step.seen.inode
                names[file] = names.get(file, 0) + 1
                if names[file] == step.seen.links:
                    freed += step.seen.size
        return freed


class State(str, Enum):
    """How far a cleanup is, as its journal has it."""

    PLANNED = "planned"  # durable; nothing done yet
    RUNNING = "running"  # also after a crash
    DONE = "done"
    STOPPED = "stopped"  # by the operator, or by a guard: the rest is untouched
    PARTLY = "partly"  # something failed; the journal tells what
    UNDOING = "undoing"
    UNDONE = "undone"
    PARTLY_UNDONE = "partly undone"
    PURGED = "purged"  # its quarantine was freed


class Did(str, Enum):
    """What became of a step."""

    PENDING = "pending"
    MOVED = "moved"
    DELETED = "deleted"
    RESTORED = "restored"  # an agent's record
    SKIPPED = "skipped"  # changed since it was planned, or stopped before
    FAILED = "failed"
    PUT_BACK = "put back"
    CONFLICT = "conflict"  # something stands in its place; it stays in quarantine
    PURGED = "purged"


class StepResult(NamedTuple):
    """What became of one step, and why where it was not done."""

    number: int
    path: str
    did: Did
    reason: str = ""
    held: bool = False  # what was there lies in quarantine; of a directory: the journal has what it was


@dataclass(frozen=True)
class Result:
    """What a cleanup, an undo or a recovery did."""

    id: str
    state: State
    results: tuple[StepResult, ...]
    bytes: int = 0

    def of(self, *kinds: Did) -> tuple[StepResult, ...]:
        """The results of some kinds."""
        return tuple(result for result in self.results if result.did in kinds)


@dataclass(frozen=True)
class Entry:
    """A cleanup in the journal."""

    id: str
    state: State
    started: float
    ended: Optional[float]
    who: str  # user name, and the one behind sudo
    host: str
    tool: str  # version
    reason: str  # typed by the operator; empty where none was asked for
    plan_hash: str
    chosen_by: str
    steps: int
    done: int
    bytes: int
    quarantine: Sequence[str] = ()  # directories that hold what was moved
