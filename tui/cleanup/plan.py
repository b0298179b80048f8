"""Planning: every chosen path looked at afresh, judged, and put in the order of work. Nothing is changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Callable, NamedTuple, Optional

from tui.cleanup.choose import Pick, Selection
from tui.cleanup.guard import Guard
from tui.cleanup.in_use import InUse
from tui.cleanup.protected import STATE_DIRS
from tui.cleanup.records import Act, Plan, PlanStep, Refused, Seen, Warned, Why
from tui.cleanup.seen import Looked, Looker, differs, digest_at, directory_of
from tui.cleanup.warn import Warner
from tui.disk.inventory import DIR, FILE, OTHER, UNKNOWN_TIME
from tui.disk.root import Root, RootError
from tui.forensics.examination import NO_GROUP, Examination
from tui.forensics.marks import Confidence, Mark
from tui.paths import path_key

NO_ROW = -1
RECORD_LIMIT = 64 << 20  # bytes of a record that is put right


class Stopped(Exception):
    """Nobody waits for the plan any more."""


@dataclass(frozen=True)
class Making:
    """What a plan needs beside the instance. ``made``: seconds since 1970."""

    made: float
    version: str  # of the tool
    host: Optional[str] = None
    delete: bool = False  # for good, instead of moving to quarantine
    in_use: Optional[InUse] = None  # None: processes were not asked
    state_dir: Optional[str] = None  # where the quarantine is; None: the usual place
    apart: Optional[int] = None  # the file system of the one place that takes all, where the operator named one


class _Chosen(NamedTuple):
    row: int
    pick: Optional[Pick]
    why: Why


class _Step(NamedTuple):
    path: str
    chosen: _Chosen
    seen: Seen


def make_plan(
    root: Root,
    examination: Examination,
    selection: Selection,
    guard: Guard,
    making: Making,
    cancelled: Callable[[], bool] = lambda: False,
) -> Plan:
    """The plan for what is chosen; what cannot be acted on is in ``refused``. Raises Stopped.

    A directory is planned only where all that is in it goes before. Rows that changed since the
    examination are refused: what is said of them need not hold any more.
    """
    planner = _Planner(root, examination, selection, guard, making, cancelled)
    steps, rows, devices = planner.steps()
    warner = Warner(
        root, examination, steps, rows, making.in_use, devices, _home_device(root, examination, making),
        selection.others, making.apart is not None,
    )  # fmt: skip
    warnings = tuple(warner.all(cancelled))
    if cancelled():
        raise Stopped
    return Plan(
        source=root.label,
        source_kind=root.kind,
        host=making.host,
        made=making.made,
        version=making.version,
        steps=tuple(steps),
        warnings=warnings,
        refused=(*selection.refused, *planner.refused),
        chosen_by=selection.words,
    )


def warnings_now(
    root: Root,
    examination: Examination,
    steps: Sequence[PlanStep],
    making: Making,
    others: Sequence[tuple[str, Collection[str]]] = (),
) -> tuple[Warned, ...]:
    """What to think of now before steps are carried out that were planned earlier. ``others``: see Selection."""
    wanted = {step.path for step in steps}
    known = {path: row for row, path in examination.inventory.paths() if path in wanted}
    looker = Looker(root)
    devices = {directory: looker.device(directory) for directory in {directory_of(path) for path in wanted}}
    warner = Warner(
        root, examination, steps, [known.get(step.path, NO_ROW) for step in steps], making.in_use,
        [devices[directory_of(step.path)] for step in steps], _home_device(root, examination, making), others,
        making.apart is not None,
    )  # fmt: skip
    return tuple(warner.all())


def _home_device(root: Root, examination: Examination, making: Making) -> Optional[int]:
    """The file system that the quarantine is on, by the nearest directory that is there."""
    if making.apart is not None:
        return making.apart
    place = making.state_dir or STATE_DIRS[examination.instance.layout.platform]
    while True:
        try:
            stat = root.stat(place)
        except RootError:
            return None
        if stat is not None or place == "/":
            return None if stat is None else stat.device
        place = directory_of(place)


class _Planner:
    def __init__(
        self,
        root: Root,
        examination: Examination,
        selection: Selection,
        guard: Guard,
        making: Making,
        cancelled: Callable[[], bool],
    ) -> None:
        self._root = root
        self._e = examination
        self._selection = selection
        self._guard = guard
        self._making = making
        self._cancelled = cancelled
        self._looker = Looker(root)
        self._devices: dict[str, Optional[int]] = {}
        self.refused: list[Refused] = []

    def steps(self) -> tuple[list[PlanStep], list[int], list[Optional[int]]]:
        """The steps, their rows, and the file systems of the directories they stand in."""
        chosen = self._chosen()
        looked: dict[str, Looked] = {}
        for count, (path, found) in enumerate(self._looker.look(chosen)):
            if count % 1024 == 0 and self._cancelled():
                raise Stopped
            looked[path] = found
        steps: list[PlanStep] = []
        rows: list[int] = []
        devices: list[Optional[int]] = []
        for step in self._in_order(chosen, looked):
            made = self._step(len(steps) + 1, step)
            if made is not None:
                steps.append(made)
                rows.append(step.chosen.row)
                devices.append(self._device(step.path.rpartition("/")[0] or "/"))
        return steps, rows, devices

    def _chosen(self) -> dict[str, _Chosen]:
        """What is chosen and may be acted on, by path in tree order."""
        chosen: dict[str, _Chosen] = {}
        why, refuses = self._selection.why, self._guard.refuses
        found = [(path, _Chosen(row, None, why)) for row, path in self._e.inventory.paths(self._selection.rows)]
        if self._selection.picks:
            wanted = {pick.path for pick in self._selection.picks}
            known = {path: row for row, path in self._e.inventory.paths() if path in wanted}
            found += [(p.path, _Chosen(known.get(p.path, NO_ROW), p, p.why)) for p in self._selection.picks]
        for path, one in found:
            act = Act.RESTORE if one.pick is not None and one.pick.content is not None else Act.QUARANTINE
            wrong = refuses(path, one.why, act)
            if wrong is None:
                chosen.setdefault(path, one)
            else:
                self.refused.append(wrong)
        if not self._selection.picks:
            return chosen  # rows are in tree order
        return dict(sorted(chosen.items(), key=lambda item: path_key(item[0])))

    def _in_order(self, chosen: dict[str, _Chosen], looked: dict[str, Looked]) -> Iterator[_Step]:
        """What is in a directory before the directory; that only where nothing else is in it."""
        open_directories: list[tuple[str, _Step]] = []
        going: dict[str, int] = {}
        for path, one in chosen.items():
            while open_directories and not path.startswith(open_directories[-1][0]):
                yield from self._close(open_directories.pop()[1], going)
            found = looked[path]
            seen = found.seen
            if seen is None:
                self.refused.append(Refused(path, found.code, found.reason))
                continue
            changed = self._changed(one.row, seen)
            if changed is not None:
                self.refused.append(Refused(path, "changed", changed))
                continue
            if seen.kind == DIR:
                open_directories.append((path.rstrip("/") + "/", _Step(path, one, seen)))
                continue
            directory = path.rpartition("/")[0] or "/"
            going[directory] = going.get(directory, 0) + 1
            yield _Step(path, one, seen)
        while open_directories:
            yield from self._close(open_directories.pop()[1], going)

    def _close(self, step: _Step, going: dict[str, int]) -> Iterator[_Step]:
        """A directory after all that is in it."""
        entries = self._looker.entries(step.path)
        if entries is None:
            self.refused.append(Refused(step.path, "unreadable", "the directory cannot be listed"))
        elif entries > going.get(step.path, 0):
            left = entries - going.get(step.path, 0)
            self.refused.append(
                Refused(step.path, "not-empty", "1 thing stays in it" if left == 1 else f"{left:,} things stay in it")
            )
        elif step.seen.device != self._device(directory_of(step.path)) and self._root.platform != "windows":
            self.refused.append(Refused(step.path, "protected", "it is a mount point"))
        else:
            above = directory_of(step.path)
            going[above] = going.get(above, 0) + 1
            yield step

    def _device(self, directory: str) -> Optional[int]:
        if directory not in self._devices:
            self._devices[directory] = self._looker.device(directory)
        return self._devices[directory]

    def _changed(self, row: int, seen: Seen) -> Optional[str]:
        """In what a path is not what the examination saw."""
        if row == NO_ROW:
            return None
        inventory = self._e.inventory
        if inventory.type[row] != seen.kind:
            return "it is another type of file than the scan saw; scan again"
        if inventory.inode[row] != seen.inode:
            return "another file stands in its place than the scan saw; scan again"
        if seen.kind == DIR:
            return None
        mtime = inventory.mtime_ns[row]
        if inventory.size[row] != seen.size or mtime not in (seen.mtime_ns, UNKNOWN_TIME):
            return "it was written to since the scan; scan again"
        return None

    def _step(self, number: int, step: _Step) -> Optional[PlanStep]:
        path, (row, pick, why), seen = step
        act = Act.DELETE if self._making.delete else Act.QUARANTINE
        content = pick.content if pick is not None else None
        if content is not None:
            act = Act.RESTORE
            wrong = self._wrong_content(path, seen, content)
            if wrong is not None:
                self.refused.append(wrong)
                return None
        if seen.kind == OTHER and act is Act.DELETE:
            self.refused.append(Refused(path, "other-type", "a pipe, socket or device is not deleted for good"))
            return None
        if seen.kind == FILE and act is not Act.QUARANTINE:
            seen = seen._replace(digest=digest_at(self._root, path, seen.size))
        mark = confidence = group = None
        evidence = pick.evidence if pick is not None else ""
        if row != NO_ROW and why is not Why.RECORDS:
            mark, confidence = Mark(self._e.mark[row]).label, Confidence(self._e.confidence[row]).label
            number_of_group = self._e.group[row]
            group = None if number_of_group == NO_GROUP else self._e.instance.groups[number_of_group].id
            evidence = evidence or self._evidence(row)
        if pick is not None and pick.group is not None:
            group = pick.group
        return PlanStep(number, path, act, why, seen, mark, confidence, evidence, group, content)

    def _evidence(self, row: int) -> str:
        """The first piece of evidence for the mark that a row has."""
        pieces = self._e.evidence_of(row)
        mark = self._e.mark[row]
        own = next((piece for piece in pieces if piece.for_mark == mark), pieces[0] if pieces else None)
        return own.detail if own is not None else ""

    def _wrong_content(self, path: str, seen: Seen, content: bytes) -> Optional[Refused]:
        """Why a record may not be made to hold something."""
        if seen.kind != FILE:
            return Refused(path, "other-type", "it is no regular file: it cannot be put right")
        try:
            now = self._root.read(path, RECORD_LIMIT)
        except RootError as error:
            return Refused(path, "unreadable", f"it cannot be read: {error.reason}")
        if not now.complete:
            return Refused(path, "unreadable", "it is too large to be read whole")
        return self._guard.refuses_content(path, content, now.data)


def check_plan(
    plan: Plan, root: Root, guard: Guard, cancelled: Callable[[], bool] = lambda: False
) -> tuple[Refused, ...]:
    """What of a plan may not be carried out as things stand now: judged anew, looked at anew. Raises Stopped.

    Nothing in the plan is taken on trust: it may have been written by anybody.
    """
    refused: list[Refused] = []
    allowed: dict[str, PlanStep] = {}
    for step in plan.steps:
        wrong = guard.refuses(step.path, step.why, step.act)
        if wrong is None:
            allowed[step.path] = step
        else:
            refused.append(wrong)
    looker = Looker(root)
    going: dict[str, int] = {}
    for count, (path, found) in enumerate(looker.look(allowed)):
        if count % 1024 == 0 and cancelled():
            raise Stopped
        reason = _not_as_planned(root, guard, allowed[path], found)
        if reason is not None:
            refused.append(reason)
        else:
            above = directory_of(path)
            going[above] = going.get(above, 0) + 1
    for path, step in allowed.items():
        if step.seen.kind == DIR and (looker.entries(path) or 0) > going.get(path, 0):
            refused.append(Refused(path, "not-empty", "things are in it that are not planned for"))
    return tuple(refused)


def _not_as_planned(root: Root, guard: Guard, step: PlanStep, found: Looked) -> Optional[Refused]:
    if found.seen is None:
        return Refused(step.path, found.code, found.reason)
    now = found.seen
    if step.seen.digest is not None and now.kind == FILE:
        now = now._replace(digest=digest_at(root, step.path, now.size))
    changed = differs(step.seen, now)
    if changed is not None:
        return Refused(step.path, "changed", changed)
    if step.content is None:
        return None
    try:
        return guard.refuses_content(step.path, step.content, root.read(step.path, RECORD_LIMIT).data)
    except RootError as error:
        return Refused(step.path, "unreadable", f"it cannot be read: {error.reason}")
