"""The agent's config, the places that follow from it, its version, and the instance's users."""

from __future__ import annotations

from typing import Any

import pytest

from tui.agent.config import read_config
from tui.agent.layout import NoAgent, find_config, linux_layout
from tui.agent.records import AgentConfig, Problem
from tui.agent.users import read_names
from tui.agent.version import read_version

from .conftest import ROOT_DIR, Disk

USUAL = "/etc/codedeploy-agent/conf/codedeployagent.yml"
OLD = "/opt/codedeploy-agent/conf/codedeployagent.yml"
# What the package installs.
REAL = """---
:log_aws_wire: false
:log_dir: '/var/log/aws/codedeploy-agent/'
:pid_dir: '/opt/codedeploy-agent/state/.pid/'
:program_name: codedeploy-agent
:root_dir: '/opt/codedeploy-agent/deployment-root'
:verbose: false
:wait_between_runs: 1
:proxy_uri:
:max_revisions: 5
"""


def config(disk: Disk, text: str | bytes) -> AgentConfig:
    return read_config(disk.root, disk.write(USUAL, text))


def test_the_config_that_is_installed(disk: Disk) -> None:
    found = config(disk, REAL)
    assert (found.path, found.root_dir, found.log_dir) == (USUAL, ROOT_DIR, "/var/log/aws/codedeploy-agent")
    assert (found.pid_dir, found.max_revisions) == ("/opt/codedeploy-agent/state/.pid", 5)
    assert found.values["verbose"] is False and found.values["proxy_uri"] is None
    assert found.problems == ()


def test_keys_without_colons_and_with_quotes(disk: Disk) -> None:
    found = config(disk, "root_dir: /data//codedeploy/\n:max_revisions: '2'\n\":log_dir\": /logs\n")
    assert (found.root_dir, found.max_revisions, found.log_dir) == ("/data/codedeploy", 2, "/logs")
    assert found.problems == ()


@pytest.mark.parametrize(("value", "number"), [("", 5), ("1", 1), ("'0x10'", 16), ("7.9", 7), ("010", 8)])
def test_max_revisions_by_rubys_integer(disk: Disk, value: str, number: int) -> None:
    found = config(disk, f":max_revisions: {value}\n")
    assert (found.max_revisions, found.problems) == (number, ())


@pytest.mark.parametrize("value", ["0", "-1", "many", "'5.5'", "yes", "[5]", ".inf", ".nan", ":five"])
def test_max_revisions_that_keep_the_agent_from_starting(disk: Disk, value: str) -> None:
    found = config(disk, f":max_revisions: {value}\n")
    assert (found.max_revisions, [p.code for p in found.problems]) == (5, ["config-max-revisions"])


@pytest.mark.parametrize(
    "text",
    ["", "---\n", "[]\n", "text", "a: [", "\x00", "[" * 100_000, b"\xff\xfe\x00", b"a: \xff", "!ruby/object:X {}: *z"],
)
def test_what_is_no_config_gives_the_defaults_and_a_problem(disk: Disk, text: str | bytes) -> None:
    found = config(disk, text)
    assert (found.path, found.root_dir, found.max_revisions) == (USUAL, ROOT_DIR, 5)
    assert [p.code for p in found.problems] == ["config-not-understood"]


@pytest.mark.parametrize("value", ["[a]", "5", "''", '"\\0"'])
def test_a_root_dir_that_is_no_path(disk: Disk, value: str) -> None:
    found = config(disk, f":root_dir: {value}\n")
    assert (found.root_dir, [p.code for p in found.problems]) == (ROOT_DIR, ["config-odd-value"])


def test_a_relative_root_dir(disk: Disk) -> None:
    found = config(disk, ":root_dir: data/root\n")
    assert (found.root_dir, [p.code for p in found.problems]) == ("/data/root", ["config-relative-path"])


def test_a_config_too_large(disk: Disk) -> None:
    assert [p.code for p in config(disk, "#" * 300_000).problems] == ["config-not-understood"]


def test_where_everything_is() -> None:
    values: dict[str, Any] = {"root_dir": "/data/root", "log_dir": "/logs", "pid_dir": "/run/p", "program_name": "cd"}
    layout = linux_layout(AgentConfig(path=None, max_revisions=5, ongoing_deployment_tracking="tracked", **values))
    assert (layout.instructions_dir, layout.ongoing_dir) == ("/data/root/deployment-instructions", "/data/root/tracked")
    assert (layout.agent_log, layout.pid_file) == ("/logs/cd.log", "/run/p/cd.pid")
    assert layout.version_files == ("/data/.version", "/opt/codedeploy-agent/.version")


def test_configs_in_the_order_in_which_the_agent_looks(disk: Disk) -> None:
    assert find_config(disk.root, None, None).path is None
    disk.write(OLD, ":root_dir: /old\n")
    assert find_config(disk.root, None, None).root_dir == "/old"
    disk.write(USUAL, ":root_dir: /usual\n")
    assert find_config(disk.root, None, None).root_dir == "/usual"
    assert find_config(disk.root, None, OLD.lstrip("/")).root_dir == "/old"


def test_a_named_root_dir_or_what_holds_it(disk: Disk) -> None:
    disk.mkdir("/vol/agent/deployment-root/deployment-instructions")
    disk.mkdir("/vol/plain")
    assert find_config(disk.root, "/vol/agent", None).root_dir == "/vol/agent/deployment-root"
    assert find_config(disk.root, "/vol/agent/deployment-root/", None).root_dir == "/vol/agent/deployment-root"
    assert find_config(disk.root, "vol/plain/../plain", None).root_dir == "/vol/plain"


@pytest.mark.parametrize("where", [{"agent_root": "/none"}, {"agent_config": "/none"}])
def test_a_named_place_that_is_not_there(disk: Disk, where: dict[str, str]) -> None:
    with pytest.raises(NoAgent) as caught:
        find_config(disk.root, where.get("agent_root"), where.get("agent_config"))
    assert caught.value.looked == ("/none",)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "text", "major"),
    [
        ("agent_version: OFFICIAL_1.8.1-9_deb\n", "1.8.1", 1),
        ("agent_version: OFFICIAL_1.3.2-1902_rpm\n", "1.3.2", 1),
        ("agent_version: 2.1.0", "2.1.0", 2),
        ("agent_version: \n", None, None),
        ("\0\xff", None, None),
    ],
)
def test_versions(disk: Disk, written: str, text: object, major: object) -> None:
    disk.write("/opt/codedeploy-agent/.version", written)
    version = read_version(disk.root, linux_layout(find_config(disk.root, None, None)))
    assert (version.text, version.major) == (text, major)


def test_the_version_beside_root_dir_comes_first(disk: Disk) -> None:
    disk.write("/opt/codedeploy-agent/.version", "agent_version: 1.7.0")
    disk.write(USUAL, ":root_dir: /data/root\n")
    layout = linux_layout(find_config(disk.root, None, None))
    assert read_version(disk.root, layout).path == "/opt/codedeploy-agent/.version"
    disk.write("/data/.version", "agent_version: OFFICIAL_1.8.1-9_deb\n")
    assert read_version(disk.root, layout).text == "1.8.1"


def test_what_the_package_wrote_counts_where_version_files_disagree(disk: Disk) -> None:
    disk.write(USUAL, ":root_dir: /data/root\n")
    disk.write("/opt/codedeploy-agent/.version", "agent_version: 2.1.0")
    disk.write("/data/.version", "agent_version: OFFICIAL_1.8.1-9_deb\n")
    problems: list[Problem] = []
    version = read_version(disk.root, linux_layout(find_config(disk.root, None, None)), problems)
    assert (version.text, version.rules) == ("2.1.0", 2)
    assert [(p.code, p.path) for p in problems] == [("version-files-differ", "/data/.version")]


def test_names_of_users_and_groups(disk: Disk) -> None:
    disk.write(
        "/etc/passwd",
        b"root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\nbad\n:x:5:\nx:x:y:\ncaf\xe9:x:1000:1000\n\nbig:x:"
        + b"9" * 50,
    )
    disk.write("/etc/group", b"\xff\x00garbage:::\nwww-data:x:33:\n")
    users, groups = read_names(disk.root)
    assert (users, groups) == ({0: "root", 1000: "caf\udce9"}, {33: "www-data"})
