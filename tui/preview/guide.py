"""Where the AWS guide tells another story than what happens on disk.

The guide's words are those of its page "Redeploy and roll back a deployment with CodeDeploy". A note gives its
statement first, then what the agent does; it is made only where they differ for the paths at hand, or where
something comes true that the guide warns of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional

from tui.preview.records import Action, Behavior, Ending, Phase, Verdict

_RETAINED = (
    "Guide: files in the target locations are kept and recorded as part of the deployment. Agent: kept, and in no "
    "record ({count}). No cleanup removes such a file, until a deployment with OVERWRITE takes it over and the next "
    "one removes it."
)
_OVERWRITTEN = (
    "Guide: the revision's version replaces the one on the instance. Agent: it does, and lists the file for removal "
    "({count}). The next deployment takes it away, and no rollback brings back what was there before."
)
_LISTED = "Guide: all files that the cleanup file lists are removed. Agent: "
_BY_ACTION = {
    Action.NOT_EMPTY: (
        "a directory that is not empty stays ({count}). Since it is there, no Install event makes it, and no cleanup "
        "file lists it from then on."
    ),
    Action.KEPT_DANGLING: "version 2 takes a link to what is not there for absent, and leaves it ({count}).",
    Action.NOT_LISTED_WHOLE: (
        "a line that lacks its newline, or that loses white space at its ends, is not the path that was meant, which "
        "stays ({count})."
    ),
}
_FAILS_LATE = (
    "Guide: an error is reported and the deployment fails. Agent: it fails when its cleanup is done, and leaves no "
    "cleanup file: what was deployed before is gone ({count}), and the next deployment's cleanup removes nothing."
)
_LAST_INSTALL = {
    None: "it removes what the last Install event put there, that of step {step}, though that deployment failed later.",
    Phase.INSTALL: "it removes what step {step} had put there when it failed.",
    Phase.INSTRUCTIONS: "it removes nothing: step {step} did, and failed before it left a new cleanup file.",
}
_LEFT_ALONE = (
    "Guide: this deployment deletes the files of the one before, with those that step {step} retained. Agent: its "
    "cleanup leaves what was retained ({count}), since no cleanup file lists it; copied over after that: {taken}."
)
_GONE = (
    "Guide: what was to be retained was deleted before the failed deployment failed, and cannot be retrieved. Agent: "
    "what step {step} copied over was there until now, and this deployment's cleanup removes it ({count}). What it was "
    "before step {step} is gone for good; in its place the revision puts its own: {back}."
)
_STILL = " Of what step {step} retained, this is still there as it was: {count}."
_OPTION = (
    "Guide: a rollback has the option of the deployment that it goes back to, {option} (step {step}). It is played "
    "with {behavior} here."
)


class _Files(NamedTuple):
    """Files that a step retained, or copied over."""

    step: int
    paths: frozenset[str]


def guide_notes(verdict: Verdict, before: Sequence[Verdict] = ()) -> tuple[str, ...]:
    """What to know of a verdict beside the guide's own words. ``before``: all the earlier verdicts of the chain."""
    earlier = [(step, other) for step, other in enumerate(before, 1) if other.group == verdict.group]
    return (*_of_this(verdict), *(_of_the_chain(verdict, earlier) if earlier else ()))


def _of_this(verdict: Verdict) -> Iterator[str]:
    if verdict.behavior is Behavior.RETAIN and verdict.retained:
        yield _RETAINED.format(count=_counted(len(verdict.retained)))
    if verdict.overwritten:
        yield _OVERWRITTEN.format(count=_counted(len(verdict.overwritten)))
    acts = [line.action for line in verdict.cleanup]
    for action, text in _BY_ACTION.items():
        if action in acts:
            yield _LISTED + text.format(count=f"{acts.count(action):,}")
    removed = acts.count(Action.REMOVED)
    if removed and verdict.failure is not None and verdict.failure.phase is Phase.INSTRUCTIONS:
        yield _FAILS_LATE.format(count=_counted(removed, "path"))


def _of_the_chain(verdict: Verdict, earlier: Sequence[tuple[int, Verdict]]) -> Iterator[str]:
    step, last = earlier[-1]
    failed_at = Phase.INSTALL if last.ending is Ending.IN_INSTALL else None
    failed_at = failed_at if last.failure is None else last.failure.phase
    if last.outcome == "fails" and failed_at in _LAST_INSTALL:
        yield "Guide: first, all files that were last successfully installed are removed. Agent: " + _LAST_INSTALL[
            failed_at
        ].format(step=step)
    kept = _retained(earlier)
    if kept is not None and kept.step == step:
        taken = len(kept.paths.intersection(verdict.overwritten))
        yield _LEFT_ALONE.format(step=step, count=_counted(len(kept.paths)), taken=f"{taken:,}")
    yield from _gone(verdict, step, last, kept)
    if last.outcome == "fails":
        yield from _option(verdict, earlier)


def _retained(earlier: Sequence[tuple[int, Verdict]]) -> Optional[_Files]:
    """What the last step that retained something did retain, less what a later one copied over."""
    taken: set[str] = set()
    for step, verdict in reversed(earlier):
        if verdict.behavior is Behavior.RETAIN and verdict.retained:
            return _Files(step, frozenset(path for path in verdict.retained if path not in taken))
        taken.update(verdict.overwritten)
    return None


def _gone(verdict: Verdict, step: int, last: Verdict, kept: Optional[_Files]) -> Iterator[str]:
    """Of what the step before copied over, and this cleanup removes."""
    copied = set(last.overwritten)
    gone = {line.path for line in verdict.cleanup if line.action is Action.REMOVED and line.path in copied}
    if not gone:
        return
    back = len(gone.difference(verdict.effects.removed, verdict.possibly.removed))
    told = _GONE.format(step=step, count=_counted(len(gone)), back=f"{back:,}")
    if kept is not None:
        still = kept.paths.difference(verdict.overwritten, verdict.effects.removed, verdict.possibly.removed)
        told += _STILL.format(step=kept.step, count=_counted(len(still)))
    yield told


def _option(verdict: Verdict, earlier: Sequence[tuple[int, Verdict]]) -> Iterator[str]:
    """Where this goes back to a revision that was deployed before the step that failed, with another option."""
    for step, other in reversed(earlier):
        if other.revision == verdict.revision and other.outcome == "succeeds":
            if other.behavior is not verdict.behavior:
                yield _OPTION.format(step=step, option=other.behavior.value, behavior=verdict.behavior.value)
            return


def _counted(number: int, noun: str = "file") -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
