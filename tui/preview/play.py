"""Playing deployments on one instance: a chain of steps, each with its verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Callable, Optional, Union

from tui.agent.records import Group, Instance, Problem
from tui.disk.root import Root, RootError
from tui.disk.tree import RootTree
from tui.forensics.examination import Examination
from tui.forensics.targets import destinations
from tui.paths import from_bytes
from tui.preview.attribution import Attribution, remedy
from tui.preview.carry_out import Accounts
from tui.preview.disk import Disk, Item, numbered
from tui.preview.effects import Comparer, effects_of, in_order
from tui.preview.event import Event, Outcome, Prepared
from tui.preview.groups import GroupState, Installed, downloaded, group_state, pruned
from tui.preview.guide import guide_notes
from tui.preview.instructions import Cancelled
from tui.preview.lost import Held, Losses
from tui.preview.records import (
    AttributeChange,
    Behavior,
    Collision,
    Failure,
    LastSuccessful,
    Lost,
    Phase,
    Preview,
    Revision,
    Step,
    Verdict,
)
from tui.preview.remaining import remaining
from tui.preview.revision import last_successful
from tui.preview.scripts import Scripts, scripts_to_run

_PASSWD = "/etc/passwd"
_NSSWITCH = "/etc/nsswitch.conf"
_OWN_FILES = frozenset(["files", "compat", "altfiles", "systemd", "db"])


@dataclass(frozen=True)
class Playing:
    """How far a preview is: the step (from 0) of how many, and what is done."""

    step: int
    steps: int
    doing: str


PlayEvent = Union[Playing, Preview]


def play(
    root: Root,
    examination: Examination,
    steps: Sequence[Step],
    all_behaviors: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[PlayEvent]:
    """Play deployments one after the other; yields progress, and the Preview last.

    ``all_behaviors`` plays a single step with each file-exists behavior. Nothing is yielded any more once
    ``cancelled()`` is true. Raises ``tui.preview.instructions.Endless`` where a revision walks in circles, and
    ``tui.preview.revision.NoRevision`` where a step's last completed Install is not there.
    """
    player = _Player(root, examination, cancelled)
    verdicts: list[Verdict] = []
    try:
        for number, step in enumerate(steps):
            yield Playing(number, len(steps), "cleanup")
            player.begin(step, all_behaviors)
            if number == 0 and all_behaviors and len(steps) == 1:
                by_behavior = {}
                for behavior in Behavior:
                    yield Playing(number, len(steps), behavior.value)
                    by_behavior[behavior] = player.try_out(behavior)
                verdicts.append(player.end(step.behavior))
                player.by_behavior = by_behavior
            else:
                yield Playing(number, len(steps), "install")
                verdicts.append(player.end(step.behavior))
            if cancelled():
                return
        yield player.preview(verdicts)
    except Cancelled:
        return


class _Player:
    def __init__(self, root: Root, examination: Examination, cancelled: Callable[[], bool]) -> None:
        self._root = root
        self._examination = examination
        self._cancelled = cancelled
        self._instance = instance = examination.instance
        self._disk = Disk(RootTree(root), instance.windows, examination.inventory)
        layout = instance.layout
        outside = (layout.root_dir, instance.config.log_dir)
        self._attribution = Attribution(examination)
        known = self._attribution.same_as
        self._comparer = Comparer(self._disk, examination.inventory, outside, known, cancelled)
        self._losses = Losses(self._disk, examination, self._attribution, cancelled)
        self._event = Event(
            root, instance, self._disk, self._comparer, _accounts(root, instance), _cwd(instance), cancelled
        )
        self._states: dict[str, GroupState] = {}
        self._made: dict[str, Revision] = {}  # by deployment of this chain
        self._told: list[Verdict] = []  # of the steps so far
        self._ids = numbered()
        self._held: list[Held] = []  # the chain's revisions
        self._gone: list[str] = []  # directories of revisions that were pruned
        self._total: dict[str, Optional[Item]] = {}
        self._possible: tuple[set[str], ...] = (set(), set(), set(), set())
        self.by_behavior: Mapping[Behavior, Verdict] = {}

    # -- one step -----------------------------------------------------------------------------

    def begin(self, step: Step, again: bool = False) -> None:
        """Download and clean up. ``again``: the rest will be played more than once."""
        self._comparer.remember = again
        self._step = step
        state = self._states.get(step.group) or self._state(step.group)
        self._revision = revision = self._resolved(step, state)
        self._deployment = next(self._ids)
        self._made[self._deployment] = revision
        self._pruned = pruned(state, self._instance.config.max_revisions)
        self._gone += (f"{state.directory}/{name}" for name in self._pruned)
        self._before = state
        self._state_now = downloaded(state, self._deployment, self._pruned)
        self._disk.before = {}
        self._disk.settle()
        self._prepared: Optional[Prepared] = None
        if revision.problem is None:
            self._prepared = self._event.prepare(self._state_now, revision, self._deployment)
            self._held.append((revision.tree, self._prepared.place))

    def try_out(self, behavior: Behavior) -> Verdict:
        """The verdict with one behavior, taken back afterwards."""
        start = self._disk.checkpoint()
        touched = dict(self._disk.before)
        verdict, _ = self._played(behavior)
        self._disk.back_to(start)
        self._disk.before = touched
        return verdict

    def end(self, behavior: Optional[Behavior]) -> Verdict:
        """The verdict with the step's own behavior; the model goes on from there."""
        verdict, state = self._played(behavior)
        self._states[self._step.group] = state
        for path, item in self._disk.before.items():
            self._total.setdefault(path, item)
        for so_far, more in zip(self._possible, vars(verdict.possibly).values()):
            so_far.update(more)
        self._told.append(verdict)
        return verdict

    def _played(self, behavior: Optional[Behavior]) -> tuple[Verdict, GroupState]:
        step, prepared, revision = self._step, self._prepared, self._revision
        if prepared is None:
            failure = Failure(Phase.DOWNLOAD, revision.problem or "", None)
            verdict = Verdict(
                step.group, revision.label, behavior or Behavior.DISALLOW, "default" if behavior is None else "option",
                self._event.version, failure, step.ending, pruned=self._pruned, notes=revision.notes,
            )  # fmt: skip
            return verdict, self._state_now
        outcome = self._event.install(self._state_now, prepared, behavior, step.ending)
        state = self._event.left(self._state_now, prepared, outcome, step.ending, self._deployment)
        verdict = self._verdict(prepared, outcome)
        for other, path in outcome.net.others.items():
            self._disk.share(path, other)
        return verdict, state

    def _resolved(self, step: Step, state: GroupState) -> Revision:
        """The step's revision; for the last completed Install that of the step, or of the instance, that made it."""
        if not isinstance(step.revision, LastSuccessful):
            return step.revision
        last = state.last.deployment if state.last is not None else None
        made = self._made.get((state.good or "") if step.revision.known_good else last or "")
        return made or last_successful(self._root, self._instance.group(step.group))

    def _state(self, group_id: str) -> GroupState:
        group = self._instance.group(group_id)
        if group is not None:
            return group_state(self._root, self._instance, group)
        return GroupState(group_id, f"{self._instance.layout.root_dir}/{group_id}")

    def _group(self) -> tuple[Optional[int], Optional[Group]]:
        for index, group in enumerate(self._instance.groups):
            if group.id == self._step.group:
                return index, group
        return None, None

    # -- the verdict --------------------------------------------------------------------------

    def _verdict(self, prepared: Prepared, outcome: Outcome) -> Verdict:
        step, disk = self._step, self._disk
        index, group = self._group()
        scripts = scripts_to_run(
            disk, self._last(), self._revision.label, prepared.archive, prepared.appspec, prepared.appspec_name,
            self._event.version,
        )  # fmt: skip
        places = set(outcome.destinations)
        if group is not None:
            places |= destinations(self._instance, group)
        lost = self._losses.find(outcome.net.kinds, disk.before, self._archives, self._gone)
        remains = remaining(disk, self._examination, index, places, self._total, prepared.cleanup, outcome.retained)
        verdict = Verdict(
            group=step.group,
            revision=self._revision.label,
            behavior=outcome.behavior,
            behavior_from=outcome.behavior_from,
            version=self._event.version,
            failure=outcome.failure,
            ending=step.ending,
            collisions=self._collisions(outcome),
            cleanup=prepared.cleanup,
            effects=outcome.effects,
            possibly=outcome.possibly,
            overwritten=outcome.played.overwritten,
            retained=outcome.retained,
            written_through=outcome.played.through,
            lost=lost,
            remains=remains,
            attributes=self._attributes(outcome),
            scripts=scripts.runs,
            pruned=self._pruned,
            notes=tuple(self._notes(outcome, scripts)),
            instructions=outcome.instructions,
        )
        return replace(verdict, guide=guide_notes(verdict, self._told))

    def _attributes(self, outcome: Outcome) -> list[AttributeChange]:
        through = outcome.played.changed_through
        changes = outcome.net.attributes
        return [
            changes[path]._replace(through=through.get(path) or changes[path].through) for path in in_order(changes)
        ]

    def _collisions(self, outcome: Outcome) -> list[Collision]:
        paths = [trouble.path for _, trouble in outcome.troubles]
        real = {path: self._real(path) for path in paths if path}
        rows = self._attribution.rows(real.values())
        found = []
        for phase, trouble in outcome.troubles:
            if phase in (Phase.DOWNLOAD, Phase.APPSPEC):
                continue
            place = real.get(trouble.path, trouble.path)
            row = rows.get(place)
            made_by = None if row is None else self._attribution.made_by(row)
            advice = remedy(trouble.remedy, made_by, outcome.behavior)
            away = place if place != trouble.path else None
            there = bool(trouble.path) and self._disk.now(trouble.path)[0] is not None
            found.append(Collision(trouble.path, phase, trouble.message, made_by, advice, away, there))
        return found

    def _real(self, path: str) -> str:
        entry, directory, _ = self._disk.now(path)
        if entry is None or directory is None:
            return path
        found = self._disk.find(path, follow=False)
        return found.path

    def _archives(self) -> Iterator[Held]:
        """The revisions that are left on the instance, those of the chain included, each once."""
        gone = set(self._gone)
        mounted = {self._disk.on_instance(tree, "/") for tree, _ in self._held}
        for group in self._instance.groups:
            for deployment in group.deployments:
                archive = deployment.archive
                if archive is not None and archive not in mounted and deployment.path not in gone:
                    yield RootTree(self._root, archive), None
        yield from self._held

    def _notes(self, outcome: Outcome, scripts: Scripts) -> Iterator[str]:
        yield from self._revision.notes
        yield from scripts.notes
        yield from outcome.notes
        if self._group()[1] is None and not self._before.made:
            yield "The instance has nothing of this deployment group: this is its first one here, without a cleanup."
        version = self._instance.version
        if version.text is None and version.hint is None:
            yield "The agent's version is not known: version 1's rules are used."
        if not self._before.sure:
            yield (
                "The deployment before fails midway: what it leaves, and so all of this, depends on the file system's "
                "order."
            )
        if self._before.cleanup is not None and not self._before.cleanup.complete:
            yield "The cleanup file could not be read whole: what is missing of it is not played."
        if any(problem.code == "cleanup-not-utf8" for problem in self._cleanup_problems()):
            yield (
                "The cleanup file is not valid UTF-8: with a UTF-8 locale and Ruby 3.1 or older the agent refuses it "
                "whole, removes nothing and fails."
            )
        if self._prepared is not None:
            yield from (
                problem.message for problem in self._prepared.appspec.problems if problem.code == "appspec-newer-ruby"
            )
        for path, reason in list(self._disk.unread.items())[:20]:
            yield f"{path}: {reason}; what is there is not known"
        for path in outcome.net.unread[:20]:
            yield f"{path}: its content could not be compared; it is taken for changed"

    def _last(self) -> Optional[Installed]:
        """The last completed Install, under its revision's name where a step of this chain made it."""
        last = self._before.last
        made = self._made.get(last.deployment) if last is not None else None
        return last if last is None or made is None else replace(last, deployment=made.label)

    def _cleanup_problems(self) -> tuple[Problem, ...]:
        return self._before.cleanup.problems if self._before.cleanup is not None else ()

    # -- the whole ----------------------------------------------------------------------------

    def preview(self, verdicts: Sequence[Verdict]) -> Preview:
        """All verdicts, and the net of all steps."""
        if len(verdicts) == 1:
            only = verdicts[0]
            return Preview(verdicts, only.effects, only.possibly, only.lost, self.by_behavior)
        net = self._comparer.net(self._total)
        unsure = set().union(*self._possible)
        sure = {path: kind for path, kind in net.kinds.items() if path not in unsure}
        maybe = {path: kind for path, kind in net.kinds.items() if path in unsure}
        lost: list[Lost] = self._losses.find(net.kinds, self._total, self._archives, self._gone)
        return Preview(verdicts, effects_of(sure), effects_of(maybe), lost)


def _cwd(instance: Instance) -> Optional[str]:
    """The agent's working directory, where all of its processes are in one."""
    found = {process.cwd for process in instance.processes or () if process.cwd is not None and not process.cwd_gone}
    return found.pop() if len(found) == 1 else None


def _accounts(root: Root, instance: Instance) -> Accounts:
    users = {name: uid for uid, name in instance.users.items()}
    groups = {name: gid for gid, name in instance.group_names.items()}
    return Accounts(users, groups, _homes(root), _only_files(root))


def _homes(root: Root) -> dict[str, str]:
    """Users' home directories, from the instance's own etc/passwd."""
    try:
        lines = from_bytes(root.read(_PASSWD, 1 << 20).data).split("\n")
    except (RootError, OSError):
        return {}
    fields = (line.split(":") for line in lines)
    return {field[0]: field[5] for field in fields if len(field) >= 7 and field[5].startswith("/")}


def _only_files(root: Root) -> bool:
    """Whether the instance takes users from its own files alone."""
    try:
        text = from_bytes(root.read(_NSSWITCH, 1 << 16).data)
    except (RootError, OSError):
        return True
    for line in text.split("\n"):
        name, colon, sources = line.partition("#")[0].partition(":")
        if colon and name.strip() in ("passwd", "group"):
            words = {word for word in sources.split() if not word.startswith("[")}
            if not words <= _OWN_FILES:
                return False
    return True
