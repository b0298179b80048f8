"""Putting back what a cleanup took, all or some, over nothing that stands there now, and on where it was cut off."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Sequence
from typing import Optional

from tui.cleanup.canonical import runs_of
from tui.cleanup.execute import Event
from tui.cleanup.journal import Became, Before, Loaded
from tui.cleanup.put_back import BACK, Putting
from tui.cleanup.quarantine import Quarantine
from tui.cleanup.records import Act, Did, PlanStep, Result, State
from tui.cleanup.session import AT_ONCE, CleanProgress, Halted, Session, Tally, Terms, ask_guard, opened_session
from tui.cleanup.state_dir import CleanupError, Site, told
from tui.disk.inventory import DIR
from tui.paths import path_key, split


def undo(site: Site, terms: Terms, key: Optional[str] = None, paths: Optional[Sequence[str]] = None) -> Iterator[Event]:
    """Put back a cleanup (None: the last that holds anything), or those paths of it and what lies below them.

    Yields progress and the Result of the steps that were chosen last. A conflict is named and the rest goes on. What
    was cut off goes on where it was, with what was chosen then too. Raises CleanupError.
    """
    with opened_session(site, make=False, doing="undo") as session:
        unfinished = session.unfinished()
        if unfinished is not None and unfinished.state is not State.UNDOING:
            raise Halted(f"cleanup {unfinished.id} was cut off; finish it or roll it back first: nothing was done")
        if unfinished is not None and key not in (None, unfinished.id):
            raise Halted(f"the undo of {unfinished.id} was cut off; finish that first: nothing was done")
        if key is None and unfinished is not None:
            key = unfinished.id
        loaded = _last(session) if key is None else session.journal.load(key)
        ask_guard(terms)
        yield from put_back(session, loaded, terms, paths)


def _last(session: Session) -> Loaded:
    for key in reversed(session.journal.ids()):
        loaded = session.journal.load(key)
        if _unset(loaded) or any(outcome is not None and outcome.held for outcome in loaded.outcomes):
            return loaded
    raise CleanupError(f"{session.site.shown}: no cleanup holds anything that could be put back")


def put_back(session: Session, loaded: Loaded, terms: Terms, paths: Optional[Sequence[str]]) -> Iterator[Event]:
    """Put a cleanup's steps back; see ``undo``."""
    key, steps = loaded.entry.id, loaded.plan.steps
    held = [step for step in steps if _held(loaded, step)]
    resumed = loaded.entry.state is State.UNDOING
    if paths is not None:
        wanted = chosen(held, paths)
        wanted |= {step.number for step in held if resumed and _pending(loaded, step)}
        held = [step for step in held if step.number in wanted]
    elif resumed:
        held = [step for step in held if _pending(loaded, step)]
    if not held and not resumed and not _unset(loaded):
        raise CleanupError(f"cleanup {key}: nothing of {'it' if paths is None else 'these paths'} is in quarantine")
    quarantine = Quarantine(session.site, session.state, key, loaded.places, make=False)
    try:
        undoing = _Undoing(session, loaded, quarantine, held, terms)
        undoing.begin(resumed, paths is None)
        stopped = yield from undoing.each()
        yield undoing.end(stopped)
    finally:
        quarantine.close()


class _Undoing:
    """One run of an undo."""

    def __init__(
        self, session: Session, loaded: Loaded, quarantine: Quarantine, held: Sequence[PlanStep], terms: Terms
    ) -> None:
        self._session = session
        self._loaded = loaded
        self._quarantine = quarantine
        self._held = held
        self._back = held[::-1]
        self._runs = runs_of(self._back)
        self._made = {step.path: step for step in held if step.seen.kind == DIR}
        self._terms = terms
        self._touched: dict[str, Before] = {}
        self._putting = Putting(session.site, quarantine, loaded, self._note)
        self._tally = Tally(session, loaded.entry.id, "putting back", held, terms)

    def begin(self, resumed: bool, whole: bool) -> None:
        """Make the directories that are to come back, where nobody sees them, and write down what is to be done."""
        site, directories = self._session.site, self._loaded.directories
        self._touched.update((before.path, before) for before in _unset(self._loaded))
        if whole:  # a step that failed changed its directory's times too
            parents = {split(step.path)[0] for step in self._loaded.plan.steps}
            self._touched.update((path, before) for path, before in directories.items() if path in parents)
        try:
            self._quarantine.clear_partial()
            for path in (*self._made, *(run.directory for run in self._runs)):
                if path in directories:
                    self._touched[path] = directories[path]
            for before in () if resumed else self._touched.values():
                before.times = before.times or _unchanged(site, before)
            if resumed or self._loaded.entry.state is State.PARTLY_UNDONE:
                self._putting.clear(directories)
            for step in self._made.values():
                if not self._putting.is_there(step):
                    directories[step.path].made = None
                    self._putting.stage(step)
        except OSError as error:
            raise CleanupError(f"{site.shown}: the undo cannot begin: {told(error)}; nothing was put back") from None
        pending = Became(Did.PENDING, True)
        for step in self._held:
            self._tally.note(step.number, pending)
        self._tally.write(State.UNDOING, directories=self._touched.values())

    def each(self) -> Generator[CleanProgress, None, Optional[str]]:
        """Put back, what is above first; why it was stopped."""
        tally, back = self._tally, self._back
        try:
            for directory, start, end in self._runs:
                while start < end:
                    stopped = tally.why_stop(directory, self._putting.leave)
                    if stopped is not None:
                        return stopped
                    some = back[start : min(start + AT_ONCE, end)]
                    became = self._putting.put(some, tally.stopping)
                    tally.add_all(some, became)
                    start += len(became)
                    report = tally.progress()
                    if report is not None:
                        yield report
        except GeneratorExit:
            tally.write()
            raise
        return None

    def end(self, stopped: Optional[str]) -> Result:
        """Set the directories' modes and times, what is deepest first, and write down how it ended."""
        tally, loaded = self._tally, self._loaded
        for step in self._held if stopped is not None else ():
            if step.number not in tally.results:
                tally.note(step.number, _was(loaded, step))
                tally.results[step.number] = Became(Did.SKIPPED, True, f"not come to: {stopped}")
        self._look_again()
        unset = self._finish()
        for step in self._held if unset else ():
            reason = unset.get(step.path) or unset.get(split(step.path)[0])
            if reason is not None and tally.results[step.number].did is Did.PUT_BACK:
                tally.results[step.number] = Became(Did.PUT_BACK, False, reason)
        results = tally.told(self._held)
        with contextlib.suppress(OSError):  # only what was never come to
            self._quarantine.clear_partial()
        state = State.PARTLY_UNDONE if unset or self._still_held() else State.UNDONE
        tally.write(state, ended=True, directories=self._touched.values())
        if state is State.UNDONE:
            with contextlib.suppress(OSError):  # something is in it that no undo may take
                self._quarantine.sweep()
        return Result(loaded.entry.id, state, results, tally.bytes)

    def _finish(self) -> dict[str, str]:
        """Set the directories' modes and times, what is deepest first; those where that failed, and why."""
        wrong: dict[str, str] = {}
        for path in sorted(self._touched, key=path_key, reverse=True):
            reason = self._putting.finish(self._touched[path])
            if reason is not None:
                wrong[path] = reason
        if wrong:
            results, outcomes = self._tally.results, self._loaded.outcomes
            became = (
                (step.path, results.get(step.number) or outcomes[step.number]) for step in self._loaded.plan.steps
            )
            back = {path for path, one in became if one is not None and one.did is Did.PUT_BACK}
            back |= {split(path)[0] for path in back}
            wrong = {path: reason for path, reason in wrong.items() if path in back}
        for path in self._touched.keys() - wrong.keys():
            before = self._touched[path]
            before.made, before.times = None, False
        return wrong

    def _look_again(self) -> None:
        """Directories that failed and then had to be made for what is in them, and what is left beside records."""
        tally, putting = self._tally, self._putting
        for step in self._held:
            if step[4][0] != DIR and step[2] is not Act.RESTORE:
                continue
            did = tally.results[step.number].did
            if step.seen.kind == DIR and did is Did.FAILED:
                with contextlib.suppress(OSError):
                    if putting.is_there(step):
                        tally.add(step, BACK)
            elif step.act is Act.RESTORE and did is Did.PUT_BACK:
                left = putting.tidy(step)
                if left is not None:
                    tally.add(step, Became(did, False, left))

    def _still_held(self) -> bool:
        """Whether anything of the cleanup is in quarantine after this."""
        results = self._tally.results
        return any(
            outcome is not None and outcome[3] and (number not in results or results[number][1])
            for number, outcome in enumerate(self._loaded.outcomes)
        )

    def _note(self, before: Before) -> None:
        """A directory was made in its place: that is to be known before anything is put into it."""
        self._touched[before.path] = before
        self._tally.write(State.UNDOING, directories=[before])


def _unset(loaded: Loaded) -> list[Before]:
    """Directories that are back, or stay, and whose mode or times an earlier undo could not set."""
    return [before for before in loaded.directories.values() if before.made is not None or before.times]


def _held(loaded: Loaded, step: PlanStep) -> bool:
    outcome = loaded.outcomes[step.number]
    return outcome is not None and outcome.held


def _pending(loaded: Loaded, step: PlanStep) -> bool:
    outcome = loaded.outcomes[step.number]
    return outcome is not None and outcome.did is Did.PENDING


def _was(loaded: Loaded, step: PlanStep) -> Became:
    """What the journal said of a step before this undo began."""
    outcome = loaded.outcomes[step.number]
    assert outcome is not None
    return Became(Did.MOVED if outcome.did is Did.PENDING else outcome.did, True, outcome.reason)


def _unchanged(site: Site, before: Before) -> bool:
    """Whether nobody changed a directory since the cleanup, or that is not known: then its times can be set back."""
    try:
        now = site.calls.look(".", site.ways.at(before.path).handle).st_mtime_ns
    except OSError:
        return True  # if it is gone it is made anew, and then its times are set whatever this says
    return before.left_ns is None or now == before.left_ns


def chosen(steps: Sequence[PlanStep], paths: Sequence[str]) -> set[int]:
    """The steps on some paths, below them, and of directories above them that are gone."""
    exact = set(paths)
    found = set()
    above: set[str] = set()
    for step in steps:
        path = step.path
        at = path
        while at:
            if at in exact:
                found.add(step.number)
                above.add(split(path)[0])
                break
            at = at.rpartition("/")[0]
    every = set()
    for path in above:
        while path != "/" and path not in every:
            every.add(path)
            path = split(path)[0]
    return found | {step.number for step in steps if step.path in every}
