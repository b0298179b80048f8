"""The files: a list in tree or flat view, a filter, and all about the path under the cursor."""

from __future__ import annotations

from typing import ClassVar, Optional

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from tui.app import filter as filters
from tui.app.clean_keys import CLEAN, TICK_KEYS
from tui.app.cleaning import ROWS, Choice
from tui.app.detail import detail
from tui.app.keys import FILES_KEYS, MARK_KEYS, PREVIEW
from tui.app.palette import MARK_STYLES
from tui.app.rows import FLAT, SORTS, TREE, Rows
from tui.app.screens.base import BACK, NOTES, ScanScreen
from tui.app.screens.diff import DiffScreen
from tui.app.screens.evidence import EvidenceScreen
from tui.app.state import ScanState
from tui.app.widgets.bars import Bar
from tui.app.widgets.detail_pane import DetailPane
from tui.app.widgets.file_list import FileList
from tui.app.widgets.filter_input import FILES, FilterInput
from tui.app.widgets.filter_line import FilterLine
from tui.app.widgets.line_list import LineList
from tui.app.words import Line, counted, number, shell_word
from tui.disk.inventory import FILE
from tui.forensics.marks import Mark

_AT_ONCE = 50_000  # rows that are filtered with every key; more wait until typing pauses
_WIDE = 110  # cells, from which on the detail has its place beside the list


class FilesScreen(ScanScreen):
    """Keeps its view, filter and cursor when it is left and opened again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        BACK,
        *TICK_KEYS[:1],
        CLEAN,
        *FILES_KEYS,
        PREVIEW,
        NOTES,
        *TICK_KEYS[1:],
        *MARK_KEYS,
    ]

    def __init__(self) -> None:
        super().__init__()
        self._detail: Optional[bool] = None  # None: shown where there is room beside the list

    def body(self) -> ComposeResult:
        """Totals, filter, list and detail."""
        yield Bar(id="totals")
        yield FilterLine(self._filter, self._quick, FILES)
        with Container(id="files-body"):
            yield FileList(id="files")
            yield DetailPane(id="detail")

    def on_mount(self) -> None:
        super().on_mount()
        self._files.focus()
        self._arrange()

    @property
    def _files(self) -> FileList:
        return self.query_one(FileList)

    @property
    def rows(self) -> Optional[Rows]:
        """The rows, once there are any."""
        return self._files.rows

    def show_state(self, state: ScanState) -> None:
        """Show what the scan has found so far; the cursor keeps to its path."""
        super().show_state(state)
        rows = self.rows
        if state.examination is not None and (rows is None or rows.examination is not state.examination):
            self._files.show(state.examination)
        self._show_totals()

    def _show_totals(self) -> None:
        rows = self.rows
        if rows is None:
            self.query_one("#totals", Bar).show([("Nothing is known of the files yet", "dim")])
            return
        line: Line = []
        chosen = rows.filter.marks()
        for mark in Mark:
            word = f"{mark.letter} {number(rows.files[mark])}"
            line += [
                (f"[{word}]" if mark in chosen else word, MARK_STYLES[mark] if rows.files[mark] else "dim"),
                ("  ", ""),
            ]
        ticked = len(self._files.ticked) if self._files.ticked is not None else 0
        if ticked:
            line.append((f"\u00d7 {number(ticked)} chosen", "critical"))
        shown = f"{counted(len(rows), 'line')}, {rows.view}, by {rows.sort}"
        self.query_one("#totals", Bar).show(line, [(shown, "dim")])

    def open_at(self, terms: Optional[str], path: Optional[str]) -> None:
        """Show with another filter, or with the cursor on a path."""
        if terms is not None:
            self._line.put(terms)
            self._files.action_first()
        if path is not None and not self._go_to(path):
            self.say("That path is not among the files looked through")
        self._files.focus()

    def _go_to(self, path: str) -> bool:
        if self._files.go_to(path):
            return True
        self._line.put("")  # the filter may be what hides it
        return self._files.go_to(path)

    # Filter

    @property
    def _line(self) -> FilterLine:
        return self.query_one(FilterLine)

    def _quick(self) -> bool:
        return self.rows is None or len(self.rows.examination.inventory) <= _AT_ONCE

    def _filter(self, text: str) -> None:
        """Put a filter in force. Raises FilterError."""
        wanted, files = filters.parse(text), self._files
        if files.rows is not None and wanted != files.rows.filter:
            row = files.row
            files.rows.set_filter(wanted)
            files.keep(row)
        self._show_totals()

    @on(FilterInput.Left)
    def _typed_all(self) -> None:
        self._files.focus()

    def action_filter(self) -> None:
        """Go to the filter's line."""
        self._line.begin()

    def action_all(self) -> None:
        """Take the filter away."""
        self._line.put("")

    def action_mark(self, mark: int) -> None:
        """Have one mark more, or less, in the filter."""
        self._line.put(filters.toggle_mark(self._line.text, Mark(mark)))

    # View

    def action_view(self) -> None:
        """Tree or flat."""
        rows, row = self.rows, self._files.row
        if rows is not None:
            rows.set_view(FLAT if rows.view == TREE else TREE)
            if row is not None:
                rows.reveal(row)
            self._files.keep(row)
            self._show_totals()

    def action_sort(self) -> None:
        """The next order."""
        rows, row = self.rows, self._files.row
        if rows is not None:
            rows.set_sort(SORTS[(SORTS.index(rows.sort) + 1) % len(SORTS)])
            self._files.keep(row)
            self._show_totals()

    # Detail

    @on(LineList.Moved)
    def _moved(self) -> None:
        self._show_detail()
        self.refresh_bindings()

    def _show_detail(self) -> None:
        rows, row, pane = self.rows, self._files.row, self.query_one(DetailPane)
        if pane.display:
            pane.show(
                detail(rows.examination, row, self.forensics.now()) if rows is not None and row is not None else []
            )
        self._show_totals()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """The detail stands beside the list where that is wide enough, else below it when asked for."""
        wide = self.size.width >= _WIDE
        self.set_class(wide, "-wide")
        self.query_one(DetailPane).display = wide if self._detail is None else self._detail
        self.call_after_refresh(self._show_detail)

    def action_detail(self) -> None:
        """Show or hide the detail."""
        pane = self.query_one(DetailPane)
        self._detail = not pane.display
        if pane.has_focus:
            self._files.focus()
        self._arrange()

    @on(FileList.Chosen)
    def _chosen(self) -> None:
        pane = self.query_one(DetailPane)
        if pane.display:
            pane.focus()
        else:
            self.action_detail()

    # One path

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """Grey out what has nothing to work on."""
        if action == "preview":
            return self.forensics.can_preview(self._group_id)
        if action == "clean":
            return self.forensics.can_clean()
        if action in ("tick", "untick"):
            return self.forensics.cleans is not None and (self.rows is not None or None)
        if action == "diff":
            return self._source() is not None or None
        if action == "evidence":
            return (self.is_mounted and self._files.row is not None) or None
        if action in ("view", "sort", "mark", "copy", "filter", "notes"):
            return self.rows is not None or None
        if action == "all":
            return (self.is_mounted and bool(self._line.text)) or None
        return True

    def _source(self) -> Optional[str]:
        """The file in the revision that the one under the cursor came from."""
        if not self.is_mounted or self.rows is None or self._files.row is None or self.forensics.source.root is None:
            return None
        examination, row = self.rows.examination, self._files.row
        return examination.source_of(row) if examination.inventory.type[row] == FILE else None

    @property
    def _group_id(self) -> Optional[str]:
        rows = self.rows if self.is_mounted else None
        return None if rows is None else filters.group_of(rows.examination, self._files.row, rows.filter)

    def action_tick(self) -> None:
        """Choose the path under the cursor for a cleanup, or not."""
        self._files.tick()
        self._show_totals()
        self.refresh_bindings()

    def action_untick(self) -> None:
        """Choose nothing for a cleanup."""
        self._files.untick()
        self._show_totals()

    def action_clean(self) -> None:
        """Plan a cleanup of what is chosen."""
        ticked = self._files.ticked
        if ticked is None or not len(ticked):
            self.say("Nothing is chosen: mark paths with Space first")
        else:
            self.forensics.open_clean(Choice(ROWS, rows=ticked.rows, possible=True))

    def action_preview(self) -> None:
        """Foretell the next deployment of the group that the path, or the filter, belongs to."""
        self.forensics.open_preview(self._group_id)

    def action_evidence(self) -> None:
        """The evidence for the path under the cursor."""
        row = self._files.row
        if row is not None and self.rows is not None:
            self.app.push_screen(EvidenceScreen(self.rows.examination, row, self.forensics.source.root))

    def action_diff(self) -> None:
        """What differs from the revision."""
        source, row, root = self._source(), self._files.row, self.forensics.source.root
        if source is not None and row is not None and root is not None and self.rows is not None:
            examination = self.rows.examination
            self.app.push_screen(DiffScreen(root, examination.inventory.path(row), source, examination.instance))

    def action_copy(self) -> None:
        """The path, to the clipboard of the terminal the operator sits at (OSC 52)."""
        row = self._files.row
        if row is not None and self.rows is not None:
            examination = self.rows.examination
            word = shell_word(examination.inventory.path(row), examination.instance)
            self.app.copy_to_clipboard(word)
            self.say(f"Copied, if the terminal lets it: {word}")

    def action_back(self) -> None:
        """Back to the list, or to the instance."""
        if self.query_one(DetailPane).has_focus:
            self._files.focus()
        else:
            self.app.pop_screen()
