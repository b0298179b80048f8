"""A preview as it is shown: which of its deployments, with which file-exists behavior, and the lines of its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

from tui.app.preview_rows import PreviewRows
from tui.app.preview_sections import SECTIONS, SECTIONS_OF_ALL, Lists, Section
from tui.app.previewing import StepChoice
from tui.preview.records import Behavior, Ending, Preview, Verdict
from tui.preview.revision import LAST_KNOWN_GOOD


class Shown:
    """A preview and where in it the operator is: ``position`` is a step's number or, after the last, all together."""

    def __init__(self, lists: Lists, choices: Sequence[StepChoice]) -> None:
        self.preview = preview = lists.preview
        self.choices = tuple(choices)
        self.position = 0
        self.behavior = preview.verdicts[0].behavior
        self._lists = lists
        self._rows: dict[tuple[Optional[int], Behavior], PreviewRows] = {}

    @property
    def is_chain(self) -> bool:
        """Whether there are several deployments."""
        return len(self.preview.verdicts) > 1

    @property
    def verdict(self) -> Optional[Verdict]:
        """The verdict that is shown; None where it is what all come to."""
        return self.of(self.behavior) if self.position < len(self.preview.verdicts) else None

    def of(self, behavior: Behavior) -> Verdict:
        """The step's verdict with a behavior; of a chain, the one there is."""
        first = self.preview.verdicts[min(self.position, len(self.preview.verdicts) - 1)]
        return self.preview.by_behavior.get(behavior, first) if behavior is not first.behavior else first

    @property
    def decided(self) -> Optional[Behavior]:
        """The behavior that the revision's appspec sets, whatever the deployment's option."""
        verdict = self.verdict
        return verdict.behavior if verdict is not None and verdict.behavior_from == "appspec" else None

    @property
    def rows(self) -> PreviewRows:
        """The lines of what is shown."""
        verdict = self.verdict
        if verdict is None:
            return self._rows_of((None, self.behavior), SECTIONS_OF_ALL)
        return self._rows_of((self.position, verdict.behavior if self.is_chain else self.behavior), SECTIONS)

    def _rows_of(self, key: tuple[Optional[int], Behavior], sections: Sequence[Section]) -> PreviewRows:
        if key not in self._rows:
            self._rows[key] = PreviewRows(self._lists.parts[key], sections)
        return self._rows[key]

    def like(self, other: Optional[Shown]) -> None:
        """Start at the same step, with the same behavior, as another preview is shown."""
        if other is not None and len(other.choices) == len(self.choices):
            self.position = other.position
            if not self.is_chain and self.decided is None:
                self.behavior = other.behavior

    def turn(self, direction: int) -> None:
        """Show the next behavior's verdict, or the one before."""
        order = list(Behavior)
        self.behavior = order[(order.index(self.behavior) + direction) % len(order)]

    def has_step(self, direction: int) -> bool:
        """Whether there is a next step, or one before."""
        return self.is_chain and 0 <= self.position + direction <= len(self.preview.verdicts)

    def step(self, direction: int) -> None:
        """Show the next step, or the one before, where there is one."""
        if self.has_step(direction):
            self.position += direction

    def with_behavior(self, direction: int) -> tuple[StepChoice, ...]:
        """The chain with another behavior for the step that is shown."""
        order, at = list(Behavior), self.position
        behavior = order[(order.index(self.preview.verdicts[at].behavior) + direction) % len(order)]
        return tuple(replace(c, behavior=behavior) if n == at else c for n, c in enumerate(self.choices))

    def asked(self) -> tuple[StepChoice, ...]:
        """The deployments with the behavior that is shown."""
        if self.is_chain or self.decided is not None or self.behavior is self.preview.verdicts[0].behavior:
            return self.choices
        return (replace(self.choices[0], behavior=self.behavior),)

    def rollback(self) -> tuple[StepChoice, ...]:
        """This deployment, then it fails in a script, then the last successful one again, with the same behavior."""
        first = replace(self.asked()[0], ending=Ending.IN_SCRIPT)
        return first, StepChoice(first.group, LAST_KNOWN_GOOD, first.behavior)

    def kept(self) -> Preview:
        """What is to be written: of a single deployment, the verdict that is shown first."""
        verdict = self.verdict
        if self.is_chain or verdict is None or verdict is self.preview.verdicts[0]:
            return self.preview
        return replace(
            self.preview, verdicts=(verdict,), total=verdict.effects, possibly=verdict.possibly, lost=verdict.lost
        )
