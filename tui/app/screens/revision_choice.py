"""Which revision to preview: one of the group's deployments left on the instance, or a path of this machine."""

from __future__ import annotations

import os
from typing import Callable, ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Label

from tui.agent.records import Instance
from tui.app.revisions import RevisionChoice, choice_line
from tui.app.screens.asking import Asking
from tui.app.widgets.line_list import LineList
from tui.app.widgets.safe_input import PathInput
from tui.app.words import Line

_BEGINS_A_PATH = "/.~"


class ChoiceList(LineList):
    """Revisions, a line each."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "screen.choose", "Choose", key_display="\u21b5", tooltip="Take this revision", id="revision.choose"
        ),
    ]

    def __init__(self, choices: list[RevisionChoice], instance: Instance, id: str) -> None:
        super().__init__(id=id)
        self.choices = choices
        self._instance = instance
        self._room = min(24, max((cell_len(instance.showable(choice.name)) for choice in choices), default=0))

    def count(self) -> int:
        """How many revisions."""
        return len(self.choices)

    def line(self, index: int, width: int) -> Line:
        """One revision and what is known of it."""
        return choice_line(self.choices[index], self._instance, self._room, width)


class RevisionScreen(Asking):
    """Hands what was chosen to ``wanted``, which may say that it cannot be had; dismissed with None by escape."""

    def __init__(
        self, heading: str, choices: list[RevisionChoice], instance: Instance, wanted: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._heading, self._choices, self._instance, self._wanted = heading, choices, instance, wanted

    def body(self) -> ComposeResult:
        """What is left on the instance, and a line for a path."""
        yield ChoiceList(self._choices, self._instance, id="revision-choices")
        with Horizontal(id="revision-line"):
            yield Label("Or a path of this machine: ")
            yield PathInput(placeholder="a directory, or a bundle: tar, tgz, zip", id="revision-path")
        yield self.asking_line()

    def on_mount(self) -> None:
        self.title_line(self._heading)
        choices = self.query_one(ChoiceList)
        choices.lines_changed()
        (choices if any(choice.left for choice in self._choices) else self.query_one(PathInput)).focus()

    def on_key(self, event: events.Key) -> None:
        """What begins a path goes to its line, wherever the focus is."""
        if event.character is not None and event.character in _BEGINS_A_PATH and self.query_one(ChoiceList).has_focus:
            event.prevent_default().stop()
            path = self.query_one(PathInput)
            path.focus()
            path.insert_text_at_cursor(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """A path that is pasted, too."""
        if self.query_one(ChoiceList).has_focus:
            event.stop()
            path = self.query_one(PathInput)
            path.focus()
            path.post_message(events.Paste(event.text))

    @on(LineList.Edge)
    def _beyond(self, event: LineList.Edge) -> None:
        """Below the last line stands the path."""
        if event.direction > 0:
            self.query_one(PathInput).focus()

    def action_choose(self) -> None:
        """Take the revision under the cursor."""
        choices = self.query_one(ChoiceList)
        if self._choices:
            self._wanted(self._choices[choices.cursor].text)

    @on(PathInput.Submitted)
    def _submitted(self, event: PathInput.Submitted) -> None:
        if event.value.strip():
            self._wanted(os.path.expanduser(event.value))
        else:
            self.fail("type the path of a directory or of a bundle")
