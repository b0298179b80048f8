"""The agent's logs, as they were read: runs of scripts, and commands that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from tui.agent.records import Problem


@dataclass(frozen=True)
class Failure:
    """A command of a deployment that failed, as a log tells it. What the log does not say is None.

    ``time`` is in seconds since 1970, the log's own local time as if it were UTC, or UTC where ``utc``
    says so. ``location`` is the script that failed, as the appspec names it, where one did.
    """

    message: str  # one line, long ones cut
    time: float
    source: str  # the log
    line: Optional[int]
    deployment_id: Optional[str] = None
    event: Optional[str] = None
    location: Optional[str] = None
    utc: bool = False
    repeats: int = 1  # how often in a row the log says so


@dataclass(frozen=True)
class ScriptRun:
    """One run of a lifecycle script, as a log tells it. Times are the log's own local time.

    Times are seconds since 1970 *as if the local time were UTC*: ``start`` when the script was
    started, ``last`` the last line of its output (``start`` where it printed nothing), ``until``
    when the log's next entry after it was written (None: it is the log's last). No log
    tells when a script ended. ``resolution`` is 0.001 or 1.0 seconds.
    """

    deployment_id: Optional[str]
    event: str
    location: str
    start: float
    last: float
    until: Optional[float]
    resolution: float
    source: str
    line: int
    lines: int = 0  # lines of output
    failure: Optional[str] = None  # what a log says of its failure, where one does


@dataclass(frozen=True)
class LogFile:
    """A log that scripts' output went to, and the runs in it."""

    path: str
    size: int
    mtime: float
    utc_offset: Optional[int]  # seconds east of UTC, from the log's own header; None where it has none
    runs: tuple[ScriptRun, ...] = ()
    last_entry: Optional[float] = None  # local time of the last entry, to compare with mtime
    complete: bool = True
    problems: tuple[Problem, ...] = ()
    failures: tuple[Failure, ...] = ()  # events that it says failed (version 2's deployments log)
    parts: tuple[str, ...] = ()  # the files it was put together from, oldest first, where there are several


@dataclass(frozen=True)
class AgentLog:
    """The agent's own log, read from its end. ``form`` is the version that wrote its last entry: 1, 2 or None."""

    path: str
    size: int
    mtime: float
    form: Optional[int] = None
    first_entry: Optional[float] = None  # of the part that was read; as in Failure
    last_entry: Optional[float] = None
    failures: tuple[Failure, ...] = ()
    rotated: tuple[str, ...] = ()  # older parts beside it, by name, which are not read
    complete: bool = True  # False: only its end was read
    problems: tuple[Problem, ...] = ()
