"""A preview on a thread of its own: revisions opened, deployments played, and what came of it handed over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Callable, Optional, Union

from tui.agent.records import Instance
from tui.app.lookup import Lookup
from tui.app.preview_sections import Lists, lists_of
from tui.app.scanning import INTERVAL
from tui.disk.root import Root, RootError
from tui.preview.records import Behavior, Ending, LastSuccessful, Preview, Revision, Step
from tui.preview.revision import LAST_KNOWN_GOOD, LAST_SUCCESSFUL, OpenCandidate, find_revision

if TYPE_CHECKING:  # imported when the first preview is played, so that the app is there sooner
    from tui.preview.play import PlayEvent

OPENING = "opening"


@dataclass(frozen=True)
class Doing:
    """How far a preview is: the step (from 0) of how many, and what is done: OPENING, or as the engine says."""

    step: int
    steps: int
    what: str


@dataclass(frozen=True)
class PreviewPorts:
    """What previews are played and kept with."""

    root: Root
    play: Callable[..., Iterator[PlayEvent]]  # as tui.preview.play.play
    open_candidate: OpenCandidate  # as tui.disk.candidate.open_candidate
    # Writes a preview as ``json`` or as a ``table`` to a stream; None where it cannot be kept.
    write: Optional[Callable[[Preview, Instance, str, BinaryIO], None]] = None


@dataclass(frozen=True)
class StepChoice:
    """One deployment as the operator asks for it. ``revision`` is what ``tui.preview.revision`` takes."""

    group: str
    revision: str = LAST_SUCCESSFUL
    behavior: Optional[Behavior] = None  # None: the option is not given
    ending: Ending = Ending.FORETOLD


@dataclass(frozen=True)
class Told:
    """What is new of a preview. ``opened``: its revisions could all be had; ``failure``: why there is none, a line."""

    generation: int
    doing: Optional[Doing] = None
    opened: bool = False
    lists: Optional[Lists] = None
    failure: Optional[str] = None


class Previewer:
    """Plays one preview. Never waited for: ``cancel`` and forget it, its thread does not hold up the program's end."""

    def __init__(
        self,
        ports: PreviewPorts,
        lookup: Lookup,
        choices: Sequence[StepChoice],
        generation: int,
        post: Callable[[Told], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ports = ports
        self._lookup = lookup
        self._examination = lookup.examination
        self._choices = tuple(choices)
        self._post = post
        self._clock = clock
        self._pending = Told(generation)
        self._posted = float("-inf")
        self._stopped = threading.Event()
        self._taken = threading.Event()
        self._taken.set()

    def start(self) -> None:
        """Begin, on a thread."""
        threading.Thread(target=self.run, name="preview", daemon=True).start()

    def cancel(self) -> None:
        """Let it end as soon as it can; nothing more is posted."""
        self._stopped.set()
        self._taken.set()

    def taken(self) -> None:
        """Say that what was told last was dealt with: the next may come."""
        self._taken.set()

    def run(self) -> None:
        """The preview itself, on the calling thread."""
        opened: dict[tuple[str, str], Revision] = {}
        steps: list[Step] = []
        try:
            for choice in self._choices:
                if self._stopped.is_set():
                    return
                self._progress(Doing(len(steps), len(self._choices), OPENING))
                steps.append(Step(choice.group, self._revision(choice, steps, opened), choice.behavior, choice.ending))
            if not self._stopped.is_set():
                self._play(steps)
        except Exception as error:  # whatever it is, the operator gets a line and not a traceback
            self._tell(failure=self._line(error, len(steps)))
        finally:
            for revision in opened.values():
                revision.tree.close()

    def _revision(
        self, choice: StepChoice, before: Sequence[Step], opened: dict[tuple[str, str], Revision]
    ) -> Union[Revision, LastSuccessful]:
        """A step's revision, opened once; after other steps of its group, the last one is only known when it comes."""
        follows = any(step.group == choice.group for step in before)
        if follows and choice.revision in (LAST_SUCCESSFUL, LAST_KNOWN_GOOD):
            return LastSuccessful(choice.revision == LAST_KNOWN_GOOD)
        key = choice.group, choice.revision
        if key not in opened:
            instance, ports = self._examination.instance, self._ports
            group = instance.group(choice.group)
            opened[key] = find_revision(choice.revision, ports.root, instance, group, ports.open_candidate)
        return opened[key]

    def _play(self, steps: Sequence[Step]) -> None:
        self._tell(opened=True)
        alone = len(steps) == 1
        for event in self._ports.play(self._ports.root, self._examination, steps, alone, self._stopped.is_set):
            if self._stopped.is_set():
                return
            if isinstance(event, Preview):
                self._tell(lists=lists_of(event, self._lookup))
                return
            self._progress(Doing(event.step, event.steps, event.doing))
        self._tell(failure="the preview ended before it was complete")

    def _line(self, error: Exception, step: int) -> str:
        where = f"step {step + 1}: " if 1 < len(self._choices) > step else ""
        if isinstance(error, RootError):
            instance = self._examination.instance
            return f"{where}{instance.showable_path(error.path)}: {instance.showable(error.reason)}"
        if type(error).__module__.partition(".")[0] == __name__.partition(".")[0]:  # made to be shown
            return f"{where}{error}"
        return f"{where}{type(error).__name__}: {error}"

    def _progress(self, doing: Doing) -> None:
        self._pending = replace(self._pending, doing=doing)
        if self._clock() - self._posted >= INTERVAL and self._taken.is_set():
            self._hand_over()

    def _tell(self, opened: bool = False, lists: Optional[Lists] = None, failure: Optional[str] = None) -> None:
        """These are few, and a long silence may follow: wait until what was told last was dealt with."""
        self._pending = replace(self._pending, opened=opened, lists=lists, failure=failure)
        self._taken.wait()
        self._hand_over()

    def _hand_over(self) -> None:
        if self._stopped.is_set():
            return
        self._taken.clear()
        self._posted = self._clock()
        self._post(self._pending)
        self._pending = Told(self._pending.generation)
