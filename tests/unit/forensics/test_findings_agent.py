"""The agent itself: what it does, whether it runs, what is not known of it."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

import pytest

from tests.support import can_unpack
from tests.unit.forensics.instances import group_of, instance_with
from tests.unit.forensics.looking import Healthy, examined, findings_of
from tui.agent.records import AgentProcess, AgentVersion, OngoingDeployment, PidFile, Pointer, Problem
from tui.fixtures import unpack
from tui.forensics.findings import STALE_AFTER, record_findings
from tui.forensics.findings.codes import CODES
from tui.forensics.marks import Finding, Severity


def found(now: Optional[float] = None, **fields: Any) -> dict[str, Finding]:
    return {finding.code: finding for finding in record_findings(instance_with(**fields), now)}


def tracking(deployment_id: str, when: float) -> OngoingDeployment:
    return OngoingDeployment(f"/r/ongoing-deployment/{deployment_id}", deployment_id, "command", when)


def test_an_event_in_progress() -> None:
    live = found(1000.0, ongoing=(tracking("d-1", 900.0),))
    assert set(live) == {"deployment-in-progress"} and "d-1" in live["deployment-in-progress"].title
    stale = found(1000.0 + STALE_AFTER, ongoing=(tracking("d-1", 900.0),))
    assert set(stale) == {"stale-ongoing-deployment"} and "24 hours" in stale["stale-ongoing-deployment"].detail
    assert found(1000.0) == {}


def test_an_event_in_progress_with_no_agent_is_a_dead_ones() -> None:
    finding = found(ongoing=(tracking("d-1", 900.0),), processes=())["deployment-in-progress"]
    assert "left by one that died" in finding.detail


def test_several_tracking_files_are_too_many_for_version_1_alone() -> None:
    two = (tracking("d-1", 900.0), tracking("d-2", 901.0))
    assert len(found(1000.0, ongoing=two)["several-ongoing-deployments"].paths) == 2
    second = replace(instance_with(ongoing=two), version=AgentVersion("2.1.0", None))
    assert [f.code for f in record_findings(second, 1000.0)] == ["deployment-in-progress"]


def test_no_agent_runs_here() -> None:
    assert found(processes=None) == {}  # not this machine: not known
    pid_file = PidFile("/run/agent.pid", 77, 0.0)
    assert "process 77" in found(processes=(), pid_file=pid_file)["agent-not-running"].detail
    assert found(processes=(AgentProcess(7, "codedeploy-agent", "/", 0.0, 1),)) == {}


def test_two_agents() -> None:
    master, child = AgentProcess(7, "a", "/", 0.0, 1), AgentProcess(8, "a", "/", 0.0, 7)
    assert found(processes=(master, child)) == {}
    assert "2 agents" in found(processes=(master, child, AgentProcess(9, "a", "/", 0.0, 1)))["two-agents"].title


def test_a_working_directory_that_is_gone() -> None:
    gone = AgentProcess(7, "a", "/opt/gone", 0.0, 1, cwd_gone=True)
    finding = found(processes=(gone,))["agent-directory-gone"]
    assert "/opt/gone" in finding.detail and "7" in finding.detail


def test_logs_without_a_zone(tmp_path: Path) -> None:
    instance = Healthy(tmp_path)
    assert "log-zone-unknown" not in instance.found()
    when = 1_000_000_000  # far from the last entry: the file's time tells nothing
    for log in (*instance.sysroot.rglob("scripts.log"), *instance.sysroot.rglob("*-deployments.log")):
        lines = log.read_bytes().split(b"\n")
        log.write_bytes(b"\n".join(line for line in lines if not line.startswith(b"#")))
        os.utime(log, (when, when))
    assert instance.found()["log-zone-unknown"].count >= 1
    marked = examined(instance.sysroot)
    times = [e for row in range(len(marked.inventory)) for e in marked.evidence_of(row) if e.kind == "script-time"]
    assert all("which nothing tells" in evidence.detail for evidence in times)


# -- the version ------------------------------------------------------------------------------------


def without_version(healthy: Healthy) -> None:
    """Take out the version file and the log that speaks for a version."""
    (healthy.sysroot / "opt/codedeploy-agent/.version").unlink()
    shutil.rmtree(healthy.sysroot / "var/log/aws", ignore_errors=True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode")
def test_an_unknown_version_says_what_would_differ_here(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    assert "agent-version-unknown" not in healthy.found()
    without_version(healthy)
    assert "Nothing was found on this instance" in healthy.found()["agent-version-unknown"].detail
    healthy.cleanup.chmod(0o666)
    found = healthy.found()
    assert "mode 0666" in found["agent-version-unknown"].detail
    assert found["agent-version-unknown"].paths[0].endswith("-cleanup")
    assert "cleanup-v2-ignores" not in found  # told once


def test_a_version_that_traces_tell_is_not_judged_by_both(tmp_path: Path) -> None:
    instance = instance_with(groups=(group_of("g", last_successful=Pointer("/p", "/r/g/d-1", "d-1", False)),))
    hinted = replace(instance, version=AgentVersion(None, None, hint=2))
    details = {f.code: f.detail for f in record_findings(hinted)}
    assert "speak for version 2" in details["agent-version-unknown"]
    unknown = replace(instance, version=AgentVersion(None, None))
    details = {f.code: f.detail for f in record_findings(unknown)}
    assert "Version 2 would skip the scripts" in details["agent-version-unknown"]


@pytest.mark.skipif(not can_unpack("version-2"), reason="this system cannot hold it")
def test_version_2_is_known(tmp_path: Path) -> None:
    assert "agent-version-unknown" not in findings_of(unpack("version-2", tmp_path))


# -- records ---------------------------------------------------------------------------------------------


def test_problems_of_one_kind_are_one_finding() -> None:
    problems = tuple(Problem("record-unreadable", f"/r/{n}", "The record cannot be read: no.", n) for n in (1, 2, 3))
    (finding,) = record_findings(instance_with(problems=problems))
    assert finding.paths == ("/r/1", "/r/2", "/r/3") and finding.source == "r/1:1"
    assert "2 other files" in finding.detail


def test_titles_are_short_and_the_detail_has_what_was_said_of_each() -> None:
    where = "/opt/codedeploy-agent/deployment-root/g/d-1"
    problems = tuple(Problem("config-odd-value", "/c.yml", f"{name}: {where}.") for name in "abcd")
    (finding,) = record_findings(instance_with(problems=problems))
    assert finding.title == CODES["config-odd-value"].title and where not in finding.title
    assert all(f"{name}: {where}." in finding.detail for name in "abc") and "d: /" not in finding.detail


def test_a_problem_with_a_code_of_its_own_is_told_all_the_same() -> None:
    (finding,) = record_findings(
        instance_with(problems=(Problem("odd-new-code", "/r/1", "Odd.", severity="critical"),))
    )
    assert (finding.code, finding.title, finding.severity) == ("odd-new-code", "Odd.", Severity.CRITICAL)
