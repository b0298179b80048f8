"""The question whether to go on although a deployment is in progress: it takes a reason, which the journal keeps."""

from __future__ import annotations

from typing import Optional

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Label, Static

from tui.agent.records import Instance
from tui.app.clean_words import say
from tui.app.palette import text_of
from tui.app.screens.asking import Asking
from tui.app.screens.confirm import TypedInput
from tui.app.words import Line

_DANGER = (
    "What is changed now may be what the deployment is reading, writing or removing at this moment: it can fail over "
    "it, or overwrite or remove it right away."
)
_KEPT = (
    "What is protected, out of place, behind a link or changed since it was planned stays refused whatever is typed."
)
_HOW = "Until this is answered nothing is changed. Type why to go on, which the journal keeps; Esc leaves the rest."


class ForceScreen(Asking):
    """Dismissed with the reason that was typed, or with None by escape. An empty one is refused."""

    def __init__(self, seen: str, instance: Optional[Instance]) -> None:
        """``seen``: what tells that a deployment is in progress."""
        super().__init__()
        self._seen = say(seen, instance)

    def body(self) -> ComposeResult:
        """What was seen, what may come of it, and the line to type into."""
        lines: list[Line] = [[(f"\u2717 {self._seen}", "critical")], [], [(_DANGER, "warning")], [(_KEPT, "dim")], []]
        with VerticalScroll(id="force-text"):
            yield Static(text_of([*lines, [(_HOW, "")]]))
        with Horizontal(id="force-line"):
            yield Label("Reason: ")
            yield TypedInput(id="force-typed")
        yield self.asking_line()

    def on_mount(self) -> None:
        self.title_line("A deployment is in progress")
        self.query_one(TypedInput).focus()

    @on(TypedInput.Submitted)
    def _submitted(self, event: TypedInput.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value.strip())
        else:
            self.fail("It takes a reason to go on")
