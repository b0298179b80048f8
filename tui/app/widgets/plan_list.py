"""The lists of a cleanup: a plan's lines, what became of its steps, and the journal's cleanups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Optional

from textual.binding import Binding, BindingType

from tui.agent.records import Instance
from tui.app.clean_words import entry_line, step_line
from tui.app.plan_rows import PlanRows
from tui.app.widgets.line_list import LineList
from tui.app.words import Line
from tui.cleanup.records import Entry, StepResult


class PlanList(LineList):
    """Shows the lines of a plan, whatever their number."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.files", "File", key_display="\u21b5", tooltip="Show the path among the files",
                id="clean.files"),
    ]  # fmt: skip

    rows: Optional[PlanRows] = None

    def count(self) -> int:
        """How many lines."""
        return len(self.rows) if self.rows is not None else 0

    def line(self, index: int, width: int) -> Line:
        """A warning, a refusal or a step."""
        assert self.rows is not None
        return self.rows.line(index, width)

    def show(self, rows: PlanRows) -> None:
        """Show another plan, from its top."""
        self.rows = rows
        self.place(0, 0)
        self.post_message(self.Moved(self, self.cursor))


class StepList(LineList):
    """What became of the steps of a cleanup; some of them can be ticked."""

    def __init__(self, id: str, ticks: bool = False) -> None:
        super().__init__(id=id)
        self.steps: list[StepResult] = []
        self.ticked: set[int] = set()
        self.instance: Optional[Instance] = None
        self._ticks = ticks

    def count(self) -> int:
        """How many steps."""
        return len(self.steps)

    def line(self, index: int, width: int) -> Line:
        """One step."""
        step = self.steps[index]
        if not self._ticks:
            return step_line(step, self.instance, width)
        sign = "\u00d7 " if step.number in self.ticked else "  "
        return [(sign, "critical"), *step_line(step, self.instance, width - 2)]

    @property
    def step(self) -> Optional[StepResult]:
        """The step under the cursor."""
        return self.steps[self.cursor] if self.cursor < len(self.steps) else None

    def show(self, steps: Sequence[StepResult], instance: Optional[Instance]) -> None:
        """Show other steps; the cursor keeps its place."""
        self.steps, self.instance = list(steps), instance
        self.place(self.cursor, self.screen_line)
        self.post_message(self.Moved(self, self.cursor))

    def tick(self) -> None:
        """Have the step under the cursor chosen, with what lies below it, or not; go on to the next."""
        step = self.step
        if step is not None:
            within = step.path.rstrip("/") + "/"
            some = {one.number for one in self.steps if one.held and (one is step or one.path.startswith(within))}
            self.ticked = self.ticked - some if some <= self.ticked else self.ticked | some
            self.refresh()
        self.action_move(1)


class EntryList(LineList):
    """The journal's cleanups."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.choose", "Steps", key_display="\u21b5", tooltip="Show the cleanup's steps",
                id="journal.choose"),
    ]  # fmt: skip

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.entries: list[Entry] = []
        self.instance: Optional[Instance] = None
        self.now = 0.0

    def count(self) -> int:
        """How many cleanups."""
        return len(self.entries)

    def line(self, index: int, width: int) -> Line:
        """One cleanup."""
        return entry_line(self.entries[index], self.instance, self.now, width)

    @property
    def entry(self) -> Optional[Entry]:
        """The cleanup under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    def show(self, entries: Sequence[Entry], instance: Optional[Instance], now: float) -> None:
        """Show cleanups; the cursor keeps to the one it is on."""
        current, line = self.entry, self.screen_line
        self.entries, self.instance, self.now = list(entries), instance, now
        key = None if current is None else current.id
        self.place(next((at for at, one in enumerate(self.entries) if one.id == key), 0), line)
