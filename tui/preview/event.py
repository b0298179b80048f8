"""One deployment, played on the model: download, cleanup, instructions, and carrying them out."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Callable, Optional

from tui.agent.appspec import LIMIT, USUAL_NAMES, parse_appspec
from tui.agent.records import COPY, SEMANAGE, AppSpec, CleanupFile, Instance
from tui.disk.inventory import FILE
from tui.disk.root import Root, RootError
from tui.paths import child_path, to_bytes
from tui.preview.carry_out import Accounts, Installer, Played, cleanup_lines
from tui.preview.disk import Dir, Disk, NoWay
from tui.preview.effects import Comparer, Net, certain_and_possible, effects_of, in_order
from tui.preview.groups import GroupState, Installed, cleanup_of
from tui.preview.instructions import Instructions, Trouble, make_instructions
from tui.preview.messages import Messages
from tui.preview.ordering import Split, own_failures, split
from tui.preview.places import Places
from tui.preview.records import Action, Behavior, CleanupLine, Effects, Ending, Failure, Phase, Revision
from tui.preview.removal import clean
from tui.preview.told import Told

_SHOWN = 1000  # paths that install.json cannot hold


@dataclass
class Outcome:
    """What playing one deployment with one file-exists behavior came to."""

    behavior: Behavior
    behavior_from: str
    failure: Optional[Failure] = None
    troubles: list[tuple[Phase, Trouble]] = field(default_factory=list)  # all that fails, the likely first one first
    net: Net = field(default_factory=lambda: Net({}, {}, [], {}))  # of all that is foretold to happen, the likely order
    effects: Effects = field(default_factory=Effects)
    possibly: Effects = field(default_factory=Effects)
    played: Played = field(default_factory=Played)
    instructions: int = 0
    retained: Sequence[str] = ()
    notes: dict[str, None] = field(default_factory=dict)
    cleanup: Optional[CleanupFile] = None  # the cleanup file that is left as it was
    lines: Optional[Sequence[str]] = None  # … or those of the one that it leaves for the next deployment
    destinations: Sequence[str] = ()


@dataclass(frozen=True)
class Prepared:
    """A deployment up to its instructions: the revision in place, the cleanup done."""

    archive: str
    place: Dir  # of the archive in the model
    appspec: AppSpec
    appspec_name: str
    cleanup: Told
    failure: Optional[Failure]
    listed_itself: bool = False  # the cleanup file is among what the cleanup took away


class Event:
    """Plays deployments of one group on a model, step by step."""

    def __init__(
        self,
        root: Root,
        instance: Instance,
        disk: Disk,
        comparer: Comparer,
        accounts: Accounts,
        cwd: Optional[str] = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._root = root
        self._instance = instance
        self._disk = disk
        self._comparer = comparer
        self._accounts = accounts
        self._cwd = cwd
        self._cancelled = cancelled
        self.version = instance.version.rules
        self.say = Messages(self.version, instance.windows)

    def prepare(self, state: GroupState, revision: Revision, deployment: str) -> Prepared:
        """Put the revision in its place and play the cleanup."""
        archive = f"{state.directory}/{deployment}/deployment-archive"
        place = self._disk.mount(archive, revision.tree)
        appspec, name, failure = self._appspec(archive)
        cleaned = Told()
        if failure is not None:
            return Prepared(archive, place, appspec, name, cleaned, failure)
        file = self.cleanup(state)
        cleaned, failure = clean(self._disk, file, self.version, self.say, self._cwd)
        itself = file is not None and any(map(_is_gone, cleaned.at(file.path)))
        if failure is None and file is not None and itself:
            message = self.say.system(errno.ENOENT, "remove", file.path)
            failure = Failure(Phase.CLEANUP, message, file.path, sure=self.version == 1)
        return Prepared(archive, place, appspec, name, cleaned, failure, itself)

    def cleanup(self, state: GroupState) -> Optional[CleanupFile]:
        """The group's cleanup file as its next Install event reads it."""
        if state.lines is None:
            return state.cleanup
        path = f"{self._instance.layout.instructions_dir}/{state.id}-cleanup"
        return cleanup_of(state.lines, path, self._root, self.version)

    def _appspec(self, archive: str) -> tuple[AppSpec, str, Optional[Failure]]:
        """The appspec that Install takes: appspec.yml, else appspec.yaml, which version 2 does not come to."""
        for name in USUAL_NAMES:
            path = f"{archive}/{name}"
            if self.version == 2 and not self._disk.exists(path):
                return AppSpec(path), name, Failure(Phase.DOWNLOAD, self.say.system(errno.ENOENT, "open", path), path)
            try:
                found = self._disk.find(path)
            except NoWay:
                continue
            item = found.entry
            if isinstance(item, Dir):
                return AppSpec(path), name, Failure(Phase.APPSPEC, self.say.unread_directory(path), path)
            if item is None or item.kind != FILE:
                continue
            try:
                tree, where = self._disk.place(item, found.path)
                content = tree.read(where, LIMIT)
            except RootError as error:
                return AppSpec(path), name, Failure(Phase.APPSPEC, error.reason, path, sure=False)
            if not content.complete:
                reason = f"the appspec is larger than {LIMIT} bytes and was not read"
                return AppSpec(path), name, Failure(Phase.APPSPEC, reason, path, sure=False)
            appspec = parse_appspec(content.data, path, self._instance.layout.platform, self.version)
            failure = None if appspec.error is None else Failure(Phase.APPSPEC, appspec.error, path)
            return appspec, name, failure
        path = f"{archive}/{USUAL_NAMES[0]}"
        return AppSpec(path), USUAL_NAMES[0], Failure(Phase.APPSPEC, self.say.system(errno.ENOENT, "open", path), path)

    def install(self, state: GroupState, prepared: Prepared, option: Optional[Behavior], ending: Ending) -> Outcome:
        """Play the rest with one behavior. The model is left as the likely order leaves it."""
        outcome = self._begin(prepared.appspec, option)
        if prepared.failure is not None:
            outcome.failure = prepared.failure
            if not prepared.listed_itself:
                outcome.cleanup, outcome.lines = state.cleanup, state.lines
            code = "cleanup" if prepared.failure.phase is Phase.CLEANUP else "appspec"
            trouble = Trouble(-1, 0, -1, prepared.failure.message, prepared.failure.path or "", code)
            outcome.troubles = [(prepared.failure.phase, trouble)]
            self._measure(outcome)
            self._unknown_lines(outcome, prepared.cleanup)
            return outcome
        places = Places(self.version, self._instance.windows, self._cwd, self._accounts.homes)
        made = make_instructions(
            self._disk, prepared.archive, prepared.appspec, outcome.behavior, places, self.say, self._cancelled
        )
        outcome.instructions, outcome.retained = len(made), made.retained
        outcome.destinations = [places.settled(places.destination(m.destination)) for m in prepared.appspec.files]
        troubles = made.troubles or self._no_plan(state) or self._unwritable(made)
        if troubles:
            self._not_made(outcome, troubles)
            self._measure(outcome)
        else:
            self._carry_out(outcome, made, places, state, ending)
        outcome.notes.update(places.doubts)
        self._unknown_lines(outcome, prepared.cleanup)
        return outcome

    def _unknown_lines(self, outcome: Outcome, cleanup: Told) -> None:
        """A relative line takes something away where the agent's working directory is ``/``, as is usual."""
        told = (f"/{line.path}" for line in cleanup.of([Action.UNKNOWN]))
        found = [entry for entry in (self._disk.now(path) for path in told) if entry[1] is not None and entry[2]]
        there = {child_path(directory.path, name) for entry, directory, name in found if entry and directory}
        if there:
            removed = in_order({*outcome.possibly.removed, *there})
            outcome.possibly = replace(outcome.possibly, removed=removed)
            outcome.notes.setdefault(
                "Relative lines of the cleanup file are taken from the agent's working directory, which is not known: "
                "what they name below / is possibly removed."
            )

    def _begin(self, appspec: AppSpec, option: Optional[Behavior]) -> Outcome:
        if appspec.file_exists_behavior is not None:
            return Outcome(Behavior(appspec.file_exists_behavior), "appspec")
        return Outcome(option or Behavior.DISALLOW, "default" if option is None else "option")

    def _measure(self, outcome: Outcome) -> None:
        outcome.net = self._comparer.net(self._disk.before)
        outcome.effects = effects_of(outcome.net.kinds)

    def _no_plan(self, state: GroupState) -> list[Trouble]:
        """A directory where install.json is to be written."""
        path = f"{self._instance.layout.instructions_dir}/{state.id}-install.json"
        if not self._disk.is_directory(path):
            return []
        return [Trouble(-1, 0, -1, self.say.system(errno.EISDIR, "open", path), path, "directory")]

    def _unwritable(self, made: Instructions) -> list[Trouble]:
        """What install.json cannot hold: paths that are not UTF-8; in version 1 an SELinux context without a range."""
        found: list[Trouble] = []
        for i, path in enumerate(made.paths):
            for text in (path, made.source(i) if made.kinds[i] == COPY and not path.isascii() else path):
                if not text.isascii() and not self._instance.windows and not _is_utf8(text):
                    found.append(Trouble(-1, 0, -1, self.say.not_utf8(text), path, "utf8"))
                    break
            if made.kinds[i] == SEMANAGE and self.version == 1:
                context = made.aces[i].entry.context
                if isinstance(context, dict) and context.get("range") is None:
                    message = "undefined method `get_range' for nil:NilClass"
                    found.append(Trouble(-1, 0, -1, message, path, "appspec"))
            if len(found) >= _SHOWN:
                break
        return found

    def _not_made(self, outcome: Outcome, troubles: Sequence[Trouble]) -> None:
        """The making of instructions fails: nothing is carried out, and no cleanup file is left."""
        first = troubles[0]
        outcome.failure = Failure(Phase.INSTRUCTIONS, first.message, first.path or None)
        outcome.troubles = [(Phase.INSTRUCTIONS, trouble) for trouble in troubles]
        if first.remedy == "utf8" and self.version == 2:
            outcome.notes.setdefault(
                "What version 2 does with a name that is not UTF-8 is derived from its source and was not seen."
            )
        if len(troubles) > 1:
            outcome.notes.setdefault("Which of the paths in the way the agent names first depends on the file system.")

    def _carry_out(
        self, outcome: Outcome, made: Instructions, places: Places, state: GroupState, ending: Ending
    ) -> None:
        installer = Installer(self._disk, made, places, self.say, self._accounts)
        if self.version == 2 and self._instance.config.values.get("reject_symlink_permission_targets") is True:
            installer.refuse_links()
        start = self._disk.checkpoint()
        outcome.played = played = installer.run(range(len(made)))
        done: Iterable[int] = range(len(made))
        failed: Optional[int] = None
        if played.stumbles:
            done, failed = self._fail(outcome, made, installer, played, start)
        else:
            self._measure(outcome)
        outcome.notes.update(played.doubts)
        self._order_decides(outcome, made)
        if failed is None and ending is Ending.IN_INSTALL:
            outcome.notes.setdefault("It is taken to fail in its Install event with all files in place.")
        outcome.lines = cleanup_lines(made, done, failed, self.version)

    def _order_decides(self, outcome: Outcome, made: Instructions) -> None:
        """What one mapping copies to a path, and through a link to it, too: the last one's content stays."""
        unsure = {
            path for path, one, other in outcome.played.twice
            if made.contexts[made.context[one]].mapping == made.contexts[made.context[other]].mapping
        } - {*outcome.effects.added, *outcome.possibly.added}  # fmt: skip
        if not unsure:
            return
        effects, possibly = outcome.effects, outcome.possibly
        left = [[path for path in paths if path not in unsure] for paths in (effects.changed, effects.attributes)]
        outcome.effects = replace(effects, changed=left[0], attributes=left[1])
        outcome.possibly = replace(possibly, changed=in_order({*possibly.changed, *unsure}))
        outcome.notes.setdefault(
            f"{', '.join(in_order(unsure)[:5])}: two files of the revision are copied to it, one through a link; which "
            "of them stays depends on the file system's order."
        )

    def _fail(
        self, outcome: Outcome, made: Instructions, installer: Installer, played: Played, start: int
    ) -> tuple[list[int], int]:
        """Tell what surely happens before the failure from what may, and leave the model in the likely state."""
        self._comparer.remember = True
        own = own_failures(made, [stumble.instruction for stumble in played.stumbles])
        by_number = {stumble.instruction: stumble for stumble in played.stumbles}
        parts: Split = split(made, own)
        self._disk.back_to(start)
        installer.run(parts.surely)
        without = self._comparer.net(self._disk.before).kinds
        self._disk.back_to(start)
        installer.run(sorted(parts.surely + parts.maybe))
        with_all = self._comparer.net(self._disk.before)
        outcome.effects, outcome.possibly = certain_and_possible(without, with_all.kinds)
        self._disk.back_to(start)
        done = sorted(parts.surely + [i for i in parts.maybe if i < parts.first])
        outcome.played = installer.run(done)
        outcome.net = self._comparer.net(self._disk.before)
        first = by_number[parts.first]
        sure = all(by_number[i].sure for i in own)
        outcome.failure = Failure(Phase.INSTALL, first.message, made.paths[parts.first] or None, sure)
        ordered = [parts.first, *(i for i in own if i != parts.first)]
        outcome.troubles = [
            (Phase.INSTALL, Trouble(-1, 0, -1, by_number[i].message, made.paths[i], by_number[i].remedy))
            for i in ordered
        ]
        if not parts.alone or parts.maybe:
            outcome.notes.setdefault(
                "How far the Install event gets before it fails depends on the order in which the file system gives "
                "the revision's names: what that order decides is given as possible."
            )
        return done, parts.first

    def left(
        self, state: GroupState, prepared: Prepared, outcome: Outcome, ending: Ending, deployment: str
    ) -> GroupState:
        """The group after the deployment."""
        midway = outcome.failure is not None and len(outcome.possibly) > 0
        state = replace(state, cleanup=outcome.cleanup, lines=outcome.lines, sure=state.sure and not midway)
        if outcome.failure is None and ending is not Ending.IN_INSTALL:
            last = Installed(f"{state.directory}/{deployment}", deployment, prepared.appspec)
            good = deployment if ending is Ending.FORETOLD else state.good
            state = replace(state, last=last, good=good)
        return state


def _is_gone(line: CleanupLine) -> bool:
    """Whether a line takes away what it names, which is there; the model has no file that a chain wrote."""
    return line.action in (Action.REMOVED, Action.ABSENT)


def _is_utf8(path: str) -> bool:
    try:
        to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
