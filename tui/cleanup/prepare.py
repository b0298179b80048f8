"""What a cleanup looks at before its plan is made durable: the directories it changes, and where its quarantine is."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from typing import NamedTuple, Optional

from tui.cleanup.canonical import Run
from tui.cleanup.identity import changed
from tui.cleanup.journal import Before
from tui.cleanup.protected import STATE_NAME
from tui.cleanup.records import Did, PlanStep
from tui.cleanup.state_dir import Site, StateError, device_of, open_place, told
from tui.cleanup.take import SINCE
from tui.cleanup.ways import Moved
from tui.disk.inventory import DIR
from tui.disk.opened import Status
from tui.paths import child_path, split


class Prepared(NamedTuple):
    """``refused``: by number, steps that are not to be taken: what became of them, and why."""

    directories: dict[str, Before]
    places: dict[int, Optional[str]]
    refused: dict[int, tuple[Did, str]]


def prepare(site: Site, steps: Sequence[PlanStep], runs: Sequence[Run]) -> Prepared:
    """Look at every directory that a plan changes and those above; make other file systems' state directories.

    What cannot be looked at now could not be put back as it was, so nothing in it is taken. Raises StateError.
    """
    return _Preparing(site).all(steps, runs)


class _Preparing:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._home = device_of(site)
        self._tops = {f"/{name}" for name in site.tops}  # above which there is nothing: / or the drives
        self._found: dict[str, Before] = {}
        self._unseen: dict[str, tuple[Did, str]] = {}
        self._mounts: dict[str, tuple[str, int]] = {}  # directory -> where its file system begins, its device
        self._numbers: dict[str, int] = {}
        self._places: dict[int, Optional[str]] = {0: None}

    def all(self, steps: Sequence[PlanStep], runs: Sequence[Run]) -> Prepared:
        refused: dict[int, tuple[Did, str]] = {}
        for above, start, end in runs:
            self._before(above)
            wrong = self._unseen.get(above)
            for step in steps[start:end]:
                why = wrong if wrong is not None or step[4][0] != DIR else self._planned(step)
                if why is not None:
                    refused[step.number] = why
        return Prepared(self._found, self._places, refused)

    def _planned(self, step: PlanStep) -> Optional[tuple[Did, str]]:
        """Why a directory is not to go: it is not what was seen, before anything in it goes."""
        self._before(step.path)
        if step.path in self._unseen:
            return self._unseen[step.path]
        try:
            found = self._site.calls.look(".", self._site.ways.at(step.path).handle)
        except OSError as error:
            return Did.FAILED, told(error)
        seen = step.seen
        reason = changed(seen, found, None)
        if reason is None and found.st_mtime_ns != seen.mtime_ns:
            reason = "something in it was added or removed"
        return None if reason is None else (Did.SKIPPED, f"{SINCE}: {reason}")

    def _before(self, path: str) -> None:
        """Look at a directory and those above it, each once."""
        if path in self._found or path in self._unseen:
            return
        if path not in self._tops:
            above = split(path)[0]
            self._before(above)
            if above in self._unseen:
                self._unseen[path] = self._unseen[above]
                return
        try:
            self._found[path] = self._look(path)
        except Moved as error:
            self._unseen[path] = Did.SKIPPED, f"{SINCE}: {path}: {error.strerror}"
        except FileNotFoundError:
            self._unseen[path] = Did.SKIPPED, f"{SINCE}: {path} is gone"
        except OSError as error:
            self._unseen[path] = Did.FAILED, f"{path}: cannot be looked at: {told(error)}"

    def _look(self, path: str) -> Before:
        calls, way = self._site.calls, self._site.ways.at(path)
        found = calls.look(".", way.handle)
        place = self._place(path, found)
        return Before(
            path, place, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid,
            getattr(found, "st_atime_ns", found.st_mtime_ns), found.st_mtime_ns, calls.attributes(".", way.handle),
        )  # fmt: skip

    def _place(self, path: str, found: Status) -> int:
        """The number of the state directory that takes what lies directly in a directory."""
        above = self._mounts.get(split(path)[0]) if path not in self._tops else None
        mount = above[0] if above is not None and above[1] == found.st_dev else path
        self._mounts[path] = mount, found.st_dev
        if self._site.apart is not None or found.st_dev == self._home:
            return 0
        if mount not in self._numbers:
            self._numbers[mount] = self._new_place(child_path(mount, STATE_NAME))
        return self._numbers[mount]

    def _new_place(self, path: str) -> int:
        """A state directory at the top of a file system; where none can be made there, the usual one is copied to."""
        try:
            handle = open_place(self._site, path, make=True)
        except StateError:
            raise
        except OSError:
            return 0
        self._site.calls.close(handle)
        number = len(self._places)
        self._places[number] = path
        return number
