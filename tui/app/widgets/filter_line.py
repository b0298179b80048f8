"""The filter of a list: the line it is typed into, and one below it for what is not understood."""

from __future__ import annotations

from typing import Callable, Optional

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Input, Label

from tui.app.filter import FilterError
from tui.app.widgets.bars import Bar
from tui.app.widgets.filter_input import FilterInput

_PAUSE = 0.25  # seconds without a key, after which a long list is filtered


class FilterLine(Vertical):
    """Puts a filter in force as it is typed; hidden while there is none.

    ``apply`` filters, and raises FilterError where it does not understand; ``at_once`` tells whether
    that is done in no time.
    """

    def __init__(self, apply: Callable[[str], None], at_once: Callable[[], bool], placeholder: str) -> None:
        super().__init__()
        self.text = ""  # the filter that is in force
        self._before = ""  # the one that escape brings back
        self._apply_text, self._at_once, self._placeholder = apply, at_once, placeholder
        self._pause: Optional[Timer] = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="filter-line"):
            yield Label("Filter: ")
            yield FilterInput(id="filter", placeholder=self._placeholder)
        yield Bar(id="filter-error")

    def on_mount(self) -> None:
        self.query_one("#filter-line").display = False
        self.query_one("#filter-error").display = False

    def put(self, text: str) -> None:
        """Put a filter in force and into the line."""
        filter_input = self.query_one(FilterInput)
        if filter_input.value != text:
            with filter_input.prevent(Input.Changed):
                filter_input.value = text
        self._apply(text)
        if not filter_input.has_focus:
            self.query_one("#filter-line").display = bool(text)

    def begin(self) -> None:
        """Let the operator type."""
        self._before = self.text
        self.query_one("#filter-line").display = True
        self.query_one(FilterInput).focus()

    def _apply(self, text: str) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        error = self.query_one("#filter-error", Bar)
        try:
            self._apply_text(text)
        except FilterError as problem:
            error.show([(str(problem), "warning")])
            error.display = True
            return
        error.display = False
        self.text = text

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        if self._at_once():
            self._apply(event.value)
            return
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(_PAUSE, lambda: self._apply(event.value))

    @on(FilterInput.Left)
    def _typed_all(self, event: FilterInput.Left) -> None:
        """The screen, which gets this after the line, moves the focus."""
        text = self.query_one(FilterInput).value if event.kept else self._before
        self.put(text)
        self.query_one("#filter-line").display = bool(text)
