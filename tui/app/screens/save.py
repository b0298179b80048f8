"""Where to write a verdict, or a plan, to."""

from __future__ import annotations

import contextlib
import threading
from typing import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label

from tui.app.palette import safe
from tui.app.saving import NotKept, here
from tui.app.screens.asking import Asking
from tui.app.widgets.bars import Bar
from tui.app.widgets.safe_input import PathInput


class SaveScreen(Asking):
    """Dismissed with the path of the file that was written, or None. ``keep`` writes it, and raises NotKept."""

    def __init__(
        self,
        name: str,
        keep: Callable[[str], str],
        title: str = "Write the verdict",
        formats: str = "It is JSON, or a table where its name ends in .txt",
    ) -> None:
        super().__init__()
        self._proposed, self._keep, self._title, self._formats = name, keep, title, formats
        self._writing = False

    def body(self) -> ComposeResult:
        """The name, and where it is meant."""
        with Horizontal(id="save-line"):
            yield Label("File: ")
            yield PathInput(self._proposed, id="save-path")
        yield Bar(id="save-place")
        yield self.asking_line()

    def on_mount(self) -> None:
        self.title_line(self._title)
        where = f"In {here()}. {self._formats}; nothing is overwritten."
        self.query_one("#save-place", Bar).show([(safe(where), "dim")])
        self.query_one(PathInput).focus()

    @on(PathInput.Submitted)
    def _submitted(self, event: PathInput.Submitted) -> None:
        """Write on a thread: a disk may be slow, and a verdict long."""
        if self._writing:
            return
        self._writing = True
        self.wait("Writing\u2026")
        app, text = self.app, event.value.strip()

        def write() -> None:
            try:
                done = (self._keep(text), "")
            except NotKept as problem:
                done = ("", str(problem))
            with contextlib.suppress(RuntimeError):  # the app is gone meanwhile
                app.call_later(self._written, *done)

        threading.Thread(target=write, name="write", daemon=True).start()

    def _written(self, path: str, problem: str) -> None:
        self._writing = False
        if not self.is_attached:
            return
        if problem:
            self.fail(problem)
        else:
            self.dismiss(path)
