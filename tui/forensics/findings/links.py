"""Links that version 2 of the agent lists and does not remove."""

from __future__ import annotations

from collections.abc import Iterator

from tui.agent.records import Group
from tui.forensics.evidence import at
from tui.forensics.examination import Examination
from tui.forensics.findings.making import make
from tui.forensics.marks import Finding, Mark


def staying_link_findings(examination: Examination) -> Iterator[Finding]:
    """Listed links that the next cleanup leaves since they lead nowhere when it comes to them."""
    instance, inventory = examination.instance, examination.inventory
    if instance.version.rules != 2:
        return
    found: dict[int, list[int]] = {}
    for row in sorted(inventory.targets):
        if examination.mark[row] == Mark.DEPLOYED and not examination.removed_next[row]:
            found.setdefault(examination.group[row], []).append(row)
    for g, rows in sorted(found.items()):
        group = instance.groups[g]
        if _runs_whole(group):
            paths = [path for _, path in inventory.paths(rows)]
            assert group.cleanup is not None
            yield make("links-stay", group, paths=paths, source=at(group.cleanup.path))


def _runs_whole(group: Group) -> bool:
    """Whether the cleanup comes to all lines: else links stay for a reason that is told elsewhere."""
    cleanup = group.cleanup
    if cleanup is None or cleanup.ignored is not None or cleanup.fatal is not None or cleanup.unusable:
        return False
    return not any(path.endswith("/") for path in cleanup.paths)
