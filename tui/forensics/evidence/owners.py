"""Owners: is a path owned by a user that a hook's ``runas`` names? The agent itself copies as root."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Optional

from tui.agent.records import AppSpec, HookScript, Instance
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence, Mark


class RunAsUser(NamedTuple):
    """A user that scripts of a revision run as, and the newest revision's line that says so."""

    user: str
    uid: int
    group: int
    deployment: str
    event: str
    location: str
    source: str
    more: int  # other scripts that run as this user


class RunAs:
    """The users that hooks of all revisions left on the instance name, by number; root is none of them.

    Names are looked up in the instance's own ``/etc/passwd``. On Windows there are none.
    """

    def __init__(self, instance: Instance) -> None:
        self._users: dict[int, RunAsUser] = {}
        self.unknown: dict[str, RunAsUser] = {}  # users that the instance does not have
        if instance.windows:
            return
        numbers: dict[str, int] = {}
        for number, name in instance.users.items():
            numbers.setdefault(name, number)
        for g, deployment_id, appspec, hook in _hooks(instance):
            user = (hook.runas or "").strip()
            uid = numbers.get(user)
            if not user or uid == 0 or user == "root":
                continue
            where = at(appspec.path, hook.line)
            found = RunAsUser(user, -1 if uid is None else uid, g, deployment_id, hook.event, hook.location, where, 0)
            if uid is None:
                self.unknown.setdefault(user, found)
                continue
            known = self._users.get(uid)
            self._users[uid] = found if known is None else known._replace(more=known.more + 1)

    def of(self, uid: int) -> Optional[RunAsUser]:
        """The user of that number, where scripts run as it."""
        return self._users.get(uid)

    def __len__(self) -> int:
        return len(self._users)


def _hooks(instance: Instance) -> Iterator[tuple[int, str, AppSpec, HookScript]]:
    """All hooks, those of the newest revision first."""
    deployments = [(d.mtime, d.id, g, d) for g, group in enumerate(instance.groups) for d in group.deployments]
    for _, _, g, deployment in sorted(deployments, key=lambda item: item[:2], reverse=True):
        if deployment.appspec is not None:
            for hooks in deployment.appspec.hooks.values():
                for hook in hooks:
                    yield g, deployment.id, deployment.appspec, hook


def owner_evidence(found: RunAsUser) -> Evidence:
    """Whose scripts run as the owner of a path."""
    others = f" and {found.more} more" if found.more else ""
    script = f"{found.location} ({found.event} of {found.deployment}){others}"
    detail = f"its owner {found.user} is the user that {script} runs as"
    return Evidence("runas-owner", detail, found.source, Mark.SCRIPT_CREATED)
