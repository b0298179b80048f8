"""A dialog that asks for something which can turn out not to be had: it stays until it was."""

from __future__ import annotations

from textual.widgets import Static

from tui.app.palette import text_of
from tui.app.screens.base import Dialog


class Asking(Dialog):
    """Has a line that says how it goes. Whoever was asked calls ``wait``, then ``fail`` or ``dismiss``."""

    def asking_line(self) -> Static:
        """The line, to be among what the dialog shows."""
        return Static(id="asking")

    def wait(self, text: str) -> None:
        """Say that it takes a moment."""
        self.tell(text, "dim")

    def fail(self, text: str) -> None:
        """Say in one line why it cannot be had."""
        self.tell(f"\u2717 {text}", "critical")

    def tell(self, text: str, style: str = "") -> None:
        """Say something; it wraps where it is too long."""
        if self.is_attached:
            self.query_one("#asking", Static).update(text_of([[(text, style)]]))
