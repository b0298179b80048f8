"""The time windows of lifecycle scripts: was a file last written, or made, while one ran?

A log tells when a script was started and when it printed, never when it ended. So a window is sure
from the start to the last line of output, and doubtful for a moment after that.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection
from typing import NamedTuple, Optional

from tui.agent.records import Instance, LogFile, ScriptRun
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence, Mark

SILENT = 5.0  # seconds a script that prints nothing is given, at most to the log's next entry
AFTER = 0.2  # seconds after the last line of output that are doubtful, not excluded


class Window(NamedTuple):
    """When one script ran, in seconds since 1970 (UTC)."""

    start: float
    sure: float
    doubtful: float
    group: Optional[int]
    run: ScriptRun
    told: bool = True  # False: the zone of its log is not known, and UTC is assumed


def _window(run: ScriptRun, offset: float, group: Optional[int], told: bool) -> Window:
    last = run.last + run.resolution
    doubtful = last + AFTER if run.lines else run.start + SILENT
    if run.until is not None:
        doubtful = min(doubtful, run.until + run.resolution)
    return Window(run.start - offset, last - offset, max(doubtful, last) - offset, group, run, told)


class ScriptTimes:
    """All windows, by start. The log with milliseconds counts before the one with whole seconds."""

    def __init__(
        self,
        instance: Instance,
        offset: Callable[[LogFile, float], float],
        told: Callable[[LogFile], bool] = lambda log: True,
    ) -> None:
        """``offset`` gives the seconds east of UTC of a log at one of its local times, ``told`` if that is known."""
        groups: dict[str, int] = {}
        for g, group in enumerate(instance.groups):
            for deployment in group.deployments:
                groups[deployment.id] = g
        windows: list[Window] = []
        known = set()
        for log in instance.logs:
            known_zone = told(log)
            for run in log.runs:
                known.add((run.deployment_id, run.event))
                of_group = groups.get(run.deployment_id or "")
                windows.append(_window(run, offset(log, run.start), of_group, known_zone))
        for g, group in enumerate(instance.groups):
            for deployment in group.deployments:
                if deployment.log is None:
                    continue
                known_zone = told(deployment.log)
                for run in deployment.log.runs:
                    if (run.deployment_id, run.event) not in known:
                        windows.append(_window(run, offset(deployment.log, run.start), g, known_zone))
        self.windows = sorted(windows, key=lambda window: window.start)
        self._starts = [window.start for window in self.windows]
        # Windows can overlap (two agents, clocks set back): how far any earlier one reaches.
        self._reach: list[float] = []
        reach = float("-inf")
        for window in self.windows:
            reach = max(reach, window.doubtful)
            self._reach.append(reach)

    def at(self, moment: float, events: Collection[str] = ()) -> tuple[Optional[Window], bool]:
        """The window that holds a moment (seconds since 1970), and whether it surely does.

        Of several a window of one of ``events`` comes first, whose scripts are known to write the path.
        """
        best: Optional[Window] = None
        rank = (False, False)
        i = bisect_right(self._starts, moment + 0.001) - 1
        while i >= 0 and self._reach[i] >= moment:
            window = self.windows[i]
            here = (window.run.event in events, moment <= window.sure and window.told)
            if moment <= window.doubtful and (best is None or here > rank):
                best, rank = window, here
                if here == (True, True) or (here[1] and not events):
                    break
            i -= 1
        return best, rank[1]


def window_evidence(window: Window, sure: bool, what: str) -> Evidence:
    """``what`` (last written, made) happened while a script ran, or just after its last output."""
    run = window.run
    when = "while" if sure else "just after the last output of" if window.told else "at about the time of"
    verb = " ran" if sure else "" if window.told else ", if the times of its log are UTC, which nothing tells"
    rough = ", by a log with whole seconds" if run.resolution >= 1 else ""
    return Evidence(
        "script-time",
        f"{what} {when} {run.location} ({run.event} of {run.deployment_id or 'a deployment'}){verb}{rough}",
        at(run.source, run.line),
        Mark.SCRIPT_CREATED,
    )
