"""A list of any length that draws only the lines in view, with a cursor. All the app's lists are of this kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.app.keys import LIST_KEYS
from tui.app.palette import CURSOR, CURSOR_ELSEWHERE, strip_of
from tui.app.words import Line


class LineList(ScrollView, can_focus=True):
    """Draws ``line(index, width)`` for the lines in view. A subclass says how many there are and what they say."""

    BINDINGS: ClassVar[list[BindingType]] = list(LIST_KEYS)

    cursor: reactive[int] = reactive(0, repaint=False)
    touched = False  # whether the operator has moved the cursor

    @dataclass
    class Moved(Message):
        """The cursor stands on another line."""

        list: LineList
        index: int

        @property
        def control(self) -> LineList:
            return self.list

    @dataclass
    class Edge(Message):
        """The cursor was to go beyond the first (-1) or the last line (1)."""

        list: LineList
        direction: int

        @property
        def control(self) -> LineList:
            return self.list

    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line(self, index: int, width: int) -> Line:
        """What a line says, in pieces that fit ``width`` cells."""
        raise NotImplementedError

    def lines_changed(self) -> None:
        """Draw again: what the lines say, or how many there are, is new."""
        self.virtual_size = Size(0, self.count())
        self.cursor = self._within(self.cursor)
        self.refresh()

    def place(self, cursor: int, screen_line: int) -> None:
        """Put the cursor on a line and that line ``screen_line`` lines below the top of the view."""
        self.virtual_size = Size(0, self.count())
        self.cursor = self._within(cursor)
        self.scroll_to(y=max(0, self.cursor - screen_line), animate=False, force=True)
        self._show_cursor()
        self.refresh()

    @property
    def screen_line(self) -> int:
        """How far below the top of the view the cursor stands."""
        return self.cursor - self.scroll_offset.y

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are, for lists that are as high as what they hold."""
        return self.count()

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        width = self.scrollable_content_region.width
        index = self.scroll_offset.y + y
        base = self.rich_style
        if index >= self.count():
            return Strip.blank(self.size.width, base)
        under = base
        if index == self.cursor:
            under = base + (CURSOR if self.has_focus else CURSOR_ELSEWHERE)
        gutter = ">" if index == self.cursor else " "
        return strip_of([(gutter, ""), *self.line(index, width - 1)], width, under)

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the two lines that the cursor left and came to, and tell."""
        if old == new:
            return
        self.refresh_line(old)
        self.refresh_line(new)
        self._show_cursor()
        self.post_message(self.Moved(self, new))

    def on_focus(self) -> None:
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        self.refresh_line(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse clicked."""
        index = self.scroll_offset.y + event.y
        if 0 <= index < self.count():
            self.touched = True
            self.cursor = index

    def on_resize(self) -> None:
        self._show_cursor()

    def action_move(self, step: int) -> None:
        """Move the cursor; beyond an end, tell the screen."""
        self.touched = True
        wanted = self.cursor + step
        if 0 <= wanted < self.count():
            self.cursor = wanted
        else:
            self.post_message(self.Edge(self, step))

    def action_page(self, direction: int) -> None:
        """Move the view and the cursor by a page."""
        self.touched = True
        page = max(1, self.size.height - 1)
        line = self.screen_line
        self.place(self._within(self.cursor + direction * page), line)

    def action_first(self) -> None:
        """Go to the first line."""
        self.touched = True
        self.cursor = 0

    def action_last(self) -> None:
        """Go to the last line."""
        self.touched = True
        self.cursor = self._within(self.count())

    def _within(self, index: int) -> int:
        return max(0, min(index, self.count() - 1))

    def _show_cursor(self) -> None:
        height, top = self.scrollable_content_region.height, self.scroll_offset.y
        if height <= 0:
            return
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)


class FixedList(LineList):
    """A short list of lines that are made before they are shown."""

    def __init__(self, lines: Sequence[Line] = (), id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines = list(lines)

    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line(self, index: int, width: int) -> Line:
        """The line as it was given; what is too long is cut off."""
        return self._lines[index]

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self._lines = list(lines)
        self.lines_changed()
