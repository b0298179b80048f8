"""The first screen: whose instance it is, what is wrong with it, its deployment groups."""

from __future__ import annotations

from typing import Callable, ClassVar, Optional, Union

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.app.clean_keys import CLEAN, JOURNAL
from tui.app.filter import group_term
from tui.app.keys import PREVIEW
from tui.app.overview import (
    GroupRow,
    agent_line,
    cut_off_lines,
    failure_lines,
    finding_line,
    findings_heading,
    group_line,
    group_rows,
    groups_heading,
    ongoing_lines,
    ordered,
)
from tui.app.palette import text_of
from tui.app.screens.base import NOTES, ScanScreen
from tui.app.screens.finding import CleanWanted, FilesWanted, FindingScreen
from tui.app.state import ScanState
from tui.app.widgets.bars import Bar
from tui.app.widgets.line_list import LineList
from tui.app.words import Line
from tui.forensics.marks import Finding
from tui.paths import showable
from tui.preview.records import NEW_GROUP


class FindingList(LineList):
    """Findings, the worst first."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.findings: list[Finding] = []
        self.with_groups = True
        self._say: Callable[[str], str] = showable

    def count(self) -> int:
        """How many findings."""
        return len(self.findings)

    def line(self, index: int, width: int) -> Line:
        """One finding."""
        return finding_line(self.findings[index], width, self.with_groups, self._say)

    def show(self, findings: list[Finding], with_groups: bool, say: Callable[[str], str]) -> None:
        """Show findings, their texts made fit by ``say``; a cursor that was moved keeps to the one it is on."""
        self.with_groups, self._say = with_groups, say
        current = self.findings[self.cursor] if self.cursor < len(self.findings) else None
        line = self.screen_line
        self.findings = findings
        at = next((i for i, finding in enumerate(findings) if _same(finding, current)), self.cursor)
        if not self.touched:
            at, line = 0, 0  # the worst
        self.place(at, line)


def _same(one: Finding, other: Optional[Finding]) -> bool:
    return other is not None and (one.code, one.group, one.source) == (other.code, other.group, other.source)


class GroupList(LineList):
    """Deployment groups."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.rows: list[GroupRow] = []
        self.now = 0.0

    def count(self) -> int:
        """How many lines."""
        return len(self.rows)

    def line(self, index: int, width: int) -> Line:
        """One deployment group."""
        return group_line(self.rows[index], self.now, width)

    def show(self, rows: list[GroupRow], now: float) -> None:
        """Show groups; the cursor keeps to the one it is on."""
        current = self.rows[self.cursor].id if self.cursor < len(self.rows) else None
        line = self.screen_line
        self.rows, self.now = rows, now
        at = next((i for i, row in enumerate(rows) if current is not None and row.id == current), self.cursor)
        self.place(at, line)


class InstanceScreen(ScanScreen):
    """Findings and groups; enter goes into either."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "choose",
            "Open",
            key_display="\u21b5",
            tooltip="More on the finding; files of the group",
            id="instance.choose",
        ),
        Binding("f", "files", "Files", tooltip="All files; with the cursor on a group, its files", id="instance.files"),
        PREVIEW,
        CLEAN,
        JOURNAL,
        Binding("d", "demo", "Demo", tooltip="Open the bundled example instance instead", id="instance.demo"),
        NOTES,
    ]

    def body(self) -> ComposeResult:
        """The lists, and a text that takes their place when there is nothing to list."""
        yield Bar(id="agent")
        yield Static(id="ongoing")
        yield Static(id="message")
        yield Bar(id="findings-heading", classes="heading")
        yield FindingList(id="findings")
        yield Bar(id="groups-heading", classes="heading")
        yield GroupList(id="groups")

    def on_resize(self) -> None:
        self.show_state(self.forensics.state)

    def show_state(self, state: ScanState) -> None:
        """Show what is known of the instance."""
        super().show_state(state)
        now, width, instance = self.forensics.now(), self.size.width, state.instance
        message = failure_lines(state, self.forensics.offers_demo) if instance is None else []
        self.set_class(bool(message), "-failed")
        self.query_one("#message", Static).update(text_of(message))
        self.query_one("#agent", Bar).show(agent_line(instance, state.examination, width) if instance else [])
        ongoing = cut_off_lines(state.cut_off) + (ongoing_lines(instance, now) if instance else [])
        self.query_one("#ongoing", Static).update(text_of(ongoing))
        self.query_one("#ongoing").display = bool(ongoing)
        findings = state.examination.findings if state.examination else None
        final = state.examination is not None and state.examination.final
        self.query_one("#findings-heading", Bar).show(findings_heading(findings, width - 1, final))
        self.query_one("#groups-heading", Bar).show(groups_heading(width - 2))
        several = instance is not None and len(instance.groups) > 1
        self.query_one(FindingList).show(ordered(findings or ()), several, instance.showable if instance else showable)
        self.query_one(GroupList).show(group_rows(state), now)
        self.refresh_bindings()

    @on(LineList.Edge)
    def _next_list(self, event: LineList.Edge) -> None:
        """Beyond the end of one list the other one begins."""
        other = self.query_one("#groups" if event.direction > 0 else "#findings", LineList)
        if event.list is not other and other.count():
            other.cursor = 0 if event.direction > 0 else other.count() - 1
            other.focus()

    @on(LineList.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """The demo is offered only where no agent was found; the rest only where there is something."""
        state = self.forensics.state
        if action == "demo":
            return self.forensics.offers_demo and state.failure is not None and state.failure.kind == "no-agent"
        if action in ("files", "notes"):
            return state.examination is not None or None
        if action == "preview":
            return self.forensics.can_preview(self._deployed_next)
        if action == "clean":
            return self.forensics.can_clean()
        if action == "journal":
            return self.forensics.cleans is not None
        if action == "choose":
            on_finding = self._finding is not None
            return on_finding or (self._group is not None and state.examination is not None) or None
        return True

    @property
    def _finding(self) -> Optional[Finding]:
        """The finding under the cursor, where the findings have the focus."""
        focused = self.focused
        return focused.findings[focused.cursor] if isinstance(focused, FindingList) and focused.findings else None

    @property
    def _group(self) -> Optional[GroupRow]:
        """The line of the groups under the cursor, where they have the focus or nothing was found."""
        focused, groups = self.focused, self.query_one(GroupList)
        chosen = focused is groups or (isinstance(focused, FindingList) and not focused.findings)
        return groups.rows[groups.cursor] if chosen and groups.rows else None

    @property
    def _group_id(self) -> Optional[str]:
        """The deployment group that the cursor is about, else the only one there is."""
        instance, finding, row = self.forensics.state.instance, self._finding, self._group
        if row is not None:
            return row.id
        if finding is not None and finding.group is not None:
            return finding.group
        return instance.groups[0].id if instance is not None and len(instance.groups) == 1 else None

    @property
    def _deployed_next(self) -> Optional[str]:
        """The deployment group to preview: where none has records (any more), one that was never deployed here."""
        instance = self.forensics.state.instance
        return NEW_GROUP if instance is not None and not instance.groups else self._group_id

    def action_preview(self) -> None:
        """Foretell the group's next deployment."""
        self.forensics.open_preview(self._deployed_next)

    def action_clean(self) -> None:
        """Ask what to clean up of the group, and plan that."""
        self.forensics.open_clean_menu(self._group_id)

    def action_journal(self) -> None:
        """Show the cleanups so far."""
        self.forensics.open_journal()

    def action_choose(self) -> None:
        """Open the finding, or the group's files."""
        state, finding, group = self.forensics.state, self._finding, self._group
        if finding is not None and state.instance is not None:
            root = self.forensics.source.root
            dialog = FindingScreen(finding, state.instance, state.examination, root, self.forensics.can_clean())
            self.app.push_screen(dialog, self._go_on)
        elif group is not None:
            self._open_group(group)

    def _go_on(self, wanted: Union[FilesWanted, CleanWanted, None]) -> None:
        if isinstance(wanted, CleanWanted):
            self.forensics.open_clean_menu(wanted.group)
        elif wanted is not None:
            self.forensics.open_files(wanted.terms, wanted.path)

    def action_files(self) -> None:
        """Open the files, of the group under the cursor if the groups have the focus."""
        groups = self.query_one(GroupList)
        if groups.has_focus and groups.rows:
            self._open_group(groups.rows[groups.cursor])
        else:
            self.forensics.open_files(terms="")

    def _open_group(self, row: GroupRow) -> None:
        self.forensics.open_files(terms="group:none" if row.id is None else group_term(row.id))

    def action_demo(self) -> None:
        """Leave, and have the example instance opened."""
        self.forensics.leave_for_demo()
