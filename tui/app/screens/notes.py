"""Notes: what could not be read or looked into, and what that means for the marks."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.app.notes import note_lines
from tui.app.screens.base import Dialog
from tui.app.widgets.line_list import FixedList
from tui.forensics.examination import Examination


class NotesScreen(Dialog):
    """Shows the notes in a list, its texts wrapped to the width there is."""

    def __init__(self, examination: Examination) -> None:
        super().__init__()
        self._examination = examination

    def body(self) -> ComposeResult:
        """The lines."""
        yield FixedList(id="note-lines")

    def on_mount(self) -> None:
        self.title_line("Notes: what could not be read, and what that means")
        self.query_one(FixedList).focus()

    def on_resize(self) -> None:
        """The lines for another width."""
        self.query_one(FixedList).show(note_lines(self._examination, self.size.width - 6))
