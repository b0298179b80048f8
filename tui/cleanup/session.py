"""What cleanup, undo, recovery and purge have in common: the lock, the journal, results in batches, progress."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Callable, NamedTuple, Optional

from tui.cleanup.calls import Handle
from tui.cleanup.journal import Became, Before, Journal, Outcome
from tui.cleanup.records import Did, Entry, PlanStep, State, StepResult
from tui.cleanup.state_dir import Busy, CleanupError, Site, StateError, open_state, told
from tui.disk.inventory import FILE
from tui.uncollected import uncollected

TOLD_EVERY = 0.1  # seconds between two reports of progress
AT_ONCE = 32  # steps of one directory that are taken between two looks at the clock, where each is quickly done
ASKED_EVERY = 0.1  # seconds after which a guard is asked again at the latest
ASKED_AGAIN = 0.02  # seconds after which it is asked again where another directory begins
# Seconds between two batches of results. A commit makes the file system write down all that was done in it, which
# holds everything up; what a batch does not tell after a crash, a look at both places does.
WRITTEN_EVERY = 10.0
_TAKEN = (Did.MOVED, Did.DELETED, Did.RESTORED, Did.PUT_BACK)
UNFINISHED = (State.PLANNED, State.RUNNING, State.UNDOING)


class CleanProgress(NamedTuple):
    """How far it is. ``doing``: looking, moving, putting back, removing. Bytes are those of files done."""

    doing: str
    done: int
    total: int
    bytes: int
    where: str


class Terms(NamedTuple):
    """Who does it, on what terms. ``now``: seconds since 1970; ``clock``: seconds, only ever forward.

    ``still_fine`` gives a reason to stop, or None; it is asked at the start, then whenever another directory begins
    (not twice within 20 ms) and every 100 ms. ``stop`` is asked before every step. ``go_on`` asks the operator whether
    to go on in spite of such a reason, and may take as long as that takes; nothing is done and no directory held on to
    meanwhile. ``forced`` tells what was gone on in spite of so far, in clauses that the journal gets.
    """

    now: Callable[[], float]
    clock: Callable[[], float]
    still_fine: Callable[[], Optional[str]] = lambda: None
    stop: Callable[[], bool] = lambda: False
    go_on: Callable[[str], bool] = lambda reason: False
    forced: Callable[[], Sequence[str]] = tuple


class Halted(CleanupError):
    """A guard says no before anything was done: nothing was, and the journal is as it was."""


class InProgress(Halted):
    """It is a deployment that is in progress."""


def ask_guard(terms: Terms) -> bool:
    """Ask the guard before anything is done; whether the operator had to be asked. Raises InProgress."""
    reason = terms.still_fine()
    if reason is not None and not terms.go_on(reason):
        raise InProgress(f"{reason}; nothing was done")
    return reason is not None


@dataclass
class Session:
    """The state directory, held against other cleanups, and its journal."""

    site: Site
    state: Handle
    journal: Journal
    doing: str = ""  # what is forced, for the journal: ``undo``; empty: the cleanup
    noted: int = 0  # how many clauses of ``Terms.forced`` the journal has

    def forced(self, terms: Terms) -> list[str]:
        """What the journal is to be told that it has not been told yet."""
        new = terms.forced()[self.noted :]
        self.noted += len(new)
        return [f"{self.doing} {clause}".lstrip() for clause in new]

    def unfinished(self) -> Optional[Entry]:
        """A cleanup or undo that was cut off."""
        return next((entry for entry in self.journal.entries() if entry.state in UNFINISHED), None)


@contextmanager
def opened_session(site: Site, make: bool, doing: str = "") -> Iterator[Session]:
    """Hold the state directory. ``make``: make it where it is not there yet. Raises CleanupError."""
    calls = site.calls
    state = open_state(site, make)
    if state is None:
        raise StateError(f"{site.shown}: there is no journal: no cleanup was carried out here")
    try:
        try:
            lock = calls.lock(state)
        except BlockingIOError:
            raise Busy(f"{site.shown}: another cleanup or undo is running; wait for it to end") from None
        except OSError as error:
            raise StateError(f"{site.shown}: cannot be locked: {told(error)}") from None
        try:
            with Journal(calls, state, site.shown, make=True) as journal, uncollected():
                yield Session(site, state, journal, doing)
        except OSError as error:  # of the program's own directories: those of a step are its result
            raise StateError(
                f"{site.shown}: cannot be used: {told(error)}; what is in quarantine stays there"
            ) from None
        finally:
            calls.close(lock)
    finally:
        calls.close(state)


class Tally:
    """What became of each step, kept for the result and handed to the journal in batches of ranges."""

    def __init__(self, session: Session, key: str, doing: str, steps: Sequence[PlanStep], terms: Terms) -> None:
        self.session = session
        self.key = key
        self._doing = doing
        self._state = State.UNDOING if doing == "putting back" else State.RUNNING
        self._steps = steps
        self._terms = terms
        self._stopping = False
        self._open: list[_Range] = []
        self._told = self._written = self._asked = terms.clock()
        self.results: dict[int, Became] = {}  # for the Result; the journal may know them already
        self.bytes = 0
        self.where = ""

    def add(self, step: PlanStep, became: Became) -> None:
        """Note what became of a step."""
        self.add_all((step,), (became,))

    def add_all(self, steps: Sequence[PlanStep], became: Sequence[Became]) -> None:
        """Note what became of some steps, which are in their order or the reverse: of as many as there is something of.

        Most are neighbours that became the same.
        """
        count, one = len(became), became[0]
        first, last = steps[0][0], steps[count - 1][0]
        if abs(last - first) == count - 1 and became.count(one) == count:
            first, last = min(first, last), max(first, last)
            self.results.update(dict.fromkeys(range(first, last + 1), one))
            self.note(first, one, last)
        else:
            for step, one in zip(steps, became):
                self.results[step[0]] = one
                self.note(step[0], one)
        taken = [step[4] for step, one in zip(steps, became) if one[0] in _TAKEN]
        self.bytes += sum(seen[6] for seen in taken if seen[0] == FILE)

    def note(self, first: int, became: Became, last: Optional[int] = None) -> None:
        """Only for the journal: what became of a step, or of those up to another one."""
        end = first if last is None else last
        before = self._open[-1] if self._open else None
        if before is not None and (before.became is became or before.became == became):
            if first == before.last + 1:
                before.last = end
                return
            if end == before.first - 1:
                before.first = first
                return
        self._open.append(_Range(first, end, became))

    def rest(self, steps: Sequence[PlanStep], became: Became) -> None:
        """Note the same of all that were not come to."""
        for step in steps:
            if step.number not in self.results:
                self.add(step, became)

    def told(self, steps: Sequence[PlanStep]) -> tuple[StepResult, ...]:
        """What became of these steps."""
        if not steps:
            return ()
        numbers, paths = [step[0] for step in steps], [step[1] for step in steps]
        did, held, reasons = zip(*map(self.results.__getitem__, numbers))
        return tuple(map(StepResult._make, zip(numbers, paths, did, reasons, held)))

    def stopping(self) -> bool:
        """Whether the operator wants to stop; once said it is not taken back."""
        if not self._stopping:
            self._stopping = self._terms.stop()
        return self._stopping

    def why_stop(self, where: str, leave: Callable[[], None]) -> Optional[str]:
        """A reason not to take the next step, in this directory. ``leave``: lets go of the one before.

        Raises JournalError.
        """
        if self.stopping():
            return "stopped by the operator"
        since = self._terms.clock() - self._asked
        if since >= ASKED_AGAIN and (where != self.where or since >= ASKED_EVERY):
            self._asked += since
            self.where = where
            reason = self._terms.still_fine()
            return None if reason is None else self._doubted(reason, leave)
        return None

    def _doubted(self, reason: str, leave: Callable[[], None]) -> Optional[str]:
        """Have the operator asked; until the answer is there all is as it would be had it been stopped."""
        leave()
        self.write(self._state)
        if not self._terms.go_on(reason):
            return reason
        self.write(self._state)  # what it is gone on in spite of
        self._asked = self._terms.clock()
        return "stopped by the operator" if self.stopping() else None

    def progress(self, write: bool = True) -> Optional[CleanProgress]:
        """A report where one is due; results are written where that is due, if at all. Raises JournalError."""
        clock = self._terms.clock()
        if clock - self._told < TOLD_EVERY:
            return None
        self._told = clock
        if write and clock - self._written >= WRITTEN_EVERY:
            self.write(self._state)
            self._written = clock
        return CleanProgress(self._doing, len(self.results), len(self._steps), self.bytes, self.where)

    def write(
        self,
        state: Optional[State] = None,
        ended: bool = False,
        done: Optional[int] = None,
        directories: Iterable[Before] = (),
    ) -> None:
        """Hand what is noted to the journal, and what else is known by now. Raises JournalError."""
        outcomes = [Outcome(one.first, one.last, *one.became) for one in self._open]
        self._open = []
        now = self._terms.now()
        if outcomes or state is not None:
            self.session.journal.record(
                self.key, outcomes, now, state=state, ended=now if ended else None, done=done,
                moved=self.bytes if done is not None else None, directories=directories,
                forced=self.session.forced(self._terms),
            )  # fmt: skip


class _Range:
    """Neighbouring steps that became the same."""

    __slots__ = ("became", "first", "last")

    def __init__(self, first: int, last: int, became: Became) -> None:
        self.first = first
        self.last = last
        self.became = became
