"""A screen on which deployments are played, by a thread that nobody waits for."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from textual.message import Message

from tui.app.lookup import Lookup
from tui.app.palette import safe
from tui.app.preview_sections import Lists
from tui.app.preview_words import playing_words
from tui.app.previewing import Doing, Previewer, PreviewPorts, StepChoice, Told
from tui.app.screens.asking import Asking
from tui.app.screens.base import ScanScreen
from tui.app.state import ScanState
from tui.app.words import Line
from tui.forensics.examination import Examination


class PlayingScreen(ScanScreen):
    """What was shown before stays until there is something newer; ``problem`` is why there is none."""

    @dataclass
    class Played(Message):
        """News of a preview."""

        told: Told

    def __init__(self, examination: Examination, ports: PreviewPorts) -> None:
        super().__init__()
        self.examination = examination
        self.lookup = Lookup(examination)
        self.ports = ports
        self.problem = ""
        self._wanted: tuple[StepChoice, ...] = ()  # of what is played
        self._previewer: Optional[Previewer] = None
        self._generation = 0
        self._doing: Optional[Doing] = None
        self._asking: Optional[Asking] = None

    @property
    def is_playing(self) -> bool:
        """Whether deployments are being played."""
        return self._previewer is not None

    @property
    def progress(self) -> str:
        """How far that is."""
        return playing_words(self._doing)

    def played(self, lists: Lists, choices: Sequence[StepChoice]) -> None:
        """A preview is there."""
        raise NotImplementedError

    def changed(self) -> None:
        """Deployments are being played, or are no more."""
        raise NotImplementedError

    def play(self, choices: Sequence[StepChoice], asking: Optional[Asking] = None) -> None:
        """Play deployments. ``asking`` is the dialog that stays until it is known that their revisions can be had."""
        self._stop()
        self._generation += 1
        self._wanted, self._asking, self.problem, self._doing = tuple(choices), asking, "", None
        self._previewer = Previewer(self.ports, self.lookup, choices, self._generation, self._post)
        self._previewer.start()
        if asking is not None:
            asking.wait(self.progress)
        self.changed()

    def _post(self, told: Told) -> None:
        """Called on the preview's thread."""
        with contextlib.suppress(RuntimeError):  # the app has ended meanwhile
            self.post_message(self.Played(told))

    def _stop(self) -> None:
        if self._previewer is not None:
            self._previewer.cancel()
            self._previewer = None

    def on_unmount(self) -> None:
        self._stop()

    def on_playing_screen_played(self, message: Played) -> None:
        """Take what is new; the preview goes on when it is shown."""
        told, previewer, asking = message.told, self._previewer, self._asking
        if previewer is None or told.generation != self._generation:
            return
        self._doing = told.doing or self._doing
        if told.opened:
            self._asking = None
        if told.failure is not None or told.lists is not None:
            self._stop()
        if asking is not None:
            if told.failure is not None:
                asking.fail(told.failure)
            elif told.opened:
                asking.dismiss(None)
            else:
                asking.wait(self.progress)
        elif told.failure is not None:
            self.problem = told.failure
        if told.lists is not None:
            self.played(told.lists, self._wanted)
        self.changed()
        self.app.call_after_refresh(previewer.taken)

    def left(self, _: object) -> None:
        """A dialog was closed: what it had asked for, and is not there yet, is not waited for."""
        if self._asking is not None:
            self._asking = None
            self._stop()
            self.changed()

    def status_line(self, state: ScanState) -> Line:
        """How far the preview is or why there is none; else the scan's line."""
        if self.is_playing:
            return [(self.progress, "bold")]
        if self.problem:
            return [(f"\u2717 {safe(self.problem)}", "critical")]
        return super().status_line(state)
