"""A cleanup, an undo or a recovery while it runs, and then what was done and what was not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Callable, ClassVar, Optional

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from tui.app.clean_keys import JOURNAL, RUN_KEYS
from tui.app.clean_words import Meter, in_order, result_lines, step_detail
from tui.app.cleaning import Changing, CleanPorts, Question, Stop, undoing
from tui.app.palette import safe, text_of
from tui.app.screens.base import BACK
from tui.app.screens.confirm import ConfirmScreen
from tui.app.screens.force import ForceScreen
from tui.app.screens.working import WorkingScreen
from tui.app.widgets.bars import Bar
from tui.app.widgets.detail_pane import DetailPane
from tui.app.widgets.line_list import LineList
from tui.app.widgets.plan_list import StepList
from tui.app.words import Line, counted
from tui.cleanup.phrase import phrase
from tui.cleanup.records import Result, StepResult
from tui.cleanup.session import CleanProgress


@dataclass(frozen=True)
class Running:
    """What is done, and its words: ``Moving 31 paths, 2.9M, to quarantine on ip-10-0-0-12``."""

    words: str
    todo: Changing


class RunScreen(WorkingScreen):
    """Nothing but ``s`` stops it; it cannot be left before it has ended."""

    BINDINGS: ClassVar[list[BindingType]] = [*RUN_KEYS, JOURNAL, BACK]

    @dataclass
    class Doubted(Message):
        """The work waits for an answer."""

        question: Question

    def __init__(self, ports: CleanPorts, running: Running) -> None:
        super().__init__(ports)
        self._what = running
        self._meter = Meter()
        self._progress: Line = []
        self._leave: Optional[Callable[[], None]] = None
        self.result: Optional[Result] = None

    def body(self) -> ComposeResult:
        """How far it is, then what became of each path."""
        yield Bar(id="run-head")
        yield Bar(id="run-bar")
        yield Static(id="run-result")
        yield StepList(id="run-steps")
        yield DetailPane(id="run-detail")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(StepList).focus()
        self.run_it(self._what)

    @property
    def is_changing(self) -> bool:
        """Whether something is being changed."""
        return self.work is not None

    def run_it(self, running: Running) -> None:
        """Do something, in place of what has ended."""
        self._what, self.result, self._meter, self._progress = running, None, Meter(), []
        self.query_one(StepList).show([], None)

        def todo(stop: Stop) -> Iterator[Any]:
            def ask(reason: str) -> Optional[str]:  # on the work's thread
                question = Question(reason)
                with contextlib.suppress(RuntimeError):  # the app has ended meanwhile
                    self.post_message(self.Doubted(question))
                return question.wait(stop)

            return running.todo(stop, ask)

        self.begin(todo, "Nothing else can be done here until it has ended", lasting=True)

    def on_run_screen_doubted(self, message: Doubted) -> None:
        """A deployment is in progress: ask whether to go on in spite of it."""
        question = message.question
        self.app.push_screen(ForceScreen(question.reason, self.forensics.state.instance), question.answer)

    def progressed(self, progress: CleanProgress) -> None:
        """Show how far it is."""
        self._progress = self._meter.line(progress, self.ports.clock())
        self.query_one("#run-bar", Bar).show(self._progress)

    def worked(self, result: Any) -> None:
        """Show what became of each path."""
        self.result = result
        self.query_one(StepList).show(in_order(result.results), self.forensics.state.instance)

    def changed(self) -> None:
        """What stands above the list; where somebody waits for the end, it has come."""
        self.query_one("#run-head", Bar).show([(self._what.words, "bold")])
        bar = self.query_one("#run-bar", Bar)
        bar.display = self.is_changing
        bar.show(self._progress or [("Looking\u2026", "dim")])
        lines: list[Line] = []
        if self.problem:
            lines = [
                [(f"\u2717 {safe(self.problem)}", "critical")],
                [("J", "key"), (" shows the journal: what was done, and what was cut off.", "")],
            ]
        elif self.result is not None:
            lines = [*result_lines(self.result), self._next()]
        self.query_one("#run-result", Static).update(text_of(lines))
        self.query_one("#run-result").display = bool(lines)
        self.query_one(DetailPane).display = self.result is not None
        super().changed()
        if self._leave is not None and not self.is_changing:
            self._leave()

    def _next(self) -> Line:
        held = self._held()
        undo: Line = [("u", "key"), (f" puts back {counted(len(held), 'path')}, ", "")] if held else []
        return [*undo, ("r", "key"), (" scans again: what is listed elsewhere is as it was before", "")]

    def _held(self) -> Sequence[StepResult]:
        """What could be put back."""
        return [] if self.result is None else [one for one in self.result.results if one.held]

    @on(LineList.Moved)
    def _moved(self) -> None:
        step = self.query_one(StepList).step
        lines = [] if step is None else step_detail(step, self.forensics.state.instance)
        self.query_one(DetailPane).show(lines)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """While it runs it can only be stopped."""
        if action == "stop":
            return self.is_changing
        if action == "undo":
            return False if self.is_changing else bool(self._held()) or None
        return not self.is_changing or None if action in ("journal", "back") else True

    def action_stop(self) -> None:
        """Stop between two paths."""
        if self.work is not None:
            self.work.stop()
            self.doing = "Stopping after this path: the rest stays untouched\u2026"
            self.changed()

    def leave(self, then: Callable[[], None]) -> None:
        """Stop, and call ``then`` once it has."""
        self._leave = then
        self.action_stop()

    def action_undo(self) -> None:
        """Ask, and then put back what was moved."""
        result, held = self.result, self._held()
        if result is None or not held:
            return
        instance = self.forensics.state.instance
        host = self.ports.host(instance)

        def answered(typed: Optional[bool]) -> None:
            if typed:
                words = f"Putting back {counted(len(held), 'path')} on {host}"
                self.run_it(Running(words, undoing(self.ports, instance, result.id)))
            elif typed is not None:
                self.say("Not confirmed: nothing was done")

        self.app.push_screen(ConfirmScreen("Undo", undo_lines(len(held), host), phrase(len(held), host)), answered)

    def action_journal(self) -> None:
        """Show the journal."""
        self.forensics.open_journal()

    def action_back(self) -> None:
        """Back to the screen before, once it has ended."""
        if self.is_changing:
            self.say("It still runs: s stops it safely")
        else:
            self.app.pop_screen()


def undo_lines(count: int, host: str) -> list[Line]:
    """What an undo does."""
    return [
        [(f"Put back {counted(count, 'path')} on {host}", "bold")],
        [("Nothing that stands there now is replaced: such a conflict is named, and the rest goes on.", "")],
    ]
