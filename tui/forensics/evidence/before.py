"""Files that are older than the first deployment: they were there before the agent or a script could make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Optional

from tui.agent.reading import stat_or_none
from tui.agent.records import Deployment, Group, Instance, LogFile
from tui.disk.inventory import UNKNOWN_TIME
from tui.disk.root import Root, RootError
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence, Mark

MARGIN = 2.0  # seconds: logs have whole ones, and file systems may too
_NS = 1_000_000_000


class First(NamedTuple):
    """The earliest moment that a group is known to have deployed. Seconds since 1970."""

    moment: float
    source: Optional[str]
    deployment: Optional[str]
    exact: bool  # False: deployments of it may have come earlier, whose records are gone


class Before(NamedTuple):
    """A path that is older than a group's first known deployment.

    ``by`` is what says so: ``made``, ``changed`` (its status, which no program can set) or ``written``,
    which alone is weak: an unpacked archive keeps old times of writing.
    """

    first: First
    by: str
    strong: bool


class FirstDeployments:
    """The first known deployment of each group, asked of records and of the group's own directory.

    ``offset`` gives seconds east of UTC of a log's local time. A deployment that a log names and whose
    group is not known counts for every group, to be on the safe side.
    """

    def __init__(self, root: Root, instance: Instance, offset: Callable[[LogFile, float], float]) -> None:
        self._root = root
        self._groups = {d.id: g for g, group in enumerate(instance.groups) for d in group.deployments}
        logged, strangers = self._logged(instance, offset)
        several = len(instance.groups) > 1
        self.firsts: list[Optional[First]] = []
        for g, group in enumerate(instance.groups):
            moments = [*self._on_disk(group), *logged.get(g, ()), *strangers]
            earliest = min(moments, key=lambda first: first.moment, default=None)
            born = self._born(group.path)
            if earliest is not None and born is not None and born <= earliest.moment:
                # The agent makes a group's directory at the group's first deployment.
                earliest = First(born, at(group.path or ""), None, True)
            elif earliest is not None and strangers and several and earliest in strangers:
                earliest = earliest._replace(deployment=None)
            self.firsts.append(earliest)
        self.births_kept = self._kept(instance)

    def of(self, group: int) -> Optional[First]:
        """The first known deployment of the group with that index; below 0: of any group."""
        if group >= 0:
            return self.firsts[group]
        return min((first for first in self.firsts if first), key=lambda first: first.moment, default=None)

    def before(
        self, group: int, mtime_ns: int, ctime_ns: Optional[int] = None, birth_ns: Optional[int] = None
    ) -> Optional[Before]:
        """Whether a path with these times (nanoseconds) is older; None where it is not, or nothing tells.

        Times that the instance lost, as a copy of its files loses them, say nothing.
        """
        first = self.of(group)
        if first is None:
            return None
        limit = int((first.moment - MARGIN) * _NS)
        if birth_ns is not None and birth_ns > 0:
            if birth_ns < limit:
                return Before(first, "made", True)
            if self.births_kept:
                return None
        if ctime_ns is not None and ctime_ns not in (0, UNKNOWN_TIME) and ctime_ns < limit:
            return Before(first, "changed", True)
        if mtime_ns != UNKNOWN_TIME and mtime_ns < limit:
            return Before(first, "written", False)
        return None

    # -- moments --------------------------------------------------------------------------

    def _on_disk(self, group: Group) -> Iterator[First]:
        for deployment in group.deployments:
            yield First(self._begun(deployment), at(deployment.path), deployment.id, False)
        for record in (group.plan, group.last_successful, group.most_recent, group.cleanup):
            if record is not None and record.mtime > 0:
                yield First(record.mtime, at(record.path), None, False)

    def _begun(self, deployment: Deployment) -> float:
        """When a deployment had begun: its directory can have changed since, its bundle hardly."""
        bundle = stat_or_none(self._root, deployment.path + "/bundle.tar", follow=False)
        moments = [deployment.mtime, bundle.mtime if bundle is not None else 0.0]
        return min(moment for moment in moments if moment > 0) if max(moments) > 0 else deployment.mtime

    def _logged(
        self, instance: Instance, offset: Callable[[LogFile, float], float]
    ) -> tuple[dict[int, list[First]], list[First]]:
        """The first run of each deployment in the logs: by group, and of deployments of unknown groups."""
        by_group: dict[int, list[First]] = {}
        strangers: list[First] = []
        own = [d.log for group in instance.groups for d in group.deployments if d.log is not None]
        for log in (*instance.logs, *own):
            seen = set()
            for run in log.runs:
                if run.deployment_id in seen:
                    continue
                seen.add(run.deployment_id)
                moment = run.start - offset(log, run.start)
                first = First(moment, at(run.source, run.line), run.deployment_id, False)
                group = self._groups.get(run.deployment_id or "")
                if group is None and len(instance.groups) == 1:
                    group = 0
                if group is None:
                    strangers.append(first)
                else:
                    by_group.setdefault(group, []).append(first)
        return by_group, strangers

    def _born(self, path: Optional[str]) -> Optional[float]:
        if path is None:
            return None
        try:
            born = self._root.birth_ns(path)
        except (RootError, OSError):
            return None
        return born / _NS if born is not None and born > 0 else None

    def _kept(self, instance: Instance) -> bool:
        """Whether the agent's own records have their times of birth: a copied file is made after it was written."""
        logs = [*instance.logs, *(d.log for group in instance.groups for d in group.deployments if d.log)]
        for path in [log.path for log in logs] + [g.plan.path for g in instance.groups if g.plan is not None]:
            stat, born = stat_or_none(self._root, path), self._born(path)
            if stat is not None and born is not None and born <= stat.mtime + MARGIN:
                return True
        return False


_EARLIEST = "the earliest deployment that is known"
_SAYS = {
    "made": "it was made before",
    "changed": "nothing of it changed since before",
    "written": "it was last written before",
}


def before_evidence(before: Before) -> Evidence:
    """How old a path is, and how far that goes."""
    first = before.first
    # Where someone emptied root_dir, the next deployment made the group's directory anew.
    which = "the group's directory, which its first deployment makes" if first.exact else _EARLIEST
    named = f" ({first.deployment})" if first.deployment else ""
    detail = f"{_SAYS[before.by]} {which}{named}"
    if not before.strong:
        detail += ", but an unpacked archive or a copy keeps such a time"
    elif not first.exact:
        detail += "; records of earlier ones can be gone"
    return Evidence("before-first", detail, first.source, Mark.UNATTRIBUTED)
