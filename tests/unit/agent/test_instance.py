"""Everything together: whole instances, and instances with something wrong."""

from __future__ import annotations

import os
from typing import Optional

import pytest

from tests.support import DirectoryRoot, can_link, case_names, truth_of, whole_case
from tui.agent.config import default_config
from tui.agent.deployments import group_ids, read_group
from tui.agent.instance import read_instance
from tui.agent.layout import NoAgent, linux_layout
from tui.agent.ongoing import read_ongoing
from tui.agent.pointers import read_pointer
from tui.agent.processes import is_agent
from tui.agent.records import AgentProcess, Group, Problem

from .conftest import ROOT_DIR, Disk

LAYOUT = linux_layout(default_config())
ID = "7c1e5b1a-9d34-4f0a-8a1b-3f2c6d7e8f90"
INSTRUCTION = f"{LAYOUT.instructions_dir}/{ID}"
APPSPEC = "version: 0.0\nos: linux\n"


def deploy(disk: Disk, deployment_id: str, appspec: Optional[str] = APPSPEC, mtime: int = 0) -> str:
    directory = disk.mkdir(f"{ROOT_DIR}/{ID}/{deployment_id}")
    disk.mkdir(f"{directory}/deployment-archive")
    if appspec is not None:
        disk.write(f"{directory}/deployment-archive/appspec.yml", appspec)
    disk.write(f"{directory}/bundle.tar", b"x" * 100)
    disk.write(f"{directory}/logs/scripts.log", b"2026-03-02 09:11:00 Script - a.sh\n")
    os.utime(disk.path(directory), (mtime, mtime))
    return directory


def point(disk: Disk, last: str, recent: str) -> None:
    disk.write(f"{INSTRUCTION}_last_successful_install", last)
    disk.write(f"{INSTRUCTION}_most_recent_install", recent)


def plan_of(*entries: str) -> str:
    return '{"instructions":[' + ",".join(entries) + "]}"


def problems(group: Group) -> list[Problem]:
    found = list(group.problems)
    for record in (group.cleanup, group.plan, group.last_successful, group.most_recent, *group.deployments):
        found.extend(record.problems if record else ())
    return found


def test_a_group_with_its_deployments_oldest_first(disk: Disk) -> None:
    new, old = deploy(disk, "d-AAAAAAAAA", mtime=2000), deploy(disk, "d-ZZZZZZZZZ", mtime=1000)
    disk.write(f"{ROOT_DIR}/{ID}/d-FILE", b"not a deployment")
    disk.write(f"{old}/logs/more/scripts.log.1", b"12345")
    point(disk, old, new + "\n")
    disk.write(f"{INSTRUCTION}-cleanup", "/srv/a\n")
    group = read_group(disk.root, LAYOUT, ID)
    assert [(d.id, d.mtime) for d in group.deployments] == [("d-ZZZZZZZZZ", 1000.0), ("d-AAAAAAAAA", 2000.0)]
    first = group.deployments[0]
    assert (first.archive, first.bundle_size, first.log_size) == (f"{old}/deployment-archive", 100, 34 + 5)
    assert first.log is not None and first.log.runs[0].deployment_id == "d-ZZZZZZZZZ"
    assert first.appspec is not None and first.appspec.version == 0.0
    assert group.most_recent is not None and group.most_recent.target == new
    assert group.cleanup is not None and group.cleanup.paths == ["/srv/a"]
    assert problems(group) == []


def test_groups_are_directories_and_names_of_instruction_files(disk: Disk) -> None:
    for name in ("deployment-logs", "ongoing-deployment", "log", "certs", "bin", "lost+found", ".hidden", "group-a"):
        disk.mkdir(f"{ROOT_DIR}/{name}")
    disk.write(f"{ROOT_DIR}/conf.yml")
    disk.mkdir("/vol/group-l")
    if can_link():
        disk.path(f"{ROOT_DIR}/group-l").symlink_to("/vol/group-l")
        disk.path(f"{ROOT_DIR}/dangling").symlink_to("/vol/none")
    else:
        disk.mkdir(f"{ROOT_DIR}/group-l")
    for name in ("b-cleanup", "c-install.json", "d_last_successful_install", "e_most_recent_install"):
        disk.write(f"{LAYOUT.instructions_dir}/{name}")
    for name in ("-cleanup", ".f-install.json.tmp.77", "note.txt"):
        disk.write(f"{LAYOUT.instructions_dir}/{name}")
    assert group_ids(disk.root, LAYOUT) == ("b", "c", "d", "e", "group-a", "group-l")


@pytest.mark.parametrize(
    ("data", "target", "deployment", "code"),
    [
        (b"/opt/x/g/d-1", "/opt/x/g/d-1", "d-1", "pointer-gone"),
        (b"/opt/x/g/d-1/\r\n", "/opt/x/g/d-1/", "d-1", "pointer-gone"),
        (b"", "", None, "pointer-empty"),
        (b" \n", " ", None, "pointer-empty"),
        (b"x/d-1", "x/d-1", None, "pointer-odd"),
        (b"/a\n/b\n", "/a\n/b", None, "pointer-odd"),
        (b"/a\0b", "/a\0b", None, "pointer-odd"),
    ],
)
def test_pointers_that_lead_nowhere(disk: Disk, data: bytes, target: str, deployment: Optional[str], code: str) -> None:
    pointer = read_pointer(disk.root, disk.write("/g_most_recent_install", data))
    assert pointer is not None
    assert (pointer.target, pointer.deployment_id, pointer.exists) == (target, deployment, False)
    assert [problem.code for problem in pointer.problems] == [code]


def test_a_last_successful_revision_that_is_gone_is_critical(disk: Disk) -> None:
    pointer = read_pointer(disk.root, disk.write("/g_last_successful_install", "/gone"))
    assert pointer is not None and pointer.problems[0].severity == "critical"


def test_no_pointer_is_none(disk: Disk) -> None:
    assert read_pointer(disk.root, "/g_last_successful_install") is None


def test_an_appspec_error_matters_where_a_pointer_names_the_revision(disk: Disk) -> None:
    old = deploy(disk, "d-OLD000000", "version: 7\n", 1000)
    new = deploy(disk, "d-NEW000000", "version: 8\n", 2000)
    missing = deploy(disk, "d-NONE00000", None, 3000)
    point(disk, new, new)
    group = read_group(disk.root, LAYOUT, ID)
    assert {(p.code, p.path, p.severity) for p in problems(group)} == {
        ("appspec-error", f"{old}/deployment-archive/appspec.yml", "info"),
        ("appspec-error", f"{new}/deployment-archive/appspec.yml", "warning"),
        ("appspec-missing", f"{missing}/deployment-archive", "info"),
    }


def test_records_that_contradict_each_other(disk: Disk) -> None:
    one, two = deploy(disk, "d-ONE000000"), deploy(disk, "d-TWO000000")
    point(disk, one, disk.mkdir(f"{ROOT_DIR}/other-group/d-TWO000000"))
    copy = '{"type":"copy","source":"%s/deployment-archive/%s","destination":"/srv/%s"}'
    three = f"{ROOT_DIR}/{ID}/d-THREE0000"
    disk.write(f"{INSTRUCTION}-install.json", plan_of(copy % (three, "a", "a")))
    codes = {problem.code for problem in problems(read_group(disk.root, LAYOUT, ID))}
    assert codes == {"pointer-elsewhere", "plan-of-another-deployment"}
    disk.write(f"{INSTRUCTION}-install.json", plan_of(copy % (one, "a", "a"), copy % (two, "b", "b")))
    codes = {problem.code for problem in problems(read_group(disk.root, LAYOUT, ID))}
    assert codes == {"pointer-elsewhere", "plan-of-several"}


def test_tracking_files(disk: Disk) -> None:
    assert read_ongoing(disk.root, LAYOUT) == ()
    disk.write(f"{LAYOUT.ongoing_dir}/d-GU1DE0001", "i-0abc:command\n")
    disk.mkdir(f"{LAYOUT.ongoing_dir}/d-TW0222222")
    found: list[Problem] = []
    ongoing = read_ongoing(disk.root, LAYOUT, found)
    assert [(o.deployment_id, o.command_id) for o in ongoing] == [
        ("d-GU1DE0001", "i-0abc:command"),
        ("d-TW0222222", ""),
    ]
    assert [problem.code for problem in found] == ["record-unreadable"]


def test_where_nothing_is_the_places_are_named(disk: Disk) -> None:
    with pytest.raises(NoAgent) as caught:
        read_instance(disk.root)
    assert caught.value.looked[-1] == ROOT_DIR
    assert len(caught.value.looked) == 3


def test_a_config_whose_root_dir_is_gone(disk: Disk) -> None:
    disk.write("/etc/codedeploy-agent/conf/codedeployagent.yml", ":root_dir: /data\n")
    instance = read_instance(disk.root)
    assert (instance.groups, [problem.code for problem in instance.problems]) == ((), ["root-dir-missing"])


def test_the_host_and_the_processes(disk: Disk) -> None:
    disk.mkdir(ROOT_DIR)
    disk.write("/etc/hostname", "# a comment\n\nip-10-0-0-12\n")
    agent = AgentProcess(812, "codedeploy-agent: master 812", "/", 1.0)
    asked = []

    def processes(layout: object) -> tuple[AgentProcess, ...]:
        asked.append(layout)
        return (agent,)

    instance = read_instance(disk.root, processes=processes)
    assert (instance.hostname, instance.processes, asked) == ("ip-10-0-0-12", (agent,), [instance.layout])
    assert read_instance(disk.root).processes is None


@pytest.mark.parametrize(
    ("command", "matches"),
    [
        (["codedeploy-agent: master 812"], True),
        (["codedeploy-agent:", "InstanceAgent::CommandPoller of master 812"], True),
        (["/opt/codedeploy-agent/bin/codedeploy-agent", "start"], True),
        (["/usr/bin/ruby3.2", "/opt/codedeploy-agent/bin/codedeploy-agent", "start"], True),
        (["shop-agent: master 9"], True),
        (["vim", "/opt/codedeploy-agent/bin/codedeploy-agent"], False),
        (["codedeploy-agent-updater"], False),
        (["codedeploy-forensics"], False),
        ([], False),
        ([""], False),
    ],
)
def test_which_processes_are_the_agents(command: list[str], matches: bool) -> None:
    assert is_agent(command, "shop-agent") is matches


@pytest.mark.parametrize("name", case_names())
def test_a_case_is_read_without_a_word_of_doubt_on_sound_records(name: str) -> None:
    case = whole_case(name)
    with DirectoryRoot(str(case / "sysroot")) as root:
        instance = read_instance(root)
        truth = truth_of(case)
    assert {group.id for group in instance.groups} == {deployment["group"] for deployment in truth["deployments"]}
    codes = {problem.code for group in instance.groups for problem in problems(group)} | {
        problem.code for problem in instance.problems
    }
    assert codes <= {"cleanup-cut-off", "cleanup-altered", "pointer-gone"}
    told = [(run.deployment_id, run.event, run.location) for log in instance.logs for run in log.runs]
    for group in instance.groups:
        for deployment in group.deployments:
            runs = deployment.log.runs if deployment.log else ()
            same = [run for run in told if run[0] == deployment.id]
            assert [(run.deployment_id, run.event, run.location) for run in runs] == same
