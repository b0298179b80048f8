"""The runs of scripts in the logs, whatever the scripts print."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Optional

import pytest

from tui.agent.config import default_config
from tui.agent.deployments_log import read_deployments_logs
from tui.agent.layout import linux_layout
from tui.agent.records import LogFile, ScriptRun
from tui.agent.scripts_log import read_scripts_log

from .conftest import ROOT_DIR, Disk

LOGS = f"{ROOT_DIR}/deployment-logs"
NAME = "codedeploy-agent-deployments.log"
HEADER = "# Logfile created on 2026-03-02 09:11:00 +0000 by logger.rb/v1.5.0\n"


def at(clock: str, millis: int = 0) -> float:
    when = datetime.strptime(f"2026-03-02 {clock}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
    return when.timestamp() + millis / 1000


def stamped(*lines: str) -> str:
    return "".join(f"2026-03-02 {line}\n" for line in lines)


def scripts_log(disk: Disk, data: str | bytes) -> LogFile:
    log = read_scripts_log(disk.root, disk.write("/scripts.log", data), "d-GU1DE0001")
    assert log is not None
    return log


def shape(run: ScriptRun) -> tuple[str, str, float, float, Optional[float], int]:
    return (run.event, run.location, run.start, run.last, run.until, run.lines)


def test_runs_of_a_deployment(disk: Disk) -> None:
    log = scripts_log(
        disk,
        stamped(
            "09:11:00 LifecycleEvent - AfterInstall",
            "09:11:00 Script - scripts/a b.sh",
            "09:11:02 [stdout]one",
            "09:11:03 [stderr]two",
            "09:11:05 Script - scripts/quiet.sh",
            "09:11:09 LifecycleEvent - ApplicationStart",
            "09:11:09 Script - scripts/start.sh",
            "09:11:10 [stdout]",
        ),
    )
    assert [shape(run) for run in log.runs] == [
        ("AfterInstall", "scripts/a b.sh", at("09:11:00"), at("09:11:03"), at("09:11:05"), 2),
        ("AfterInstall", "scripts/quiet.sh", at("09:11:05"), at("09:11:05"), at("09:11:09"), 0),
        ("ApplicationStart", "scripts/start.sh", at("09:11:09"), at("09:11:10"), None, 1),
    ]
    assert [run.line for run in log.runs] == [2, 5, 7]
    assert {(run.deployment_id, run.resolution, run.source) for run in log.runs} == {
        ("d-GU1DE0001", 1.0, "/scripts.log")
    }
    assert (log.last_entry, log.utc_offset, log.complete, log.problems) == (at("09:11:10"), None, True, ())


def test_a_location_that_reads_like_an_entry(disk: Disk) -> None:
    log = scripts_log(disk, stamped("09:11:00 Script - a 2026-03-02 09:11:00 Script - b.sh"))
    assert [run.location for run in log.runs] == ["a 2026-03-02 09:11:00 Script - b.sh"]
    assert log.problems == ()


def test_an_event_whose_script_is_missing_runs_nothing(disk: Disk) -> None:
    log = scripts_log(
        disk,
        stamped(
            "09:11:00 LifecycleEvent - BeforeInstall",
            "09:12:00 LifecycleEvent - AfterInstall",
            "09:12:00 Script - a.sh",
        ),
    )
    assert [(run.event, run.location) for run in log.runs] == [("AfterInstall", "a.sh")]
    assert log.problems == ()


@pytest.mark.parametrize(
    "printed",
    [
        "[stdout]Script - fake.sh",
        "[stdout]2026-03-02 09:11:01 Script - fake.sh",
        "[stderr]2026-03-02 09:11:01 LifecycleEvent - Install",
        "[stdout]INFO 2026-03-02 09:11:01 Script - fake.sh",
        "[stdout]old.log:2026-03-02 09:11:01 Script - fake.sh",
        "[stdout]x2026-03-02 09:10:59 Script - fake.sh",
        "[stdout]x2026-13-42 09:11:01 Script - fake.sh",
        "[stdout]x2026-03-02 29:11:01 Script - fake.sh",
        "[note]x2026-03-02 09:11:01 Script - fake.sh",
    ],
)
def test_what_a_script_prints_is_no_entry(disk: Disk, printed: str) -> None:
    log = scripts_log(
        disk,
        stamped("09:11:00 LifecycleEvent - AfterInstall", "09:11:00 Script - real.sh", "09:11:01 " + printed),
    )
    assert [(run.event, run.location, run.lines) for run in log.runs] == [("AfterInstall", "real.sh", 1)]


def test_an_entry_after_output_without_a_line_end(disk: Disk) -> None:
    log = scripts_log(
        disk,
        stamped("09:11:00 LifecycleEvent - AfterInstall", "09:11:00 Script - curl.sh")
        + '2026-03-02 09:11:04 [stdout]{"ok":true}2026-03-02 09:11:05 Script - next.sh\n'
        + "2026-03-02 09:11:06 [stdout]done",
    )
    assert [shape(run) for run in log.runs] == [
        ("AfterInstall", "curl.sh", at("09:11:00"), at("09:11:04"), at("09:11:05"), 1),
        ("AfterInstall", "next.sh", at("09:11:05"), at("09:11:06"), None, 1),
    ]
    assert [run.line for run in log.runs] == [2, 3]


def test_an_entry_cut_off_ends_the_run_before_and_begins_none(disk: Disk) -> None:
    log = scripts_log(disk, stamped("09:11:00 Script - a.sh") + "2026-03-02 09:11:05 Script - b.s")
    assert [(run.location, run.until) for run in log.runs] == [("a.sh", at("09:11:05"))]
    assert [(problem.code, problem.line) for problem in log.problems] == [("log-cut-off", 2)]


def test_output_of_any_bytes(disk: Disk) -> None:
    noise = bytes(range(256)).replace(b"\n", b"")
    data = stamped("09:11:00 LifecycleEvent - AfterInstall", "09:11:00 Script - caf\u00e9.sh").encode()
    data += b"2026-03-02 09:11:01 [stdout]" + noise + b"\n" + noise + b"\n"
    log = scripts_log(disk, data + stamped("09:11:07 Script - b.sh").encode())
    assert [(run.location, run.last, run.lines) for run in log.runs] == [
        ("caf\u00e9.sh", at("09:11:01"), 2),
        ("b.sh", at("09:11:07"), 0),
    ]


@pytest.mark.parametrize("chunk", [64, 100, 1000])
def test_pieces_of_any_size_read_the_same(disk: Disk, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    lines = []
    for i in range(40):
        lines += [f"09:{i:02}:00 LifecycleEvent - Event{i}", f"09:{i:02}:01 Script - s{i}.sh"]
        lines += [f"09:{i:02}:{k + 2:02} [stdout]{'x' * (k * 7)}" for k in range(i % 5)]
    data = stamped(*lines)
    whole = scripts_log(disk, data)
    monkeypatch.setattr("tui.agent.log_scan.chunks", lambda stream, limit: iter(lambda: stream.read(chunk), b""))
    assert scripts_log(disk, data).runs == whole.runs
    assert [run.lines for run in whole.runs] == [i % 5 for i in range(40)]


def test_a_line_longer_than_is_kept(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.agent.log_scan._MAX_LINE", 300)
    monkeypatch.setattr("tui.agent.log_scan._OVERLAP", 100)
    monkeypatch.setattr("tui.agent.log_scan.chunks", lambda stream, limit: iter(lambda: stream.read(50), b""))
    data = stamped("09:11:00 Script - a.sh") + "2026-03-02 09:11:01 [stdout]" + "x" * 5000
    log = scripts_log(disk, data + stamped("09:11:09 LifecycleEvent - Stop", "09:11:09 Script - b.sh"))
    assert [shape(run) for run in log.runs] == [
        ("", "a.sh", at("09:11:00"), at("09:11:01"), at("09:11:09"), 1),
        ("Stop", "b.sh", at("09:11:09"), at("09:11:09"), None, 0),
    ]


def test_more_runs_than_are_kept(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.agent.log_scan.MAX_RUNS", 2)
    log = scripts_log(disk, stamped(*["09:11:00 Script - a.sh"] * 9))
    assert (len(log.runs), log.complete, [problem.code for problem in log.problems]) == (2, False, ["log-incomplete"])


def test_what_is_no_log_is_told(disk: Disk) -> None:
    assert [problem.code for problem in scripts_log(disk, b"\0" * 100).problems] == ["log-not-understood"]
    assert scripts_log(disk, b"").problems == ()
    assert read_scripts_log(disk.root, "/none.log", None) is None
    disk.mkdir("/dir.log")
    log = read_scripts_log(disk.root, "/dir.log", None)
    assert log is not None
    assert (log.complete, [problem.code for problem in log.problems]) == (False, ["record-unreadable"])


def entry(clock: str, text: str, deployment: str = "d-GU1DE0001") -> str:
    return f"[2026-03-02 {clock}.021] [{deployment}]{text}\n"


def deployments_logs(disk: Disk) -> tuple[LogFile, ...]:
    return read_deployments_logs(disk.root, linux_layout(default_config()))


def test_the_log_of_all_deployments(disk: Disk) -> None:
    disk.write(
        f"{LOGS}/{NAME}",
        HEADER.replace("+0000", "-0330")
        + entry("09:11:00", "LifecycleEvent - AfterInstall")
        + entry("09:11:00", "Script - c.sh")
        + entry("09:11:01", "[stdout]Script - fake.sh")
        + entry("09:11:02", "[stdout][2026-03-02 09:11:02.000] [d-FAKE00000]Script - fake.sh")
        + entry("09:12:00", "LifecycleEvent - ApplicationStop", "d-TW0222222")
        + entry("09:12:00", "Script - stop.sh", "d-TW0222222"),
    )
    (log,) = deployments_logs(disk)
    assert log.utc_offset == -(3 * 3600 + 30 * 60)
    assert [(run.deployment_id, shape(run)) for run in log.runs] == [
        ("d-GU1DE0001", ("AfterInstall", "c.sh", at("09:11:00", 21), at("09:11:02", 21), at("09:12:00", 21), 2)),
        ("d-TW0222222", ("ApplicationStop", "stop.sh", at("09:12:00", 21), at("09:12:00", 21), None, 0)),
    ]
    assert {run.resolution for run in log.runs} == {0.001}


def test_older_parts_come_first_and_runs_go_on_in_the_next(disk: Disk) -> None:
    disk.write(
        f"{LOGS}/{NAME}.10",
        HEADER + entry("09:11:00", "LifecycleEvent - AfterInstall") + entry("09:11:00", "Script - long.sh"),
    )
    disk.write(f"{LOGS}/{NAME}.9", HEADER + entry("09:12:00", "[stdout]still") + entry("09:13:00", "[stdout]here"))
    disk.write(f"{LOGS}/{NAME}.0", HEADER + entry("09:14:00", "[stdout]last") + entry("09:15:00", "Script - b.sh"))
    disk.write(f"{LOGS}/{NAME}", HEADER)
    disk.write(f"{LOGS}/notes.txt", "not a log")
    logs = deployments_logs(disk)
    assert [log.path.rsplit("/", 1)[1] for log in logs] == [f"{NAME}.10", f"{NAME}.9", f"{NAME}.0", NAME]
    assert [shape(run) for log in logs for run in log.runs] == [
        ("AfterInstall", "long.sh", at("09:11:00", 21), at("09:14:00", 21), at("09:15:00", 21), 3),
        ("AfterInstall", "b.sh", at("09:15:00", 21), at("09:15:00", 21), None, 0),
    ]


def test_no_directory_no_logs(disk: Disk) -> None:
    assert deployments_logs(disk) == ()
