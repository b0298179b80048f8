"""What a preview is asked for and what it tells. All paths are the instance's own, as the agent spells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Optional, Union

from tui.forensics.marks import Confidence, Mark

if TYPE_CHECKING:
    from tui.disk.tree import Tree


NEW_GROUP = "new"  # in an id's place: a deployment group of which the instance has nothing yet


class Behavior(str, Enum):
    """The file-exists behavior, as the appspec and the deployment's option write it."""

    DISALLOW = "DISALLOW"
    OVERWRITE = "OVERWRITE"
    RETAIN = "RETAIN"


class Ending(str, Enum):
    """How a deployment of a chain ends, where the operator says so."""

    FORETOLD = "as foretold"
    IN_INSTALL = "fails in Install"  # though nothing on disk makes it fail: at its last instruction
    IN_SCRIPT = "fails in a script"  # after its Install event


class Phase(str, Enum):
    """Where in the Install event a deployment fails."""

    DOWNLOAD = "download"  # the revision cannot be unpacked: nothing else happens
    APPSPEC = "appspec"  # before anything is removed
    CLEANUP = "cleanup"
    INSTRUCTIONS = "instructions"
    INSTALL = "install"


class Action(str, Enum):
    """What the cleanup does with one line of the cleanup file."""

    REMOVED = "removed"
    ABSENT = "absent"
    NOT_EMPTY = "not-empty"
    NOT_LISTED_WHOLE = "not-listed-whole"  # a name that the file cannot hold, or a last line cut off
    NOT_REACHED = "not-reached"  # the cleanup fails before it comes to the line
    SKIPPED = "skipped"  # version 2 passes over it, or over the whole file
    KEPT_DANGLING = "kept-dangling"  # version 2 takes a dangling link for absent
    CONTEXT = "context"  # a semanage line: an SELinux rule goes, no file does
    UNKNOWN = "unknown"  # a relative line: from which directory the agent starts is not known


class Stays(str, Enum):
    """Why a path is still there after the Install event."""

    NOT_LISTED = "not listed"
    NOT_EMPTY = "directory not empty"
    NAME = "its name cannot be removed"
    THROUGH_LINK = "reached through a link"
    RETAINED = "retained"
    DANGLING = "dangling link, which version 2 takes for absent"
    NOT_REACHED = "the cleanup fails before it"
    PASSED_OVER = "its line is passed over"
    OTHER_GROUP = "another group's"


@dataclass(frozen=True)
class Revision:
    """A revision that could be deployed next. ``tree`` holds its files; whoever opened it closes it."""

    label: str  # what the operator named
    tree: Tree
    deployment: Optional[str] = None  # the deployment whose archive it is, where it is one left on the instance
    problem: Optional[str] = None  # why DownloadBundle fails with it: the deployment then never comes to Install
    notes: tuple[str, ...] = ()  # what to doubt about it


@dataclass(frozen=True)
class LastSuccessful:
    """In a revision's place: that of the group's last completed Install, whichever it is when the step comes.

    It can be an earlier step's, one that failed in a script after its Install event too. ``known_good``: that
    of the last deployment that did not fail, which is what an automatic rollback deploys.
    """

    known_good: bool = False


@dataclass(frozen=True)
class Step:
    """One deployment of a chain."""

    group: str
    revision: Union[Revision, LastSuccessful]
    behavior: Optional[Behavior] = None  # the deployment's option; None: not given, so DISALLOW
    ending: Ending = Ending.FORETOLD


class CleanupLine(NamedTuple):
    """One line of the cleanup file and what becomes of it, in the order of removal."""

    path: str
    action: Action
    line: int  # 1-based
    real: Optional[str] = None  # the path it is reached at, where a link stands on the way
    detail: str = ""


@dataclass(frozen=True)
class Failure:
    """Why the Install event fails: the agent's own message, and the path that it stumbles over."""

    phase: Phase
    message: str
    path: Optional[str] = None
    sure: bool = True  # False: it comes to this only if something that is not known is so; ``notes`` say what


class MadeBy(NamedTuple):
    """Who made a path, as the examination has it."""

    mark: Mark
    confidence: Confidence
    group: Optional[str]
    deployment: Optional[str]
    why: str  # the first piece of its evidence
    source: Optional[str] = None  # relative/path:line


class Collision(NamedTuple):
    """Something that makes the deployment fail, and the smallest thing that would change that."""

    path: str
    phase: Phase
    message: str  # what the agent says when it comes to it first
    made_by: Optional[MadeBy]  # None: not in a target location, or part of the revision
    remedy: str
    real: Optional[str] = None  # where it really is, where a link stands on the way
    there: bool = True  # False: it is something missing that is in the way


class Lost(NamedTuple):
    """Content that would be destroyed, and that no revision left on the instance holds."""

    path: str
    reason: str
    size: int
    made_by: Optional[MadeBy] = None
    sure: bool = True  # False: part of what could hold it could not be read


class Remaining(NamedTuple):
    """A path in the group's places that is there before and after, and why."""

    path: str
    why: Stays
    detail: str = ""


class AttributeChange(NamedTuple):
    """A path whose mode or owner changes; None where it stays or is not known."""

    path: str
    mode: Optional[tuple[int, int]]
    uid: Optional[tuple[int, int]]
    gid: Optional[tuple[int, int]]
    through: Optional[str] = None  # the path that the agent names, where that is a link to this one


class ScriptToRun(NamedTuple):
    """A lifecycle script that the deployment would run."""

    event: str
    location: str  # as the appspec has it
    revision: str  # deployment id, or the candidate's label
    path: str  # where the agent looks for it, in the instance or in the revision
    exists: Optional[bool]  # None: it could not be looked at
    executable: Optional[bool]
    runas: Optional[str]
    note: str = ""  # what follows, where something is wrong with it


@dataclass(frozen=True)
class Effects:
    """The net difference on disk between before and right after the Install event, in path order."""

    removed: Sequence[str] = ()
    added: Sequence[str] = ()
    changed: Sequence[str] = ()  # another type, content or link target
    attributes: Sequence[str] = ()  # another mode or owner and nothing else

    def __len__(self) -> int:
        return len(self.removed) + len(self.added) + len(self.changed) + len(self.attributes)


@dataclass(frozen=True)
class Verdict:
    """What one deployment would do. Paths are in path order unless said otherwise."""

    group: str
    revision: str
    behavior: Behavior  # the one that applies
    behavior_from: str  # appspec, option or default
    version: int  # whose rules were played: 1 or 2
    failure: Optional[Failure] = None
    ending: Ending = Ending.FORETOLD
    collisions: Sequence[Collision] = ()  # in the agent's order, as far as that is known
    cleanup: Sequence[CleanupLine] = ()  # in the order of removal
    effects: Effects = Effects()  # in whatever order the file system gives names
    possibly: Effects = Effects()  # what depends on that order
    overwritten: Sequence[str] = ()  # there after the cleanup, and copied over
    retained: Sequence[str] = ()  # there after the cleanup, kept, and in no record from then on
    written_through: Sequence[tuple[str, str]] = ()  # (path, real path): copied to where a link leads
    lost: Sequence[Lost] = ()
    remains: Sequence[Remaining] = ()
    attributes: Sequence[
        AttributeChange
    ] = ()  # of ``effects.attributes``, and of changed or added paths by permissions
    scripts: Sequence[ScriptToRun] = ()  # in the order of events
    pruned: Sequence[str] = ()  # deployments whose revision the download deletes
    notes: Sequence[str] = ()  # what is not known, and what follows
    guide: Sequence[str] = ()  # where the AWS guide says something else
    instructions: int = 0  # how many the Install event makes

    @property
    def outcome(self) -> str:
        """``succeeds`` or ``fails``: the Install event; a forced ending counts."""
        return "succeeds" if self.failure is None and self.ending is Ending.FORETOLD else "fails"


@dataclass(frozen=True)
class Preview:
    """Verdicts of a chain of deployments, and what all of it comes to."""

    verdicts: Sequence[Verdict]
    total: Effects = Effects()
    possibly: Effects = Effects()
    lost: Sequence[Lost] = ()
    by_behavior: Mapping[Behavior, Verdict] = field(default_factory=dict)  # of a single deployment, where asked for
