"""One finding: what it is, what to do, and which paths it is about."""

from __future__ import annotations

from typing import ClassVar, Optional

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.app.palette import SEVERITY_SIGNS, SEVERITY_STYLES, text_of
from tui.app.screens.base import Dialog
from tui.app.widgets.line_list import FixedList
from tui.app.words import Line, counted, number, shown
from tui.forensics.marks import Finding
from tui.paths import showable


def finding_lines(finding: Finding) -> list[Line]:
    """What a finding says, without its paths."""
    style = SEVERITY_STYLES[finding.severity]
    lines: list[Line] = [
        [
            (f"{SEVERITY_SIGNS[finding.severity]} {finding.severity.label}", style),
            (f"  {showable(finding.title)}", "bold"),
        ],
    ]
    if finding.group:
        lines.append([("Group   ", "dim"), (showable(finding.group), "")])
    if finding.source:
        lines.append([("Source  ", "dim"), (showable(finding.source), "place")])
    lines += [[], [(showable(finding.detail), "")]]
    if finding.advice:
        lines += [[], [("What to do: ", "bold"), (showable(finding.advice), "")]]
    if finding.paths:
        shown = len(finding.paths)
        more = f", the first {number(shown)} of them" if finding.count > shown else ""
        lines += [[], [(f"{counted(max(finding.count, shown), 'path')}{more}", "heading")]]
    return lines


class FindingScreen(Dialog):
    """Dismissed with the path that is to be shown among the files, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "choose",
            "Show in files",
            key_display="\u21b5",
            tooltip="Show the path among the files",
            id="finding.choose",
        ),
    ]

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding

    def body(self) -> ComposeResult:
        """The text, and the paths below it."""
        with VerticalScroll(id="finding-text"):
            yield Static(text_of(finding_lines(self.finding)))
        yield FixedList([[(shown(path), "")] for path in self.finding.paths], id="finding-paths")

    def on_mount(self) -> None:
        self.title_line("Finding")
        paths = self.query_one("#finding-paths", FixedList)
        paths.lines_changed()
        paths.display = bool(self.finding.paths)
        (paths if self.finding.paths else self.query_one("#finding-text")).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """There must be a path to show."""
        return bool(self.finding.paths) if action == "choose" else True

    def action_choose(self) -> None:
        """Close, and have the path under the cursor shown."""
        self.dismiss(self.finding.paths[self.query_one("#finding-paths", FixedList).cursor])
