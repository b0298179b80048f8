"""One cleanup of the journal: its steps, and putting back all of them or some."""

from __future__ import annotations

from typing import Any, ClassVar, Optional

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from tui.app.clean_keys import ENTRY_KEYS
from tui.app.clean_words import entry_lines, is_cut_off, step_detail
from tui.app.cleaning import CleanPorts, looking_up, undoing
from tui.app.palette import text_of
from tui.app.screens.base import BACK
from tui.app.screens.cleaning import Running, RunScreen, undo_lines
from tui.app.screens.confirm import ConfirmScreen
from tui.app.screens.settling import settle
from tui.app.screens.working import WorkingScreen
from tui.app.widgets.detail_pane import DetailPane
from tui.app.widgets.line_list import LineList
from tui.app.widgets.plan_list import StepList
from tui.app.words import Line, counted
from tui.cleanup.phrase import phrase
from tui.cleanup.records import Entry, StepResult


class EntryScreen(WorkingScreen):
    """Steps can be ticked; undone are those, or all."""

    BINDINGS: ClassVar[list[BindingType]] = [*ENTRY_KEYS, BACK]

    def __init__(self, ports: CleanPorts, entry: Entry) -> None:
        super().__init__(ports)
        self.entry = entry

    def body(self) -> ComposeResult:
        """What it was, then its steps."""
        yield Static(id="entry-head")
        yield StepList(id="entry-steps", ticks=True)
        yield DetailPane(id="entry-detail")

    def on_mount(self) -> None:
        super().on_mount()
        self._list.focus()
        self.begin(looking_up(self.ports, self.entry.id), "Reading the journal\u2026")

    @property
    def _list(self) -> StepList:
        return self.query_one(StepList)

    def worked(self, result: Any) -> None:
        """Show the steps."""
        self._list.show(result, self.forensics.state.instance)

    def changed(self) -> None:
        """What stands above the list."""
        lines = entry_lines(self.entry, self.forensics.state.instance, self.forensics.now())
        held, ticked = self._held(), self._ticked()
        words: Line = [(f"{counted(len(held), 'path')} in quarantine", "")]
        if ticked:
            words.append((f", {len(ticked):,} of them chosen", "critical"))
        if self.ports.why_not:
            words.append((f": nothing can be put back: {self.ports.why_not}", "warning"))
        self.query_one("#entry-head", Static).update(text_of([lines[0], words, *lines[1:]]))
        super().changed()

    def _held(self) -> list[StepResult]:
        return [step for step in self._list.steps if step.held]

    def _ticked(self) -> list[StepResult]:
        return [step for step in self._held() if step.number in self._list.ticked]

    @on(LineList.Moved)
    def _moved(self) -> None:
        step = self._list.step
        self.query_one(DetailPane).show([] if step is None else step_detail(step, self.forensics.state.instance))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """What was cut off has to be settled before anything is put back."""
        cut_off = is_cut_off(self.entry)
        if action == "settle":
            return cut_off and not self.ports.why_not
        if action in ("undo", "tick"):
            if cut_off or self.ports.why_not:
                return False
            return (self.is_mounted and self.work is None and bool(self._held())) or None
        return True

    def action_tick(self) -> None:
        """Have the step under the cursor chosen, or not."""
        self._list.tick()
        self.changed()

    def action_settle(self, finish: bool) -> None:
        """Finish it, or roll it back."""
        settle(self, self.entry, finish)

    def action_undo(self) -> None:
        """Ask, and then put back the chosen steps, or all."""
        ticked, instance = self._ticked(), self.forensics.state.instance
        count, host = len(ticked) or len(self._held()), self.ports.host(instance)
        paths = [step.path for step in ticked] or None

        def answered(typed: Optional[bool]) -> None:
            if typed:
                words = f"Putting back {counted(count, 'path')} on {host}"
                running = Running(words, undoing(self.ports, instance, self.entry.id, paths))
                self.app.switch_screen(RunScreen(self.ports, running))
            elif typed is not None:
                self.say("Not confirmed: nothing was done")

        self.app.push_screen(ConfirmScreen("Undo", undo_lines(count, host), phrase(count, host)), answered)

    def action_back(self) -> None:
        """Back to the list, or to the journal."""
        if self.query_one(DetailPane).has_focus:
            self._list.focus()
        else:
            self.app.pop_screen()
