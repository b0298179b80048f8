"""A Windows instance's places and records, in the program's form and the disk's spelling."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support import DirectoryRoot, examples
from tui import windows_paths
from tui.agent.cleanup import parse_cleanup
from tui.agent.config import read_config, windows_defaults
from tui.agent.deployments import group_ids, read_group
from tui.agent.instance import read_instance
from tui.agent.layout import NoAgent, find_config, layout_of
from tui.agent.rules import Rules
from tui.disk.windows_view import WindowsView

from .conftest import Disk

HOME = "/C:/ProgramData/Amazon/CodeDeploy"
ID = "7c1e5b1a-9d34-4f0a-8a1b-3f2c6d7e8f90"
CONF = "---\r\n:root_dir: 'Amazon/CodeDeploy'\r\n:log_dir: 'Amazon/CodeDeploy/log'\r\n:max_revisions: 3\r\n"


def on_disk(path: str) -> str:
    """Where a path of the instance is kept: drives are the top's directories."""
    return path.replace("/C:", "/C", 1)


class Windows:
    """An instance's drives to write records into, and its Root."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.root = WindowsView(DirectoryRoot(str(disk.top)), {"C:": "/C"})

    def write(self, path: str, data: str = "") -> str:
        self.disk.write(on_disk(path), data)
        self.root.forget()
        return path

    def mkdir(self, path: str) -> str:
        self.disk.mkdir(on_disk(path))
        self.root.forget()
        return path


@pytest.fixture
def windows(disk: Disk) -> Iterator[Windows]:
    disk.mkdir("/C")
    made = Windows(disk)
    with made.root:
        yield made


def record(windows: Windows, ending: str, data: str, group: str = ID) -> None:
    windows.write(f"{HOME}/deployment-instructions/{group}{ending}", data)


def test_the_usual_places(windows: Windows) -> None:
    windows.write(f"{HOME}/conf.yml", CONF)
    config = find_config(windows.root, None, None)
    assert (config.path, config.root_dir, config.log_dir) == (f"{HOME}/conf.yml", HOME, f"{HOME}/log")
    assert (config.max_revisions, config.problems) == (3, ())
    layout = layout_of(windows.root, config)
    assert (layout.platform, layout.agent_log) == ("windows", f"{HOME}/log/codedeploy-agent-log.txt")
    assert (layout.pid_file, layout.version_files) == ("", (f"{HOME}/.version",))
    assert layout.on_premises_config == f"{HOME}/conf.onpremises.yml"
    second = layout_of(windows.root, config, 2)
    assert second.agent_log == f"{HOME}/log/codedeploy-agent.log"


def test_another_program_data(windows: Windows) -> None:
    windows.write("/C:/data/Amazon/CodeDeploy/conf.yml", CONF)
    config = find_config(windows.root, None, None, program_data="c:\\Data")
    assert config.root_dir == "/C:/data/Amazon/CodeDeploy"


@pytest.mark.parametrize(
    ("written", "version", "root_dir", "codes"),
    [
        ("D:\\deploy", 1, "/D:/deploy", []),
        ("d:/deploy/", 1, "/D:/deploy", []),
        ("Amazon\\Deploy", 1, "/C:/ProgramData/Amazon/Deploy", []),
        ("Amazon/Deploy", 2, "/C:/Windows/System32/Amazon/Deploy", ["config-relative-path"]),
        ("\\deploy", 1, "/C:/deploy", []),
        ("\\\\server\\share", 1, HOME, ["config-odd-value"]),
        ("C:deploy", 1, HOME, ["config-relative-path"]),
    ],
)
def test_a_root_dir_as_written(windows: Windows, written: str, version: int, root_dir: str, codes: list[str]) -> None:
    path = windows.write(f"{HOME}/conf.yml", f":root_dir: '{written}'\n")
    config = read_config(windows.root, path, windows_defaults(version=version))
    assert (config.root_dir, [p.code for p in config.problems]) == (root_dir, codes)


@pytest.mark.parametrize("named", ["C:\\Deploy", "c:/deploy/", "/C:/deploy", "deploy"])
def test_a_named_root_dir(windows: Windows, named: str) -> None:
    windows.mkdir("/C:/Deploy/deployment-instructions")
    assert read_instance(windows.root, agent_root=named).layout.root_dir == "/C:/Deploy"


def test_a_named_config(windows: Windows) -> None:
    windows.write("/C:/Other/My.yml", ":root_dir: 'C:\\Deploy'\n")
    windows.mkdir("/C:/deploy")
    instance = read_instance(windows.root, agent_config="c:\\other\\my.yml")
    assert (instance.config.path, instance.layout.root_dir) == ("/C:/Other/My.yml", "/C:/deploy")


def test_where_nothing_is_the_places_are_named_as_windows_takes_them(windows: Windows) -> None:
    with pytest.raises(
        NoAgent, match=r"looked for C:/ProgramData/Amazon/CodeDeploy/conf\.yml, C:/ProgramData"
    ) as caught:
        read_instance(windows.root)
    assert caught.value.looked == (f"{HOME}/conf.yml", HOME)


def test_the_agents_own_directories_are_no_groups(windows: Windows) -> None:
    for name in (
        "Log",
        "BIN",
        "certs",
        "state",
        "Deployment-Logs",
        "ongoing-deployment",
        "tools",
        "Log/old/deployment-archive",
    ):
        windows.mkdir(f"{HOME}/{name}")
    windows.mkdir(f"{HOME}/{ID.upper()}")
    windows.mkdir(f"{HOME}/default-local-deployment-group")
    windows.mkdir(f"{HOME}/my-group/d-ABCDEFGH1/deployment-archive")
    record(windows, "-cleanup", "")
    record(windows, "-cleanup", "", "Named")
    windows.mkdir(f"{HOME}/named")
    layout = layout_of(windows.root, find_config(windows.root, None, None))
    assert group_ids(windows.root, layout) == (ID.upper(), "default-local-deployment-group", "my-group", "named")


def test_one_file_has_one_name_in_all_records(windows: Windows) -> None:
    archive = windows.mkdir(f"{HOME}/{ID}/d-GU1DE0001/deployment-archive")
    windows.write(f"{archive}/A.txt", "a")
    windows.write(f"{archive}/appspec.yml", "version: 0.0\r\nos: windows\r\n")
    windows.write("/C:/Temp/a.TXT", "a")
    record(windows, "-cleanup", "c:/temp/A.txt\r\nC:\\TEMP\\gone.txt\r\n//server/x\nrel\n")
    entries = [
        {"type": "mkdir", "directory": "c:\\temp"},
        {"type": "copy", "source": archive[1:].replace("/", "\\") + "\\a.txt", "destination": "c:/temp/a.txt"},
        {"type": "copy", "source": archive[1:] + "/gone.txt", "destination": "c:/temp/Gone.txt"},
    ]
    record(windows, "-install.json", json.dumps({"instructions": entries}, indent=2))
    record(windows, "_last_successful_install", f"C:\\ProgramData/Amazon/CodeDeploy/{ID}/d-gu1de0001\r\n")
    record(windows, "_most_recent_install", f"C:/ProgramData/Amazon/CodeDeploy/{ID}/d-N0TH3R300")
    group = read_group(windows.root, layout_of(windows.root, find_config(windows.root, None, None)), ID)
    assert group.cleanup is not None and group.plan is not None
    assert list(group.cleanup.paths) == ["/C:/Temp/a.TXT", "/C:/Temp/Gone.txt"]
    assert (list(group.cleanup.lines), group.cleanup.altered) == ([1, 2], ())
    assert group.cleanup.relative == ((3, "//server/x"), (4, "rel"))
    assert group.plan.paths == ["/C:/Temp", "/C:/Temp/a.TXT", "/C:/Temp/Gone.txt"]
    assert [group.plan.source(i) for i in (1, 2)] == [f"{archive}/A.txt", f"{archive}/gone.txt"]
    assert group.last_successful is not None and group.most_recent is not None
    assert (group.last_successful.target, group.last_successful.deployment_id) == (
        f"{HOME}/{ID}/d-GU1DE0001",
        "d-GU1DE0001",
    )
    assert group.last_successful.exists and not group.most_recent.exists
    assert group.deployments[0].appspec is not None and group.deployments[0].appspec.error is None
    assert [p.code for p in group.most_recent.problems] == ["pointer-gone"]
    assert f"C:\\ProgramData\\Amazon\\CodeDeploy\\{ID}\\d-N0TH3R300" in group.most_recent.problems[0].message
    assert "pointer-elsewhere" not in [p.code for p in group.problems]


def test_the_unfinished_line_is_in_the_programs_form_too() -> None:
    file = parse_cleanup(b"c:/temp/a\r\nc:\\temp\\b", "/x", 0.0, None, 1, windows_paths.inside)
    assert file.dropped == (2, "/C:/temp/b")


@given(
    st.lists(st.sampled_from(["C:", "c:", "/", "\\", ".", "..", "a", "//?/", " ", "\0", "\u00df"]), max_size=9).map(
        "".join
    )
)
@example("C:/a/..")
@example("c:\\.")
def test_a_place_is_what_windows_takes_the_path_for(windows_rules: Rules, written: str) -> None:
    assert windows_rules.place(written) == windows_paths.inside(written)


@pytest.fixture(scope="module")
def windows_rules(scratch: Disk) -> Iterator[Rules]:
    class Spelled:
        platform = "windows"

        def spelling(self, path: str) -> str:
            return path

    yield Rules(Spelled())  # type: ignore[arg-type]


def test_users_and_the_owner_of_the_cleanup_file_are_not_asked_for(windows: Windows) -> None:
    windows.write(f"{HOME}/.version", "agent_version: 2.1.0")
    record(windows, "-cleanup", "C:\\temp\\a\n")
    windows.disk.path(on_disk(f"{HOME}/deployment-instructions/{ID}-cleanup")).chmod(0o666)
    windows.write("/C:/etc/passwd", "root:x:0:0::/:/bin/sh\n")
    instance = read_instance(windows.root)
    assert (instance.version.rules, instance.windows, instance.users) == (2, True, {})
    cleanup = instance.groups[0].cleanup
    assert cleanup is not None and (list(cleanup.paths), cleanup.ignored) == (["/C:/temp/a"], None)


def test_the_log_that_was_written_last_hints_at_the_version(windows: Windows) -> None:
    windows.write(f"{HOME}/log/codedeploy-agent.log", "2026-11-23 06:07:36  INFO starting\n")
    instance = read_instance(windows.root)
    assert (instance.version.text, instance.version.hint, instance.version.rules) == (None, 2, 2)
    assert instance.agent_log is not None and instance.agent_log.path == f"{HOME}/log/codedeploy-agent.log"
    assert instance.layout.agent_log == f"{HOME}/log/codedeploy-agent.log"


FILES = (
    f"{HOME}/conf.yml", f"{HOME}/.version", f"{HOME}/deployment-instructions/{ID}-cleanup",
    f"{HOME}/deployment-instructions/{ID}-install.json", f"{HOME}/deployment-instructions/{ID}_most_recent_install",
    f"{HOME}/{ID}/d-1/deployment-archive/appspec.yml", f"{HOME}/{ID}/d-1/logs/scripts.log",
    f"{HOME}/log/codedeploy-agent-log.txt",
)  # fmt: skip
WORDS = [
    "c:/temp/a", "C:\\temp", "\\", "/", "..", "\\\\server\\x", "\\\\?\\C:\\a", "C:", "aux", "a.", "\r\n", "\n", "\0",
    " ", ":", '"', '{"instructions":[', '{"type":"copy","source":"c:\\\\a","destination":"D:/b"}', "]}", ":root_dir: ",
    ":log_dir: ", "agent_version: 2.1.0", "version: 0.0\nos: windows\n", "\u00df", "\u0130",
    "2026-03-02 09:11:00 Script - a.ps1\r\n",
]  # fmt: skip
CONTENT = st.lists(st.sampled_from(WORDS), max_size=15).map("".join)


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.tuples(st.sampled_from(FILES), CONTENT), min_size=1, max_size=5))
def test_an_instance_of_any_text_is_read(windows: Windows, contents: list[tuple[str, str]]) -> None:
    for name in FILES:
        windows.write(name)
    for name, data in contents:
        windows.write(name, data)
    instance = read_instance(windows.root)
    for group in instance.groups:
        for path in group.cleanup.paths if group.cleanup else ():
            assert path == windows_paths.inside(windows_paths.native(path))
            assert path == windows.root.spelling(path)
