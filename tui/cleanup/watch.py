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


class Doubt(NamedTuple):
    """What speaks for a deployment that is in progress. ``key``: the same as long as the same speaks for it."""

    key: str
    reason: str


class Overridden(NamedTuple):
    """A reason to stop that the operator overrode, and the reason that was typed for it."""

    reason: str
    typed: str
    key: str


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
        self._doubt: Optional[Doubt] = None  # that was told last
        self.overridden: list[Overridden] = []  # for the journal; the same is in it once
        self._baseline = self._records()

    def force(self, typed: str) -> None:
        """Go on in spite of what was told last, and of whatever is seen from now on.

        Raises ValueError where no reason was typed.
        """
        if not typed.strip():
            raise ValueError("a reason is needed to go on while a deployment is in progress")
        self._forced = typed.strip()
        if self._doubt is not None:
            self._override(self._doubt, self._forced)

    def follow(self, earlier: DeploymentWatch) -> None:
        """Take over from one that looked before, with what was typed there."""
        self._forced, self.overridden = earlier._forced, earlier.overridden

    def ask(self) -> Optional[str]:
        """Why to stop now; None where nothing speaks against going on. What was overridden is kept."""
        doubt = self._seen()
        if doubt is not None and self._forced is not None:
            self._override(doubt, self._forced)
            return None
        self._doubt = doubt
        return None if doubt is None else doubt.reason

    def reason(self) -> Optional[str]:
        """Why a deployment is taken to be in progress; None where it is not."""
        doubt = self._seen()
        return None if doubt is None else doubt.reason

    def forced(self) -> list[str]:
        """What the operator went on in spite of, each as a clause for the journal."""
        return [f"forced, {one.typed}: {one.reason}" for one in self.overridden]

    def _override(self, doubt: Doubt, typed: str) -> None:
        if all(known.key != doubt.key for known in self.overridden):
            self.overridden.append(Overridden(doubt.reason, typed, doubt.key))

    def _seen(self) -> Optional[Doubt]:
        return self._tracked() or self._running() or self._changed()

    def _tracked(self) -> Optional[Doubt]:
        """A tracking file that is not stale; everything in its directory is one for the agent."""
        directory = self._instance.layout.ongoing_dir
        try:
            entries = self._root.list(directory)
        except NotThere:
            return None
        except RootError as error:
            return Doubt("untold", f"whether a deployment runs cannot be told: {directory}: {error.reason}")
        for name, stat in entries:
            age = self._now() - stat.mtime
            if age <= STALE:
                minutes = max(0, int(age / 60))
                path = self._instance.showable_path(child_path(directory, name))
                reason = f"its tracking file {path} is {minutes} minute{'' if minutes == 1 else 's'} old"
                return Doubt(f"tracked {name}", f"deployment {showable(name)} is in progress: {reason}")
        return None

    def _running(self) -> Optional[Doubt]:
        if self._scripts is None:
            return None
        moment = self._clock()
        if self._asked is None or moment - self._asked >= EVERY:
            self._asked, self._told = moment, self._scripts()
        if not self._told:
            return None
        return Doubt("running", f"the agent runs {', '.join(showable(name) for name in self._told[:3])}")

    def _changed(self) -> Optional[Doubt]:
        now = self._records()
        if now == self._baseline:
            return None
        paths = now.keys() | self._baseline.keys()
        different = [path for path in paths if now.get(path) != self._baseline.get(path)]
        first = min(different, key=lambda path: (-path.count("/"), path))  # a directory's time follows what is in it
        return Doubt("changed", f"the agent's records change: {self._instance.showable_path(first)}")

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
