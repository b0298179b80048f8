"""What to think of before a plan is carried out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Callable, Optional

from tui.cleanup.in_use import InUse
from tui.cleanup.records import Act, PlanStep, Warned
from tui.cleanup.watched import watched
from tui.disk.inventory import DIR, FILE, LINK
from tui.disk.root import Root
from tui.disk.tree import RootTree
from tui.forensics.examination import Examination
from tui.forensics.marks import Confidence, Mark, State
from tui.paths import split
from tui.preview.lost import Archives, digest_of
from tui.system.open_files import Holder

PATHS_SHOWN = 1000  # of one warning
_HOLDERS_SHOWN = 5


class Warner:
    """Finds the warnings of a plan's steps. ``rows``: a step's row, -1 where it has none."""

    def __init__(
        self,
        root: Root,
        examination: Examination,
        steps: Sequence[PlanStep],
        rows: Sequence[int],
        in_use: Optional[InUse],
        devices: Sequence[Optional[int]],
        home_device: Optional[int],
        others: Sequence[tuple[str, Collection[str]]] = (),
        apart: bool = False,
    ) -> None:
        """``devices``: of the directory each step's path stands in; ``home_device``: where the quarantine is.

        ``others``: groups to which some of the paths belong too, with those; ``apart``: that quarantine takes all.
        """
        self._root = root
        self._e = examination
        self._steps = steps
        self._rows = rows
        self._in_use = in_use
        self._devices = devices
        self._home = home_device
        self._others = others
        self._apart = apart

    def all(self, cancelled: Callable[[], bool] = lambda: False) -> Iterator[Warned]:
        """The warnings, the gravest kinds first."""
        if not self._steps:
            return
        yield from self._not_this_machine()
        yield from self._incomplete()
        yield from self._used()
        yield from self._lost(cancelled)
        yield from self._of_others()
        yield from self._watched()
        yield from self._links()
        yield from self._mounts()
        yield from self._deployed()
        yield from self._unsure()

    def _not_this_machine(self) -> Iterator[Warned]:
        if self._root.kind != "machine":
            yield Warned(
                "not-this-machine",
                f"{self._root.label} is not this machine: whether its files are in use, and whether a deployment "
                "runs there, is not known",
            )

    def _incomplete(self) -> Iterator[Warned]:
        notes = self._e.inventory.notes
        if notes or self._e.inventory.partial or not self._e.final:
            paths = tuple(note.path for note in notes)
            message = "the scan did not see everything: what it did not look into is not planned for"
            yield Warned("incomplete-scan", message, paths[:PATHS_SHOWN])
        if self._in_use is not None and not self._in_use.complete:
            message = "not all processes told which files they use: run as root to be sure"
            yield Warned("incomplete-scan", message)

    def _used(self) -> Iterator[Warned]:
        if self._in_use is None:
            if self._root.kind == "machine":
                yield Warned("incomplete-scan", "processes were not asked which files they use")
            return
        use = self._in_use
        yield from self._held("held-open", "held open", use.files, lambda step: step.seen.kind != DIR)
        yield from self._held(
            "held-open", "the working directory of a process", use.directories, lambda step: step.seen.kind == DIR
        )
        yield from self._held("executed", "run", use.executed, lambda step: step.seen.kind != DIR)

    def _held(self, code: str, what: str, by_path: object, of: Callable[[PlanStep], bool]) -> Iterator[Warned]:
        assert hasattr(by_path, "get")
        found: list[str] = []
        holders: dict[tuple[int, str], Holder] = {}
        for step in self._steps:
            held: Sequence[Holder] = by_path.get(step.path, ()) if of(step) else ()
            if held:
                found.append(step.path)
                holders.update(((holder.pid, holder.name), holder) for holder in held)
        if found:
            yield Warned(
                code, f"{_paths(len(found))} {what}: by {_named(holders.values())}", tuple(found[:PATHS_SHOWN])
            )

    def _lost(self, cancelled: Callable[[], bool]) -> Iterator[Warned]:
        """Content that is deleted for good and that no revision left on the instance holds."""
        judged = [
            step
            for step, row in zip(self._steps, self._rows)
            if step.act is Act.DELETE and step.seen.kind in (FILE, LINK) and not self._in_revision(row)
        ]
        if not judged:
            return
        trees = [
            RootTree(self._root, deployment.archive)
            for group in self._e.instance.groups
            for deployment in group.deployments
            if deployment.archive is not None
        ]
        archives = Archives(trees, {step.seen.size for step in judged if step.seen.kind == FILE}, cancelled)
        lost = [step.path for step in judged if not cancelled() and not self._held_by(archives, step)]
        if lost:
            what = "1 path has" if len(lost) == 1 else f"{len(lost):,} paths have"
            message = f"{what} content that no revision left on the instance holds: deleted for good, it is gone"
            yield Warned("content-lost", message, tuple(lost[:PATHS_SHOWN]))

    def _held_by(self, archives: Archives, step: PlanStep) -> bool:
        """Whether a revision has a file's content. A link's text is in none, unless it is deployed and as it was."""
        if step.seen.kind != FILE:
            return False
        if step.seen.size == 0:
            return True
        known = step.seen.digest
        digest = bytes.fromhex(known) if known is not None else digest_of(RootTree(self._root), step.path)
        return digest is not None and archives.hold(step.seen.size, digest)

    def _in_revision(self, row: int) -> bool:
        return row >= 0 and self._e.state[row] == State.INTACT and self._e.source_of(row) is not None

    def _of_others(self) -> Iterator[Warned]:
        for group, theirs in self._others:
            paths = [step.path for step in self._steps if step.path in theirs]
            if paths:
                message = f"{_paths(len(paths))} deployed by group {group} too, whose app loses what it is made of"
                yield Warned("other-group", message, tuple(paths[:PATHS_SHOWN]))

    def _watched(self) -> Iterator[Warned]:
        known = watched(self._root)
        found: dict[str, list[str]] = {}
        for step in self._steps:
            who = known.of(step.path)
            if who:
                found.setdefault(who, []).append(step.path)
        for who, paths in found.items():
            message = f"{who}: {_paths(len(paths))} taken out of what it looks at"
            yield Warned("watched-directory", message, tuple(paths[:PATHS_SHOWN]))

    def _links(self) -> Iterator[Warned]:
        names: dict[tuple[int, int], list[PlanStep]] = {}
        for step in self._steps:
            if step.seen.kind != DIR and step.seen.links > 1:
                names.setdefault((step.seen.device, step.seen.inode), []).append(step)
        paths = [step.path for steps in names.values() if len(steps) < steps[0].seen.links for step in steps]
        if paths:
            message = f"{_paths(len(paths))} hard links with other names that stay: no space is freed by them"
            yield Warned("hard-links", message, tuple(paths[:PATHS_SHOWN]))

    def _mounts(self) -> Iterator[Warned]:
        if self._home is None:
            return
        found: dict[int, list[str]] = {}
        for step, device in zip(self._steps, self._devices):
            if device is not None and device != self._home:
                found.setdefault(device, []).append(step.path)
        for paths in found.values():
            top = self._top(paths[0])
            how = "it is copied to quarantine" if self._apart else "its quarantine is at its top"
            message = f"{_paths(len(paths))} on another file system, mounted at {top}: {how}"
            yield Warned("other-mount", message, tuple(paths[:PATHS_SHOWN]))

    def _top(self, path: str) -> str:
        """Where the file system is mounted that a path is on."""
        directory = split(path)[0]
        here = self._root.stat(directory, follow=False)
        while here is not None and directory != "/":
            above = self._root.stat(split(directory)[0], follow=False)
            if above is None or above.device != here.device:
                break
            directory = split(directory)[0]
        return directory

    def _deployed(self) -> Iterator[Warned]:
        mine = [
            step.path
            for step, row in zip(self._steps, self._rows)
            if row >= 0 and self._e.mark[row] == Mark.DEPLOYED and self._e.removed_next[row]
        ]
        if mine:
            message = f"{_paths(len(mine))} deployed: the agent removes them itself at the group's next deployment"
            yield Warned("deployed", message, tuple(mine[:PATHS_SHOWN]))

    def _unsure(self) -> Iterator[Warned]:
        weak = [
            step.path
            for step, row in zip(self._steps, self._rows)
            if row >= 0 and self._e.confidence[row] == Confidence.POSSIBLE
        ]
        if weak:
            message = f"{_paths(len(weak))} marked by weak evidence alone: look at it first"
            yield Warned("low-confidence", message, tuple(weak[:PATHS_SHOWN]))


def _paths(count: int) -> str:
    return "1 path is" if count == 1 else f"{count:,} paths are"


def _named(holders: Iterable[Holder]) -> str:
    """Processes in words: ``nginx (812) of nginx.service``."""
    listed = sorted(holders, key=lambda holder: holder.pid)
    named = [
        f"{holder.name or 'a process'} ({holder.pid})" + (f" of {holder.service}" if holder.service else "")
        for holder in listed[:_HOLDERS_SHOWN]
    ]
    more = len(listed) - len(named)
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")
