"""install.json and cut-off cleanup lines: what an Install event set out to make and never listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tui.agent.records import COPY, MKDIR, Instance
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence, Mark


class Planned(NamedTuple):
    """An instruction of a group's last install plan that no cleanup file lists."""

    group: int
    instruction: int
    interrupted: bool  # the group's cleanup file exists, so the plan is the one that it stopped in
    untouched: bool = False  # what is here is not what that Install would have put here


def unlisted_plans(instance: Instance, listed: Mapping[str, int]) -> dict[str, Planned]:
    """Copies and directories that an install plan names and no cleanup file lists, by path."""
    found: dict[str, Planned] = {}
    for g, group in enumerate(instance.groups):
        if group.plan is None:
            continue
        for i, (kind, path) in enumerate(zip(group.plan.kinds, group.plan.paths)):
            if kind in (COPY, MKDIR) and path not in listed:
                found.setdefault(path, Planned(g, i, group.cleanup is not None))
    return found


def plan_evidence(instance: Instance, planned: Planned) -> Evidence:
    """What the plan says of a path that is not listed."""
    group = instance.groups[planned.group]
    assert group.plan is not None
    if planned.untouched:
        detail = "the last Install planned to put something else here, and its cleanup file does not list it"
        return Evidence("install-plan", detail, at(group.plan.path))
    if planned.interrupted:
        detail = (
            "the last Install planned it, and its cleanup file does not list it: made and not recorded, or there before"
        )
    else:
        detail = "the last Install that came so far planned it; the group has no cleanup file now"
    return Evidence("install-plan", detail, at(group.plan.path), Mark.ORPHANED)


def dropped_lines(instance: Instance) -> dict[str, list[int]]:
    """Last lines without their newline, which the agent ignores: path -> groups."""
    found: dict[str, list[int]] = {}
    for g, group in enumerate(instance.groups):
        if group.cleanup is not None and group.cleanup.dropped is not None:
            found.setdefault(group.cleanup.dropped[1], []).append(g)
    return found


def dropped_evidence(instance: Instance, group: int) -> Evidence:
    """The cut-off line that names a path."""
    cleanup = instance.groups[group].cleanup
    assert cleanup is not None and cleanup.dropped is not None
    return Evidence(
        "cut-off-line",
        "the cleanup file's last line names it but has no newline: the agent drops it and never removes the path",
        at(cleanup.path, cleanup.dropped[0]),
        Mark.ORPHANED,
    )
