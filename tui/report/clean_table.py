"""A cleanup for people: warnings first, then what is refused, every step, and what it comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import IO, cast

from rich.console import Console

from tui.agent.records import Instance
from tui.cleanup.records import Act, Did, Plan, PlanStep, Refused, Result, StepResult, Warned
from tui.disk.inventory import DIR, TYPE_NAMES
from tui.report.clean_rows import DONE, Cleaned, not_come_to
from tui.report.preview_page import INDENT, Page
from tui.report.sink import Sink
from tui.report.text import binary_size, counted, grouped

SHOWN_PATHS = 3  # of a warning: they are among the steps
_ACTS = {Act.QUARANTINE: "", Act.DELETE: "DELETE ", Act.RESTORE: "put right "}
_LETTERS = {"deployed": "D", "script-created": "S", "orphaned": "O", "unattributed": "U"}
_WARNING, _BAD, _GOOD = "bold yellow", "bold red", "bold green"
_DID = {
    Did.MOVED: "moved to quarantine", Did.DELETED: "deleted for good", Did.RESTORED: "put right (as it was: quarantine)"
}  # fmt: skip


def console_of(sink: Sink, width: int, color: bool) -> Console:
    """What folds lines for a terminal of that width."""
    return Console(
        file=cast("IO[str]", sink), width=width, force_terminal=color, no_color=not color,
        color_system="standard" if color else None, highlight=False, markup=False, emoji=False,
        legacy_windows=False,
    )  # fmt: skip


def write(
    cleaned: Cleaned, instance: Instance, sink: Sink, width: int = 100, color: bool = False, only_result: bool = False
) -> None:
    """Write lines that fit ``width`` columns but for paths, which are never cut. No step is left out.

    ``only_result``: the plan was shown before. All text of the instance is made showable, and none of it is read as
    markup.
    """
    table = _Table(Page(sink, console_of(sink, width, color), color, True), instance)
    if not only_result:
        table.plan(cleaned)
    if cleaned.result is not None:
        table.result(cleaned, cleaned.result, only_result)
    elif cleaned.plan.steps and not cleaned.going_on:
        table.nothing_done()


class _Table:
    def __init__(self, page: Page, instance: Instance) -> None:
        self._page = page
        self._say = instance.showable
        self._path = instance.showable_path
        self._instance = instance
        self._evidence = ""

    def plan(self, cleaned: Cleaned) -> None:
        """The plan, whole."""
        plan, page = cleaned.plan, self._page
        host = f" ({plan.host})" if plan.host else ""
        page.folded(self._say(f"{self._instance.label}{host}: {plan.chosen_by or 'cleanup'}"), "bold")
        for note in cleaned.notes:
            page.folded(self._say(note))
        if cleaned.in_progress is not None:
            page.folded(self._say(f"{cleaned.in_progress}; nothing is cleaned meanwhile"), _BAD)
        if plan.warnings:
            page.line()
            page.folded(f"Warnings ({grouped(len(plan.warnings))})", _WARNING)
            for warned in plan.warnings:
                self._warned(warned)
        page.section("Refused", plan.refused, self._refused, _WARNING)
        page.line()
        if not plan.steps:
            page.folded("Steps: none, there is nothing to do", "bold")
            return
        page.folded(f"Steps ({grouped(len(plan.steps))})", "bold")
        for step in plan.steps:
            self._step(step)
        page.line()
        for line in _sums(plan):
            page.folded(line)

    def nothing_done(self) -> None:
        """What to do with a plan."""
        line = "Nothing is changed yet: --execute carries the plan out, --export sh, ps1 or json writes it for review."
        self._page.folded(line, "dim")

    def result(self, cleaned: Cleaned, result: Result, alone: bool) -> None:
        """What was done, and all that was not, with the reason."""
        page, plan = self._page, cleaned.plan
        done = result.of(*DONE)
        rest = [one for one in result.results if one.did not in DONE]
        page.line()
        state = "done" if not rest else f"{result.state.value}, not all is done"
        page.folded(f"Cleanup {result.id}: {state}", _BAD if rest else _GOOD)
        for did, words in _DID.items():
            count = len(result.of(did))
            if count:
                page.folded(f"{counted(count, 'path')} {words}", indent=INDENT)
        seconds = f"in {cleaned.seconds:.1f} s"
        page.folded(
            f"{grouped(len(done))} of {counted(len(plan.steps), 'path')}, {binary_size(result.bytes)}, {seconds}",
            indent=INDENT,
        )
        for one in cleaned.forced:
            page.folded(self._say(f"gone on in spite of: {one}"), _WARNING, INDENT)
        for line in left_alone(rest):
            page.folded(self._say(line), indent=INDENT)
        page.section("Not done", [one for one in rest if not not_come_to(one)], self._not_done, _BAD)
        if not alone and plan.refused:
            page.folded(f"{counted(len(plan.refused), 'path')} refused, see above")
        if cleaned.undo and done:
            page.line()
            page.line(f"Put it back with: {cleaned.undo}")

    def _warned(self, warned: Warned) -> None:
        page = self._page
        page.folded(self._say(f"! {warned.message}"), indent=INDENT)
        for path in warned.paths[:SHOWN_PATHS]:
            page.line(self._path(path), "dim", INDENT * 3)
        if len(warned.paths) > SHOWN_PATHS:
            page.line(f"and {grouped(len(warned.paths) - SHOWN_PATHS)} more", "dim", INDENT * 3)

    def _refused(self, one: Refused) -> None:
        self._page.item(self._path(one.path), self._say(one.reason))

    def _step(self, step: PlanStep) -> None:
        """A step's line, and its evidence below where that is not the last one's."""
        seen, letter = step.seen, _LETTERS.get(step.mark or "", "-")
        size = TYPE_NAMES[seen.kind] if seen.kind == DIR else binary_size(seen.size)
        sure = f"{letter} {step.confidence or '':<8}"
        separator = "\\" if self._instance.windows else "/"
        path = self._path(step.path) + (separator if seen.kind == DIR else "")
        self._page.line(f"{sure} {size:>10}  {_ACTS[step.act]}{path}", indent=INDENT)
        if step.evidence and step.evidence != self._evidence:
            self._page.folded(self._say(step.evidence), "dim", INDENT * 5)
        self._evidence = step.evidence

    def _not_done(self, one: StepResult) -> None:
        self._page.item(self._path(one.path), self._say(f"{one.did.value}: {one.reason}"))


def left_alone(results: Iterable[StepResult]) -> list[str]:
    """How many were not come to, by reason."""
    reasons = Counter(one.reason for one in results if not_come_to(one))
    return [f"{counted(count, 'path')} {reason}" for reason, count in reasons.items()]


def _sums(plan: Plan) -> list[str]:
    """How many, how large, what is gained."""
    kinds = Counter(TYPE_NAMES[step.seen.kind] for step in plan.steps)
    names = {"file": ("file", "files"), "dir": ("directory", "directories"), "link": ("link", "links"),
             "other": ("other", "others")}  # fmt: skip
    parts = [counted(kinds[kind], *words) for kind, words in names.items() if kinds[kind]]
    marks = Counter(step.mark for step in plan.steps if step.mark is not None)
    told = [f"{grouped(count)} {mark}" for mark, count in marks.most_common()]
    lines = [f"{counted(len(plan.steps), 'path')}: {', '.join(parts)}, {binary_size(plan.bytes)}"]
    if told:
        lines.append(f"By mark: {', '.join(told)}")
    when = "at once" if any(step.act is Act.DELETE for step in plan.steps) else "once the quarantine is purged"
    lines.append(f"Frees {binary_size(plan.freed)} {when}")
    return lines
