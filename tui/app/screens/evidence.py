"""The evidence for one path: each piece in full, and the lines of the file that it comes from."""

from __future__ import annotations

from typing import Optional

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static

from tui.app.detail import verdict
from tui.app.evidence_words import sections
from tui.app.palette import MARK_STYLES, text_of
from tui.app.screens.base import Dialog
from tui.app.widgets.bars import Bar
from tui.app.widgets.line_list import LineList
from tui.app.widgets.source_view import SourceView
from tui.app.words import Line, counted, cut, fit, shown
from tui.disk.root import Root
from tui.forensics.examination import Examination
from tui.forensics.marks import Evidence, Mark

_WIDE = 150  # cells, from which on the source has its place beside the pieces


class PieceList(LineList):
    """Pieces of evidence, a line each: its kind in words, then what it says as far as that fits."""

    def __init__(self, examination: Examination, row: int, id: str) -> None:
        super().__init__(id=id)
        record = examination.row(row)
        self._instance = examination.instance
        self.pieces: list[tuple[str, Evidence, bool]] = [
            (section.heading, piece, section.against)
            for section in sections(record.evidence, record.mark)
            for piece in section.pieces
        ]
        self._room = min(18, max((cell_len(name) for name, *_ in self.pieces), default=0))

    def count(self) -> int:
        """How many pieces."""
        return len(self.pieces)

    def line(self, index: int, width: int) -> Line:
        """One piece; what speaks for another mark says for which."""
        name, piece, against = self.pieces[index]
        first = index == 0 or self.pieces[index - 1][0] != name
        line: Line = [(f"{cut(self._instance.showable(name), self._room) if first else '':<{self._room}} ", "bold")]
        if against and piece.for_mark is not None:
            line += [("speaks for ", "dim"), *_mark_word(piece.for_mark), (": ", "dim")]
        room = width - sum(cell_len(text) for text, _ in line)
        return [*line, (cut(self._instance.showable(piece.detail), max(1, room)), "")]


def _mark_word(mark: Mark) -> Line:
    return [(f"{mark.letter} {mark.label}", MARK_STYLES[mark])]


class EvidenceScreen(Dialog):
    """All evidence for one row of an Examination."""

    def __init__(self, examination: Examination, row: int, root: Optional[Root]) -> None:
        super().__init__()
        self._examination, self._row, self._root = examination, row, root
        self._shown: Optional[Evidence] = None

    def body(self) -> ComposeResult:
        """Path and verdict, the pieces, one of them in full, and its source."""
        yield Static(id="evidence-head")
        with Container(id="evidence-body"):
            with Vertical(id="evidence-left"):
                yield PieceList(self._examination, self._row, id="evidence-pieces")
                yield Static(id="evidence-text")
                yield Bar(id="evidence-place")
            yield SourceView(id="evidence-source")

    def on_mount(self) -> None:
        record, instance = self._examination.row(self._row), self._examination.instance
        path: Line = [(shown(record.entry.path, instance), "bold")]
        said: Line = []
        for line in verdict(record):
            said += [*([(" \u00b7 ", "dim")] if said else []), *line]
        self.query_one("#evidence-head", Static).update(text_of([path, said]))
        pieces = self.query_one(PieceList)
        self.title_line(f"Evidence: {counted(pieces.count(), 'piece')}")
        pieces.lines_changed()
        pieces.focus()
        self._arrange()
        if pieces.count():
            self._show_piece()
        else:
            self.query_one(SourceView).say("No record names it.")

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        self.set_class(self.size.width >= _WIDE, "-wide")
        self._show_place()

    def _show_place(self) -> None:
        """The source's place is cut at its start, since the file and the line are at its end."""
        if self._shown is not None:
            place = self.query_one("#evidence-place", Bar)
            room = (self.size.width - 4) // (2 if self.has_class("-wide") else 1) - 2
            source = self._examination.instance.showable_source(self._shown.source or "")
            place.show([(source if cell_len(source) <= room else fit(source, room, keep_end=True), "place")])

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        if isinstance(event.list, PieceList):
            self._show_piece()

    def _show_piece(self) -> None:
        pieces, instance = self.query_one(PieceList), self._examination.instance
        _, piece, against = pieces.pieces[pieces.cursor]
        if piece is self._shown:
            return
        self._shown = piece
        lines: list[Line] = [[(instance.showable(piece.detail), "")]]
        if against and piece.for_mark is not None:
            lines.insert(0, [("Speaks for ", "dim"), *_mark_word(piece.for_mark), (", not for the mark it has", "dim")])
        self.query_one("#evidence-text", Static).update(text_of(lines))
        self._show_place()
        self.query_one(SourceView).load(self._root, instance, piece.source)
