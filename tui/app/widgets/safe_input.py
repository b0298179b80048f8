"""A line to type into, whose text can always be shown."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input


class SafeInput(Input):
    """What is pasted may hold anything; nothing that could reach the terminal as a control stays."""

    def _on_paste(self, event: events.Paste) -> None:
        # Input's own handler is called after this one, with what is left here.
        event.text = "".join(c if c.isprintable() else " " for c in event.text).strip()


class PathInput(SafeInput):
    """A path; enter takes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Take it", key_display="\u21b5", tooltip="Take this path", id="path.take"),
        Binding("up", "app.focus_previous", "Up", False, "\u2191", tooltip="Back to the list", id="path.up"),
    ]

    def __init__(self, value: str = "", placeholder: str = "", id: str | None = None) -> None:
        super().__init__(value, placeholder=placeholder, id=id, compact=True, select_on_focus=False)
