"""Styles by name, in the terminal's own 16 colours, and the one way from text to segments.

A colour never stands alone: marks have letters, states signs, severities signs and words.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from tui.app.words import Line, fit
from tui.forensics.marks import Mark, Severity, State
from tui.paths import showable

MARK_STYLES = {
    Mark.DEPLOYED: "deployed",
    Mark.SCRIPT_CREATED: "script",
    Mark.ORPHANED: "orphaned",
    Mark.UNATTRIBUTED: "unattributed",
}
STATE_STYLES = {
    State.MODIFIED: "warning",
    State.MISSING: "critical",
    State.REPLACED: "critical",
    State.UNVERIFIED: "dim",
    State.PENDING: "dim",
}
SEVERITY_STYLES = {Severity.CRITICAL: "critical", Severity.WARNING: "warning", Severity.INFO: "info"}
SEVERITY_SIGNS = {Severity.CRITICAL: "\u2717", Severity.WARNING: "!", Severity.INFO: "i"}

STYLES: dict[str, Style] = {
    "": Style(),
    "dim": Style(dim=True),
    "bold": Style(bold=True),
    "heading": Style(bold=True, underline=True),
    "key": Style(bold=True, color="cyan"),
    "deployed": Style(color="green"),
    "script": Style(color="cyan"),
    "orphaned": Style(color="magenta", bold=True),
    "unattributed": Style(color="yellow"),
    "critical": Style(color="red", bold=True),
    "warning": Style(color="yellow", bold=True),
    "info": Style(color="blue"),
    "added": Style(color="green"),
    "removed": Style(color="red"),
    "changed": Style(color="yellow"),
    "place": Style(color="cyan"),
}
CURSOR = Style(reverse=True)
CURSOR_ELSEWHERE = Style(bold=True)


def safe(text: str) -> str:
    """Text that is showable already, and is made so where somebody forgot."""
    return text if text.isprintable() else showable(text)


def segments(line: Line, under: Style) -> list[Segment]:
    """The segments of a line, their styles over ``under``."""
    return [Segment(safe(text), under + STYLES[style]) for text, style in line if text]


def strip_of(line: Line, width: int, under: Style) -> Strip:
    """A line as a strip of exactly ``width`` cells."""
    strip = Strip(segments(line, under))
    return strip.crop_extend(0, width, under) if strip.cell_length != width else strip


def text_of(lines: list[Line]) -> Text:
    """Lines as a text that wraps."""
    text = Text()
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
        for piece, style in line:
            text.append(safe(piece), STYLES[style])
    return text


def spread(left: Line, right: Line, width: int) -> Line:
    """Two ends of a line, ``right`` at the right edge; the left one gives way, its last piece first."""
    room = width - sum(cell_len(text) for text, _ in right) - (1 if right else 0)
    line: Line = []
    for text, style in left:
        length = cell_len(text)
        if length > room:
            line.append((fit(text, room), style))
            room = 0
            break
        line.append((text, style))
        room -= length
    return [*line, (" " * (room + (1 if right else 0)), ""), *right]
