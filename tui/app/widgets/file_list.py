"""The files: one list for the tree and the flat view, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.app.palette import MARK_STYLES, STATE_STYLES
from tui.app.rows import FLAT, TREE, Rows
from tui.app.ticked import Ticked
from tui.app.widgets.line_list import LineList
from tui.app.words import Line, Piece, fit, short, shown, size
from tui.disk.inventory import DIR, LINK
from tui.forensics.examination import Examination
from tui.forensics.marks import Mark, State

_INDENT = 2
_DEEPEST = 12  # levels that are moved in; deeper ones would leave no room for their names


class FileList(LineList):
    """Shows ``rows``; the cursor keeps to its path when they change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "right,l", "open", "Open", False, "\u2192 l", tooltip="Open the directory, or go into it", id="files.open"
        ),
        Binding(
            "left,h",
            "close",
            "Close",
            False,
            "\u2190 h",
            tooltip="Close the directory, or go to the one above",
            id="files.close",
        ),
        Binding(
            "enter",
            "choose",
            "Open",
            True,
            "\u21b5",
            tooltip="Open or close a directory; details of a file",
            id="files.choose",
        ),
        Binding(
            "asterisk", "open_all(True)", "Open all", False, "*", tooltip="Open every directory", id="files.open_all"
        ),
        Binding(
            "minus", "open_all(False)", "Close all", False, "-", tooltip="Close every directory", id="files.close_all"
        ),
    ]

    rows: Optional[Rows] = None
    ticked: Optional[Ticked] = None  # what is chosen for a cleanup

    @dataclass
    class Chosen(Message):
        """Enter was pressed on something that is no directory with anything below it."""

        row: int

    def count(self) -> int:
        """How many rows are visible."""
        return len(self.rows) if self.rows is not None else 0

    @property
    def row(self) -> Optional[int]:
        """The Inventory's row under the cursor."""
        return self.rows.visible[self.cursor] if self.rows is not None and self.cursor < len(self.rows) else None

    def show(self, examination: Examination) -> None:
        """Show an Examination, in place of an earlier one of the same instance."""
        if self.rows is None:
            self.show_rows(Rows(examination))
            return
        line, row, old = self.screen_line, self.row, self.rows.examination.inventory
        new = examination.inventory
        self.rows.replace(examination)
        if self.ticked is not None:
            self.ticked = self.ticked.carried(new)
        if row is not None and new is not old:
            path = old.path(row)
            row = new.find(path)
            while row is None and path != "/":  # gone: what it was in
                path = path.rpartition("/")[0] or "/"
                row = new.find(path)
        self.place(self.cursor if row is None else self.rows.nearest(row), line)
        self.post_message(self.Moved(self, self.cursor))

    def show_rows(self, rows: Rows) -> None:
        """Show rows that were made for this list."""
        self.rows = rows
        self.lines_changed()
        self.post_message(self.Moved(self, self.cursor))

    def keep(self, row: Optional[int]) -> None:
        """After the rows were opened, filtered or sorted: keep the cursor on a row, as near as can be."""
        assert self.rows is not None
        line = self.screen_line
        self.place(0 if row is None else self.rows.nearest(row), line)
        self.post_message(self.Moved(self, self.cursor))

    def go_to(self, path: str) -> bool:
        """Put the cursor on a path, opening what it is in; False where it is not among the rows."""
        row = self.rows.examination.inventory.find(path) if self.rows is not None else None
        if self.rows is None or row is None:
            return False
        self.rows.reveal(row)
        self.keep(row)
        return self.row == row

    def line(self, index: int, width: int) -> Line:
        """Mark and state, name, state or what is below, size."""
        rows = self.rows
        assert rows is not None
        row, examination = rows.visible[index], rows.examination
        mark, state = Mark(examination.mark[row]), State(examination.state[row])
        right = self._end_pieces(rows, row, state, width)
        sign: Piece = (f" {state.sign.strip() or ' '} ", STATE_STYLES.get(state, ""))
        if self.ticked is not None and self.ticked.flags[row]:
            sign = (f" \u00d7{state.sign.strip() or ' '}", "critical")
        left: Line = [(mark.letter, MARK_STYLES[mark]), sign]
        room = width - 4 - sum(len(text) for text, _ in right) - 1
        return [*left, *self._name_pieces(rows, row, room), (" ", ""), *right]

    def _name_pieces(self, rows: Rows, row: int, room: int) -> Line:
        inventory = rows.examination.inventory
        indent = min(rows.depth(row), _DEEPEST) * _INDENT
        arrow = "  " if rows.view == TREE else ""
        if rows.view == TREE and rows.has_below(row):
            arrow = "\u25be " if rows.is_open(row) else "\u25b8 "
        instance = rows.examination.instance
        slash = "\\" if instance.windows else "/"
        name = shown(rows.label(row), instance)
        name += "" if name.endswith(slash) else {DIR: slash, LINK: "@"}.get(inventory.type[row], "")
        before = " " * min(indent, max(0, room - 12)) + arrow
        style = "bold" if inventory.type[row] == DIR else ""
        return [(before, ""), (fit(name, room - len(before), keep_end=rows.view == FLAT), style)]

    def _end_pieces(self, rows: Rows, row: int, state: State, width: int) -> Line:
        examination = rows.examination
        amount = (f"{size(rows.size(row)) if state != State.MISSING else '':>7}", "")
        if not rows.has_below(row):
            word = state.label if state not in (State.NONE, State.INTACT) else ""
            return [(f"{word or '':<11}", STATE_STYLES.get(state, "")), amount]
        counts, _ = examination.below(row)
        line: Line = []
        for mark in (Mark.ORPHANED, Mark.SCRIPT_CREATED, Mark.UNATTRIBUTED, Mark.DEPLOYED):
            if counts[mark] and (width >= 60 or mark != Mark.DEPLOYED):
                line.append((f"{mark.letter}{short(counts[mark])} ", MARK_STYLES[mark]))
        return [*line, amount]

    def tick(self) -> None:
        """Choose the path under the cursor for a cleanup, with all below it that is shown, or not; go to the next."""
        rows, row = self.rows, self.row
        if rows is None or row is None:
            return
        if self.ticked is None:
            self.ticked = Ticked(rows.examination.inventory)
        self.ticked.turn(rows, row)
        self.refresh()
        self.action_move(1)

    def untick(self) -> None:
        """Choose nothing."""
        self.ticked = None
        self.refresh()

    # Keys

    def action_open(self) -> None:
        """Open the directory under the cursor; an open one is gone into."""
        rows, row = self.rows, self.row
        if rows is None or row is None or not rows.has_below(row) or rows.view == FLAT:
            return
        if rows.is_open(row):
            self.action_move(1)
        else:
            rows.set_open(self.cursor, True)
            self.keep(row)

    def action_close(self) -> None:
        """Close the directory under the cursor, or go to the one it is in."""
        rows, row = self.rows, self.row
        if rows is None or row is None or rows.view == FLAT:
            return
        if rows.is_open(row):
            rows.set_open(self.cursor, False)
            self.keep(row)
        elif rows.examination.inventory.parent[row] >= 0:
            self.cursor = rows.nearest(rows.examination.inventory.parent[row])

    def action_choose(self) -> None:
        """Open or close a directory; tell of anything else."""
        rows, row = self.rows, self.row
        if rows is None or row is None:
            return
        if rows.view == TREE and rows.has_below(row):
            rows.set_open(self.cursor, not rows.is_open(row))
            self.keep(row)
        else:
            self.post_message(self.Chosen(row))

    def action_open_all(self, opened: bool) -> None:
        """Open or close every directory."""
        if self.rows is not None and self.rows.view == TREE:
            row = self.row
            self.rows.open_all(opened)
            self.keep(row)
