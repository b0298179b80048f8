"""Signs that say less than they seem to: what they are weighed as, and what is said of them."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import whole_case
from tests.unit.forensics.instances import ROOT_DIR, group_of, instance_with, run_of
from tests.unit.forensics.looking import INSTRUCTIONS, Healthy, examined, findings_of
from tui.agent.records import AgentVersion, OngoingDeployment
from tui.disk.inventory import DIR, FILE
from tui.fixtures import unpack
from tui.forensics.clues import Clues
from tui.forensics.evidence.app_files import AppFiles
from tui.forensics.evidence.script_text import Certainty, Mention, Use
from tui.forensics.evidence.script_times import Window
from tui.forensics.examination import Examination, FileRow
from tui.forensics.findings import record_findings
from tui.forensics.found import Found, signals
from tui.forensics.marks import Confidence, Mark, Severity

posix = pytest.mark.skipif(os.name == "nt", reason="it needs links, or names that Windows has not")


def row_of(examination: Examination, path: str) -> FileRow:
    row = examination.inventory.find(path)
    assert row is not None
    return examination.row(row)


def mention(use: Use, event: str = "AfterInstall", certainty: Certainty = Certainty.EXACT) -> Mention:
    return Mention(0, "d-1", event, "/a.sh", 1, use, certainty)


def test_a_directory_made_where_it_is_missing_is_a_weak_sign() -> None:
    found = Found(mentions=(mention(Use.APPENDS),))
    assert signals(found, Clues(), FILE).makes
    weak = signals(found, Clues(), DIR)
    assert (weak.makes, weak.may_make) == (False, True)
    assert signals(Found(mentions=(mention(Use.MAKES),)), Clues(), DIR).makes


def test_text_and_time_agree_only_on_one_event() -> None:
    window = Window(1.0, 2.0, 2.0, 0, run_of("AfterInstall", 1.0))
    for event, expected in (("AfterInstall", True), ("ApplicationStop", False)):
        found = Found(mentions=(mention(Use.MAKES, event),), window=window, sure=True)
        assert signals(found, Clues(), FILE).then is expected


@posix
def test_a_file_older_than_an_interrupted_install_is_not_its_work(tmp_path: Path) -> None:
    case = whole_case("killed-mid-install")
    sysroot = Path(shutil.copytree(case / "sysroot", tmp_path / "copy", symlinks=True))
    (plan,) = (sysroot / INSTRUCTIONS).glob("*-install.json")
    copies = [i["destination"] for i in json.loads(plan.read_bytes())["instructions"] if i["type"] == "copy"]
    old, new = [path for path in copies if not (sysroot / path[1:]).exists()][:2]
    began = plan.stat().st_mtime
    for path, when in ((old, began - 1000), (new, began + 1)):
        (sysroot / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (sysroot / path[1:]).write_text("an upload")
        os.utime(sysroot / path[1:], (when, when))
    examination = examined(sysroot)
    assert row_of(examination, new).mark == Mark.ORPHANED  # it may be half of a copy
    upload = row_of(examination, old)
    assert (upload.mark, upload.confidence) == (Mark.UNATTRIBUTED, Confidence.POSSIBLE)
    assert "planned to put something else here" in upload.evidence[0].detail


def as_version_2(sysroot: Path) -> None:
    (sysroot / "opt/codedeploy-agent/.version").unlink(missing_ok=True)
    (sysroot / "opt/codedeploy-agent/.version").write_text("agent_version: 2.1.0")


@posix
def test_version_2_fails_at_a_link_where_it_lists_a_directory_with_a_slash(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    healthy.cleanup.write_bytes(healthy.cleanup.read_bytes().replace(b"/srv/shop/static\n", b"/srv/shop/static/\n"))
    static = healthy.sysroot / "srv/shop/static"
    static.rename(static.with_name("moved"))
    static.symlink_to("moved")
    assert "cleanup-fails-at-link" not in healthy.found()
    as_version_2(healthy.sysroot)
    examination = examined(healthy.sysroot)
    (finding,) = (f for f in examination.findings if f.code == "cleanup-fails-at-link")
    assert (finding.severity, finding.paths) == (Severity.CRITICAL, ("/srv/shop/static",))
    kept = ("/srv/shop/static", "/srv/shop/requirements.txt")  # the second stands above in the list
    assert not any(row_of(examination, path).removed_next for path in kept)
    assert row_of(examination, "/srv/shop/moved/app.css").removed_next


@posix
def test_version_2_leaves_a_file_where_it_lists_a_directory_with_a_slash_and_goes_on(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    as_version_2(healthy.sysroot)
    healthy.cleanup.write_bytes(healthy.cleanup.read_bytes().replace(b"static/app.css\n", b"static/app.css/\n"))
    examination = examined(healthy.sysroot)
    assert not row_of(examination, "/srv/shop/static/app.css").removed_next
    assert row_of(examination, "/srv/shop/requirements.txt").removed_next
    assert "cleanup-fails-at-link" not in healthy.found()


@posix
def test_a_stripped_name_that_nothing_was_put_at_is_not_missing() -> None:
    found = findings_of(whole_case("000011") / "sysroot")
    assert "cleanup-altered" in found and "deployed-missing" not in found


def test_version_2_says_what_it_does_without_the_revision(tmp_path: Path) -> None:
    sysroot = unpack("pruned-and-broken-stop", tmp_path)
    assert "--ignore-application-stop-failures" in findings_of(sysroot)["pointer-gone"].advice
    as_version_2(sysroot)
    finding = findings_of(sysroot)["pointer-gone"]
    assert "are skipped" in finding.detail and "scripts fail" not in finding.detail and "by hand" in finding.advice


def test_a_stale_tracking_file_of_version_2_does_not_go_by_itself() -> None:
    stale = (OngoingDeployment(f"{ROOT_DIR}/ongoing-deployment/d-1", "d-1", "", 1.0),)
    instance = instance_with(groups=(group_of("g"),), ongoing=stale)
    (finding,) = record_findings(instance, now=1e6)
    assert "by itself" in finding.advice
    (finding,) = record_findings(replace(instance, version=AgentVersion("2.1.0", None)), now=1e6)
    assert "by itself" not in finding.advice and "Restart the agent" in finding.advice


def test_the_temp_directory_of_a_drive_is_everybodys() -> None:
    files = AppFiles(instance_with(), lambda *_: 0.0)
    for path in ("/C:/temp/x", "/D:/TMP/x", "/C:/Windows/Temp/x"):
        assert files.of(path, FILE, 0) is None
    assert files.of("/C:/app/temp/x", FILE, 0) is not None


@posix
def test_version_2_leaves_listed_links_that_lead_nowhere(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    nowhere, live = healthy.sysroot / "srv/shop/nowhere", healthy.sysroot / "srv/shop/live"
    nowhere.symlink_to("not-there")
    live.symlink_to("/etc/hostname")
    with healthy.cleanup.open("ab") as stream:
        stream.write(b"/srv/shop/nowhere\n/srv/shop/live\n")
    assert "links-stay" not in healthy.found()
    as_version_2(healthy.sysroot)
    assert healthy.found()["links-stay"].paths == ("/srv/shop/nowhere",)
    healthy.cleanup.chmod(0o666)
    found = healthy.found()
    assert "links-stay" not in found and "cleanup-v2-ignores" in found  # then nothing at all is removed


def test_an_emptied_root_dir_is_told_of(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    assert "no-records" not in healthy.found()
    top = healthy.sysroot / ROOT_DIR[1:]
    for directory in (healthy.last.parent, healthy.instructions):
        shutil.rmtree(directory)
    emptied = healthy.found()["no-records"]
    assert emptied.severity == Severity.WARNING and "so its records were removed" in emptied.detail
    shutil.rmtree(top / "deployment-logs")
    shutil.rmtree(healthy.sysroot / "var/log", ignore_errors=True)
    assert healthy.found()["no-records"].severity == Severity.INFO
