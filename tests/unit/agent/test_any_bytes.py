"""Whatever a record holds: no reader raises, hangs, or hands on what the rest cannot use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support import examples
from tui.agent.config import default_config
from tui.agent.instance import read_instance
from tui.agent.layout import linux_layout

from .conftest import ROOT_DIR, Disk

LAYOUT = linux_layout(default_config())
DIRECTORY = f"{ROOT_DIR}/g/d-GU1DE0001"
FILES = (
    "/etc/codedeploy-agent/conf/codedeployagent.yml",
    "/opt/codedeploy-agent/.version",
    "/etc/passwd",
    "/etc/hostname",
    f"{LAYOUT.instructions_dir}/g-cleanup",
    f"{LAYOUT.instructions_dir}/g-install.json",
    f"{LAYOUT.instructions_dir}/g_last_successful_install",
    f"{LAYOUT.deployment_logs_dir}/codedeploy-agent-deployments.log",
    f"{LAYOUT.deployment_logs_dir}/codedeploy-agent-deployments.log.0",
    f"{LAYOUT.ongoing_dir}/d-GU1DE0001",
    f"{DIRECTORY}/deployment-archive/appspec.yml",
    f"{DIRECTORY}/logs/scripts.log",
    f"{DIRECTORY}/logs/scripts.log.1",
    LAYOUT.agent_log,
    LAYOUT.agent_log.replace("agent.log", "local.log"),
    LAYOUT.pid_file,
)
WORDS = [
    b"/srv/a", b"\n", b"\r", b"\0", b" ", b"\xff", b"\xc3", b'"', b"\\", b"\\ud800", b"{", b"}", b"[", b"]", b":", b",",
    b'{"instructions":[', b'{"type":"copy","source":"/a","destination":"/b"}', b'{"type":"chmod","file":"/b"}',
    b"version: 0.0\nos: linux\n", b"hooks:\n", b"files:\n", b"permissions:\n", b"- location: a\n", b"  - object: /a\n",
    b"- source: a\n  destination: b\n", b"&a ", b"*a", b"<<: ", b"!!int ", b"? ", b"- ", b"mode: 0644", b"acls: ",
    b"2026-03-02 09:11:00 ", b"[2026-03-02 09:11:00.021] ", b"[d-GU1DE0001]", b"LifecycleEvent - ", b"Script - ",
    b"[stdout]", b"# Logfile created on 2026-03-02 09:11:00 +0000", b"root:x:0:0:", b":max_revisions: ",
    b"agent_version: ", b"agent_version: 2.1.0", b"2026-03-02T09:11:00 ERROR [codedeploy-agent(1)]: ",
    b"Error during perform: X::ScriptError - ", b"Script at specified location: a failed with exit code 1",
    b"2026-03-02 09:11:00 ERROR deployment{deployment_id=d-GU1DE0001 command=Install}: ", b"Install/Install failed: ",
    b"\xc2\xa0", b"/../", b"semanage\0", b"..",
]  # fmt: skip
DATA = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(WORDS), max_size=25).map(b"".join))


@pytest.fixture(autouse=True)
def no_leak(scratch: Disk) -> Iterator[None]:
    yield
    for name in FILES:
        scratch.write(name)


@settings(max_examples=examples(150))
@given(contents=st.lists(st.tuples(st.sampled_from(FILES), DATA), min_size=1, max_size=6))
@example(contents=[(FILES[0], b":root_dir: '/\xef\xbf\xbf'\n")])
@example(contents=[(FILES[0], b':root_dir: "/a\\0b"\n:ongoing_deployment_tracking: "a\\0b"\n')])
@example(contents=[(FILES[0], b":ongoing_deployment_tracking: ../../..\n")])
def test_an_instance_of_any_bytes_is_read(scratch: Disk, contents: list[tuple[str, bytes]]) -> None:
    check(scratch, contents)


@settings(max_examples=examples(150))
@given(contents=st.lists(st.tuples(st.sampled_from(FILES), DATA), min_size=1, max_size=6))
def test_and_by_the_rules_of_version_2(scratch: Disk, contents: list[tuple[str, bytes]]) -> None:
    check(scratch, [(FILES[1], b"agent_version: 2.1.0"), *contents])


def check(scratch: Disk, contents: list[tuple[str, bytes]]) -> None:
    scratch.mkdir(f"{DIRECTORY}/deployment-archive")
    for name, data in contents:
        scratch.write(name, data)
    instance = read_instance(scratch.root)
    for group in instance.groups:
        if group.plan:
            assert all(isinstance(group.plan.source(i), (str, type(None))) for i in range(len(group.plan)))
        for path in group.cleanup.paths if group.cleanup else ():
            assert path.startswith("/") and "\0" not in path
        for deployment in group.deployments:
            for run in deployment.log.runs if deployment.log else ():
                assert run.lines >= 0 and run.line >= 1
    for failure in instance.agent_log.failures if instance.agent_log else ():
        assert "\n" not in failure.message
    for log in instance.logs:
        assert all(run.lines >= 0 and isinstance(run.event, str) for run in log.runs)
