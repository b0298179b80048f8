"""The line that a filter is typed into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.app.widgets.safe_input import SafeInput

FILES = "part of a path, mark:orphaned, state:modified, group:\u2026, -term"


class FilterInput(SafeInput):
    """Enter keeps the filter, escape brings back the one before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,down",
            "keep",
            "Keep",
            key_display="\u21b5",
            tooltip="Keep the filter and go to the list",
            id="filter.keep",
        ),
        Binding(
            "escape",
            "drop",
            "Undo",
            key_display="Esc",
            tooltip="Bring back the filter before this one",
            id="filter.drop",
        ),
    ]

    @dataclass
    class Left(Message):
        """The operator is done with typing."""

        kept: bool

    def __init__(self, id: str | None = None, placeholder: str = FILES) -> None:
        super().__init__(id=id, placeholder=placeholder, compact=True)

    def action_keep(self) -> None:
        """Done, and the filter stays."""
        self.post_message(self.Left(True))

    def action_drop(self) -> None:
        """Done, and the filter goes back to what it was."""
        self.post_message(self.Left(False))
