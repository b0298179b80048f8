"""Which version of the agent an instance has, by its version file and by other traces."""

from __future__ import annotations

import os

import pytest

from tests.support import can_link
from tui.agent.instance import read_instance
from tui.agent.records import Instance

from .conftest import ROOT_DIR, Disk

CONFIG = "/etc/codedeploy-agent/conf/codedeployagent.yml"
HOME = "/opt/codedeploy-agent"
AGENT_LOG = "/var/log/aws/codedeploy-agent/codedeploy-agent.log"
DEPLOYMENT = f"{ROOT_DIR}/g/d-ABCDEFGH1"


def read(disk: Disk) -> Instance:
    disk.mkdir(DEPLOYMENT)
    return read_instance(disk.root)


def local_tool(disk: Disk, target: str = "codedeploy-agent") -> None:
    disk.mkdir(f"{HOME}/bin")
    disk.path(f"{HOME}/bin/codedeploy-local").symlink_to(target)


def codes(instance: Instance) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for problem in instance.problems]


def test_nothing_tells(disk: Disk) -> None:
    version = read(disk).version
    assert (version.text, version.hint, version.rules) == (None, None, 1)


@pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")
def test_the_local_tool_is_a_link_in_version_2(disk: Disk) -> None:
    local_tool(disk)
    disk.write(CONFIG, ":program_name: shop\n")
    instance = read(disk)
    assert (instance.version.text, instance.version.hint, instance.version.rules) == (None, 2, 2)
    assert instance.layout.pid_file == f"{HOME}/state/.pid/codedeploy-agent.pid"
    assert codes(instance) == []


def test_a_local_tool_that_is_a_script_tells_nothing(disk: Disk) -> None:
    local_tool(disk, "/usr/bin/other")
    assert read(disk).version.hint is None


@pytest.mark.parametrize("directory", ["vendor/gems", "lib/instance_agent"])
def test_version_1_is_a_ruby_program(disk: Disk, directory: str) -> None:
    disk.mkdir(f"{HOME}/{directory}")
    assert read(disk).version.hint == 1


def test_the_last_entry_of_the_agents_log(disk: Disk) -> None:
    disk.write(AGENT_LOG, "2026-05-04T07:30:00 INFO  [codedeploy-agent(1)]: x\n2026-05-04 07:30:00  INFO x\n")
    assert read(disk).version.hint == 2


@pytest.mark.parametrize("name", [".bundle-etag", ".bundle-source"])
def test_notes_beside_a_bundle(disk: Disk, name: str) -> None:
    disk.write(f"{DEPLOYMENT}/{name}", "downloaded\n")
    instance = read(disk)
    assert instance.version.hint == 2
    deployment = instance.groups[0].deployments[0]
    assert (deployment.bundle_etag or deployment.bundle_source) == "downloaded"


def test_traces_that_disagree_are_told_and_the_program_counts(disk: Disk) -> None:
    disk.mkdir(f"{HOME}/vendor/gems")
    disk.write(f"{DEPLOYMENT}/.bundle-source", "downloaded")
    instance = read(disk)
    assert instance.version.hint == 1
    assert codes(instance) == [("version-contradicted", f"{HOME}/vendor/gems")]


@pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")
def test_a_version_file_that_traces_contradict_counts_and_is_told(disk: Disk) -> None:
    disk.write(f"{HOME}/.version", "agent_version: OFFICIAL_1.8.1-9_deb\n")
    local_tool(disk)
    instance = read(disk)
    assert (instance.version.text, instance.version.hint, instance.version.rules) == ("1.8.1", None, 1)
    assert codes(instance) == [("version-contradicted", f"{HOME}/bin/codedeploy-local")]


def test_what_version_1_left_is_no_contradiction_after_an_update(disk: Disk) -> None:
    disk.write(f"{HOME}/.version", "agent_version: 2.1.0")
    disk.mkdir(f"{HOME}/vendor/gems")
    disk.write(AGENT_LOG, "2026-05-04T07:30:00 INFO  [codedeploy-agent(1)]: x\n")
    instance = read(disk)
    assert (instance.version.rules, codes(instance)) == (2, [])


def test_the_rules_reach_the_records(disk: Disk) -> None:
    disk.write(f"{HOME}/.version", "agent_version: 2.1.0")
    place = f"{ROOT_DIR}/deployment-instructions/g"
    disk.path(disk.write(f"{place}-cleanup", "/srv/a\u00a0\nsrv/b\n")).chmod(0o644)
    entries = (
        '{"type": "mkdir", "directory": "/srv/app/"},\n {"type": "copy", "source": "/r/b", "destination": "srv/b"}'
    )
    disk.write(f"{place}-install.json", '{\n  "instructions": [\n ' + entries + "\n  ]\n}\n")
    disk.write(f"{DEPLOYMENT}/deployment-archive/appspec.yml", "version: 0.0\nos: solaris\n")
    group = read(disk).groups[0]
    assert group.cleanup is not None and list(group.cleanup.paths) == ["/srv/a", "/srv/b"]
    assert group.plan is not None and group.plan.paths == ["/srv/app", "/srv/b"]
    assert (group.plan.source(1), group.plan.problems) == ("/r/b", ())
    appspec = group.deployments[0].appspec
    assert appspec is not None and appspec.error is None
    disk.write(f"{HOME}/.version", "agent_version: OFFICIAL_1.8.1-9_deb\n")
    group = read(disk).groups[0]
    assert group.cleanup is not None and list(group.cleanup.paths) == ["/srv/a\u00a0"]
    assert group.plan is not None and group.plan.paths == ["/srv/app/", "srv/b"]
    appspec = group.deployments[0].appspec
    assert appspec is not None and appspec.error is not None


def test_the_agents_user_is_the_owner_of_its_records(disk: Disk) -> None:
    disk.write(f"{HOME}/.version", "agent_version: 2.1.0")
    disk.path(disk.write(f"{ROOT_DIR}/deployment-instructions/g-cleanup", "/srv/a\n")).chmod(0o644)
    cleanup = read(disk).groups[0].cleanup
    assert cleanup is not None and cleanup.ignored is None


def test_files_that_the_agent_was_stopped_writing(disk: Disk) -> None:
    disk.write(f"{ROOT_DIR}/deployment-instructions/.g-install.json.tmp.77", "{")
    disk.write(f"{ROOT_DIR}/ongoing-deployment/.d-ABCDEFGH1.tmp.77", "c")
    disk.write(f"{ROOT_DIR}/ongoing-deployment/d-ABCDEFGH2", "c")
    disk.write(f"{HOME}/state/.pid/.codedeploy-agent.pid.tmp.9", "9")
    instance = read(disk)
    assert [group.id for group in instance.groups] == ["g"]
    assert {code for code, _ in codes(instance)} == {"leftover-temporary"}
    assert len(instance.problems) == 3
    assert [o.deployment_id for o in instance.ongoing] == [".d-ABCDEFGH1.tmp.77", "d-ABCDEFGH2"]


def test_a_bundle_that_is_one_file_under_two_names(disk: Disk) -> None:
    first = disk.path(disk.write(f"{DEPLOYMENT}/bundle.tar", b"x" * 10))
    disk.write(f"{DEPLOYMENT}/.bundle-source", "downloaded\n")
    disk.write(f"{ROOT_DIR}/g/d-ABCDEFGH2/.bundle-source", "archive-reuse")
    os.link(first, disk.path(f"{ROOT_DIR}/g/d-ABCDEFGH2/bundle.tar"))
    disk.write(f"{ROOT_DIR}/g/d-ABCDEFGH3/bundle.tar", b"y")
    one, two, three = sorted(read(disk).groups[0].deployments, key=lambda deployment: deployment.id)
    assert one.bundle_file == two.bundle_file != three.bundle_file
    assert (one.bundle_links, two.bundle_source, three.bundle_source) == (2, "archive-reuse", None)
