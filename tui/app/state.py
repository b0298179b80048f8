"""What the app knows of its scan: one immutable value, renewed by each update."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Optional

from tui import windows_paths
from tui.agent.records import Instance
from tui.app.scanning import Failure, Update
from tui.app.summary import Summary
from tui.app.words import counted, number, span
from tui.forensics.examination import Examination
from tui.forensics.scan import Progress
from tui.paths import showable

_DOING = {
    "records": "Reading the agent's records",
    "walk": "Looking through the target locations",
    "evidence": "Asking who else knows of the files",
    "compare": "Comparing with the revisions",
    "marks": "Marking",
    "revisions": "Measuring the revisions",
}


@dataclass(frozen=True)
class ScanState:
    """A scan as far as it is known. What an earlier scan showed stays until a new one has better."""

    label: str
    kind: str
    generation: int = 0
    running: bool = False
    started: float = 0.0
    took: Optional[float] = None  # seconds, once finished
    progress: Optional[Progress] = None
    stage_began: float = 0.0  # when the stage's first progress came, and what was done then
    stage_from: int = 0
    at: float = 0.0
    instance: Optional[Instance] = None
    examination: Optional[Examination] = None
    summary: Optional[Summary] = None
    failure: Optional[Failure] = None
    windows: bool = False  # whether the source is a Windows instance
    changeable: bool = False  # whether a cleanup may change it
    cut_off: int = 0  # cleanups of its journal that did not come to their end

    def showable_path(self, path: str) -> str:
        """A path of the instance, as its operator knows it and safe for a terminal, also while nothing is known yet."""
        return windows_paths.showable_path(path) if self.windows else showable(path)

    def begun(self, generation: int, at: float) -> ScanState:
        """A new scan has started."""
        return replace(
            self, generation=generation, running=True, started=at, took=None, progress=None, at=at, failure=None
        )

    def updated(self, update: Update) -> ScanState:
        """With what an update brings; one of another scan than the running one changes nothing."""
        if update.generation != self.generation or not self.running:
            return self
        state = replace(self, at=update.at)
        if update.progress is not None:
            if self.progress is None or self.progress.stage != update.progress.stage:
                state = replace(state, stage_began=update.at, stage_from=update.progress.done)
            state = replace(state, progress=update.progress)
        if update.instance is not None:
            state = replace(state, instance=update.instance)
        if update.examination is not None:
            state = replace(state, examination=update.examination, summary=update.summary)
        if update.finished:
            state = replace(state, running=False, took=update.at - self.started, failure=update.failure)
        return state


def status(state: ScanState) -> str:
    """The line at the bottom: how far the scan is, or how it ended."""
    if state.failure is not None and state.failure.kind == "no-agent":
        return "Nothing to scan"
    if state.failure is not None:
        return f"Scan failed: {showable(state.failure.reason)}"
    if state.running:
        return _progress(state)
    if state.examination is None:
        return "" if state.took is None else "The scan ended without a result: press r to scan again"
    notes = state.examination.inventory.notes
    paths = counted(len(state.examination.inventory), "path")
    line = f"{paths} in {span(state.took or 0)}" if (state.took or 0) >= 2 else f"{paths} in {state.took or 0:.1f} s"
    if not state.examination.final:
        line += ", not complete: press r to scan again"
    return line + (f" \u00b7 {counted(len(notes), 'place')} not looked into (n tells)" if notes else "")


def _progress(state: ScanState) -> str:
    progress = state.progress
    if progress is None:
        return "Scanning\u2026"
    parts = [f"{_DOING.get(progress.stage, progress.stage)}: {number(progress.done)}"]
    if progress.total:
        parts[0] += f" of {number(progress.total)}"
    took, done = state.at - state.stage_began, progress.done - state.stage_from
    if took >= 0.5 and done > 0:
        rate = done / took
        parts.append(f"{number(round(rate))}/s")
        if progress.total and progress.total > progress.done:
            parts.append(f"{span((progress.total - progress.done) / rate)} left")
    if progress.where:
        parts.append(state.showable_path(progress.where))
    return " \u00b7 ".join(parts)
