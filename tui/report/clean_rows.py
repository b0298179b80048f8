"""What a cleanup says of each path, for all formats: one row a warning, a refusal, a step of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Optional

from tui.agent.records import Instance
from tui.cleanup.records import Did, Plan, Result, StepResult
from tui.disk.inventory import DIR, TYPE_NAMES
from tui.report.text import sentence

DONE = (Did.MOVED, Did.DELETED, Did.RESTORED)
NANO = 10**9


def not_come_to(one: StepResult) -> bool:
    """Whether a step was left alone since it was all stopped before, or rolled back, and for no reason of its own."""
    return one.did is Did.SKIPPED and one.reason.startswith("not come to")


@dataclass(frozen=True)
class Cleaned:
    """A plan, and where it was carried out what became of it. ``seconds``: how long that took."""

    plan: Plan
    source: str
    notes: tuple[str, ...] = ()
    in_progress: Optional[str] = None  # why it would be refused as things stand: a deployment
    result: Optional[Result] = None
    seconds: float = 0.0
    forced: tuple[str, ...] = ()  # what the operator went on in spite of
    undo: str = ""  # the command line that puts it back
    going_on: bool = False  # it is about to be carried out


class CleanRow(NamedTuple):
    """One path; what does not concern it is None. Sizes in bytes, times in seconds since 1970.

    ``result``: warning, refused, planned, moved, deleted, restored, failed or skipped.
    """

    path: Optional[str]  # in the instance's native form; None: a warning that concerns all, or none in particular
    result: str
    code: Optional[str] = None  # of a warning or refusal
    reason: Optional[str] = None
    number: Optional[int] = None  # of the step
    act: Optional[str] = None
    why: Optional[str] = None
    type: Optional[str] = None
    size: Optional[int] = None
    mtime: Optional[float] = None
    mark: Optional[str] = None
    confidence: Optional[str] = None
    group: Optional[str] = None
    evidence: Optional[str] = None


def clean_rows(cleaned: Cleaned, instance: Instance) -> Iterator[CleanRow]:
    """Warnings first, then refusals, then the steps in the order of work; made as they are asked for."""
    native = instance.native
    for warned in cleaned.plan.warnings:
        for path in warned.paths or (None,):
            yield CleanRow(None if path is None else native(path), "warning", warned.code, sentence(warned.message))
    for one in cleaned.plan.refused:
        yield CleanRow(native(one.path), "refused", one.code, sentence(one.reason))
    became = {} if cleaned.result is None else {one.number: one for one in cleaned.result.results}
    for step in cleaned.plan.steps:
        seen, found = step.seen, became.get(step.number)
        yield CleanRow(
            native(step.path),
            "planned" if found is None else found.did.value,
            None,
            sentence(found.reason) if found is not None and found.reason else None,
            step.number,
            step.act.value,
            step.why.value,
            TYPE_NAMES[seen.kind],
            None if seen.kind == DIR else seen.size,
            seen.mtime_ns / NANO,
            step.mark,
            step.confidence,
            step.group,
            sentence(step.evidence),
        )
