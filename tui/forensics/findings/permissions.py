"""Mode and owner that the last Install set through symbolic links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from tui.agent.records import CHMOD, CHOWN, INSTRUCTION_KINDS, SETFACL, Group
from tui.disk.root import Root, RootError
from tui.forensics.evidence import at
from tui.forensics.examination import Examination
from tui.forensics.findings.making import make, named_paths
from tui.forensics.marks import Finding, Mark, Severity, State

LINKS_ASKED = 200  # links of one group that are asked where they lead
_REJECTS = "reject_symlink_permission_targets"  # a setting of version 2, which fails such an Install


def permission_findings(examination: Examination, root: Optional[Root]) -> Iterator[Finding]:
    """One finding a group whose plan sets permissions on links that the same Install made."""
    instance, inventory = examination.instance, examination.inventory
    if instance.version.rules == 2 and instance.config.values.get(_REJECTS) is True:
        return
    rows = [
        row
        for row in sorted(inventory.targets)
        if examination.mark[row] == Mark.DEPLOYED and examination.state[row] in (State.INTACT, State.UNVERIFIED)
    ]
    links = {path: row for row, path in inventory.paths(rows)}
    if not links:
        return
    for g, group in enumerate(instance.groups):
        found = _set_on(group, {path for path, row in links.items() if examination.group[row] == g})
        if found:
            yield _finding(examination, root, group, found)


def _set_on(group: Group, links: set[str]) -> dict[str, set[int]]:
    """The links that a group's plan sets something on -> the kinds of its instructions."""
    found: dict[str, set[int]] = {}
    plan = group.plan
    if plan is None or not links:
        return found
    for i in plan.details:
        if plan.paths[i] in links and plan.kinds[i] in (CHMOD, CHOWN, SETFACL):
            found.setdefault(plan.paths[i], set()).add(plan.kinds[i])
    return found


def _finding(examination: Examination, root: Optional[Root], group: Group, found: dict[str, set[int]]) -> Finding:
    instance = examination.instance
    listed = set(group.cleanup.paths) if group.cleanup is not None else set()
    told, outside, nowhere = [], 0, []
    for path in list(found)[:LINKS_ASKED]:
        try:
            target = root.real_path(path) if root is not None else None
        except RootError:
            nowhere.append(path)
            continue
        if target is None or target not in listed:
            outside += 1
        what = "/".join(INSTRUCTION_KINDS[kind] for kind in sorted(found[path]))
        leads = f" -> {instance.native(target)}" if target is not None else ""
        told.append(f"{what} on {instance.native(path)}{leads}")
    assert group.plan is not None
    more = "; ".join(told[:5]) + ("." if told else "")
    if outside:
        more += f" {outside:,} of the targets are not the deployment's own."
    if nowhere:
        links = named_paths(instance, nowhere)
        more = f"On a link that leads nowhere the agent fails, and the Install with it: {links}. {more}".strip()
    return make(
        "permissions-through-link",
        group,
        paths=list(found),
        source=at(group.plan.path),
        severity=Severity.WARNING if outside or nowhere else Severity.INFO,
        more=more,
    )
