"""The time windows of Install events: was a directory, a link or a file's entry made while one ran?

The agent's copies keep the modification times of regular files, so for those only the time of birth
counts; directories and symbolic links get the time at which they are made.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple, Optional

from tui.agent.records import Group, Instance, LogFile, ScriptRun
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence, Mark

# The default order of lifecycle events: scripts of these run before, and after, the Install event.
_BEFORE = frozenset(["BeforeBlockTraffic", "AfterBlockTraffic", "ApplicationStop", "BeforeInstall"])
_AFTER = frozenset(["AfterInstall", "ApplicationStart", "ValidateService", "BeforeAllowTraffic", "AfterAllowTraffic"])
LONGEST = 3600.0  # seconds between the scripts around an Install event that still say when it ran


class InstallWindow(NamedTuple):
    """When an Install event ran, at the widest; seconds since 1970 (UTC)."""

    start: float
    end: float
    group: int
    deployment: str
    source: Optional[str]
    exact: bool = True  # False: somewhere between the scripts that ran before and after it


class InstallTimes:
    """The windows of all Install events that records tell of, by start."""

    def __init__(self, instance: Instance, offset: Callable[[LogFile, float], float]) -> None:
        found: dict[tuple[int, str], InstallWindow] = {}
        for window in _between_scripts(instance, offset):
            found.setdefault((window.group, window.deployment), window)
        for g, group in enumerate(instance.groups):
            exact = _by_records(g, group)
            if exact is not None:
                found[g, exact.deployment] = exact
        self.windows = sorted(found.values())
        self._starts = [window.start for window in self.windows]

    def at(self, moment: float) -> Optional[InstallWindow]:
        """The window that holds a moment (seconds since 1970)."""
        i = bisect_right(self._starts, moment) - 1
        if i >= 0 and moment <= self.windows[i].end:
            return self.windows[i]
        return None


def _by_records(g: int, group: Group) -> Optional[InstallWindow]:
    """The last Install event: it begins by writing install.json and ends by writing the pointer (1.8.1)."""
    plan, pointer = group.plan, group.last_successful
    if plan is None or pointer is None or pointer.deployment_id is None:
        return None
    if not 0 <= pointer.mtime - plan.mtime <= LONGEST:
        return None
    return InstallWindow(plan.mtime, pointer.mtime, g, pointer.deployment_id, at(plan.path))


def _between_scripts(instance: Instance, offset: Callable[[LogFile, float], float]) -> Iterator[InstallWindow]:
    groups = {deployment.id: g for g, group in enumerate(instance.groups) for deployment in group.deployments}
    for log in instance.logs:
        last: dict[str, ScriptRun] = {}
        for run in log.runs:
            deployment = run.deployment_id
            if deployment is None or deployment not in groups:
                continue
            if run.event in _BEFORE:
                last[deployment] = run
            elif run.event in _AFTER:
                before = last.pop(deployment, None)
                if before is not None and 0 <= run.start - before.last <= LONGEST:
                    start, end = before.last - offset(log, before.last), run.start - offset(log, run.start)
                    yield InstallWindow(start, end, groups[deployment], deployment, at(run.source, run.line), False)


def install_evidence(window: InstallWindow, what: str) -> Evidence:
    """``what`` (last written, made) happened while the Install event ran, or close to it."""
    when = "when" if window.exact else "between the scripts before and after, so maybe when,"
    detail = f"{what} {when} the Install event of {window.deployment} ran"
    return Evidence("install-time", detail, window.source, Mark.ORPHANED)
