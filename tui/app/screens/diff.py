"""The difference between a file and the one in its revision."""

from __future__ import annotations

import contextlib
import threading

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Static

from tui.agent.records import Instance
from tui.app.diffing import Difference, difference
from tui.app.palette import text_of
from tui.app.screens.base import Dialog
from tui.app.widgets.line_list import FixedList
from tui.app.words import Line, counted, fit, shown
from tui.disk.root import Root

_STYLES = {"+": "added", "-": "removed", "@": "place"}


def diff_lines(found: Difference) -> list[Line]:
    """The lines of a difference; signs tell apart what colours do."""
    lines: list[Line] = [[(found.note, "bold")]] if found.note else []
    return lines + [[(line, _STYLES.get(line[:1], ""))] for line in found.lines]


class DiffScreen(Dialog):
    """Reads the two files on a thread that nobody waits for, since a disk may be slow."""

    def __init__(self, root: Root, path: str, source: str, instance: Instance) -> None:
        super().__init__()
        self._root, self._path, self._source, self._instance = root, path, source, instance

    def body(self) -> ComposeResult:
        """Which files, and the lines."""
        yield Static(
            id="diff-files",
        )
        yield FixedList([[("Reading\u2026", "dim")]], id="diff-lines")

    def on_resize(self) -> None:
        """Both paths keep a line each: cut at the start, since what tells them apart is at their end."""
        room = self.query_one("#diff-files", Static).size.width - 2
        lines: list[Line] = []
        for sign, style, path in (("-", "removed", self._source), ("+", "added", self._path)):
            text = shown(path, self._instance)
            lines.append(
                [(f"{sign} ", style), (text if cell_len(text) <= room else fit(text, room, keep_end=True), "")]
            )
        self.query_one("#diff-files", Static).update(text_of(lines))

    def on_mount(self) -> None:
        self.title_line("Difference from the revision")
        lines = self.query_one(FixedList)
        lines.lines_changed()
        lines.focus()
        app = self.app

        def read() -> None:
            found = difference(self._root, self._path, self._source, self._instance.showable_path)
            with contextlib.suppress(RuntimeError):  # the app is gone meanwhile
                app.call_later(self._show, found)

        threading.Thread(target=read, name="diff", daemon=True).start()

    def _show(self, found: Difference) -> None:
        if not self.is_attached:
            return
        self.query_one(FixedList).show(diff_lines(found))
        changed = sum(line[:1] in "+-" for line in found.lines)
        if changed:
            self.title_line(f"Difference from the revision: {counted(changed, 'line')}")
