"""The lines of a file around the one that a source names, read when they are asked for."""

from __future__ import annotations

import contextlib
import threading
from typing import ClassVar, Optional

from textual.binding import Binding, BindingType

from tui.agent.records import Instance
from tui.app.source_lines import source_line, source_text
from tui.app.widgets.line_list import LineList
from tui.app.words import Line
from tui.disk.root import Root
from tui.forensics.context import Context, lines_around, place_of

_AROUND = 8  # lines on either side
_STEP = 20  # cells that the text is moved by


class SourceView(LineList):
    """Reads on a thread that nobody waits for, since a disk may be slow; only what was asked for last is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "shift(1)", "Right", False, "\u2192 l", tooltip="See more of long lines", id="source.right"),
        Binding("left,h", "shift(-1)", "Left", False, "\u2190 h", tooltip="Back to the lines' start", id="source.left"),
    ]

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.context: Optional[Context] = None
        self._instance: Optional[Instance] = None
        self._texts: list[str] = []
        self._said = ""
        self._shift = 0
        self._stop = threading.Event()

    def say(self, text: str) -> None:
        """Show a word in place of lines."""
        self._stop.set()
        self.context, self._said = None, text
        self.lines_changed()

    def load(self, root: Optional[Root], instance: Instance, source: Optional[str]) -> None:
        """Read and show the context of a source (``relative/path:line``)."""
        if source is None or root is None:
            self.say("No file is named." if source is None else "The files cannot be read from here.")
            return
        self.say("Reading\u2026")
        self._instance = instance
        stop = self._stop = threading.Event()
        app = self.app

        def read() -> None:
            path, line = place_of(root, source)
            context = lines_around(root, path, line, _AROUND, _AROUND, stop.is_set)
            with contextlib.suppress(RuntimeError):  # the app is gone meanwhile
                app.call_later(self._show, stop, context)

        threading.Thread(target=read, name="source", daemon=True).start()

    def on_unmount(self) -> None:
        self._stop.set()

    def _show(self, stop: threading.Event, context: Context) -> None:
        if stop.is_set() or not self.is_attached or self._instance is None:
            return
        self.context, self._shift = context, 0
        self._said = self._instance.showable(context.note or "")
        self._texts = [source_text(line, self._instance) for line in context.lines]
        at = next((n for n, line in enumerate(context.lines) if line.number == context.line), 0)
        self.place(at, self.size.height // 2)

    def count(self) -> int:
        """The lines, and one for what is to be said of them."""
        return (len(self.context.lines) if self.context else 0) + bool(self._said)

    def line(self, index: int, width: int) -> Line:
        """A line of the file, or what is to be said."""
        if self.context is None or index >= len(self.context.lines):
            return [(self._said, "dim" if self.context is None else "warning")]
        return source_line(self.context, index, self._texts, self._shift, width)

    def action_shift(self, direction: int) -> None:
        """Move the text of all lines, as far as the longest goes."""
        longest = max(map(len, self._texts), default=0)
        wanted = max(0, self._shift + direction * _STEP)
        if self.context is not None and wanted < longest:
            self._shift = wanted
            self.refresh()
