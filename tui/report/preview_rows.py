"""What a preview says of each path, one row a path and effect, for formats that are read by the line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Optional

from tui.agent.records import Instance
from tui.preview.records import AttributeChange, Effects, Ending, MadeBy, Preview, Verdict
from tui.report.preview_members import Native
from tui.report.text import sentence

_FORCED = {Ending.IN_INSTALL: "it is told to fail in Install", Ending.IN_SCRIPT: "it is told to fail in a script"}


class PreviewRow(NamedTuple):
    """One path and one effect on it; what does not concern the effect is None.

    ``effect``: fails, in-the-way, lost, removed, added, changed, attributes, possibly-removed,
    possibly-added, possibly-changed, possibly-attributes or remains. ``step`` counts from 1.
    ``file_exists_behavior`` is the one that applies, and where all three were played the one played.
    """

    path: Optional[str]  # in the instance's native form; None: a failure that concerns none
    effect: str
    step: int
    group: str
    file_exists_behavior: str
    reason: Optional[str] = None  # why it fails, is lost or remains: the agent's message, or ours
    remedy: Optional[str] = None
    sure: Optional[bool] = None
    mark: Optional[str] = None  # of what is in the way or lost, as a scan has it, and the next three
    confidence: Optional[str] = None
    path_group: Optional[str] = None
    path_deployment: Optional[str] = None
    size: Optional[int] = None  # bytes
    mode: Optional[tuple[str, str]] = None  # before and after
    uid: Optional[tuple[int, int]] = None
    gid: Optional[tuple[int, int]] = None
    real: Optional[str] = None  # where the path in the way really is
    through: Optional[str] = None  # the path that the agent names, a link to the one whose mode or owner changes


def preview_rows(preview: Preview, instance: Instance) -> Iterator[PreviewRow]:
    """The rows of each step, or of each file-exists behavior where all were played; made as they are asked for."""
    if preview.by_behavior:
        for behavior, verdict in preview.by_behavior.items():
            yield from _Rows(verdict, 1, behavior.value, instance.native).all()
        return
    for step, verdict in enumerate(preview.verdicts, 1):
        yield from _Rows(verdict, step, verdict.behavior.value, instance.native).all()


class _Rows:
    def __init__(self, verdict: Verdict, step: int, behavior: str, native: Native) -> None:
        self._verdict = verdict
        self._of = (step, verdict.group, behavior)
        self._native = native

    def all(self) -> Iterator[PreviewRow]:
        """What is wrong first."""
        yield from self._failure()
        yield from self._in_the_way()
        yield from self._lost()
        yield from self._effects(self._verdict.effects, "")
        yield from self._effects(self._verdict.possibly, "possibly-")
        for left in self._verdict.remains:
            reason = f"{left.why.value}: {left.detail}" if left.detail else left.why.value
            yield PreviewRow(self._native(left.path), "remains", *self._of, reason)

    def _failure(self) -> Iterator[PreviewRow]:
        failure, forced = self._verdict.failure, _FORCED.get(self._verdict.ending)
        if failure is not None:
            path = self._native(failure.path) if failure.path else None
            yield PreviewRow(path, "fails", *self._of, failure.message, sure=failure.sure)
        elif forced is not None:
            yield PreviewRow(None, "fails", *self._of, forced)

    def _in_the_way(self) -> Iterator[PreviewRow]:
        for item in self._verdict.collisions:
            real = None if item.real is None else self._native(item.real)
            path = self._native(item.path) if item.path else None
            row = PreviewRow(path, "in-the-way", *self._of, item.message, item.remedy, real=real)
            yield _with_maker(row, item.made_by)

    def _lost(self) -> Iterator[PreviewRow]:
        for item in self._verdict.lost:
            reason = sentence(item.reason)
            row = PreviewRow(self._native(item.path), "lost", *self._of, reason, sure=item.sure, size=item.size)
            yield _with_maker(row, item.made_by)

    def _effects(self, effects: Effects, certainty: str) -> Iterator[PreviewRow]:
        native = self._native
        for kind, paths in (("removed", effects.removed), ("added", effects.added)):
            for path in paths:
                yield PreviewRow(native(path), certainty + kind, *self._of)
        changes = {change.path: change for change in self._verdict.attributes}
        for kind, paths in (("changed", effects.changed), ("attributes", effects.attributes)):
            for path in paths:
                yield _with_change(PreviewRow(native(path), certainty + kind, *self._of), changes.get(path), native)


def _with_maker(row: PreviewRow, made_by: Optional[MadeBy]) -> PreviewRow:
    if made_by is None:
        return row
    return row._replace(
        mark=made_by.mark.label,
        confidence=made_by.confidence.label,
        path_group=made_by.group,
        path_deployment=made_by.deployment,
    )


def _with_change(row: PreviewRow, change: Optional[AttributeChange], native: Native) -> PreviewRow:
    if change is None:
        return row
    mode = None if change.mode is None else (f"{change.mode[0]:04o}", f"{change.mode[1]:04o}")
    through = None if change.through is None else native(change.through)
    return row._replace(mode=mode, uid=change.uid, gid=change.gid, through=through)
