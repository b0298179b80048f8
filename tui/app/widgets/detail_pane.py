"""The pane that tells all about the path under the cursor."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.app.palette import text_of
from tui.app.words import Line


class DetailPane(VerticalScroll):
    """Wraps the lines it is given, and scrolls when there are more than fit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", False, "\u2191 k", tooltip="Scroll up", id="detail.up"),
        Binding("down,j", "scroll_down", "Down", False, "\u2193 j", tooltip="Scroll down", id="detail.down"),
        Binding("pageup,ctrl+b", "page_up", "Page up", False, "PgUp", tooltip="Scroll a page up", id="detail.page_up"),
        Binding(
            "pagedown,ctrl+f",
            "page_down",
            "Page down",
            False,
            "PgDn",
            tooltip="Scroll a page down",
            id="detail.page_down",
        ),
        Binding("home,g", "scroll_home", "First", False, "Home g", tooltip="Scroll to the top", id="detail.first"),
        Binding("end,G", "scroll_end", "Last", False, "End G", tooltip="Scroll to the end", id="detail.last"),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: list[Line] = []

    def compose(self) -> ComposeResult:
        yield Static("")

    def show(self, lines: list[Line]) -> None:
        """Show lines from their top, unless they are what is shown already."""
        if lines == self.lines:
            return
        self.lines = lines
        self.query_one(Static).update(text_of(lines))
        self.scroll_home(animate=False)
