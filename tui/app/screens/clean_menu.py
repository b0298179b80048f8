"""What to clean up: ready choices for a deployment group, or for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Optional

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.agent.records import Instance
from tui.app.cleaning import RECORDS, RESIDUE, UNBLOCK, UNINSTALL, Choice
from tui.app.palette import text_of
from tui.app.screens.base import Dialog
from tui.app.widgets.line_list import LineList
from tui.app.words import Line, fit


class Preset(NamedTuple):
    """A ready choice and its words."""

    choice: Choice
    name: str
    means: str


def presets(group: Optional[str], instance: Instance) -> list[Preset]:
    """The choices there are for a group; without one, for all of them."""
    if group is None or instance.group(group) is None:
        return [
            Preset(Choice(RESIDUE), "Residue", "what scripts made and deployments left, of all groups"),
            Preset(
                Choice(RECORDS), "Agent records", "archives beyond max_revisions, stale tracking files, broken pointers"
            ),
        ]
    return [
        Preset(Choice(RESIDUE, group), "Residue", "what scripts made and deployments left; certain and likely only"),
        Preset(Choice(UNBLOCK, group), "Unblock", "the least that makes the next deployment succeed"),
        Preset(Choice(UNINSTALL, group), "Uninstall", "what the agent's own cleanup would take; the group is gone"),
        Preset(Choice(RECORDS), "Agent records", "archives beyond max_revisions, stale tracking files; of all groups"),
    ]


class PresetList(LineList):
    """Ready choices, a line each."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.choose", "Plan", key_display="\u21b5", tooltip="Plan it; nothing is changed by that",
                id="menu.choose"),
    ]  # fmt: skip

    def __init__(self, presets: Sequence[Preset], id: str) -> None:
        super().__init__(id=id)
        self.presets = presets

    def count(self) -> int:
        """How many choices."""
        return len(self.presets)

    def line(self, index: int, width: int) -> Line:
        """One choice and what it means."""
        preset = self.presets[index]
        return [(f"{preset.name:<15}", "bold"), (fit(preset.means, max(0, width - 15)), "dim")]


class CleanMenu(Dialog):
    """Dismissed with a Choice, or None."""

    def __init__(self, group: Optional[str], instance: Instance) -> None:
        super().__init__()
        self._presets = presets(group, instance)
        of_all = group is None or instance.group(group) is None
        self._title = "Clean up" if of_all else f"Clean up {instance.showable(group or '')}"

    def body(self) -> ComposeResult:
        """The choices."""
        yield PresetList(self._presets, id="menu-list")
        yield Static(
            text_of([[("Each only makes a plan. Single files: mark them in the files with Space, then x.", "dim")]])
        )

    def on_mount(self) -> None:
        self.title_line(self._title)
        choices = self.query_one(PresetList)
        choices.lines_changed()
        choices.focus()

    def action_choose(self) -> None:
        """Take the choice under the cursor."""
        choices = self.query_one(PresetList)
        self.dismiss(choices.presets[choices.cursor].choice)
