"""A source in its context, in lines for the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tui.agent.records import Instance
from tui.app.words import Line, fit
from tui.forensics.context import Context, ContextLine

SIGN = "\u25b6"  # before the line that the source names: colours alone would not do


def source_text(line: ContextLine, instance: Instance) -> str:
    """A line's text, safe for a terminal; a Windows file's lines end in CR LF, which is not worth showing."""
    text = line.text[:-1] if instance.windows and not line.cut and line.text.endswith("\r") else line.text
    return instance.showable(text) + ("\u2026" if line.cut else "  (no newline at the end)" if line.unended else "")


def source_line(context: Context, index: int, texts: Sequence[str], shift: int, width: int) -> Line:
    """Sign, number and text of a line of a context, the text moved ``shift`` cells to the left."""
    line = context.lines[index]
    named = line.number == context.line
    digits = len(str(context.lines[-1].number))
    text = texts[index]
    room = width - digits - 5
    text = f"\u2026{text[shift + 1 :]}" if shift and text[shift:] else "" if shift else text
    if cell_len(text[: room + 1]) > room:
        text = fit(text, room)
    return [
        (f"{SIGN if named else ' '} ", "warning"),
        (f"{line.number:>{digits}} ", "bold" if named else "dim"),
        ("\u2502 ", "dim"),
        (text, "bold" if named else ""),
    ]
