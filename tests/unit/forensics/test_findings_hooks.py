"""The scripts that the next deployment runs from the revision on the instance."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.unit.forensics.looking import LAST, Healthy, examined
from tui.forensics.marks import Severity

CODES = {"next-scripts", "application-stop-missing", "application-stop-cannot-run", "block-traffic-cannot-run"}


@pytest.fixture
def healthy(tmp_path: Path) -> Healthy:
    return Healthy(tmp_path)


def codes(healthy: Healthy) -> set[str]:
    return CODES & set(healthy.found())


def script(healthy: Healthy) -> Path:
    return healthy.archive / "scripts/stop.sh"


def test_a_sound_script_is_named(healthy: Healthy) -> None:
    found = healthy.found()
    assert found["next-scripts"].severity == Severity.INFO and LAST in found["next-scripts"].title
    assert "ApplicationStop scripts/stop.sh" in found["next-scripts"].detail
    assert codes(healthy) == {"next-scripts"}


def test_a_missing_script_stops_every_deployment(healthy: Healthy) -> None:
    script(healthy).unlink()
    finding = healthy.found()["application-stop-missing"]
    assert finding.severity == Severity.CRITICAL and finding.source is not None
    assert finding.source.endswith("appspec.yml:8") and finding.paths[0].endswith("scripts/stop.sh")
    assert codes(healthy) == {"application-stop-missing"}


def test_lines_that_end_as_on_windows(healthy: Healthy) -> None:
    script(healthy).write_bytes(b"#!/bin/sh\r\nexit 0\r\n")
    finding = healthy.found()["application-stop-cannot-run"]
    assert finding.severity == Severity.CRITICAL and "named with a CR" in finding.detail


def test_an_interpreter_is_missed_only_in_a_whole_system(healthy: Healthy) -> None:
    script(healthy).write_bytes(b"#!/opt/python9/bin/python\nexit()\n")
    assert codes(healthy) == {"next-scripts"}  # a directory that holds a few files tells nothing
    (healthy.sysroot / "bin").mkdir(exist_ok=True)
    (healthy.sysroot / "bin/sh").write_bytes(b"")
    assert "/opt/python9/bin/python is not there" in healthy.found()["application-stop-cannot-run"].detail
    for line in (b"#!/bin/sh\nexit\n", b"#!/bin/\0sh\n", b"#!\n", b"\x7fELF"):
        script(healthy).write_bytes(line)
        assert codes(healthy) == {"next-scripts"}


def test_an_interpreter_by_name_is_looked_for_in_the_usual_directories(healthy: Healthy) -> None:
    for name in ("bin/sh", "usr/bin/env"):
        (healthy.sysroot / name).parent.mkdir(parents=True, exist_ok=True)
        (healthy.sysroot / name).write_bytes(b"")
    script(healthy).write_bytes(b"#!/usr/bin/env python9\n")
    finding = healthy.found()["application-stop-cannot-run"]
    assert finding.severity == Severity.WARNING and "python9" in finding.detail
    (healthy.sysroot / "usr/bin/python9").write_bytes(b"")
    assert codes(healthy) == {"next-scripts"}


def test_a_user_that_is_not_there(healthy: Healthy) -> None:
    appspec = healthy.archive / "appspec.yml"
    plain = appspec.read_text()
    appspec.write_text(plain.replace("stop.sh\n", "stop.sh\n      runas: nosuchuser\n"))
    finding = healthy.found()["application-stop-cannot-run"]
    assert finding.severity == Severity.WARNING and "nosuchuser is not in /etc/passwd" in finding.detail
    appspec.write_text(plain.replace("stop.sh\n", "stop.sh\n      runas: root\n"))
    assert codes(healthy) == {"next-scripts"}


def test_a_script_behind_a_load_balancer_is_a_warning(healthy: Healthy) -> None:
    appspec = healthy.archive / "appspec.yml"
    appspec.write_text(appspec.read_text().replace("ApplicationStop", "BeforeBlockTraffic"))
    assert codes(healthy) == {"next-scripts"}
    script(healthy).unlink()
    assert healthy.found()["block-traffic-cannot-run"].severity == Severity.WARNING


def test_an_archive_or_an_appspec_that_is_gone_fails_the_event(healthy: Healthy) -> None:
    (healthy.archive / "appspec.yml").write_text("version: 7\n")
    assert "is refused" in healthy.found()["application-stop-cannot-run"].detail
    (healthy.archive / "appspec.yml").unlink()
    assert "has no appspec" in healthy.found()["application-stop-cannot-run"].detail
    shutil.rmtree(healthy.archive)
    assert "archive" in healthy.found()["application-stop-cannot-run"].detail


def test_a_revision_that_is_gone_is_told_by_its_pointer(healthy: Healthy) -> None:
    shutil.rmtree(healthy.last)
    found = healthy.found()
    assert not CODES & set(found)
    gone = found["pointer-gone"]
    assert gone.severity == Severity.CRITICAL and "With version 1 they fail" in gone.detail
    assert "d-41AAAAAAA" in gone.detail  # what is left
    told = [f.severity for f in examined(healthy.sysroot).findings if f.code == "pointer-gone"]
    assert told == [Severity.CRITICAL]  # both pointers name it


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode")
def test_version_1_makes_a_script_executable_itself(healthy: Healthy) -> None:
    script(healthy).chmod(0o644)
    assert "not executable; version 1 makes it so" in healthy.found()["next-scripts"].detail
