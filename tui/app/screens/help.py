"""Help: the keys that work where it was called, and what letters and signs mean."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding

from tui.app.palette import MARK_STYLES, SEVERITY_SIGNS, SEVERITY_STYLES, STATE_STYLES
from tui.app.screens.base import Dialog
from tui.app.widgets.line_list import FixedList
from tui.app.words import Line
from tui.forensics.marks import Mark, Severity, State

_MARKS = {
    Mark.DEPLOYED: "a current cleanup file lists it",
    Mark.SCRIPT_CREATED: "not listed, tied to a lifecycle script",
    Mark.ORPHANED: "left by an earlier deployment; nothing removes it",
    Mark.UNATTRIBUTED: "in a target location, and none of these",
}
_STATES = {
    State.MODIFIED: "differs from its revision",
    State.MISSING: "listed, not on disk",
    State.REPLACED: "of another type than in its revision",
    State.UNVERIFIED: "its revision is gone or cannot be read",
    State.PENDING: "not compared yet, the scan still runs",
}
_FILTERS = (
    ("old.js", "paths with this in them, upper and lower case alike"),
    ("mark:o,s", "marks; also state: confidence: group: next: type:"),
    ("-mark:d", "turned round: all but these"),
    ("finding:x", "paths of findings whose code starts so"),
    ('"my file"', "quotes keep spaces together"),
)


def help_lines(keys: Sequence[tuple[str, Binding]], windows: bool = False) -> list[Line]:
    """The whole help, for these keys, on an instance of that kind."""
    lines: list[Line] = [[("Keys that work here", "heading")]]
    for shown, binding in keys:
        lines.append([(f"{shown:>8}", "key"), (f"  {binding.tooltip or binding.description}", "")])
    lines += [[], [("Marks", "heading")]]
    for mark, meaning in _MARKS.items():
        lines.append([(f"{mark.letter:>8}", MARK_STYLES[mark]), (f"  {mark.label}: {meaning}", "")])
    lines += [[], [("Signs", "heading")]]
    for state, meaning in _STATES.items():
        lines.append([(f"{state.sign:>8}", STATE_STYLES[state]), (f"  {state.label}: {meaning}", "")])
    for severity in Severity:
        lines.append(
            [(f"{SEVERITY_SIGNS[severity]:>8}", SEVERITY_STYLES[severity]), (f"  a finding: {severity.label}", "")]
        )
    lines += [
        [(f"{chr(0xD7):>8}", "critical"), ("  chosen for a cleanup", "")],
        [(f"{'O12 D3':>8}", "orphaned"), ("  files by mark below a directory", "")],
        [
            (f"{'2.1K':>8}", ""),
            ("  size, K is 1,024 bytes; a directory's is that of all below it", ""),
        ],
        [
            ("<U+001B>" if windows else f"{chr(92)}e {chr(92)}xff", "place"),
            ("  what a terminal cannot show" + ("" if windows else "; a backslash itself is doubled"), ""),
        ],
    ]
    lines += [[], [("Filters", "heading")]]
    for example, meaning in _FILTERS:
        lines.append([(f"{example:>9}", "place"), (f"  {meaning}", "")])
    return lines


class HelpScreen(Dialog):
    """Shows the help in a list."""

    def __init__(self, keys: Sequence[tuple[str, Binding]], windows: bool = False) -> None:
        super().__init__()
        self._keys, self._windows = list(keys), windows

    def body(self) -> ComposeResult:
        """The lines."""
        yield FixedList(help_lines(self._keys, self._windows), id="help-lines")

    def on_mount(self) -> None:
        self.title_line("Help")
        lines = self.query_one(FixedList)
        lines.lines_changed()
        lines.focus()
