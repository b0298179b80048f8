"""After a cleanup or an undo was cut off, at whatever moment: what became of it, and then on or back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from tui.cleanup.canonical import runs_of
from tui.cleanup.execute import Event, run
from tui.cleanup.journal import Became, Loaded
from tui.cleanup.put_back import Putting
from tui.cleanup.quarantine import Quarantine
from tui.cleanup.records import Act, Did, Entry, Result, State, StepResult
from tui.cleanup.session import Session, Tally, Terms, ask_guard, opened_session
from tui.cleanup.settle import Settling
from tui.cleanup.state_dir import CleanupError, Site
from tui.cleanup.take import Taking
from tui.cleanup.undo import put_back
from tui.paths import path_key, showable, split


@dataclass(frozen=True)
class CutOff:
    """A cleanup or undo that was cut off, and what became of each step, found out by looking at both places."""

    entry: Entry
    results: tuple[StepResult, ...]  # PENDING: not come to yet


def cut_off(site: Site, terms: Terms) -> Optional[CutOff]:
    """What was cut off, or None. Changes nothing but a journal that was cut off while it was written.

    Raises CleanupError; Busy where it still runs.
    """
    with opened_session(site, make=False) as session:
        entry = session.unfinished()
        if entry is None:
            return None
        loaded = session.journal.load(entry.id)
        quarantine = Quarantine(site, session.state, entry.id, loaded.places, make=False)
        try:
            settling = Settling(site, quarantine, loaded)
            results = []
            for step in loaded.plan.steps:
                outcome = loaded.outcomes[step.number]
                if outcome is None or outcome.did is Did.PENDING:
                    became = settling.look(step)
                else:
                    became = Became(outcome.did, outcome.held, outcome.reason)
                results.append(StepResult(step.number, step.path, became.did, became.reason, became.held))
            return CutOff(entry, tuple(results))
        finally:
            quarantine.close()


def recover(site: Site, terms: Terms, *, finish: bool, key: Optional[str] = None) -> Iterator[Event]:
    """Finish what was cut off, or roll it back; yields progress and the Result last, of all its steps.

    Rolled back, a cleanup is undone as far as it came; what it deleted for good stays deleted, and is named. An undo
    rolled back ends where it was: what it put back stays there, the rest stays in quarantine. Can itself be cut off
    and called again. Raises CleanupError: Halted where nothing was begun.
    """
    with opened_session(site, make=False, doing="finishing" if finish else "roll back") as session:
        entry = session.unfinished()
        if entry is None or key not in (None, entry.id):
            raise CleanupError(f"{showable(key) if key else site.shown}: nothing was cut off that could be recovered")
        ask_guard(terms)
        loaded = session.journal.load(entry.id)
        if entry.state is State.UNDOING:
            if finish:
                yield from put_back(session, loaded, terms, None)
            else:
                yield _leave(session, loaded, terms)
        elif finish:
            yield from _go_on(session, loaded, terms)
        else:
            yield from _roll_back(session, loaded, terms)


def _go_on(session: Session, loaded: Loaded, terms: Terms) -> Iterator[Event]:
    steps = loaded.plan.steps
    quarantine = Quarantine(session.site, session.state, loaded.entry.id, loaded.places, make=True)
    try:
        quarantine.clear_partial()
        Putting(session.site, quarantine, loaded, lambda _: None).clear(loaded.directories)
        taking = Taking(session.site, quarantine, loaded.directories, steps)
        settling = Settling(session.site, quarantine, loaded, taking)
        tally = Tally(session, loaded.entry.id, "moving", steps, terms)
        for step in steps:
            outcome = loaded.outcomes[step.number]
            if outcome is not None:
                tally.results[step.number] = Became(outcome.did, outcome.held, outcome.reason)
            else:
                became = settling.finish(step)
                if became.did is not Did.PENDING:
                    tally.add(step, became)
            result = tally.results.get(step.number)
            if step.seen.links > 1 and result is not None and result.did in (Did.MOVED, Did.DELETED):
                taking.again(step, result.did is Did.DELETED)
            report = tally.progress()
            if report is not None:
                yield report
        yield from run(quarantine, taking, tally, steps, loaded.directories, runs_of(steps))
    finally:
        quarantine.close()


def _roll_back(session: Session, loaded: Loaded, terms: Terms) -> Iterator[Event]:
    """Write down what became of each step, as the beginning of an undo; then that goes its way."""
    steps, key = loaded.plan.steps, loaded.entry.id
    quarantine = Quarantine(session.site, session.state, key, loaded.places, make=False)
    try:
        settling = Settling(session.site, quarantine, loaded)
        tally = Tally(session, key, "looking", steps, terms)
        for step in steps:
            outcome = loaded.outcomes[step.number]
            became = settling.back(step) if outcome is None else Became(outcome.did, outcome.held, outcome.reason)
            if became.did is Did.PENDING:
                tally.add(step, Became(Did.SKIPPED, False, "not come to: rolled back"))
            elif became.held:
                tally.results[step.number] = became
                tally.note(step.number, became._replace(did=Did.PENDING))
            else:
                tally.add(step, became)
            report = tally.progress(write=False)  # all at once, or an undo would take a part for the whole
            if report is not None:
                yield report
        tally.write(State.UNDOING, directories=settling.times())
    finally:
        quarantine.close()
    first = {one.number: one for one in tally.told(steps)}
    result = None
    for event in put_back(session, session.journal.load(key), terms, None):
        if isinstance(event, Result):
            result = event
        else:
            yield event
    assert result is not None
    later = {one.number: one for one in result.results}
    yield Result(key, result.state, tuple(later.get(step.number, first[step.number]) for step in steps), result.bytes)


def _leave(session: Session, loaded: Loaded, terms: Terms) -> Result:
    """End an undo where it is."""
    quarantine = Quarantine(session.site, session.state, loaded.entry.id, loaded.places, make=False)
    try:
        settling = Settling(session.site, quarantine, loaded)
        tally = Tally(session, loaded.entry.id, "looking", loaded.plan.steps, terms)
        left = False
        untold: set[str] = set()  # directories: they may be what the undo made
        for step in loaded.plan.steps:
            outcome = loaded.outcomes[step.number]
            assert outcome is not None
            if outcome.did is not Did.PENDING:
                tally.results[step.number] = Became(outcome.did, outcome.held, outcome.reason)
                left = left or outcome.held
                continue
            became = settling.look(step)
            if became.did is Did.FAILED:
                untold.add(step.path)
            if became.did is not Did.PUT_BACK:
                was = Did.RESTORED if step.act is Act.RESTORE else Did.MOVED
                became = became._replace(did=was, held=True)
                left = True
            tally.add(step, became)
        quarantine.clear_partial()
        for step in loaded.plan.steps:
            settling.tidy(step)
        putting = Putting(session.site, quarantine, loaded, lambda _: None)
        putting.clear(loaded.directories)
        begun = [before for before in loaded.directories.values() if before.made is not None or before.times]
        back = {step.path for step in loaded.plan.steps if tally.results[step.number].did is Did.PUT_BACK}
        back |= {split(path)[0] for path in back}
        for before in sorted(begun, key=lambda before: path_key(before.path), reverse=True):
            if before.path in untold or (putting.finish(before) is not None and before.path in back):
                left = True  # the next undo sets its mode and times
            else:
                before.made, before.times = None, False
        state = State.PARTLY_UNDONE if left else State.UNDONE
        tally.write(state, ended=True, directories=begun)
        results = tally.told(loaded.plan.steps)
        return Result(loaded.entry.id, state, results, tally.bytes)
    finally:
        quarantine.close()
