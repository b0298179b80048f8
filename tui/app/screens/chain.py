"""Several deployments in a row, put together: which revision, which behavior, how each ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Callable, ClassVar, Optional, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.agent.records import Instance
from tui.app.preview_words import step_line
from tui.app.previewing import StepChoice
from tui.app.revisions import revision_choices
from tui.app.screens.asking import Asking
from tui.app.screens.revision_choice import RevisionScreen
from tui.app.widgets.line_list import LineList
from tui.app.words import Line, counted
from tui.preview.records import Behavior, Ending

T = TypeVar("T")

_MOST = 99


class ChainList(LineList):
    """Deployments, a line each, in their order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "screen.play", "Play", tooltip="Play these deployments", id="chain.play"),
        Binding("a", "screen.add", "Add", tooltip="Add a deployment after this one", id="chain.add"),
        Binding(
            "x,delete", "screen.remove", "Remove", key_display="x", tooltip="Take this deployment out",
            id="chain.remove",
        ),
        Binding(
            "r,enter", "screen.revision", "Revision", key_display="r", tooltip="Choose another revision",
            id="chain.revision",
        ),
        Binding(
            "tab", "screen.behavior", "Behavior", key_display="Tab", tooltip="The next file-exists behavior",
            id="chain.behavior",
        ),
        Binding(
            "o", "screen.ending", "Outcome", tooltip="How it ends: as foretold, or as you say", id="chain.ending"
        ),
        Binding("d", "screen.group", "Group", tooltip="Deploy to the next deployment group", id="chain.group"),
        Binding(
            "K,shift+up", "screen.shift(-1)", "Earlier", key_display="K", tooltip="Move it up", id="chain.earlier"
        ),
        Binding(
            "J,shift+down", "screen.shift(1)", "Later", key_display="J", tooltip="Move it down", id="chain.later"
        ),
    ]  # fmt: skip

    def __init__(self, steps: Sequence[StepChoice], instance: Instance, id: str) -> None:
        super().__init__(id=id)
        self.steps = list(steps)
        self._instance = instance

    def count(self) -> int:
        """How many deployments."""
        return len(self.steps)

    def line(self, index: int, width: int) -> Line:
        """One deployment."""
        several = len(self._instance.groups) > 1
        return step_line(self.steps[index], index, self._instance, several, width)


class ChainScreen(Asking):
    """Hands the deployments to ``wanted``, which may say that they cannot be had; dismissed with None by escape."""

    def __init__(
        self,
        steps: Sequence[StepChoice],
        instance: Instance,
        now: float,
        wanted: Callable[[tuple[StepChoice, ...]], None],
    ) -> None:
        super().__init__()
        self._first, self._instance, self._now, self._wanted = tuple(steps), instance, now, wanted

    def body(self) -> ComposeResult:
        """The deployments."""
        yield ChainList(self._first, self._instance, id="chain-steps")
        yield self.asking_line()

    def on_mount(self) -> None:
        self._list.focus()
        self._changed()

    @property
    def _list(self) -> ChainList:
        return self.query_one(ChainList)

    def _changed(self, cursor: Optional[int] = None) -> None:
        steps = self._list
        if cursor is not None:
            steps.virtual_size = steps.virtual_size.with_height(steps.count())
            steps.cursor = cursor
        steps.lines_changed()
        self.title_line(f"A chain of {counted(len(steps.steps), 'deployment')}")
        self.tell("")
        self.refresh_bindings()

    def on_line_list_moved(self) -> None:
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """One deployment stays, and none moves beyond an end."""
        if not self.is_mounted:
            return True
        steps = self._list
        if action == "remove":
            return len(steps.steps) > 1 or None
        if action == "add":
            return len(steps.steps) < _MOST or None
        if action == "shift":
            return 0 <= steps.cursor + int(str(parameters[0])) < len(steps.steps) or None
        return len(self._instance.groups) > 1 if action == "group" else True

    def _change(self, **changes: object) -> None:
        steps = self._list
        steps.steps[steps.cursor] = replace(steps.steps[steps.cursor], **changes)  # type: ignore[arg-type]
        self._changed()

    def action_behavior(self) -> None:
        """The next file-exists behavior."""
        self._change(behavior=_after(list(Behavior), self._step.behavior or Behavior.DISALLOW))

    def action_ending(self) -> None:
        """The next way to end."""
        self._change(ending=_after(list(Ending), self._step.ending))

    def action_group(self) -> None:
        """The next deployment group."""
        self._change(group=_after([group.id for group in self._instance.groups], self._step.group))

    @property
    def _step(self) -> StepChoice:
        return self._list.steps[self._list.cursor]

    def action_add(self) -> None:
        """One more like this one, that ends as foretold."""
        steps = self._list
        steps.steps.insert(steps.cursor + 1, replace(self._step, ending=Ending.FORETOLD))
        self._changed(steps.cursor + 1)

    def action_remove(self) -> None:
        """Take one out."""
        del self._list.steps[self._list.cursor]
        self._changed()

    def action_shift(self, direction: int) -> None:
        """Move one up or down."""
        steps, at = self._list.steps, self._list.cursor
        steps[at], steps[at + direction] = steps[at + direction], steps[at]
        self._changed(at + direction)

    def action_revision(self) -> None:
        """Choose another revision; whether it can be had is seen when the chain is played."""
        instance, group = self._instance, self._step.group

        def chosen(text: str) -> None:
            dialog.dismiss(None)
            self._change(revision=text)

        title = f"Revision of deployment {self._list.cursor + 1}, to {instance.showable(group)}"
        dialog = RevisionScreen(
            title, revision_choices(instance, instance.group(group), self._now, True), instance, chosen
        )
        self.app.push_screen(dialog)

    def action_play(self) -> None:
        """Play them."""
        self._wanted(tuple(self._list.steps))


def _after(order: list[T], value: T) -> T:
    return order[(order.index(value) + 1) % len(order)]
