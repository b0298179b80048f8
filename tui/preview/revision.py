"""What an operator names as the revision to deploy: a directory, a bundle, a deployment left on the instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Callable, Optional

from tui.agent.records import Deployment, Group, Instance
from tui.disk.root import Root
from tui.disk.tree import RootTree
from tui.preview.records import Revision

if TYPE_CHECKING:
    from tui.disk.candidate import Candidate

LAST_SUCCESSFUL = "last-successful"
LAST_KNOWN_GOOD = "last-known-good"  # of a chain: see tui.preview.records.LastSuccessful


# As tui.disk.candidate.open_candidate: a path of the tool's own machine, and the instance's users and groups by name.
OpenCandidate = Callable[[str, Mapping[str, int], Mapping[str, int]], "Candidate"]


class NoRevision(Exception):
    """A revision that cannot be had; ``str()`` is the line to print."""


def find_revision(
    text: str, root: Root, instance: Instance, group: Optional[Group], open_candidate: OpenCandidate
) -> Revision:
    """The revision that ``text`` names: ``last-successful``, a deployment id, else a path of the tool's own machine.

    A deployment id counts where the instance has it, of ``group`` first; ``./d-ABC`` is a file of that name.
    Raises NoRevision, and what ``open_candidate`` does.
    """
    if text in (LAST_SUCCESSFUL, LAST_KNOWN_GOOD):
        return last_successful(root, group)
    deployment = _deployment(instance, group, text)
    if deployment is not None:
        return _on_instance(root, deployment)
    users = {name: uid for uid, name in instance.users.items()}
    groups = {name: gid for gid, name in instance.group_names.items()}
    candidate = open_candidate(text, users, groups)
    return Revision(candidate.label, candidate.tree, None, candidate.problem, candidate.notes)


def _deployment(instance: Instance, group: Optional[Group], text: str) -> Optional[Deployment]:
    groups = ([group] if group is not None else []) + [other for other in instance.groups if other is not group]
    found = (other.deployment(text) for other in groups)
    return next((deployment for deployment in found if deployment is not None), None)


def _on_instance(root: Root, deployment: Deployment) -> Revision:
    if deployment.archive is None:
        raise NoRevision(
            f"{deployment.id}: nothing is left of its revision on the instance; name a bundle or a directory"
        )
    note = "The revision is taken as it is on the instance now; what was changed in it since counts as part of it."
    return Revision(deployment.id, RootTree(root, deployment.archive), deployment.id, None, (note,))


def last_successful(root: Root, group: Optional[Group]) -> Revision:
    """The revision of a group's last completed Install on the instance. Raises NoRevision."""
    pointer = group.last_successful if group is not None else None
    if group is None or pointer is None:
        raise NoRevision("no Install event of the group has completed on this instance; name a bundle or a directory")
    deployment = group.deployment(pointer.deployment_id)
    if deployment is None:
        raise NoRevision(
            f"{pointer.deployment_id or pointer.target}, the last completed Install, is gone from the "
            "instance; name a bundle or a directory"
        )
    return _on_instance(root, deployment)
