"""Files named after a lifecycle event or a deployment, as scripts like to name what they leave."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from tui.agent.records import Instance
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence, Mark

# The events whose names are no everyday words; the agent runs scripts for these alone.
EVENTS = (
    "BeforeBlockTraffic", "AfterBlockTraffic", "ApplicationStop", "BeforeInstall", "AfterInstall",
    "ApplicationStart", "ValidateService", "BeforeAllowTraffic", "AfterAllowTraffic",
)  # fmt: skip
_DEPLOYMENT = re.compile(r"(?<![A-Za-z0-9])d-[A-Z0-9]{9}(?![A-Za-z0-9])")
_BETWEEN = re.compile(r"[^a-z0-9]")


class NamedAfter(NamedTuple):
    """What a file's name holds, and where that is recorded."""

    text: str
    group: Optional[int]
    deployment: Optional[str]
    source: Optional[str]


class ScriptNames:
    """The lifecycle events that the instance had scripts for, and the deployments it had."""

    def __init__(self, instance: Instance) -> None:
        self.events: dict[str, NamedAfter] = {}
        self.deployments: dict[str, NamedAfter] = {}
        groups: dict[str, int] = {}
        for g, group in enumerate(instance.groups):
            for deployment in group.deployments:
                groups[deployment.id] = g
                self.deployments[deployment.id] = NamedAfter(deployment.id, g, deployment.id, at(deployment.path))
                if deployment.appspec is not None:
                    for event, hooks in deployment.appspec.hooks.items():
                        for hook in hooks[:1]:
                            where = at(deployment.appspec.path, hook.line)
                            self._event(NamedAfter(event, g, deployment.id, where))
        logs = [*instance.logs, *(d.log for group in instance.groups for d in group.deployments if d.log is not None)]
        for log in logs:
            for run in log.runs:
                group_index = groups.get(run.deployment_id or "")
                where = at(run.source, run.line)
                self._event(NamedAfter(run.event, group_index, run.deployment_id, where))
                if run.deployment_id is not None:
                    found = NamedAfter(run.deployment_id, group_index, run.deployment_id, where)
                    self.deployments.setdefault(run.deployment_id, found)

    def _event(self, found: NamedAfter) -> None:
        if found.text in EVENTS:
            self.events.setdefault(found.text.lower(), found)

    def of(self, name: str) -> Optional[NamedAfter]:
        """What a file's name is named after; None where it is nothing of the kind."""
        if "d-" in name:
            for match in _DEPLOYMENT.finditer(name):
                if match[0] in self.deployments:
                    return self.deployments[match[0]]
        if len(name) < 12 or not self.events:
            return None
        letters = _BETWEEN.sub("", name.lower())
        for event, found in self.events.items():
            if event in letters:
                # Which deployment's script it was, an event's name does not tell.
                return found._replace(deployment=None)
        return None


def name_evidence(found: NamedAfter) -> Evidence:
    """What the name holds."""
    what = "deployment" if found.deployment else "lifecycle event"
    detail = f"its name holds that of the {what} {found.text}, as names of files that scripts leave often do"
    return Evidence("name", detail, found.source, Mark.SCRIPT_CREATED)
