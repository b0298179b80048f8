"""The agent's own log: which deployments' commands failed, and with what message."""

from __future__ import annotations

from typing import Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.agent import agent_log
from tui.agent.agent_log import read_agent_log
from tui.agent.agent_log_lines import parse_lines
from tui.agent.config import default_config
from tui.agent.failed_scripts import script_in
from tui.agent.layout import linux_layout
from tui.agent.log_records import AgentLog, Failure
from tui.agent.log_times import seconds

from .conftest import Disk

LAYOUT = linux_layout(default_config())
LOG = LAYOUT.agent_log
POLLER = "InstanceAgent::Plugins::CodeDeployPlugin::CommandPoller"
GEMS = "/opt/codedeploy-agent/lib/instance_agent/plugins/codedeploy"


def entry(time: str, level: str, text: str, pid: int = 812) -> str:
    return f"2026-05-04T{time} {level:<5} [codedeploy-agent({pid})]: {text}\n"


def failed(time: str, kind: str, message: str, *frames: str, pid: int = 812) -> str:
    """A command's failure as agent 1.8.1 logs it."""
    steps = [*frames, f"{GEMS}/command_poller.rb:152:in `process_command'", f"{GEMS}/command_poller.rb:126:in `block'"]
    return entry(time, "ERROR", f"{POLLER}: Error during perform: {kind} - {message} - " + "\n".join(steps), pid)


def at(time: str) -> float:
    found = seconds(b"2026-05-04 " + time.encode())
    assert found is not None
    return found


def read(disk: Disk, text: str, path: str = LOG) -> AgentLog:
    disk.write(path, text)
    log = read_agent_log(disk.root, LAYOUT)
    assert log is not None
    return log


SCRIPT_ERROR = "InstanceAgent::Plugins::CodeDeployPlugin::ScriptError"
HOOK = f"{GEMS}/hook_executor.rb:175:in `execute_script'"


def test_a_script_that_failed(disk: Disk) -> None:
    log = read(
        disk,
        entry("07:30:00", "INFO", "started")
        + failed("07:31:05", SCRIPT_ERROR, "Script at specified location: s/c d.sh failed with exit code 3", HOOK)
        + entry("07:31:09", "INFO", "going on"),
    )
    message = "Script at specified location: s/c d.sh failed with exit code 3"
    assert log.failures == (Failure(message, at("07:31:05"), LOG, 2, None, None, "s/c d.sh"),)
    assert (log.form, log.first_entry, log.last_entry, log.complete) == (1, at("07:30:00"), at("07:31:09"), True)


@pytest.mark.parametrize(
    ("message", "location"),
    [
        ("Script at specified location: a.sh run as user web failed with exit code 1", "a.sh"),
        ("Script at specified location: b/a.sh failed to complete in 30 seconds", "b/a.sh"),
        ("Script at specified location: a.sh failed to close STDOUT", "a.sh"),
        (
            "Script at specified location: a failed x.sh failed with error Errno::ENOEXEC with message x",
            "a failed x.sh",
        ),
        ("Script does not exist at specified location: /r/g/d-ABCDEFGH1/deployment-archive/s/a.sh", "s/a.sh"),
        ("Script does not exist at specified location: C:\\r\\g\\d-1\\deployment-archive\\s\\a.ps1", "s\\a.ps1"),
        ("Unable to set script at specified location: a.sh as executable", "a.sh"),
        ("The deployment failed because a specified file already exists at this location: /srv/a", None),
    ],
)
def test_which_script_a_message_names(message: str, location: Optional[str]) -> None:
    assert script_in(message) == location


def test_the_deployment_is_named_by_a_path_in_the_message_alone(disk: Disk) -> None:
    place = "/opt/codedeploy-agent/deployment-root/g/d-ABCDEFGH1/deployment-archive/s/a.sh"
    log = read(disk, failed("07:31:05", SCRIPT_ERROR, f"Script does not exist at specified location: {place}"))
    assert [(f.deployment_id, f.location) for f in log.failures] == [("d-ABCDEFGH1", "s/a.sh")]


def test_an_install_that_failed(disk: Disk) -> None:
    text = "The deployment failed because a specified file already exists at this location: /srv/a - b.txt"
    log = read(disk, failed("07:31:05", "RuntimeError", text, f"{GEMS}/installer.rb:117:in `generate_normal_copy'"))
    assert [(f.event, f.message, f.location) for f in log.failures] == [("Install", text, None)]


def test_a_download_that_failed(disk: Disk) -> None:
    frame = f"{GEMS}/command_executor.rb:340:in `download_from_s3'"
    log = read(disk, failed("07:31:05", "Aws::S3::Errors::AccessDenied", "Access Denied", frame))
    assert [(f.event, f.message) for f in log.failures] == [("DownloadBundle", "Access Denied")]


def test_a_deployment_whose_directory_was_just_made_at_debug_level(disk: Disk) -> None:
    made = f"{POLLER}: Creating deployment root directory /r/g/d-ABCDEFGH1"
    script = "Script at specified location: a.sh failed with exit code 1"
    log = read(
        disk,
        entry("07:30:00", "DEBUG", made)
        + failed("07:31:00", SCRIPT_ERROR, script, pid=813)
        + failed("07:31:05", SCRIPT_ERROR, script)
        + failed("07:32:05", "RuntimeError", "other"),
    )
    assert [f.deployment_id for f in log.failures] == [None, "d-ABCDEFGH1", None]


def test_what_is_not_a_commands_failure_is_left_out(disk: Disk) -> None:
    polling = f"{POLLER}: Error polling for host commands: Net::X - no - {GEMS}/command_poller.rb:170:in `next_command'"
    perform = f"{POLLER}: Error during perform: Net::X - no - {GEMS}/command_poller.rb:170:in `next_command'"
    log = read(disk, entry("07:30:00", "ERROR", polling) + entry("07:30:01", "ERROR", perform) + "trace line\n")
    assert log.failures == ()


def test_an_agent_that_was_restarted_within_a_script(disk: Disk) -> None:
    note = "Deployment tracking file found: /r/ongoing-deployment. The agent likely restarted."
    log = read(disk, entry("07:30:00", "WARN", f"{POLLER}: {note}"))
    assert [(f.message, f.deployment_id) for f in log.failures] == [(note, None)]


def test_the_note_of_a_timeout_and_the_error_that_follows_are_one_failure(disk: Disk) -> None:
    error = "Script at specified location: a.sh failed to complete in 9 seconds"
    note = entry("07:31:04", "INFO", "X::HookExecutor: Script at specified location: a.sh timed out")
    log = read(disk, note + failed("07:31:05", SCRIPT_ERROR, error))
    assert [(f.message, f.line) for f in log.failures] == [(error, 2)]
    assert [f.message for f in read(disk, note).failures] == ["Script at specified location: a.sh timed out"]


def test_lines_that_end_as_on_windows(disk: Disk) -> None:
    note = entry("07:31:04", "INFO", "X::HookExecutor: Script at specified location: a.ps1 timed out")
    error = failed("07:32:05", SCRIPT_ERROR, "Script at specified location: b.ps1 failed with exit code 1", HOOK)
    log = read(disk, (note + error).replace("\n", "\r\n"))
    assert [(f.location, f.message[-1]) for f in log.failures] == [("a.ps1", "t"), ("b.ps1", "1")]


def test_the_same_failure_over_and_over_is_one(disk: Disk) -> None:
    log = read(disk, failed("07:31:05", "RuntimeError", "no space") + failed("07:32:05", "RuntimeError", "no space"))
    assert [(f.message, f.repeats, f.time) for f in log.failures] == [("no space", 2, at("07:31:05"))]


def test_the_local_tools_log_beside_it(disk: Disk) -> None:
    note = entry("07:31:04", "INFO", "X::HookExecutor: Script at specified location: a.sh timed out")
    place = LOG.replace("codedeploy-agent.log", "codedeploy-local.log")
    assert read(disk, note, place).path == place
    log = read(disk, failed("07:31:05", "RuntimeError", "no space"))
    assert (log.path, [f.source for f in log.failures]) == (LOG, [place, LOG])


def test_version_2_names_deployment_and_command(disk: Disk) -> None:
    span = 'deployment{deployment_id=d-ABCDEFGH1 command=ApplicationStart app="my shop"}'
    log = read(
        disk,
        "2026-05-04 07:30:00  INFO agent started version=2.1.0\n"
        f"2026-05-04 07:31:05 ERROR {span}: Script at specified location: a.sh failed with exit code 1\n"
        f"2026-05-04 07:31:06  WARN {span}: download failed, trying again\n"
        f"2026-05-04 07:31:07  WARN {span}: slow\n"
        "2026-05-04 07:31:08 ERROR poll failed\n",
    )
    assert (log.form, log.last_entry) == (2, at("07:31:08"))
    assert [(f.deployment_id, f.event, f.location, f.utc, f.line) for f in log.failures] == [
        ("d-ABCDEFGH1", "ApplicationStart", "a.sh", True, 2),
        ("d-ABCDEFGH1", "ApplicationStart", None, True, 3),
    ]


def test_the_last_entry_tells_the_form(disk: Disk) -> None:
    second = "2026-05-04 07:30:00  INFO agent started\n"
    assert read(disk, entry("07:30:00", "INFO", "x") + second).form == 2
    assert read(disk, second + entry("07:30:00", "INFO", "x")).form == 1
    log = read(disk, "no log\n")
    assert (log.form, [p.code for p in log.problems]) == (None, ["log-not-understood"])
    assert read(disk, "").problems == ()


@pytest.mark.parametrize("counted", [True, False])
def test_only_the_end_of_a_long_log_is_read(disk: Disk, monkeypatch: pytest.MonkeyPatch, counted: bool) -> None:
    monkeypatch.setattr(agent_log, "TAIL", 700)
    if not counted:
        monkeypatch.setattr(agent_log, "COUNTED", 100)
    text = "".join(entry(f"07:{m:02}:00", "INFO", "x" * 40) for m in range(30))
    log = read(disk, failed("06:00:00", "RuntimeError", "old") + text + failed("07:31:05", "RuntimeError", "new"))
    assert (log.complete, [f.message for f in log.failures]) == (False, ["new"])
    assert log.failures[0].line == (33 if counted else None)
    assert log.first_entry is not None and log.first_entry > at("07:00:00")


def test_rotated_parts_are_named(disk: Disk) -> None:
    stem = LOG[: -len(".log")]
    for name in (".20260503.log", ".20260502.1.log", ".2026.log", "-x.20260503.log", ".20260503.log.gz"):
        disk.write(stem + name)
    assert read(disk, "").rotated == (f"{stem}.20260502.1.log", f"{stem}.20260503.log")


def test_no_log_is_none_and_what_is_no_file_a_problem(disk: Disk) -> None:
    assert read_agent_log(disk.root, LAYOUT) is None
    disk.mkdir(LOG)
    log = read_agent_log(disk.root, LAYOUT)
    assert log is not None
    assert (log.complete, [p.code for p in log.problems]) == (False, ["record-unreadable"])


WORDS = [
    b"\n", b"2026-05-04T07:30:00 ", b"2026-05-04 07:30:00 ", b"2026-99-99T99:99:99 ", b"ERROR ", b" INFO ", b"WARN  ",
    b"[codedeploy-agent(1)]: ", b"Error during perform: ", b"X::ScriptError - ", b" - /a.rb:1:in `process_command'",
    b"deployment{", b"deployment_id=", b"d-ABCDEFGH1", b"command=", b"}", b": ", b"/", b'"', b"\xff", b"\0", b"\r",
    b"Script at specified location: ", b" failed with exit code ", b" timed out",
    b"Creating deployment root directory ", b"Deployment tracking file found: ",
]  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(WORDS), max_size=40).map(b"".join)))
@example(b"2026-05-04T07:30:00 ERROR [a(1)]: Error during perform: ")
def test_any_bytes_are_read(data: bytes) -> None:
    parsed = parse_lines(data)
    assert all(f.line is not None and 0 <= f.line <= data.count(b"\n") for f in parsed.failures)
    assert all("\n" not in f.message for f in parsed.failures)
    assert (parsed.form is None) == (parsed.last is None)
