"""When scripts ran whose logs are gone, by the files that they are known to have left.

A script's text names a file that it makes; where that file stands, it was last written when the
script ran, or later. A file written within a moment of it may be of the same run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection
from typing import NamedTuple, Optional

from tui.agent.records import Instance
from tui.disk.inventory import FILE, LINK, UNKNOWN_TIME, Inventory
from tui.forensics.evidence import at
from tui.forensics.evidence.script_text import Mention, ScriptText, Use
from tui.forensics.marks import Evidence, Mark

AROUND = 1.0  # seconds before and after
MAX_POINTS = 2_000
_NS = 1_000_000_000


class Left(NamedTuple):
    """A file that a script left: when it was last written (nanoseconds), and what names it."""

    moment: int
    path: str
    mention: Mention


class LeftTimes:
    """The moments that are known of scripts of groups of which no log tells a run, by time.

    Where a log tells of some runs of a group, a script that it does not tell of may never have run.
    """

    def __init__(self, instance: Instance, scripts: ScriptText, inventory: Inventory, listed: Collection[str]) -> None:
        logged = _logged(instance)
        made: dict[str, Mention] = {}
        for path, mentions in scripts.found.exact.items():
            for mention in mentions:
                if mention.use == Use.MAKES and mention.group not in logged:
                    made.setdefault(path, mention)
        found: list[Left] = []
        if made:
            types, mtimes = inventory.type, inventory.mtime_ns
            for row, path in inventory.paths():
                mention_of = made.get(path)
                if mention_of is None or types[row] not in (FILE, LINK) or mtimes[row] == UNKNOWN_TIME:
                    continue
                if path not in listed and len(found) < MAX_POINTS:
                    found.append(Left(mtimes[row], path, mention_of))
        self.points = sorted(found)
        self._moments = array("q", (point.moment for point in self.points))

    def at(self, mtime_ns: int, path: str) -> Optional[Left]:
        """The nearest file that a script left at about that time; not the path itself."""
        best: Optional[Left] = None
        i = bisect_left(self._moments, mtime_ns - int(AROUND * _NS))
        while i < len(self.points) and self.points[i].moment <= mtime_ns + AROUND * _NS:
            point = self.points[i]
            nearer = best is None or abs(point.moment - mtime_ns) < abs(best.moment - mtime_ns)
            if point.path != path and nearer:
                best = point
            i += 1
        return best


def _logged(instance: Instance) -> set[int]:
    """The groups of which a log tells a run; a run of an unknown deployment can be any group's."""
    groups = {d.id: g for g, group in enumerate(instance.groups) for d in group.deployments}
    logs = [*instance.logs, *(d.log for group in instance.groups for d in group.deployments if d.log is not None)]
    ids = {run.deployment_id or "" for log in logs for run in log.runs}
    if ids - groups.keys():
        return set(range(len(instance.groups)))
    return {groups[deployment] for deployment in ids}


def left_evidence(left: Left, instance: Instance) -> Evidence:
    """Which file it was written together with."""
    mention = left.mention
    detail = (
        f"last written within a second of {instance.native(left.path)}, which the {mention.event} script of "
        f"{mention.deployment} makes; no log tells when that script ran"
    )
    return Evidence("script-left", detail, at(mention.script, mention.line), Mark.SCRIPT_CREATED)
