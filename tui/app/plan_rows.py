"""A plan's lines: warnings first, then what is refused and why, then the steps. Made as they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from rich.cells import cell_len

from tui.agent.records import Instance
from tui.app.clean_words import weight
from tui.app.palette import MARK_STYLES
from tui.app.words import Line, counted, exact_time, fit, size
from tui.cleanup.records import Act, Plan, PlanStep, Refused, Warned, Why
from tui.disk.inventory import DIR, TYPE_NAMES
from tui.forensics.marks import Mark

Row = Union[Warned, Refused, PlanStep]
_MARKS = {mark.label: mark for mark in Mark}
_LEAST_PATH = 30  # cells of a path beside its evidence
_PATHS_SHOWN = 20  # of one warning, in its detail
_WHY = {
    Why.RESIDUE: "residue",
    Why.UNBLOCK: "it makes the deployment fail",
    Why.UNINSTALL: "the agent's own cleanup would remove it",
    Why.RECORDS: "an agent's record",
    Why.MARK: "its mark",
    Why.PATH: "chosen by hand",
}
_ACTS = {
    Act.QUARANTINE: "moved to quarantine, and can be put back",
    Act.DELETE: "DELETED FOR GOOD, and cannot be put back",
    Act.RESTORE: "put right; what stands there now is kept in quarantine",
}


@dataclass(frozen=True)
class PlanRows:
    """The lines of a plan."""

    plan: Plan
    instance: Instance

    def __len__(self) -> int:
        return len(self.plan.warnings) + len(self.plan.refused) + len(self.plan.steps)

    def row(self, index: int) -> Row:
        """What a line is about."""
        for part in (self.plan.warnings, self.plan.refused):
            if index < len(part):
                return part[index]
            index -= len(part)
        return self.plan.steps[index]

    def line(self, index: int, width: int) -> Line:
        """A line of a width."""
        row = self.row(index)
        if isinstance(row, Warned):
            return [("! ", "warning"), (fit(self.instance.showable(row.message), width - 2), "")]
        if isinstance(row, Refused):
            return self._refused(row, width)
        return self._step(row, width)

    def _refused(self, row: Refused, width: int) -> Line:
        path, reason = self.instance.showable_path(row.path), self.instance.showable(row.reason)
        room = max(_LEAST_PATH, width - 3 - cell_len(reason))
        shown = fit(path, min(room, cell_len(path)), keep_end=True)
        left = max(0, width - 4 - cell_len(shown))
        return [("\u2717 ", "critical"), (shown, "dim"), ("  ", ""), (fit(reason, left), "critical")]

    def _step(self, step: PlanStep, width: int) -> Line:
        letter, style = mark_of(step)
        path = self.instance.showable_path(step.path)
        path += ("\\" if self.instance.windows else "/") if step.seen.kind == DIR else ""
        amount = "" if step.seen.kind == DIR else size(step.seen.size)
        deleted = step.act is Act.DELETE
        room = max(_LEAST_PATH, (width - 12) * 3 // 5)
        evidence = evidence_of(step, self.instance)
        return [
            (f"{letter} ", style),
            (fit(path, min(room, width - 10), keep_end=True), "removed" if deleted else ""),
            (f" {amount:>6}  ", ""),
            (fit(evidence, max(0, width - 11 - room)), "dim"),
        ]

    def detail(self, index: int) -> list[Line]:
        """All about a line."""
        row, say = self.row(index), self.instance.showable
        if isinstance(row, Warned):
            lines: list[Line] = [[("! ", "warning"), (say(row.message), "")]]
            lines += [[("  ", ""), (self.instance.showable_path(path), "place")] for path in row.paths[:_PATHS_SHOWN]]
            more = len(row.paths) - _PATHS_SHOWN
            return [*lines, [(f"  and {more:,} more", "dim")]] if more > 0 else lines
        path = self.instance.showable_path(row.path)
        if isinstance(row, Refused):
            return [[(path, "bold")], [("Refused: ", "critical"), (say(row.reason), "")]]
        return self._all_of(row, path)

    def _all_of(self, step: PlanStep, path: str) -> list[Line]:
        seen, sure = step.seen, f", {step.confidence}" if step.confidence else ""
        mark: Line = [(f"{step.mark}{sure}; ", mark_of(step)[1])] if step.mark else []
        lines: list[Line] = [
            [(path, "bold")],
            [*mark, (f"chosen as {_WHY[step.why]}", "")],
            [(_ACTS[step.act], "critical" if step.act is Act.DELETE else "")],
            [(f"{TYPE_NAMES[seen.kind]}, {seen.size:,} bytes, written {exact_time(seen.mtime_ns)}", "dim")],
        ]
        if step.evidence:
            lines.insert(2, [(self.instance.showable(step.evidence), "")])
        return lines


def mark_of(step: PlanStep) -> tuple[str, str]:
    """A step's letter and its style; an agent's own record has a sign."""
    mark = _MARKS.get(step.mark or "")
    return ("\u00b7", "place") if mark is None else (mark.letter, MARK_STYLES[mark])


def evidence_of(step: PlanStep, instance: Instance) -> str:
    """Why a step's path may go, in a few words."""
    sure = "possible: " if step.confidence == "possible" else ""
    return sure + (instance.showable(step.evidence) if step.evidence else _WHY[step.why])


def counted_files(plan: Plan) -> str:
    """How many paths a plan is about."""
    return counted(len(plan.steps), "path")


def is_deleting(plan: Plan) -> bool:
    """Whether anything goes for good."""
    return any(step.act is Act.DELETE for step in plan.steps)


def head_lines(plan: Plan, host: str) -> list[Line]:
    """What is planned, how many, how much, where to."""
    if not plan.steps:
        return [[("Plan: there is nothing to do", "bold"), (_refused_words(plan), "critical")]]
    what = f"{counted_files(plan)}, {weight(plan.bytes)}"
    refused: Line = [(_refused_words(plan), "critical")]
    if is_deleting(plan):
        return [
            [
                ("Plan: DELETE ", "critical"), (what, "critical"), (", FOR GOOD, on ", "critical"), (host, "critical"),
                (": there is no undo", "critical"), *refused,
            ]
        ]  # fmt: skip
    apart = any(warned.code == "other-mount" for warned in plan.warnings)
    how = "some on another file system, undo with J" if apart else "same file system, undo with J"
    return [
        [
            ("Plan: move ", "bold"),
            (what, "bold"),
            (", to quarantine on ", ""),
            (host, "bold"),
            (f" ({how})", "dim"),
            *refused,
        ]
    ]


def _refused_words(plan: Plan) -> str:
    return f"  {len(plan.refused):,} refused" if plan.refused else ""


def weak_count(plan: Plan) -> int:
    """How many steps weak evidence alone speaks for."""
    return sum(step.confidence == "possible" for step in plan.steps)
