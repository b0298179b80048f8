"""Cleanups on a thread of their own: planned, carried out, put back, and told about as fast as that can be shown."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Callable, Optional, Protocol

from tui.agent.records import Instance
from tui.app.scanning import INTERVAL
from tui.disk.root import Root, RootError
from tui.forensics.examination import Examination

if TYPE_CHECKING:  # imported when the first plan is made, so that the app is there sooner
    from tui.cleanup.records import Entry, Plan, StepResult
    from tui.cleanup.session import CleanProgress, Terms
    from tui.cleanup.state_dir import Site
    from tui.preview.records import Behavior

ROWS, RESIDUE, UNBLOCK, UNINSTALL, RECORDS = "rows", "residue", "unblock", "uninstall", "agent records"
LAST = "last-successful"  # as tui.preview.revision has it


@dataclass(frozen=True)
class Choice:
    """What the operator wants to have cleaned up, and how.

    ``possible``: also what weak evidence alone speaks for; ``delete``: for good, instead of to quarantine.
    """

    kind: str
    group: Optional[str] = None
    rows: Sequence[int] = ()  # of ROWS, ascending
    revision: str = LAST  # of UNBLOCK
    behavior: Optional[Behavior] = None
    possible: bool = False
    delete: bool = False

    @property
    def narrows(self) -> bool:
        """Whether what is only possible can be left out of it."""
        return self.kind in (ROWS, RESIDUE)


class Looking(Protocol):
    """Tells of a deployment in progress, as ``tui.cleanup.watch.DeploymentWatch`` does."""

    def reason(self) -> Optional[str]:
        """Why a deployment is taken to be in progress."""

    def ask(self) -> Optional[str]:
        """Why to stop now."""

    def force(self, typed: str) -> None:
        """Go on in spite of that, for a reason that was typed."""

    def forced(self) -> Sequence[str]:
        """What was gone on in spite of, for the journal."""

    def follow(self, earlier: Any) -> None:
        """Take over from another one."""


@dataclass(frozen=True)
class Planned:
    """A plan, what is to be said of it, and who looks whether a deployment began since it was made."""

    choice: Choice
    plan: Plan
    looking: Looking
    notes: tuple[str, ...] = ()
    useless: Optional[str] = None  # why carrying it out does not help
    in_progress: Optional[str] = None


@dataclass(frozen=True)
class CleanPorts:
    """What cleanups are planned and carried out with.

    ``make`` gives a plan, its notes and why it is useless, if it is; it raises what is made to be shown, and ends with
    an error soon after it is told to stop.
    """

    root: Root
    make: Callable[[Choice, Examination, Stop], tuple[Plan, tuple[str, ...], Optional[str]]]
    open_site: Callable[[], contextlib.AbstractContextManager[Site]]
    watch: Callable[[Instance, tuple[str, ...]], Looking]  # takes the records that the cleanup itself changes
    host: Callable[[Optional[Instance]], str]  # whose files are changed, safe to show
    who: Callable[[], str]
    this_host: Callable[[], str]
    tool: str
    now: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    why_not: str = ""  # why nothing may be changed here


@dataclass(frozen=True)
class Kept:
    """The journal: cleanups, the last one first, and those in quarantine that it does not list."""

    entries: Sequence[Entry]
    unlisted: Sequence[str]
    cut_off: int  # how many did not come to their end


@dataclass(frozen=True)
class News:
    """What is new of a piece of work: how far it is or, last, what came of it or why nothing did."""

    work: Work
    progress: Optional[CleanProgress] = None
    result: Any = None
    failure: Optional[str] = None

    @property
    def ended(self) -> bool:
        """Whether it is the last."""
        return self.result is not None or self.failure is not None


Stop = Callable[[], bool]
Todo = Callable[[Stop], Iterator[Any]]
Ask = Callable[[str], Optional[str]]  # takes why it stops, gives the reason typed to go on in spite of it, or None
Changing = Callable[[Stop, Ask], Iterator[Any]]


class Question:
    """What the operator is asked while the work that asks it waits."""

    def __init__(self, reason: str) -> None:
        self.reason = reason  # why it stops, where it is not gone on in spite of it
        self._typed: Optional[str] = None
        self._answered = threading.Event()

    def answer(self, typed: Optional[str]) -> None:
        """Go on, for a reason, or stop: None."""
        self._typed = typed
        self._answered.set()

    def wait(self, stop: Stop) -> Optional[str]:
        """The answer; None also where it is stopped before there is one. Called on the work's thread."""
        while not self._answered.wait(INTERVAL):
            if stop():
                return None
        return self._typed


class Work:
    """One thing that is done on a thread; ``todo`` yields progress and, last, what came of it.

    One that is ``lasting`` changes something: the program does not end before it has.
    """

    def __init__(
        self,
        todo: Todo,
        post: Callable[[News], None],
        instance: Optional[Instance] = None,
        lasting: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._todo, self._post, self._instance, self._clock = todo, post, instance, clock
        self._lasting = lasting
        self._posted = float("-inf")
        self._stopped = threading.Event()
        self._taken = threading.Event()
        self._taken.set()

    def start(self) -> None:
        """Begin, on a thread."""
        threading.Thread(target=self.run, name="cleanup", daemon=not self._lasting).start()

    def stop(self) -> None:
        """Let it end between two steps."""
        self._stopped.set()

    @property
    def stopping(self) -> bool:
        """Whether it was told to end."""
        return self._stopped.is_set()

    def taken(self) -> None:
        """Say that the progress told last was shown: the next may come."""
        self._taken.set()

    def run(self) -> None:
        """The work itself, on the calling thread. It never waits for who looks on."""
        from tui.cleanup.session import CleanProgress

        result = None
        try:
            for event in self._todo(self._stopped.is_set):
                if isinstance(event, CleanProgress):
                    self._progress(event)
                else:
                    result = event
        except Exception as error:  # whatever it is, the operator gets a line and not a traceback
            self._post(News(self, failure=line_of(error, self._instance)))
            return
        if result is None:
            self._post(News(self, failure="it ended before it was complete"))
        else:
            self._post(News(self, result=result))

    def _progress(self, progress: CleanProgress) -> None:
        if self._clock() - self._posted >= INTERVAL and self._taken.is_set():
            self._taken.clear()
            self._posted = self._clock()
            self._post(News(self, progress))


def line_of(error: Exception, instance: Optional[Instance]) -> str:
    """Why something did not come to be, in one line."""
    if isinstance(error, RootError) and instance is not None:
        return f"{instance.showable_path(error.path)}: {instance.showable(error.reason)}"
    if type(error).__module__.partition(".")[0] == __name__.partition(".")[0]:  # made to be shown
        return str(error)
    return f"{type(error).__name__}: {error}"


def planning(ports: CleanPorts, choice: Choice, examination: Examination) -> Todo:
    """Plan a cleanup; nothing is changed."""

    def todo(stop: Stop) -> Iterator[Any]:
        looking = ports.watch(examination.instance, ())
        plan, notes, useless = ports.make(choice, examination, stop)
        yield Planned(choice, plan, looking, notes, useless, looking.reason())

    return todo


def carrying_out(ports: CleanPorts, planned: Planned, instance: Instance) -> Changing:
    """Carry a plan out; a deployment that began since it was made is asked about first."""

    def todo(stop: Stop, ask: Ask) -> Iterator[Any]:
        from tui.cleanup.execute import carry_out
        from tui.cleanup.records import Why
        from tui.cleanup.session import ask_guard

        ask_guard(_terms(ports, planned.looking, stop, ask))
        own = tuple(step.path for step in planned.plan.steps if step.why is Why.RECORDS)
        looking = ports.watch(instance, own)
        looking.follow(planned.looking)
        terms = _terms(ports, looking, stop, ask)
        with ports.open_site() as site:
            yield from carry_out(site, planned.plan, terms, who=ports.who(), host=ports.this_host(), tool=ports.tool)

    return todo


def undoing(
    ports: CleanPorts, instance: Optional[Instance], key: str, paths: Optional[Sequence[str]] = None
) -> Changing:
    """Put back what a cleanup moved, or those paths of it."""

    def todo(stop: Stop, ask: Ask) -> Iterator[Any]:
        from tui.cleanup.undo import undo

        with ports.open_site() as site:
            yield from undo(site, _terms(ports, _looking(ports, instance, site, key), stop, ask), key, paths)

    return todo


def recovering(ports: CleanPorts, instance: Optional[Instance], key: str, finish: bool) -> Changing:
    """Finish what was cut off, or roll it back."""

    def todo(stop: Stop, ask: Ask) -> Iterator[Any]:
        from tui.cleanup.recover import recover

        with ports.open_site() as site:
            terms = _terms(ports, _looking(ports, instance, site, key), stop, ask)
            yield from recover(site, terms, finish=finish, key=key)

    return todo


def _looking(ports: CleanPorts, instance: Optional[Instance], site: Site, key: str) -> Optional[Looking]:
    """Who tells of a deployment while a cleanup is put back or settled; without an agent there can be none."""
    from tui.cleanup.history import steps_of

    if instance is None:
        return None
    return ports.watch(instance, tuple(step.path for step in steps_of(site, key)))  # the agent's records among them


def _terms(ports: CleanPorts, looking: Optional[Looking], stop: Stop, ask: Ask) -> Terms:
    """No deployment may be in progress, unless the operator goes on in spite of it."""
    from tui.cleanup.session import Terms

    if looking is None:
        return Terms(ports.now, ports.clock, stop=stop)

    def go_on(reason: str) -> bool:
        typed = ask(reason)
        if typed is not None:
            looking.force(typed)
        return typed is not None

    return Terms(ports.now, ports.clock, looking.ask, stop, go_on, looking.forced)


def listing(ports: CleanPorts) -> Todo:
    """Read the journal."""

    def todo(stop: Stop) -> Iterator[Any]:
        from tui.cleanup.history import entries, kept_ids
        from tui.cleanup.session import UNFINISHED

        with ports.open_site() as site:
            found = entries(site)
            known = {entry.id for entry in found}
            cut_off = sum(entry.state in UNFINISHED for entry in found)
            yield Kept(found, [key for key in kept_ids(site) if key not in known], cut_off)

    return todo


def looking_up(ports: CleanPorts, key: str) -> Todo:
    """What the journal knows of each step of a cleanup."""

    def todo(stop: Stop) -> Iterator[Any]:
        from tui.cleanup.history import steps_of

        with ports.open_site() as site:
            steps: list[StepResult] = steps_of(site, key)
            yield steps

    return todo


def turned(choice: Choice, *, possible: Optional[bool] = None, delete: Optional[bool] = None) -> Choice:
    """A choice with something else about it."""
    return replace(
        choice,
        possible=choice.possible if possible is None else possible,
        delete=choice.delete if delete is None else delete,
    )
