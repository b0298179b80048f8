"""Which deployment an install plan belongs to: the one whose archive it copies from."""

from __future__ import annotations

import re
from typing import Optional

from tui.agent.records import COPY, InstallPlan

# Version 1 mixes slashes and backslashes on Windows.
_ARCHIVE = re.compile(r"[/\\]([^/\\]+)[/\\]deployment-archive(?:[/\\]|\Z)")


def source_deployment(source: str) -> Optional[str]:
    """The id of the deployment whose archive a path lies in; None where it lies in none."""
    match = _ARCHIVE.search(source)
    return match[1] if match else None


def plan_deployments(plan: InstallPlan) -> tuple[str, ...]:
    """The ids of the deployments that a plan copies from, in the plan's order; normally one."""
    found: dict[str, None] = {}
    seen = set()
    for i, kind in enumerate(plan.kinds):
        if kind != COPY or plan.rule[i] in seen:
            continue
        seen.add(plan.rule[i])
        source = plan.source(i)
        deployment_id = source_deployment(source) if source else None
        if deployment_id:
            found[deployment_id] = None
    return tuple(found)
