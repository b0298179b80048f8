"""Owners that hooks run as."""

from __future__ import annotations

from typing import Optional

from tui.agent.records import AppSpec, Deployment, HookScript
from tui.forensics.evidence.owners import RunAs, owner_evidence
from tui.forensics.marks import Mark

from .evidence_disk import windows_instance
from .instances import deployment_of, group_of, instance_with

USERS = {0: "root", 33: "www-data", 1001: "shop", 1002: "shop"}


def deployment(deployment_id: str, mtime: float, *users: Optional[str]) -> Deployment:
    hooks = tuple(HookScript("AfterInstall", f"s{i}.sh", 60, user, 5 + i) for i, user in enumerate(users))
    appspec = AppSpec(f"/x/{deployment_id}/appspec.yml", hooks={"AfterInstall": hooks})
    return deployment_of(deployment_id, "g", mtime, appspec=appspec)


def test_an_owner_that_scripts_run_as() -> None:
    old, new = deployment("d-OLD", 1.0, "shop"), deployment("d-NEW", 2.0, None, "shop", "root", "www-data")
    run_as = RunAs(instance_with(groups=(group_of("g", old, new),), users=USERS))
    found = run_as.of(1001)
    assert found is not None and (found.user, found.deployment, found.event, found.more) == (
        "shop",
        "d-NEW",
        "AfterInstall",
        1,
    )
    evidence = owner_evidence(found)
    assert evidence.kind == "runas-owner" and evidence.for_mark == Mark.SCRIPT_CREATED
    assert evidence.source == "x/d-NEW/appspec.yml:6"
    assert evidence.detail == "its owner shop is the user that s1.sh (AfterInstall of d-NEW) and 1 more runs as"
    assert run_as.of(33) is not None and len(run_as) == 2


def test_root_and_strangers_are_none() -> None:
    made = deployment("d-A", 1.0, "root", "nobody-here", "", "1001")
    run_as = RunAs(instance_with(groups=(group_of("g", made),), users=USERS))
    assert run_as.of(0) is None and run_as.of(1001) is None and len(run_as) == 0
    admin = RunAs(instance_with(groups=(group_of("g", deployment("d-A", 1.0, "admin")),), users={0: "admin"}))
    assert admin.of(0) is None and not admin.unknown
    assert set(run_as.unknown) == {"nobody-here", "1001"}
    assert run_as.unknown["1001"].uid == -1


def test_windows_has_none() -> None:
    made = deployment("d-A", 1.0, "shop")
    run_as = RunAs(windows_instance(groups=(group_of("g", made),), users=USERS))
    assert len(run_as) == 0 and not run_as.unknown
