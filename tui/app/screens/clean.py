"""A cleanup's plan, whole, before anything happens: what goes, what does not and why, and what to think of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Optional

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from tui.app.clean_keys import PLAN_KEYS
from tui.app.clean_words import weight
from tui.app.cleaning import Choice, CleanPorts, Planned, carrying_out, planning, turned
from tui.app.palette import safe, text_of
from tui.app.plan_rows import PlanRows, counted_files, head_lines, is_deleting, weak_count
from tui.app.saving import keep_plan, plan_name
from tui.app.screens.base import BACK
from tui.app.screens.cleaning import Running, RunScreen
from tui.app.screens.confirm import ConfirmScreen
from tui.app.screens.save import SaveScreen
from tui.app.screens.working import WorkingScreen
from tui.app.state import ScanState
from tui.app.widgets.detail_pane import DetailPane
from tui.app.widgets.line_list import LineList
from tui.app.widgets.plan_list import PlanList
from tui.app.words import Line, counted
from tui.cleanup.phrase import phrase
from tui.cleanup.records import Warned
from tui.forensics.examination import Examination

_PLANNING = "Planning: nothing is changed\u2026"
_WARNINGS_SHOWN = 5  # in the question


class CleanScreen(WorkingScreen):
    """Shows the plan for a choice. What was planned before stays, dimmed, while it is planned anew."""

    BINDINGS: ClassVar[list[BindingType]] = [*PLAN_KEYS, BACK]

    def __init__(self, examination: Examination, ports: CleanPorts, choice: Choice) -> None:
        super().__init__(ports)
        self.examination = examination
        self.choice = choice
        self.planned: Optional[Planned] = None

    def body(self) -> ComposeResult:
        """What it comes to in a few lines, then all of it."""
        yield Static(id="clean-head")
        yield Static(id="clean-notes")
        yield PlanList(id="clean-list")
        yield DetailPane(id="clean-detail")

    def on_mount(self) -> None:
        super().on_mount()
        self._list.focus()
        self._plan(self.choice)

    @property
    def _list(self) -> PlanList:
        return self.query_one(PlanList)

    @property
    def host(self) -> str:
        """Whose files they are."""
        return self.ports.host(self.examination.instance)

    def _plan(self, choice: Choice) -> None:
        self.choice = choice
        self.begin(planning(self.ports, choice, self.examination), _PLANNING)

    def show_state(self, state: ScanState) -> None:
        """Show how the scan goes; once a later one is complete, the plan is made anew for the same paths."""
        super().show_state(state)
        found = state.examination
        if found is not None and found.final and found is not self.examination:
            before, self.examination = self.examination.inventory, found
            rows = [found.inventory.find(before.path(row)) for row in self.choice.rows]
            self._plan(replace(self.choice, rows=sorted(row for row in rows if row is not None)))

    def worked(self, result: Any) -> None:
        """The plan is there."""
        self.planned = result
        self._list.show(PlanRows(result.plan, self.examination.instance))

    def changed(self) -> None:
        """The lines above the list."""
        self.set_class(self.work is not None, "-stale")
        planned = self.planned
        head: list[Line] = [[("Clean up", "bold")]] if planned is None else head_lines(planned.plan, self.host)
        self.query_one("#clean-head", Static).update(text_of(head))
        notes = [] if planned is None else self._notes(planned)
        self.query_one("#clean-notes", Static).update(text_of(notes))
        self.query_one("#clean-notes").display = bool(notes)
        super().changed()

    def _notes(self, planned: Planned) -> list[Line]:
        say, lines = self.examination.instance.showable, []
        if planned.in_progress is not None:
            lines.append([(f"\u2717 {say(planned.in_progress)}", "critical")])
            if self.check_action("carry_out", ()):
                lines.append([("x", "key"), (" can go on in spite of it, with a reason that is typed", "")])
        if self.ports.why_not:
            lines.append([(f"Planned and exported (E) only: {self.ports.why_not}", "warning")])
        for note in planned.notes:
            lines.append([(say(note), "critical" if note == planned.useless else "dim")])
        weak = weak_count(planned.plan)
        if self.choice.narrows and self.choice.possible and weak:
            words = " is 'possible' only; " if weak == 1 else " are 'possible' only; "
            lines.append([("! ", "warning"), (f"{weak:,}{words}", ""), ("w", "key"), (" leaves out what is", "")])
        return lines

    @on(LineList.Moved)
    def _moved(self) -> None:
        rows, cursor = self._list.rows, self._list.cursor
        self.query_one(DetailPane).show(rows.detail(cursor) if rows is not None and cursor < len(rows) else [])
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """Grey out what has nothing to work on; a source that may not be changed cannot be."""
        planned = self.planned if self.work is None else None
        if action == "carry_out":
            if self.ports.why_not:
                return False
            return bool(planned is not None and planned.plan.steps and planned.useless is None) or None
        if action == "possible":
            return self.choice.narrows and (planned is not None or None)
        if action in ("delete", "export"):
            return bool(planned is not None and (planned.plan.steps or self.choice.delete)) or None
        if action == "files":
            return self._path is not None or None
        return True

    @property
    def _path(self) -> Optional[str]:
        rows = self._list.rows if self.is_mounted else None
        if rows is None or self._list.cursor >= len(rows):
            return None
        row = rows.row(self._list.cursor)
        return None if isinstance(row, Warned) else row.path

    # What is planned

    def action_possible(self) -> None:
        """Leave out what only weak evidence speaks for, or take it in."""
        self._plan(turned(self.choice, possible=not self.choice.possible))

    def action_delete(self) -> None:
        """Plan to delete for good, or no more."""
        self._plan(turned(self.choice, delete=not self.choice.delete))

    def action_files(self) -> None:
        """Show the path under the cursor among the files."""
        if self._path is not None:
            self.forensics.open_files(path=self._path)

    def action_detail(self) -> None:
        """Into the detail, and out of it."""
        pane = self.query_one(DetailPane)
        (self._list if pane.has_focus else pane).focus()

    def action_export(self) -> None:
        """Write the plan to a file."""
        if self.planned is None:
            return
        plan, instance = self.planned.plan, self.examination.instance

        def written(path: Optional[str]) -> None:
            if path is not None:
                self.say(f"Written: {safe(path)}")

        dialog = SaveScreen(
            plan_name(self.forensics.now()),
            lambda text: keep_plan(text, plan, instance, self.ports.root),
            "Write the plan",
            "It ends in .json, .sh or .ps1",
        )
        self.app.push_screen(dialog, written)

    # What is done

    def action_carry_out(self) -> None:
        """Ask, and then carry the plan out."""
        planned = self.planned
        if planned is None:
            return
        plan, deleting = planned.plan, is_deleting(planned.plan)
        wanted = phrase(len(plan.steps), self.host)
        if deleting:
            wanted = f"delete {wanted}"

        def answered(typed: Optional[bool]) -> None:
            if typed:
                self._go_on(planned)
            elif typed is not None:
                self.say("Not confirmed: nothing was done")

        title = "Delete for good" if deleting else "Move to quarantine"
        self.app.push_screen(ConfirmScreen(title, self._question(planned), wanted, deleting), answered)

    def _question(self, planned: Planned) -> list[Line]:
        plan, say = planned.plan, self.examination.instance.showable
        lines = [*head_lines(plan, self.host), []]
        if planned.in_progress is not None:
            lines.append([(f"\u2717 {say(planned.in_progress)}", "critical")])
        for warned in plan.warnings[:_WARNINGS_SHOWN]:
            lines.append([("! ", "warning"), (say(warned.message), "")])
        more = len(plan.warnings) - _WARNINGS_SHOWN
        if more > 0:
            lines.append([(f"! and {counted(more, 'warning')} more", "warning")])
        return lines

    def _go_on(self, planned: Planned) -> None:
        plan, instance = planned.plan, self.examination.instance
        verb = "Deleting for good" if is_deleting(plan) else "Moving to quarantine"
        words = f"{verb} {counted_files(plan)}, {weight(plan.bytes)}, on {self.host}"
        running = Running(words, carrying_out(self.ports, planned, instance))
        self.app.switch_screen(RunScreen(self.ports, running))

    def action_back(self) -> None:
        """Back to the list, or to the screen before."""
        if self.query_one(DetailPane).has_focus:
            self._list.focus()
        else:
            self.app.pop_screen()
