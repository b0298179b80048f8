"""The question before anything is changed: what is typed names how many and where. Anything else leaves."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Label, Static

from tui.app.palette import text_of
from tui.app.screens.base import Dialog
from tui.app.widgets.safe_input import SafeInput
from tui.app.words import Line
from tui.cleanup.phrase import is_phrase


class TypedInput(SafeInput):
    """What is typed to go on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Answer", key_display="\u21b5", tooltip="Take what is typed", id="confirm.answer"),
    ]

    def __init__(self, id: str) -> None:
        super().__init__(id=id, compact=True)


class ConfirmScreen(Dialog):
    """Dismissed with True where the words were typed, with False where others were, with None by escape."""

    def __init__(self, title: str, lines: list[Line], wanted: str, grave: bool = False) -> None:
        """``wanted`` is what is to be typed, fit for a terminal; ``grave``: there is no way back."""
        super().__init__()
        self._title, self._lines, self._wanted, self._grave = title, lines, wanted, grave

    def body(self) -> ComposeResult:
        """What is about to happen, and the line to type into."""
        with VerticalScroll(id="confirm-text"):
            yield Static(text_of(self._lines))
        style = "critical" if self._grave else "key"
        yield Static(
            text_of([[("Type  ", ""), (self._wanted, style), ("  to go on; anything else, or Esc, leaves.", "")]]),
            id="confirm-words",
        )
        with Horizontal(id="confirm-line"):
            yield Label("> ")
            yield TypedInput(id="confirm-typed")

    def on_mount(self) -> None:
        self.title_line(self._title)
        self.query_one(TypedInput).focus()

    @on(TypedInput.Submitted)
    def _submitted(self, event: TypedInput.Submitted) -> None:
        self.dismiss(is_phrase(event.value, self._wanted))
