"""Which revisions can be deployed next, and what is known of them, in lines for a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from tui.agent.records import Deployment, Group, Instance
from tui.app.palette import spread
from tui.app.words import Line, ago
from tui.forensics.findings.story import failures_of
from tui.preview.revision import LAST_KNOWN_GOOD, LAST_SUCCESSFUL

# What is only known when a step of a chain comes to it.
_LASTS = {LAST_SUCCESSFUL: " (completed Install by then)", LAST_KNOWN_GOOD: " (did not fail by then)"}


@dataclass(frozen=True)
class RevisionChoice:
    """One line of the list: ``text`` is what ``tui.preview.revision`` takes, ``said`` what is known of it."""

    text: str
    name: str
    said: str
    left: bool = True  # whether anything of the revision is left to be deployed


def revision_choices(
    instance: Instance, group: Optional[Group], now: float, in_chain: bool = False
) -> list[RevisionChoice]:
    """The last completed Install's, then all of the group's deployments that are left on the instance, newest first.

    ``in_chain``: for one of several deployments, where which is the last one can depend on those before it.
    """
    if group is None:
        return []
    pointer = group.last_successful
    last = pointer.deployment_id if pointer is not None else None
    found = []
    if in_chain:
        found += [
            RevisionChoice(LAST_SUCCESSFUL, LAST_SUCCESSFUL, "the last completed Install by then"),
            RevisionChoice(LAST_KNOWN_GOOD, LAST_KNOWN_GOOD, "the last that did not fail: what a rollback deploys"),
        ]
    elif last is not None:
        left = group.deployment(last) is not None
        said = last if left else f"{last}, gone from the instance"
        found.append(RevisionChoice(LAST_SUCCESSFUL, LAST_SUCCESSFUL, said, left))
    for deployment in reversed(group.deployments):
        known = [ago(deployment.mtime, now), *_known(instance, group, deployment)]
        left = deployment.archive is not None
        found.append(RevisionChoice(deployment.id, deployment.id, ", ".join(known), left))
    return found


def _known(instance: Instance, group: Group, deployment: Deployment) -> list[str]:
    said = []
    if group.last_successful is not None and group.last_successful.deployment_id == deployment.id:
        said.append("last completed Install")
    failures = failures_of(instance, group, deployment.id)
    if failures:
        said.append(f"failed in {failures[-1].event}" if failures[-1].event else "failed")
    elif group.most_recent is not None and group.most_recent.deployment_id == deployment.id and not said:
        said.append("its Install did not complete")
    if deployment.archive is None:
        said.append("nothing is left of its revision")
    elif deployment.appspec is not None and deployment.appspec.error is not None:
        said.append("its appspec is refused")
    return said


def is_last(group: Optional[Group], asked: str, found: str) -> bool:
    """Whether the revision ``found``, which was asked for so, is that of the group's last completed Install."""
    pointer = group.last_successful if group is not None else None
    return pointer is not None and pointer.deployment_id == found and asked in (*_LASTS, found)


def step_revision(instance: Instance, group: Optional[Group], asked: str) -> str:
    """What a step of a chain is to deploy, safe for a terminal."""
    note = " (last completed Install)" if is_last(group, asked, asked) else _LASTS.get(asked, "")
    return instance.showable(asked) + note


def choice_line(choice: RevisionChoice, instance: Instance, room: int, width: int) -> Line:
    """One line of the list, its name ``room`` cells wide."""
    name = f"{instance.showable(choice.name):<{room}}"
    said = instance.showable(choice.said)
    return spread(
        [(name, "bold" if choice.left else "dim"), ("  ", ""), (said, "" if choice.left else "dim")], [], width
    )
