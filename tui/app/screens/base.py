"""What all screens have: the source line on top, the scan's line and the keys at the bottom."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Callable, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from tui.app.keys import APP_KEYS, FOCUS_KEYS
from tui.app.overview import source_line
from tui.app.state import ScanState, status
from tui.app.widgets.bars import Bar, KeyBar
from tui.app.words import Line

if TYPE_CHECKING:
    from tui.app.app import ForensicsApp

BACK = Binding("escape", "back", "Back", key_display="Esc", tooltip="Back to the screen before", id="screen.back")

NOTES = Binding("n", "notes", "Notes", tooltip="What could not be read, and what follows", id="screen.notes")


class ScanScreen(Screen[None]):
    """A screen that shows what the scan has found so far."""

    BINDINGS: ClassVar[list[BindingType]] = list(FOCUS_KEYS)
    word = ""  # to the operator, for the moment

    @property
    def forensics(self) -> ForensicsApp:
        """The app."""
        return cast("ForensicsApp", self.app)

    def compose(self) -> ComposeResult:
        yield Bar(id="source")
        yield from self.body()
        yield Bar(id="status")
        yield KeyBar(id="keys")

    def body(self) -> ComposeResult:
        """What stands between the lines at the edges."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.show_state(self.forensics.state)

    def on_screen_resume(self) -> None:
        self.show_state(self.forensics.state)

    def show_state(self, state: ScanState) -> None:
        """Show what the scan has found so far."""
        self.query_one("#source", Bar).show(source_line(state))
        self.query_one("#status", Bar).show([(self.word, "bold")] if self.word else self.status_line(state))

    def status_line(self, state: ScanState) -> Line:
        """How far the scan is, or how it ended."""
        return [(status(state), "critical" if state.failure else "dim")]

    def action_notes(self) -> None:
        """What could not be read."""
        self.forensics.open_notes()

    @property
    def is_changing(self) -> bool:
        """Whether something is being changed, which has to end before the app does."""
        return False

    def leave(self, then: Callable[[], None]) -> None:
        """Have it end, and call ``then`` once it has."""
        then()

    def say(self, text: str) -> None:
        """A word to the operator, for some seconds, where the scan's line is."""
        self.word = text
        self.show_state(self.forensics.state)

        def said() -> None:
            if self.word == text and self.is_attached:
                self.word = ""
                self.show_state(self.forensics.state)

        self.set_timer(4, said)


class Dialog(ModalScreen[Any]):
    """A screen over another one, which leaves that one's first line in sight."""

    # A dialog hides the app's keys, but these work everywhere.
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK,
        *FOCUS_KEYS,
        *(
            dataclasses.replace(key, action=f"app.{key.action}")
            for key in APP_KEYS
            if key.id in ("app.help", "app.quit", "app.interrupt")
        ),
    ]

    def compose(self) -> ComposeResult:
        with Widget(classes="dialog"):
            yield Bar(classes="title")
            yield from self.body()
            yield KeyBar(id="keys")

    def body(self) -> ComposeResult:
        """What the dialog shows."""
        raise NotImplementedError

    def title_line(self, text: str) -> None:
        """Set the dialog's heading."""
        self.query_one(".title", Bar).show([(text, "heading")])

    def action_back(self) -> None:
        """Close it."""
        self.dismiss(None)
