"""The list of a preview: what is in the way, what goes, what stays, whatever their number."""

from __future__ import annotations

from typing import ClassVar, Optional

from textual.binding import Binding, BindingType

from tui.agent.records import Instance
from tui.app.preview_detail import row_line
from tui.app.preview_rows import PreviewRows
from tui.app.preview_sections import Row
from tui.app.widgets.line_list import LineList
from tui.app.words import Line


class PreviewList(LineList):
    """Shows ``rows``; the cursor keeps to its line when they are filtered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "right_square_bracket", "section(1)", "Next section", False, "]", tooltip="Go to the next section",
            id="preview.next",
        ),
        Binding(
            "left_square_bracket", "section(-1)", "Section before", False, "[", tooltip="Go to the section before",
            id="preview.previous",
        ),
        Binding(
            "enter", "screen.files", "File", key_display="\u21b5", tooltip="Show the path among the files",
            id="preview.files",
        ),
    ]  # fmt: skip

    rows: Optional[PreviewRows] = None
    instance: Optional[Instance] = None

    def count(self) -> int:
        """How many lines are visible."""
        return len(self.rows) if self.rows is not None else 0

    @property
    def row(self) -> Optional[Row]:
        """The line under the cursor."""
        return self.rows.row(self.cursor) if self.rows is not None and self.cursor < len(self.rows) else None

    def line(self, index: int, width: int) -> Line:
        """What happens to a path, and why."""
        assert self.rows is not None and self.instance is not None
        return row_line(self.rows.row(index), self.instance, width)

    def show(self, rows: PreviewRows, instance: Instance, keep: Optional[Row]) -> None:
        """Show other lines, with the cursor on the one that says the same as ``keep`` where there is one."""
        line = self.screen_line
        self.rows, self.instance = rows, instance
        at = rows.find(keep) if keep is not None else 0
        self.place(at or 0, line if at else 0)
        self.post_message(self.Moved(self, self.cursor))

    def refilter(self, number: Optional[int], line: int) -> None:
        """After the rows were filtered: keep the cursor on a line, as near as can be."""
        assert self.rows is not None
        self.place(self.rows.nearest(number), line)
        self.post_message(self.Moved(self, self.cursor))

    def action_section(self, direction: int) -> None:
        """Go to another section's first line."""
        if self.rows is not None and self.rows:
            self.touched = True
            self.cursor = self.rows.next_section(self.cursor, direction)
