"""Paths older than a group's first deployment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import pytest

from tui.agent.records import Group, InstallPlan, Instance
from tui.disk.inventory import UNKNOWN_TIME
from tui.forensics.evidence.before import Before, FirstDeployments, before_evidence

from .evidence_disk import EvidenceDisk, evidence_disk
from .instances import ROOT_DIR, deployment_of, group_of, instance_with, log_of, run_of

NS = 1_000_000_000
T = 1_700_000_000.0  # the first deployment


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[EvidenceDisk]:
    with evidence_disk(tmp_path) as made:
        yield made


def firsts(disk: EvidenceDisk, *groups: Group, **fields: Any) -> FirstDeployments:
    return FirstDeployments(disk.root, instance_with(groups=groups, **fields), lambda log, local: 7200.0)


def ns(moment: float) -> int:
    return int(moment * NS)


def by(found: Optional[Before]) -> Optional[tuple[str, bool]]:
    return None if found is None else (found.by, found.strong)


def test_the_earliest_record_of_a_group_counts(disk: EvidenceDisk) -> None:
    group = group_of("g", deployment_of("d-A", "g", T + 50), deployment_of("d-B", "g", T + 500))
    logs = (log_of([run_of("AfterInstall", T + 7200, deployment_id="d-A")]),)
    first = firsts(disk, group, logs=logs).of(0)
    assert first is not None and (first.moment, first.deployment, first.source) == (T, "d-A", "x/log:3")
    assert firsts(disk, group).of(0).moment == T + 50  # type: ignore[union-attr]
    planned = group_of("g", plan=InstallPlan("/x/g-install.json", mtime=T + 5))
    assert firsts(disk, planned).of(0).moment == T + 5  # type: ignore[union-attr]
    assert firsts(disk, group_of("g")).of(0) is None
    assert firsts(disk, group_of("g")).before(0, 0, 0, 0) is None


def test_a_bundle_is_older_than_a_directory_that_changed_later(disk: EvidenceDisk) -> None:
    disk.write(f"{ROOT_DIR}/g/d-A/bundle.tar", b"x", mtime=T)
    assert firsts(disk, group_of("g", deployment_of("d-A", "g", T + 90))).of(0).moment == T  # type: ignore[union-attr]


def test_a_deployment_of_no_known_group_counts_for_all(disk: EvidenceDisk) -> None:
    groups = (group_of("g", deployment_of("d-A", "g", T)), group_of("h", deployment_of("d-B", "h", T + 100)))
    logs = (log_of([run_of("AfterInstall", T + 7200 - 1000, deployment_id="d-GONE")]),)
    found = firsts(disk, *groups, logs=logs)
    assert [first.moment for first in found.firsts if first] == [T - 1000, T - 1000]
    assert found.firsts[0] is not None and found.firsts[0].deployment is None
    alone = firsts(disk, groups[0], logs=logs)
    assert alone.firsts[0] is not None and alone.firsts[0].deployment == "d-GONE"
    assert found.of(-1).moment == T - 1000  # type: ignore[union-attr]


def test_what_each_time_says(disk: EvidenceDisk) -> None:
    found = firsts(disk, group_of("g", deployment_of("d-A", "g", T)))
    old, new = ns(T - 100), ns(T + 100)
    assert by(found.before(0, old, old, old)) == ("made", True)
    assert by(found.before(0, new, new, old)) == ("made", True)
    assert by(found.before(0, old, old, None)) == ("changed", True)
    assert by(found.before(0, old, new, None)) == ("written", False)
    assert by(found.before(0, new, new, None)) is None
    assert by(found.before(0, ns(T - 1), ns(T - 1), None)) is None  # closer than logs tell
    assert by(found.before(0, UNKNOWN_TIME, UNKNOWN_TIME, None)) is None
    assert by(found.before(-1, old, UNKNOWN_TIME, 0)) == ("written", False)


def birth_times(disk: EvidenceDisk) -> bool:
    """Whether the file system tells when a file was made, and does not take that from another time."""
    path = disk.write("/probe", b"")
    born = disk.root.birth_ns(path)
    os.utime(disk.path(path), (T, T))
    return born is not None and disk.root.birth_ns(path) == born


def test_the_time_of_birth_decides_where_records_kept_theirs(disk: EvidenceDisk) -> None:
    if not birth_times(disk):
        pytest.skip("this file system does not tell when a file was made")
    path = disk.write("/logs/scripts.log", b"x")
    kept = firsts(disk, log_group(path))
    assert kept.births_kept and by(kept.before(0, ns(T - 100), ns(T + 100), ns(T + 100))) is None
    os.utime(disk.path(path), (T, T))  # as in a copy: made long after it was last written
    lost = firsts(disk, log_group(path))
    assert not lost.births_kept and by(lost.before(0, ns(T - 100), ns(T + 100), ns(T + 100))) == ("written", False)


def log_group(path: str) -> Group:
    return group_of("g", deployment_of("d-A", "g", T), plan=InstallPlan(path, mtime=T))


def test_a_groups_own_directory_tells_exactly(disk: EvidenceDisk) -> None:
    if not birth_times(disk):
        pytest.skip("this file system does not tell when a directory was made")
    disk.path(f"{ROOT_DIR}/g").mkdir(parents=True)
    born = disk.root.birth_ns(f"{ROOT_DIR}/g") / NS
    first = firsts(disk, group_of("g", deployment_of("d-A", "g", born + 1000))).of(0)
    assert first is not None and first.exact and first.moment == born
    copied = firsts(disk, group_of("g", deployment_of("d-A", "g", T))).of(0)
    assert copied is not None and not copied.exact and copied.moment == T


def test_the_evidence_says_how_far_it_goes(disk: EvidenceDisk) -> None:
    found = firsts(disk, group_of("g", deployment_of("d-A", "g", T)))
    strong, weak = found.before(0, 0, ns(1.0)), found.before(0, 0, ns(T + 1))
    assert strong is not None and weak is not None
    evidence = before_evidence(strong)
    assert evidence.kind == "before-first" and evidence.source == f"{ROOT_DIR}/g/d-A"[1:]
    assert evidence.detail == (
        "nothing of it changed since before the earliest deployment that is known (d-A); "
        "records of earlier ones can be gone"
    )
    assert before_evidence(weak).detail.endswith("but an unpacked archive or a copy keeps such a time")


def test_an_instance_without_groups(disk: EvidenceDisk) -> None:
    found = FirstDeployments(disk.root, Instance(**vars(instance_with())), lambda log, local: 0.0)
    assert found.of(-1) is None and found.before(-1, 0, 0, 0) is None
