"""What an undo would put back, found out by looking alone: nothing is locked, made or written."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Optional

from tui.arguments import Refused
from tui.commands.common import Unsafe
from tui.disk.inventory import DIR, FILE
from tui.disk.root import Root, RootError, Stat
from tui.paths import split

if TYPE_CHECKING:
    from tui.cleanup.journal import Journal, Loaded
    from tui.cleanup.quarantine import Quarantine
    from tui.cleanup.records import PlanStep, Result
    from tui.cleanup.state_dir import Site

_RECORD = 64 << 20  # bytes of a record that was put right


def undo_foretold(site: Site, root: Root, key: Optional[str], paths: Optional[Sequence[str]]) -> Result:
    """The steps that would be put back (PENDING), and those that something is in the way of (CONFLICT).

    Raises Unsafe, Refused and CleanupError.
    """
    from tui.cleanup.quarantine import Quarantine
    from tui.cleanup.records import Did, Result, StepResult
    from tui.cleanup.state_dir import open_state
    from tui.cleanup.undo import chosen

    state = open_state(site, make=False)
    if state is None:
        raise Refused(f"{site.shown}: there is no journal: no cleanup was carried out here")
    try:
        with _journal(site, state) as journal:
            loaded = _loaded(journal, key, site.shown)
        held = [step for step in loaded.plan.steps if _held(loaded, step)]
        if paths is not None:
            wanted = chosen(held, paths)
            held = [step for step in held if step.number in wanted]
        if not held:
            what = "it" if paths is None else "these paths"
            raise Refused(f"cleanup {loaded.entry.id}: nothing of {what} is in quarantine")
        quarantine = Quarantine(site, state, loaded.entry.id, loaded.places, make=False)
        try:
            looking = _Looking(site, root, quarantine, loaded)
            results = []
            for step in held:
                wrong = looking.in_the_way(step)
                results.append(
                    StepResult(step.number, step.path, Did.PENDING if wrong is None else Did.CONFLICT, wrong or "")
                )
        finally:
            quarantine.close()
        size = sum(step.seen.size for step, one in zip(held, results) if one.did is Did.PENDING and _is_file(step))
        return Result(loaded.entry.id, loaded.entry.state, tuple(results), size)
    finally:
        site.calls.close(state)


def records_of(site: Site, key: Optional[str]) -> tuple[str, ...]:
    """The agent's records that an undo or a recovery changes itself; none where the journal cannot be read now."""
    from tui.cleanup.records import Why
    from tui.cleanup.state_dir import CleanupError, open_state

    try:
        state = open_state(site, make=False)
        if state is None:
            return ()
        try:
            with _journal(site, state) as journal:
                loaded = journal.load(key) if key is not None else _loaded(journal, key, site.shown)
        finally:
            site.calls.close(state)
    except (CleanupError, Refused):
        return ()
    return tuple(step.path for step in loaded.plan.steps if step.why is Why.RECORDS)


@contextlib.contextmanager
def _journal(site: Site, state: object) -> Iterator[Journal]:
    from tui.cleanup.journal import Journal

    with Journal(site.calls, state, site.shown, make=False) as journal:
        yield journal


def _loaded(journal: Journal, key: Optional[str], shown: str) -> Loaded:
    """The cleanup that would be undone."""
    from tui.cleanup.records import State
    from tui.cleanup.session import UNFINISHED

    entries = list(journal.entries())
    cut_off = next((entry for entry in entries if entry.state in UNFINISHED), None)
    if cut_off is not None and (cut_off.state is not State.UNDOING or key not in (None, cut_off.id)):
        raise Unsafe(f"cleanup {cut_off.id} was cut off; finish it or roll it back first")
    if key is not None or cut_off is not None:
        return journal.load(key or (cut_off.id if cut_off is not None else ""))
    for entry in reversed(entries):
        loaded = journal.load(entry.id)
        if any(outcome is not None and outcome.held for outcome in loaded.outcomes):
            return loaded
    raise Refused(f"{shown}: no cleanup holds anything that could be put back")


def _held(loaded: Loaded, step: PlanStep) -> bool:
    outcome = loaded.outcomes[step.number]
    return outcome is not None and outcome.held


def _is_file(step: PlanStep) -> bool:
    return step.seen.kind == FILE


class _Looking:
    """Looks at a step's place, and at what quarantine has of it."""

    def __init__(self, site: Site, root: Root, quarantine: Quarantine, loaded: Loaded) -> None:
        self._calls = site.calls
        self._root = root
        self._quarantine = quarantine
        self._directories = loaded.directories
        self._outcomes = loaded.outcomes

    def in_the_way(self, step: PlanStep) -> Optional[str]:
        """Why a step would not be put back; None where nothing speaks against it."""
        try:
            wrong = self._on_the_way(split(step.path)[0])
            if wrong is not None:
                return wrong
            there = self._root.stat(step.path, follow=False)
            if step.seen.kind == DIR:
                free = there is None or (there.type == DIR and there.inode in self._own(step))
                return None if free else "something stands there already"
            if not self._is_kept(step):
                return "it is not in quarantine as it was moved there"
            return self._taken(step, there)
        except RootError as error:
            return f"it cannot be looked at: {error.reason}"

    def _own(self, step: PlanStep) -> tuple[Optional[int], ...]:
        from tui.cleanup.put_back import own_inodes

        before = self._directories.get(step.path)
        return () if before is None else own_inodes(step, before, self._outcomes[step.number])

    def _on_the_way(self, directory: str) -> Optional[str]:
        """What is wrong with the directories above, those that would be made anew left out."""
        if directory == "/":
            return None
        there = self._root.stat(directory, follow=False)
        if there is None:
            known = directory in self._directories
            return self._on_the_way(split(directory)[0]) if known else f"the directory {directory} is gone"
        return None if there.type == DIR else "a link or a file stands in place of one of its directories"

    def _taken(self, step: PlanStep, there: Optional[Stat]) -> Optional[str]:
        if there is None or (there.inode == step.seen.inode and there.device == step.seen.device):
            return None
        if step.content is None:
            return "something stands there already"
        now = self._root.read(step.path, _RECORD).data
        same = hashlib.sha256(now).digest() == hashlib.sha256(step.content).digest()
        return None if same else "it was written to since it was put right"

    def _is_kept(self, step: PlanStep) -> bool:
        from tui.cleanup.identity import is_kept, kind_of

        directory, name = split(step.path)
        before = self._directories.get(directory)
        try:
            mirror = self._quarantine.at(0 if before is None else before.place, directory)
            kept = self._calls.look(name, mirror.handle)
            same = kept.st_ino == step.seen.inode and kind_of(kept) == step.seen.kind  # as undo takes it
            return same or is_kept(step.seen, kept)
        except OSError:
            return False
