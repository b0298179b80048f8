"""Logs of version 2 of the agent, and what one log tells of another's runs."""

from __future__ import annotations

from typing import Optional

from hypothesis import example, given
from hypothesis import strategies as st

from tui.agent.config import default_config
from tui.agent.deployments_log import read_deployments_logs
from tui.agent.instance import read_instance
from tui.agent.layout import linux_layout
from tui.agent.log_times import seconds
from tui.agent.records import Instance, LogFile, ScriptRun
from tui.agent.scripts_log import read_scripts_log

from .conftest import ROOT_DIR, Disk

LAYOUT = linux_layout(default_config())
LOG = f"{LAYOUT.deployment_logs_dir}/codedeploy-agent-deployments.log"
GROUP = f"{ROOT_DIR}/g"
# Two events of version 2, after one of version 1 in the same file.
MIXED = """\
# Logfile created on 2026-05-04 07:30:00 +0200 by logger.rb/v1.5.0
[2026-05-04 07:30:01.250] [d-0LD000000]LifecycleEvent - AfterInstall
[2026-05-04 07:30:01.260] [d-0LD000000]Script - old.sh
[2026-05-04 07:30:02.000] [d-0LD000000][stdout]one
[2026-05-04 08:00:09.100] 2026-05-04 08:00:01 LifecycleEvent - BeforeInstall
[2026-05-04 08:00:09.100] 2026-05-04 08:00:01 Script - a.sh
[2026-05-04 08:00:09.100] 2026-05-04 08:00:05 [stdout]out
[2026-05-04 08:00:09.100] 2026-05-04 08:00:06 Script - b.sh

[2026-05-04 08:00:20.500] LifecycleEvent - AfterInstall
[2026-05-04 08:00:20.500] AfterInstall/AfterInstall failed: Script at specified location: c.sh failed with exit code 7

[2026-05-04 08:01:00.000] 2026-05-04 08:00:59 [stdout]the end of much output
[2026-05-04 08:01:00.000] 2026-05-04 08:00:59 Script - d.sh
[2026-05-04 08:01:00.000] 2026-05-04 08:00:59 [stderr]x

"""


def at(time: str) -> float:
    found = seconds(b"2026-05-04 " + time.encode())
    assert found is not None
    return found


def deployments_log(disk: Disk, text: str = MIXED) -> LogFile:
    disk.write(LOG, text)
    (log,) = read_deployments_logs(disk.root, LAYOUT)
    return log


def test_both_versions_entries_in_one_file(disk: Disk) -> None:
    log = deployments_log(disk)
    assert [(run.deployment_id, run.event, run.location, run.resolution, run.line) for run in log.runs] == [
        ("d-0LD000000", "AfterInstall", "old.sh", 0.001, 3),
        (None, "BeforeInstall", "a.sh", 1.0, 6),
        (None, "BeforeInstall", "b.sh", 1.0, 8),
        (None, "", "d.sh", 1.0, 14),
    ]
    assert [(run.start, run.last, run.lines) for run in log.runs[1:]] == [
        (at("08:00:01"), at("08:00:05"), 1),
        (at("08:00:06"), at("08:00:06"), 0),
        (at("08:00:59"), at("08:00:59"), 1),
    ]
    assert [run.until for run in log.runs] == [at("08:00:01"), at("08:00:06"), at("08:00:20.5"[:8]) + 0.5, None]
    assert (log.utc_offset, log.last_entry, log.problems) == (7200, at("08:01:00"), ())


def test_an_event_that_failed(disk: Disk) -> None:
    (failure,) = deployments_log(disk).failures
    assert (failure.event, failure.location, failure.line, failure.time) == (
        "AfterInstall", "c.sh", 11, at("08:00:20") + 0.5,
    )  # fmt: skip
    assert failure.message == "Script at specified location: c.sh failed with exit code 7"


def test_what_looks_like_a_failure_in_output_is_none(disk: Disk) -> None:
    log = deployments_log(
        disk,
        "[2026-05-04 07:30:01.250] [d-0LD000000]LifecycleEvent - AfterInstall\n"
        "[2026-05-04 07:30:01.260] [d-0LD000000][stdout]AfterInstall/AfterInstall failed: no\n"
        "[2026-05-04 07:30:01.260] 2026-05-04 07:30:01 [stdout]AfterInstall/AfterInstall failed: no\n"
        "[2026-05-04 07:30:01.260] AfterInstall/BeforeInstall failed: no\n",
    )
    assert log.failures == ()


def test_events_that_ran_beside_each_other_do_not_end_before_they_began(disk: Disk) -> None:
    log = deployments_log(
        disk,
        "[2026-05-04 08:00:09.100] 2026-05-04 08:00:05 LifecycleEvent - AfterInstall\n"
        "[2026-05-04 08:00:09.100] 2026-05-04 08:00:05 Script - a.sh\n\n"
        "[2026-05-04 08:00:09.900] 2026-05-04 08:00:01 LifecycleEvent - AfterInstall\n",
    )
    assert log.runs[0].until == at("08:00:05")


def test_a_scripts_log_in_parts_is_one(disk: Disk) -> None:
    path = "/d/logs/scripts.log"
    disk.write(path + ".2", "2026-05-04 08:00:01 LifecycleEvent - AfterInstall\n2026-05-04 08:00:01 Script - a.sh\n")
    disk.write(path + ".1", "2026-05-04 08:00:02 [stdout]x\n2026-05-04 08:00:03 Script - b.sh\n")
    disk.write(path + ".8", "2026-05-04 01:00:03 Script - too-old.sh\n")
    disk.write(path, "2026-05-04 08:00:04 [stdout]x\n2026-05-04 08:00:05 LifecycleEvent - ValidateService\n")
    log = read_scripts_log(disk.root, path, "d-1")
    assert log is not None
    assert [(r.event, r.location, r.source, r.last, r.until) for r in log.runs] == [
        ("AfterInstall", "a.sh", path + ".2", at("08:00:02"), at("08:00:03")),
        ("AfterInstall", "b.sh", path + ".1", at("08:00:04"), at("08:00:05")),
    ]
    assert (log.path, log.parts, log.last_entry) == (path, (path + ".2", path + ".1", path), at("08:00:05"))
    assert log.size == sum(disk.path(part).stat().st_size for part in log.parts)
    disk.path(path).unlink()
    log = read_scripts_log(disk.root, path, "d-1")
    assert log is not None and len(log.runs) == 2


def scripts_log(disk: Disk, deployment_id: str, *entries: str) -> None:
    disk.write(f"{GROUP}/{deployment_id}/logs/scripts.log", "".join(f"2026-05-04 {entry}\n" for entry in entries))


def instance(disk: Disk, version: str = "2.1.0") -> Instance:
    disk.write("/opt/codedeploy-agent/.version", f"agent_version: {version}")
    return read_instance(disk.root)


def runs_of(instance: Instance) -> dict[tuple[str, str], Optional[str]]:
    runs: list[ScriptRun] = []
    for group in instance.groups:
        for deployment in group.deployments:
            runs += deployment.log.runs if deployment.log else ()
    return {(run.deployment_id or "", run.location): run.failure for run in runs}


def test_runs_get_the_deployment_of_the_same_script_in_the_same_second(disk: Disk) -> None:
    disk.write(LOG, MIXED)
    scripts_log(
        disk,
        "d-NEW000000",
        "08:00:01 LifecycleEvent - BeforeInstall",
        "08:00:01 Script - a.sh",
        "08:00:06 Script - b.sh",
    )
    scripts_log(disk, "d-TW1N00000", "08:00:06 LifecycleEvent - BeforeInstall", "08:00:06 Script - b.sh")
    scripts_log(disk, "d-NEXT00000", "08:00:59 LifecycleEvent - ValidateService", "08:00:59 Script - d.sh")
    (log,) = instance(disk).logs
    assert [(run.deployment_id, run.event) for run in log.runs] == [
        ("d-0LD000000", "AfterInstall"),
        ("d-NEW000000", "BeforeInstall"),
        (None, "BeforeInstall"),  # two deployments fit
        ("d-NEXT00000", "ValidateService"),
    ]


def test_a_failure_in_the_deployments_log_ends_the_run_before_it(disk: Disk) -> None:
    disk.write(LOG, MIXED)
    scripts_log(disk, "d-NEW000000", "08:00:19 LifecycleEvent - AfterInstall", "08:00:19 Script - c.sh")
    scripts_log(disk, "d-LATER0000", "08:05:19 LifecycleEvent - AfterInstall", "08:05:19 Script - c.sh")
    found = instance(disk)
    assert [f.deployment_id for f in found.logs[0].failures] == ["d-NEW000000"]
    message = "Script at specified location: c.sh failed with exit code 7"
    assert runs_of(found) == {("d-NEW000000", "c.sh"): message, ("d-LATER0000", "c.sh"): None}


def test_a_failure_in_version_1s_agent_log_ends_the_last_run_of_that_script(disk: Disk) -> None:
    message = "Script at specified location: c.sh failed with exit code 7"
    error = f"X: Error during perform: X::ScriptError - {message} - /x.rb:1:in `process_command'"
    disk.write(LAYOUT.agent_log, f"2026-05-04T08:00:20 ERROR [codedeploy-agent(1)]: {error}\n")
    scripts_log(disk, "d-0LD000000", "07:00:19 LifecycleEvent - AfterInstall", "07:00:19 Script - c.sh")
    scripts_log(disk, "d-NEW000000", "08:00:19 LifecycleEvent - AfterInstall", "08:00:19 Script - c.sh")
    scripts_log(disk, "d-LATER0000", "08:05:19 LifecycleEvent - AfterInstall", "08:05:19 Script - c.sh")
    disk.write(LOG, "[2026-05-04 08:00:19.100] [d-NEW000000]LifecycleEvent - AfterInstall\n"
                    "[2026-05-04 08:00:19.200] [d-NEW000000]Script - c.sh\n")  # fmt: skip
    found = instance(disk, "OFFICIAL_1.8.1-9_deb")
    assert found.agent_log is not None
    assert [(f.deployment_id, f.event) for f in found.agent_log.failures] == [("d-NEW000000", "AfterInstall")]
    assert [location for (deployment, location), told in runs_of(found).items() if told] == ["c.sh"]
    assert runs_of(found)["d-NEW000000", "c.sh"] == message
    assert [run.failure for run in found.logs[0].runs] == [message]


def test_a_run_that_another_one_followed_did_not_end_with_a_failure_much_later(disk: Disk) -> None:
    error = "X: Error during perform: X::ScriptError - Script at specified location: c.sh failed with exit code 7"
    disk.write(LAYOUT.agent_log, f"2026-05-04T09:00:20 ERROR [codedeploy-agent(1)]: {error} - /x.rb:1:in `x'\n")
    scripts_log(
        disk, "d-NEW000000",
        "08:00:19 LifecycleEvent - AfterInstall", "08:00:19 Script - c.sh", "08:00:25 Script - d.sh",
    )  # fmt: skip
    found = instance(disk, "OFFICIAL_1.8.1-9_deb")
    assert found.agent_log is not None
    assert [(f.location, f.deployment_id) for f in found.agent_log.failures] == [("c.sh", None)]
    assert set(runs_of(found).values()) == {None}


def test_version_2s_agent_log_names_deployment_and_event_itself(disk: Disk) -> None:
    span = "deployment{deployment_id=d-NEW000000 command=AfterInstall app=a}"
    disk.write(LAYOUT.agent_log, f"2026-05-04 06:00:20 ERROR {span}: Script at specified location: c.sh failed\n")
    scripts_log(disk, "d-NEW000000", "08:00:19 LifecycleEvent - AfterInstall", "08:00:19 Script - c.sh")
    scripts_log(disk, "d-LATER0000", "08:05:19 LifecycleEvent - AfterInstall", "08:05:19 Script - c.sh")
    told = {key for key, message in runs_of(instance(disk)).items() if message}
    assert told == {("d-NEW000000", "c.sh")}


PIECES = st.sampled_from(
    [
        b"\n", b"\r\n", b"\n\n", b"[2026-05-04 08:00:09.100] ", b"2026-05-04 08:00:01 ", b"[d-NEW000000]", b"[stdout]",
        b"LifecycleEvent - ", b"Script - ", b"AfterInstall", b"/AfterInstall failed: ", b"a.sh", b"\xff", b"\0", b" ",
    ]
)  # fmt: skip


@given(parts=st.lists(PIECES, max_size=40), cut=st.integers(min_value=1, max_value=64))
@example(parts=[b"\n", b"[2026-05-04 08:00:09.100] ", b"AfterInstall", b"/AfterInstall failed: "], cut=3)
def test_any_pieces_are_read_alike_whatever_the_blocks(scratch: Disk, parts: list[bytes], cut: int) -> None:
    data = b"".join(parts)
    scratch.path(scratch.write(LOG)).write_bytes(data)
    (whole,) = read_deployments_logs(scratch.root, LAYOUT)
    assert all(run.lines >= 0 and run.line >= 1 and run.last >= run.start - 3600 for run in whole.runs)
    assert all(1 <= (f.line or 0) <= data.count(b"\n") + 1 for f in whole.failures)
    assert len(whole.runs) <= data.count(b"Script - ")
