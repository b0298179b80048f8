"""How a group's last deployment went."""

from __future__ import annotations

import os
import shutil
from array import array
from pathlib import Path

import pytest

from tests.support import whole_case
from tests.unit.forensics.instances import deployment_of, group_of, instance_with
from tests.unit.forensics.looking import DEPLOYMENTS, GROUP, LAST, Healthy, findings_of
from tui.agent.log_records import AgentLog, Failure
from tui.agent.records import CleanupFile, Pointer
from tui.fixtures import unpack
from tui.forensics.findings.installs import install_findings
from tui.forensics.marks import Severity

posix = pytest.mark.skipif(os.name == "nt", reason="the cases hold links and names that Windows has not")
LATER = 1.79e9  # after everything in the bundled instances


def test_a_failed_disallow_names_what_is_in_the_way(tmp_path: Path) -> None:
    found = findings_of(unpack("failed-disallow", tmp_path))
    lost = found["no-cleanup-file"]
    assert lost.severity == Severity.CRITICAL
    assert lost.paths == ("/srv/shop/static/hotfix.js",)
    assert "as DISALLOW does" in lost.detail and "d-43DDDDDDD" in lost.detail


def test_a_cleanup_file_that_was_removed_is_told_apart(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    assert "no-cleanup-file" not in healthy.found()
    healthy.cleanup.unlink()
    lost = healthy.found()["no-cleanup-file"]
    assert "something else than the agent removed it" in lost.detail
    assert lost.paths == ()  # what the next revision brings is not known


def test_the_agents_own_words_name_the_file_that_exists() -> None:
    message = "The deployment failed because a specified file already exists at this location: /srv/app/x.conf"
    failure = Failure(message, 5.0, "/var/log/agent.log", 7, "d-2", "Install", repeats=3)
    pointers = {
        "last_successful": Pointer("/i/g_last_successful_install", "/r/g/d-1", "d-1", True, 1.0),
        "most_recent": Pointer("/i/g_most_recent_install", "/r/g/d-2", "d-2", True, 2.0),
    }
    instance = instance_with(groups=(group_of("g", **pointers),), agent_log=AgentLog("/x", 1, 1.0, failures=(failure,)))
    (finding,) = install_findings(instance)
    assert (finding.code, finding.paths, finding.source) == (
        "no-cleanup-file",
        ("/srv/app/x.conf",),
        "var/log/agent.log:7",
    )
    assert "(3 times)" in finding.detail


@posix
def test_an_install_that_failed_at_a_dangling_link_says_both() -> None:
    found = findings_of(whole_case("000010") / "sysroot")
    stopped, permissions = found["install-interrupted"], found["permissions-through-link"]
    assert stopped.severity == Severity.CRITICAL and "d-Y0Z4HSR3X" in stopped.title
    assert stopped.count == 12 and "8 files of the plan are on disk without being listed" in stopped.detail
    assert permissions.paths == ("/srv/worker/sub/deep/deeper/LICENSE",)
    assert "On a link that leads nowhere the agent fails" in permissions.detail
    assert "orphaned-files" not in found  # they are told of as not recorded


@posix
def test_a_completed_install_with_a_shortened_list() -> None:
    lost = findings_of(whole_case("000043") / "sysroot")["cleanup-lost-lines"]
    assert lost.count == 14 and "not by the agent" in lost.detail


def test_nothing_is_lost_in_a_healthy_instance(tmp_path: Path) -> None:
    codes = {"cleanup-lost-lines", "install-interrupted", "deployment-not-installed", "failed-after-install"}
    assert not codes & set(Healthy(tmp_path).found())


def test_a_line_that_was_taken_out_is_lost(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    healthy.change_cleanup(take_out="/srv/shop/wsgi.py")
    found = healthy.found()
    assert found["cleanup-lost-lines"].paths == ("/srv/shop/wsgi.py",)
    assert "orphaned-files" not in found and "retained-files" not in found


def test_a_deployment_that_was_unpacked_and_not_installed(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    newer = healthy.sysroot / DEPLOYMENTS / "d-43NEWNEWN"
    shutil.copytree(healthy.archive, newer / "deployment-archive")
    healthy.point("most_recent", newer.name, LATER)
    found = healthy.found()
    assert "d-43NEWNEWN" in found["deployment-not-installed"].title
    assert f"What is installed is {LAST}'s" in found["deployment-not-installed"].detail
    ongoing = healthy.sysroot / "opt/codedeploy-agent/deployment-root/ongoing-deployment"
    ongoing.mkdir(exist_ok=True)
    (ongoing / newer.name).write_text("command")
    found = healthy.found()
    assert "deployment-not-installed" not in found and "deployment-in-progress" in found


def test_archives_that_were_removed_do_not_make_deployments_that_were_not_unpacked(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    for archive in (healthy.sysroot / DEPLOYMENTS).glob("*/deployment-archive"):
        shutil.rmtree(archive)
        os.utime(archive.parent, (LATER, LATER))
    found = healthy.found()
    assert "deployment-not-unpacked" not in found
    assert "Unpack the revision into its deployment-archive again" in found["application-stop-cannot-run"].advice


def test_a_pointer_that_was_removed_is_no_interrupted_install(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    (healthy.instructions / f"{GROUP}_last_successful_install").unlink()
    found = healthy.found()
    assert "install-interrupted" not in found
    assert found["pointer-missing"].severity == Severity.WARNING
    assert f"{LAST} came to AfterInstall" in found["pointer-missing"].detail
    (healthy.instructions / f"{GROUP}_most_recent_install").unlink()
    assert "not there either" in healthy.found()["pointer-missing"].detail


def test_without_a_later_event_a_missing_pointer_is_an_interrupted_install(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    (healthy.instructions / f"{GROUP}_last_successful_install").unlink()
    shutil.rmtree(healthy.last / "logs")
    shutil.rmtree(healthy.sysroot / "opt/codedeploy-agent/deployment-root/deployment-logs")
    found = healthy.found()
    assert "pointer-missing" not in found and "install-interrupted" in found


def test_a_deployment_that_was_not_unpacked(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    newer = healthy.sysroot / DEPLOYMENTS / "d-43NEWNEWN"
    (newer / "logs").mkdir(parents=True)
    (newer / "logs/scripts.log").write_text(
        "2026-06-01 10:00:00 LifecycleEvent - ApplicationStop\n2026-06-01 10:00:00 Script - scripts/stop.sh\n"
    )
    os.utime(newer, (LATER, LATER))
    finding = healthy.found()["deployment-not-unpacked"]
    assert finding.paths == (f"/{DEPLOYMENTS}/d-43NEWNEWN",)
    assert "scripts/stop.sh, in ApplicationStop" in finding.detail
    os.utime(newer, (1e9, 1e9))  # older than the revision that was unpacked last
    assert "deployment-not-unpacked" not in healthy.found()


def test_scripts_that_never_ran(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    log = healthy.last / "logs/scripts.log"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[: next(i for i, line in enumerate(lines) if b"ApplicationStart" in line)]))
    finding = healthy.found()["failed-after-install"]
    assert LAST in finding.title and "ApplicationStart began" in finding.detail
    log.unlink()  # nothing is known of which scripts ran
    shutil.rmtree(healthy.sysroot / "opt/codedeploy-agent/deployment-root/deployment-logs")
    assert "failed-after-install" not in healthy.found()


def test_a_script_that_a_log_says_failed() -> None:
    pointer = Pointer("/i/g_last_successful_install", "/r/g/d-1", "d-1", True, 1.0)
    cleanup = CleanupFile("/i/g-cleanup", ["/srv/a"], array("I", [1]))
    group = group_of("g", deployment_of("d-1", "g"), cleanup=cleanup, last_successful=pointer, most_recent=pointer)

    def found(event: str) -> list[tuple[str, str]]:
        failure = Failure("x.sh failed with exit code 3", 5.0, "/x/log", 9, "d-1", event, "scripts/x.sh")
        log = AgentLog("/x/log", 1, 1.0, failures=(failure,))
        return [(f.code, f.detail) for f in install_findings(instance_with(groups=(group,), agent_log=log))]

    ((code, detail),) = found("ValidateService")
    assert code == "failed-after-install" and detail.endswith("The log says: x.sh failed with exit code 3.")
    assert found("Install") == []  # a later attempt's Install completed
