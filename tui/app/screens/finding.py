"""One finding: what it is, what to do, where that is written, and which paths it is about."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar, Optional

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.agent.records import Instance
from tui.app.clean_keys import CLEAN
from tui.app.concerned import concerned, rows_of
from tui.app.filter import finding_term
from tui.app.palette import SEVERITY_SIGNS, SEVERITY_STYLES, text_of
from tui.app.rows import Rows
from tui.app.screens.base import NOTES, Dialog
from tui.app.screens.evidence import EvidenceScreen
from tui.app.screens.notes import NotesScreen
from tui.app.widgets.bars import Bar
from tui.app.widgets.file_list import FileList
from tui.app.widgets.source_view import SourceView
from tui.app.words import Line, counted, fit, number, shown
from tui.disk.root import Root
from tui.forensics.examination import Examination
from tui.forensics.marks import Finding

_TALL = 32  # lines of a screen that has room for more of the source
_OTHERS_SHOWN = 5  # paths that are not among the files looked through


@dataclass(frozen=True)
class FilesWanted:
    """What to show among the files: those that a filter lets through, or one path."""

    terms: Optional[str] = None
    path: Optional[str] = None


@dataclass(frozen=True)
class CleanWanted:
    """That a group (None: all of them) is to be cleaned up."""

    group: Optional[str] = None


def finding_lines(finding: Finding, instance: Instance) -> list[Line]:
    """What a finding says, without its paths."""
    style, say = SEVERITY_STYLES[finding.severity], instance.showable
    lines: list[Line] = [
        [
            (f"{SEVERITY_SIGNS[finding.severity]} {finding.severity.label}", style),
            (f"  {say(finding.title)}", "bold"),
        ],
    ]
    if finding.group:
        lines.append([("Group   ", "dim"), (say(finding.group), "")])
    lines += [[], [(say(finding.detail), "")]]
    if finding.advice:
        lines += [[], [("What to do: ", "bold"), (say(finding.advice), "")]]
    return lines


def other_lines(paths: list[str], instance: Instance) -> list[Line]:
    """Paths that are not among the files looked through: a few of them, and how many more."""
    if not paths:
        return []
    lines: list[Line] = [[], [("Outside of the files looked through:", "dim")]]
    lines += [[("  ", ""), (shown(path, instance), "place")] for path in paths[:_OTHERS_SHOWN]]
    if len(paths) > _OTHERS_SHOWN:
        lines.append([(f"  and {number(len(paths) - _OTHERS_SHOWN)} more", "dim")])
    return lines


class FoundFiles(FileList):
    """The files that a finding is about."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "choose", "Show in files", key_display="\u21b5",
            tooltip="Show the path among the files", id="finding.choose",
        ),
    ]  # fmt: skip


class FindingScreen(Dialog):
    """Dismissed with what is to be shown among the files or cleaned up, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "files", "All in files", tooltip="Show all its paths among the files", id="finding.files"),
        Binding("e", "evidence", "Evidence", tooltip="The evidence for the path", id="finding.evidence"),
        CLEAN,
        dataclasses.replace(NOTES, show=False),
    ]

    def __init__(
        self,
        finding: Finding,
        instance: Instance,
        examination: Optional[Examination] = None,
        root: Optional[Root] = None,
        can_clean: Optional[bool] = False,
    ) -> None:
        super().__init__()
        self._can_clean = can_clean
        self.finding = finding
        self._instance, self._examination, self._root = instance, examination, root
        self._rows = [] if examination is None else concerned(examination, finding)
        known = {} if examination is None else rows_of(examination.inventory, finding.paths)
        self._others = [path for path in finding.paths if path not in known]

    def body(self) -> ComposeResult:
        """The text, the source in its context, and the paths."""
        with VerticalScroll(id="finding-text"):
            lines = finding_lines(self.finding, self._instance) + other_lines(self._others, self._instance)
            yield Static(text_of(lines))
        if self.finding.source is not None:
            yield Bar(id="finding-place")
            yield SourceView(id="finding-source")
        if self._rows:
            yield Bar(id="finding-count")
            yield FoundFiles(id="finding-files")

    def on_mount(self) -> None:
        self.title_line("Finding")
        if self.finding.source is not None:
            self.query_one(SourceView).load(self._root, self._instance, self.finding.source)
        self.set_class(bool(self._rows), "-files")
        if self._rows and self._examination is not None:
            files = self.query_one(FileList)
            files.show_rows(Rows(self._examination, only=self._rows))
            self.query_one("#finding-count", Bar).show([(self._count_words(), "heading")])
            files.focus()
        else:
            self.query_one("#finding-text").focus()

    def on_resize(self) -> None:
        """The source's place is cut at its start, since the file and the line are at its end."""
        self.set_class(self.size.height >= _TALL, "-tall")
        if self.finding.source is not None:
            source, room = self._instance.showable_source(self.finding.source), self.size.width - 12
            place = source if cell_len(source) <= room else fit(source, room, keep_end=True)
            self.query_one("#finding-place", Bar).show([("Source  ", "dim"), (place, "place")])

    def on_descendant_focus(self) -> None:
        """The source gets room while it is being read."""
        self.set_class(isinstance(self.focused, SourceView), "-reading")

    def _count_words(self) -> str:
        count, listed = max(self.finding.count, len(self._rows)), len(self._rows)
        if count - len(self._others) > listed:
            return f"{counted(count, 'path')}, {number(listed)} of them here"
        return counted(listed, "path")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """There must be a path to show."""
        if action in ("files", "evidence"):
            return bool(self._rows)
        if action == "clean":
            return self._can_clean
        return self._examination is not None if action == "notes" else True

    @property
    def _path(self) -> Optional[str]:
        row = self.query_one(FileList).row if self._rows else None
        return None if row is None or self._examination is None else self._examination.inventory.path(row)

    @on(FileList.Chosen)
    def action_choose(self) -> None:
        """Close, and have the path under the cursor shown."""
        if self._path is not None:
            self.dismiss(FilesWanted(path=self._path))

    def action_files(self) -> None:
        """Close, and have all paths shown."""
        self.dismiss(FilesWanted(terms=finding_term(self.finding)))

    def action_clean(self) -> None:
        """Close, and ask what to clean up."""
        self.dismiss(CleanWanted(self.finding.group))

    def action_evidence(self) -> None:
        """What is known of the path under the cursor."""
        row = self.query_one(FileList).row
        if row is not None and self._examination is not None:
            self.app.push_screen(EvidenceScreen(self._examination, row, self._root))

    def action_notes(self) -> None:
        """What could not be read."""
        if self._examination is not None:
            self.app.push_screen(NotesScreen(self._examination))
