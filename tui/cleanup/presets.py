"""Ready choices: residue, what makes a deployment fail, what the agent's own cleanup would take."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Callable, Optional

from tui.agent.records import Group
from tui.cleanup.choose import Pick, Selection, Wanted, choose
from tui.cleanup.records import Refused, Why
from tui.cleanup.without import without_paths
from tui.disk.inventory import DIR, LINK
from tui.disk.root import Root, RootError
from tui.disk.tree import RootTree
from tui.forensics.examination import Examination
from tui.forensics.marks import Confidence, Mark
from tui.paths import child_path, path_key, showable, split
from tui.preview.disk import Disk
from tui.preview.messages import Messages
from tui.preview.play import play
from tui.preview.records import Action, Collision, Phase, Preview, Step, Verdict
from tui.preview.removal import Cleaned, clean

RESIDUE = frozenset([Mark.SCRIPT_CREATED, Mark.ORPHANED])
MOST_ROUNDS = 64  # plays of a deployment: each finds what the failure before hid
MOST_INSIDE = 1_000_000  # paths in directories that stand in the way


class Stopped(Exception):
    """Nobody waits for the choice any more."""


def residue(
    examination: Examination,
    confidence: Confidence = Confidence.LIKELY,
    group: Optional[str] = None,
    exclude: tuple[str, ...] = (),
) -> Selection:
    """What scripts made and what was left behind, as sure as ``confidence`` at least. Raises BadGlob."""
    words = "residue" if group is None else f"residue of group {group}"
    return choose(examination, Wanted(RESIDUE, confidence, group=group, exclude=exclude), words, Why.RESIDUE)


# -- what makes a deployment fail -------------------------------------------------------------


@dataclass(frozen=True)
class Unblocked:
    """The smallest set that lets a deployment succeed. ``after`` is the verdict without what was found.

    Where ``after`` surely fails all the same, moving things away does not help: nothing is chosen then, and
    ``selection.refused`` says what would.
    """

    selection: Selection
    before: Verdict
    after: Verdict


def unblock(
    root: Root, examination: Examination, step: Step, cancelled: Callable[[], bool] = lambda: False
) -> Unblocked:
    """What stands in the way of a deployment, found by playing it again and again without what was found.

    What does not go away by being taken away is left out and told, with what the preview says of it.
    Raises Stopped once ``cancelled()`` is true, and what ``play`` raises.
    """
    chosen: dict[str, Collision] = {}
    useless: set[str] = set()
    first = after = _played(root, examination, step, cancelled)
    for _ in range(MOST_ROUNDS):
        if after.failure is None:
            break
        found = {path: c for c in after.collisions for path in [_in_the_way(root, c, chosen)] if path is not None}
        again = [path for path, c in chosen.items() if any(_same(c, other) for other in after.collisions)]
        new = {path: c for path, c in found.items() if path not in chosen and path not in useless}
        if again:
            useless.update(again)
            for path in again:
                del chosen[path]
        if not new and not again:
            break
        chosen.update(new)
        after = _played(*without_paths(root, examination, chosen), step, cancelled)
    words = f"what makes the deployment of {first.revision} to group {step.group} fail"
    refused = tuple(_unsolved(after)) if after.failure is not None else ()
    if after.failure is not None and after.failure.sure:
        chosen = {}
    picks = tuple(pick for path, c in chosen.items() for pick in _picks(root, path, c))
    places = frozenset(chosen)
    return Unblocked(Selection(words, Why.UNBLOCK, array("I"), picks, places, refused), first, after)


def _played(root: Root, examination: Examination, step: Step, cancelled: Callable[[], bool]) -> Verdict:
    for event in play(root, examination, [step], cancelled=cancelled):
        if isinstance(event, Preview):
            return event.verdicts[0]
    raise Stopped


def _same(a: Collision, b: Collision) -> bool:
    return a.path == b.path and a.message == b.message


def _in_the_way(root: Root, collision: Collision, chosen: dict[str, Collision]) -> Optional[str]:
    """The real path of what is to be taken away for a collision; None where there is nothing.

    Version 1 goes into a directory that stands in a file's or link's place: its message then names what is
    in the way there. Of a way that cannot be made it is the first thing on it that is no directory.
    """
    if collision.phase is Phase.APPSPEC or not collision.path.startswith("/"):
        return None
    path = (collision.real or collision.path).rstrip("/") or "/"
    inner = _named_inside(root, collision)
    if inner is not None and inner not in chosen:
        return inner
    try:
        if root.stat(path, follow=False) is not None:
            return root.real_path(path, follow_last=False)
    except RootError:
        pass
    return _obstacle(root, path)


def _named_inside(root: Root, collision: Collision) -> Optional[str]:
    at = collision.message.find(collision.path + "/")
    if at < 0:
        return None
    try:
        return root.real_path(collision.message[at:], follow_last=False)
    except RootError:
        return None


def _obstacle(root: Root, path: str) -> Optional[str]:
    """The first thing on the way to a path that is neither a directory nor leads to one."""
    above = ""
    for name in path.strip("/").split("/")[:-1]:
        above = f"{above}/{name}"
        try:
            here = root.stat(above, follow=False)
            if here is None:
                return None
            if here.type == DIR:
                continue
            behind = root.stat(above) if here.type == LINK else None
            if behind is None or behind.type != DIR:
                return root.real_path(above, follow_last=False)
        except RootError:
            return None
    return None


def _picks(root: Root, path: str, collision: Collision) -> Iterator[Pick]:
    """A path in the way; of a directory all that is in it as well."""
    made_by = collision.made_by
    why = made_by.why if made_by is not None else "nothing on disk tells who made it"
    group = made_by.group if made_by is not None else None
    evidence = f"it makes the deployment fail: {collision.message}; {why}"
    yield Pick(path, Why.UNBLOCK, evidence, group)
    for inside in _inside(root, path):
        yield Pick(inside, Why.UNBLOCK, f"it is in {path}, which stands in the way", group)


def _inside(root: Root, top: str) -> Iterator[str]:
    """All paths in a directory, links not followed."""
    try:
        stat = root.stat(top, follow=False)
    except RootError:
        return
    todo = [top] if stat is not None and stat.type == DIR else []
    count = 0
    while todo:
        directory = todo.pop()
        try:
            entries = root.list(directory)
        except RootError:
            continue  # the directory is then not empty, and the plan refuses it
        for name, below in entries:
            path = child_path(directory, name)
            count += 1
            if count > MOST_INSIDE:
                return
            yield path
            if below.type == DIR:
                todo.append(path)


def _unsolved(after: Verdict) -> Iterator[Refused]:
    """Why moving things away does not help, each with what would."""
    failure = after.failure
    assert failure is not None
    reasons = {(c.path, f"{c.message}; {c.remedy}"): None for c in after.collisions}
    for path, reason in reasons or {(failure.path or "", failure.message or "the deployment is told to fail"): None}:
        yield Refused(path, "unsolvable", reason)


# -- what the agent's own cleanup takes -------------------------------------------------------


def uninstall(
    root: Root, examination: Examination, group: Group, cwd: Optional[str] = None, gone: Collection[str] = ()
) -> Selection:
    """What the agent's cleanup of a group would take away now: its cleanup file's lines, played.

    Real paths; directories that it leaves, since they are not empty, are not in it. ``cwd``: the agent's working
    directory, for relative lines, where it is known. ``gone``: groups that the operator declares gone; what the
    others list too is in ``others``.
    """
    cleaned = _cleaned(root, examination, group, cwd)
    source = group.cleanup.path if group.cleanup is not None else ""
    picks, refused = [], []
    for line in cleaned.lines:
        if line.action is Action.REMOVED:
            path = _real(root, line.real or line.path)
            picks.append(Pick(path, Why.UNINSTALL, f"line {line.line} of {source} lists it", group.id))
        elif line.action is Action.NOT_REACHED:
            reason = cleaned.failure.message if cleaned.failure is not None else line.detail
            refused.append(Refused(line.path, "not-reached", f"the agent's cleanup stops before it: {reason}"))
    if group.cleanup is None:
        refused.append(Refused(group.id, "no-cleanup-file", "the group has no cleanup file: the agent removes nothing"))
    picks.sort(key=lambda pick: path_key(pick.path))
    others = []
    for other in examination.instance.groups:
        if other.id not in (group.id, *gone) and other.cleanup is not None:
            lines = _cleaned(root, examination, other, cwd).lines
            theirs = {_real(root, line.real or line.path) for line in lines if line.action is not Action.ABSENT}
            shared = frozenset(pick.path for pick in picks if pick.path in theirs)
            others += [(other.id, shared)] if shared else []
    words = f"uninstall group {showable(group.id)}"
    return Selection(words, Why.UNINSTALL, picks=tuple(picks), refused=tuple(refused), others=tuple(others))


def _cleaned(root: Root, examination: Examination, group: Group, cwd: Optional[str]) -> Cleaned:
    """What becomes of the lines of a group's cleanup file."""
    instance = examination.instance
    version = instance.version.rules
    disk = Disk(RootTree(root), instance.windows)
    return clean(disk, group.cleanup, version, Messages(version, instance.windows), cwd)


def _real(root: Root, path: str) -> str:
    """Where a path's directory really is; the path itself where that cannot be told."""
    path = path.rstrip("/") or "/"
    directory, name = split(path)
    try:
        return child_path(root.real_path(directory), name)
    except RootError:
        return path
