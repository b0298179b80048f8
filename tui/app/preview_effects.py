"""What follows from a verdict's lists and is in none of them."""

from __future__ import annotations

from collections.abc import Sequence

from tui.paths import normal_path
from tui.preview.records import Action, CleanupLine, Verdict


def taken(verdict: Verdict) -> int:
    """How many paths the cleanup removes."""
    return sum(line.action is Action.REMOVED for line in verdict.cleanup)


def again(verdict: Verdict) -> Sequence[str]:
    """Paths that the cleanup removes and that stand there afterwards as before, in the cleanup file's order."""
    gone: set[str] = set()
    for effects in (verdict.effects, verdict.possibly):
        gone.update(effects.removed, effects.changed, effects.attributes)
    removed = (line.real or line.path for line in reversed(verdict.cleanup) if line.action is Action.REMOVED)
    return [path for path in removed if path not in gone and (normal_path(path) or path) not in gone]


def idle(verdict: Verdict) -> Sequence[CleanupLine]:
    """Lines of the cleanup file that remove nothing, in the file's order."""
    return [line for line in reversed(verdict.cleanup) if line.action is not Action.REMOVED]


def overwritten_alike(verdict: Verdict) -> Sequence[str]:
    """Paths that are copied over with the content that they have; not those that a link leads away from."""
    other = {*verdict.effects.changed, *verdict.possibly.changed, *(path for path, _ in verdict.written_through)}
    return [path for path in verdict.overwritten if path not in other]
