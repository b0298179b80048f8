"""Whether a deployment is in progress, asked again and again while a cleanup runs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Callable, NamedTuple, Optional

from tui.agent.processes import agent_processes
from tui.agent.records import Instance, Layout
from tui.cleanup.agent_records import STALE
from tui.disk.root import NotThere, Root, RootError, Stat
from tui.paths import child_path, showable, split

EVERY = 1.0  # seconds between two looks at the processes
_State = dict[str, tuple[int, int, int, int]]


class Overridden(NamedTuple):
    """A reason to stop that the operator overrode, and the reason that was typed for it."""

    reason: str
    typed: str


def running_scripts(layout: Layout, ps: Any = None) -> tuple[str, ...]:
    """What the agent's processes on this machine run besides themselves: ``deploy.sh (812)``.

    That is how a lifecycle script shows. ``ps`` is psutil, or what stands for it.
    """
    if ps is None:
        import psutil as ps
    own = {process.pid for process in agent_processes(layout, ps)}
    found: dict[int, str] = {}
    for pid in own:
        try:
            for child in ps.Process(pid).children(recursive=True):
                if child.pid not in own:
                    found[child.pid] = child.name()
        except (ps.Error, OSError):
            continue
    return tuple(f"{name} ({pid})" for pid, name in sorted(found.items()))


class DeploymentWatch:
    """Tells of a deployment that is in progress. It takes its baseline when it is made.

    ``scripts`` gives what the agent runs now, in words (``running_scripts``); None: not this machine. ``own`` are
    paths of the agent's records that the cleanup itself changes. ``now`` is the time of day in seconds since 1970.
    """

    def __init__(
        self,
        root: Root,
        instance: Instance,
        scripts: Optional[Callable[[], Sequence[str]]],
        now: Callable[[], float],
        own: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root
        self._instance = instance
        self._scripts = scripts
        self._now = now
        self._clock = clock
        self._own = _with_above(own)
        self._asked: Optional[float] = None
        self._told: Sequence[str] = ()
        self._forced: Optional[str] = None
        self.overridden: list[Overridden] = []  # for the journal
        self._baseline = self._records()

    def force(self, typed: str) -> None:
        """Go on whatever is told from now on. Raises ValueError where no reason was typed."""
        if not typed.strip():
            raise ValueError("a reason is needed to go on while a deployment is in progress")
        self._forced = typed.strip()

    def ask(self) -> Optional[str]:
        """Why to stop now; None where nothing speaks against going on. What was overridden is kept."""
        reason = self.reason()
        if reason is None or self._forced is None:
            return reason
        if not any(known.reason == reason for known in self.overridden):
            self.overridden.append(Overridden(reason, self._forced))
        return None

    def reason(self) -> Optional[str]:
        """Why a deployment is taken to be in progress; None where it is not."""
        return self._tracked() or self._running() or self._changed()

    def _tracked(self) -> Optional[str]:
        """A tracking file that is not stale; everything in its directory is one for the agent."""
        directory = self._instance.layout.ongoing_dir
        try:
            entries = self._root.list(directory)
        except NotThere:
            return None
        except RootError as error:
            return f"whether a deployment runs cannot be told: {directory}: {error.reason}"
        for name, stat in entries:
            age = self._now() - stat.mtime
            if age <= STALE:
                minutes = max(0, int(age / 60))
                return f"deployment {showable(name)} is in progress: its tracking file is {minutes} minutes old"
        return None

    def _running(self) -> Optional[str]:
        if self._scripts is None:
            return None
        moment = self._clock()
        if self._asked is None or moment - self._asked >= EVERY:
            self._asked, self._told = moment, self._scripts()
        if not self._told:
            return None
        return f"the agent runs {', '.join(showable(name) for name in self._told[:3])}"

    def _changed(self) -> Optional[str]:
        now = self._records()
        if now == self._baseline:
            return None
        paths = now.keys() | self._baseline.keys()
        different = [path for path in paths if now.get(path) != self._baseline.get(path)]
        first = min(different, key=lambda path: (-path.count("/"), path))  # a directory's time follows what is in it
        return f"the agent's records change: {showable(first)}"

    def _records(self) -> _State:
        """The entries of the directories that a deployment changes, less those that the cleanup itself does."""
        layout = self._instance.layout
        directories = [layout.root_dir, layout.instructions_dir, layout.ongoing_dir, layout.deployment_logs_dir]
        directories += [group.path for group in self._instance.groups if group.path is not None]
        found: _State = {}
        for directory in directories:
            try:
                entries = self._root.list(directory)
            except RootError:
                continue
            for name, stat in entries:
                path = child_path(directory, name)
                if path not in self._own:
                    found[path] = _told(stat)
        return found


def _told(stat: Stat) -> tuple[int, int, int, int]:
    return stat.type, stat.inode, stat.size, stat.mtime_ns


def _with_above(paths: Iterable[str]) -> frozenset[str]:
    """Paths and the directories above them, whose times change with them."""
    found = set()
    for path in paths:
        while path not in found and path not in ("/", ""):
            found.add(path)
            path = split(path)[0]
    return frozenset(found)
