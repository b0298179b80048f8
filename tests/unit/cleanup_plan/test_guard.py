from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import examples, posix_only
from tests.unit.cleanup_plan.planning import APP, Planned, opened, small_site
from tests.unit.preview.building import GROUP, INSTRUCTIONS, ROOT_DIR
from tui import fixtures
from tui.cleanup.guard import Guard
from tui.cleanup.records import Act, Why
from tui.disk.source import open_source
from tui.forensics.targets import SHARED

MANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(400))
NEVER = (
    "/", "/etc", "/usr/bin", "/var/lib", "/srv", "/opt", "/home", "/home/ann", "/root", "/etc/passwd", "/boot/vmlinuz",
    "/proc/1", "/sys/x", "/dev/sda", "/opt/codedeploy-agent", "/opt/codedeploy-agent/bin/codedeploy-agent",
    "/etc/codedeploy-agent/conf/codedeployagent.yml", ROOT_DIR, INSTRUCTIONS, ROOT_DIR + "/ongoing-deployment",
    ROOT_DIR + "/deployment-logs", f"{ROOT_DIR}/{GROUP}", "/var/lib/codedeploy-forensics",
    "/var/lib/codedeploy-forensics/journal.db", f"{APP}/.codedeploy-forensics", f"{APP}/.codedeploy-forensics/x",
    "/var/log/aws/codedeploy-agent/codedeploy-agent.log", "/var/svc/home",
)  # fmt: skip


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planned]:
    passwd = "root:x:0:0::/root:/bin/sh\nsvc:x:9:9::/var/svc/home:/bin/sh\nodd\n"
    more = {"/etc/passwd": passwd, f"{APP}/sub/x": "x", f"{ROOT_DIR}/{GROUP}/d-OLD000001/deployment-archive/y": "y"}
    site = small_site(tmp_path_factory.mktemp("guard"), dict(more))
    with opened(site.top) as planned:
        yield planned


@pytest.mark.parametrize("why", list(Why))
@pytest.mark.parametrize("path", NEVER)
def test_protected_paths_are_refused_whatever_chose_them(planned: Planned, path: str, why: Why) -> None:
    found = planned.guard.refuses(path, why)
    assert found is not None and found.code in ("protected", "odd-path"), path


@pytest.mark.parametrize("path", NEVER)
def test_a_place_that_a_revision_names_opens_nothing_protected(planned: Planned, path: str) -> None:
    guard = Guard(planned.root, planned.e, places=(path, "/srv/new"))
    assert guard.refuses(path) is not None
    assert guard.refuses("/srv/new/x") is None
    assert guard.refuses("/srv/newer") is not None


def test_the_target_locations_are_open(planned: Planned) -> None:
    for path in (f"{APP}/a.txt", f"{APP}/sub", f"{APP}/sub/x", APP):
        assert planned.guard.refuses(path) is None
    for path in ("/srv/apple", "/srv/app2/x", "/tmp/x", "/etc/cron.d/x", "/data/x"):
        found = planned.guard.refuses(path)
        assert found is not None and found.code == "outside"


@pytest.mark.parametrize(
    "path", ["srv/app/x", "/srv/app/../../etc/passwd", "/srv/app/./x", "/srv/app//x", "/srv/app/", "//srv/app/x", "",
             "/srv/app/a\0b", "/srv/app/x/..", "/srv/app/" + "x/" * 20000 + "y",
             *(["/srv/app/\ud800"] if os.name == "posix" else [])],
)  # fmt: skip
def test_what_is_no_whole_path_is_refused(planned: Planned, path: str) -> None:
    found = planned.guard.refuses(path)
    assert found is not None and found.code == "odd-path"


def test_of_the_agents_records_only_some_can_be_set_aside(planned: Planned) -> None:
    group = f"{ROOT_DIR}/{GROUP}"
    refuses = planned.guard.refuses
    old, tracking = f"{group}/d-OLD000001", f"{ROOT_DIR}/ongoing-deployment/d-X"
    for path in (old, f"{old}/deployment-archive/y", tracking, f"{INSTRUCTIONS}/.x-cleanup.tmp.12"):
        assert refuses(path, Why.RECORDS) is None, path
        found = refuses(path, Why.MARK)
        assert found is not None and found.code == "protected"
    found = refuses(f"{group}/d-LASTLAST1/deployment-archive/appspec.yml", Why.RECORDS)
    assert found is not None and found.code == "in-use"
    for name in (f"{GROUP}-cleanup", f"{GROUP}-install.json", f"{GROUP}_last_successful_install", "other-cleanup"):
        assert refuses(f"{INSTRUCTIONS}/{name}", Why.RECORDS) is not None, name
    assert refuses(f"{INSTRUCTIONS}/{GROUP}-cleanup", Why.RECORDS, Act.RESTORE) is None
    for path in (f"{ROOT_DIR}/nobody/d-X", f"{ROOT_DIR}/deployment-logs/x.log", f"{group}/notes.txt"):
        assert refuses(path, Why.RECORDS) is not None, path


def test_a_record_may_only_be_put_right(planned: Planned) -> None:
    refuses = planned.guard.refuses_content
    pointer, cleanup = f"{INSTRUCTIONS}/{GROUP}_last_successful_install", f"{INSTRUCTIONS}/{GROUP}-cleanup"
    assert refuses(pointer, f"{ROOT_DIR}/{GROUP}/d-OLD000001".encode(), b"") is None
    for content in (b"/tmp/evil", f"{ROOT_DIR}/{GROUP}/d-NONE".encode(), b"", f"{ROOT_DIR}/{GROUP}".encode()):
        assert refuses(pointer, content, b"") is not None
    (group,) = planned.e.instance.groups
    assert group.cleanup is not None
    broken = replace(group, cleanup=replace(group.cleanup, unusable=((2, "told"),)))
    instance = replace(planned.e.instance, groups=(broken,))
    refuses = Guard(planned.root, replace(planned.e, instance=instance)).refuses_content
    assert refuses(cleanup, b"/a\n/c\n", b"/a\n/b\n/c\n") is None
    for content in (b"/c\n/a\n", b"/a\n/etc\n", b"/a\n/a\n", b"/a\n", b"", b"/a\n/b\n/c\n"):
        assert refuses(cleanup, content, b"/a\n/b\n/c\n") is not None
    assert refuses(f"{APP}/a.txt", b"", b"a") is not None
    assert refuses(f"{INSTRUCTIONS}/{GROUP}-install.json", b"{}", b"{}") is not None


PART = st.sampled_from(["..", ".", "", "etc", "srv", "app", "opt", "codedeploy-agent", "deployment-root", "sub", "usr",
                        "bin", "a.txt", "\x1b", "\n", "-rf", "home", "ann", "proc", GROUP,
                        "deployment-instructions"])  # fmt: skip


@MANY
@given(st.lists(PART, max_size=7), st.sampled_from(list(Why)), st.booleans())
def test_whatever_is_let_through_is_in_a_target_location_or_a_record(
    planned: Planned, parts: list[str], why: Why, absolute: bool
) -> None:
    path = ("/" if absolute else "") + "/".join(parts)
    if planned.guard.refuses(path, why) is None:
        inside = path == APP or path.startswith(APP + "/") or (why is Why.RECORDS and path.startswith(ROOT_DIR + "/"))
        assert inside and not {"..", ".", ""} & set(path.split("/")[1:])
        assert path not in SHARED


@MANY
@given(st.sampled_from(NEVER), st.integers(0, 40), st.sampled_from(["", "/", "/.", "/..", "//"]))
def test_no_ancestor_of_a_protected_path_gets_through(planned: Planned, path: str, cut: int, tail: str) -> None:
    above = path[: max(1, len(path) - cut)]
    if planned.guard.refuses(above + tail) is None:
        assert above == APP or (above.startswith(APP + "/") and ".codedeploy-forensics" not in above)


# -- Windows ----------------------------------------------------------------------------------

WINDOWS_NEVER = (
    "/", "/C:", "/C:/Windows", "/C:/Windows/System32/drivers/etc/hosts", "/C:/Program Files", "/C:/ProgramData",
    "/C:/Users", "/C:/Users/Ann", "/D:", "/C:/ProgramData/Amazon", "/C:/ProgramData/Amazon/CodeDeploy",
    "/C:/ProgramData/Amazon/CodeDeploy/bin/x.exe", "/C:/ProgramData/Amazon/CodeDeploy/certs",
    "/C:/ProgramData/Amazon/CodeDeploy/conf.yml", "/C:/ProgramData/Amazon/CodeDeploy/log/x.txt",
    "/C:/ProgramData/codedeploy-forensics/x", "/C:/pagefile.sys",
)  # fmt: skip


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planned]:
    try:
        top = fixtures.unpack("windows-guide", tmp_path_factory.mktemp("windows"))
    except fixtures.FixtureError as error:
        pytest.skip(str(error))
    with opened(top) as planned:
        yield planned
    fixtures.remove(top)


@MANY
@given(st.sampled_from(WINDOWS_NEVER), st.data(), st.sampled_from(list(Why)))
def test_letter_case_gets_nothing_through(windows: Planned, path: str, data: st.DataObject, why: Why) -> None:
    swapped = "".join(c.swapcase() if data.draw(st.booleans()) else c for c in path)
    for place in (path, swapped):
        assert windows.guard.refuses(place, why) is not None
        assert Guard(windows.root, windows.e, places=(place, path)).refuses(place, why) is not None


@pytest.mark.parametrize(
    "path", ["/C:/temp/a.txt.", "/C:/temp/a.txt ", "/C:/temp/a.txt::$DATA", "/C:/temp/x:y", "/C:/temp/../Windows",
             "/C:/temp\\a.txt", "C:/temp/a.txt", "//?/C:/temp/a.txt", "/temp/a.txt", "/C:/temp/a?", "/c:/temp/a.txt",
             "/C:/temp/a\x01"],
)  # fmt: skip
def test_names_that_windows_takes_for_others_are_refused(windows: Planned, path: str) -> None:
    assert windows.guard.refuses("/C:/temp/a.txt") is None
    found = windows.guard.refuses(path)
    assert found is not None and found.code in ("odd-path", "protected")


@posix_only
def test_mount_points_of_this_machine_are_known() -> None:
    from tui.cleanup.protected import mount_points

    with open_source(None) as root:
        found = mount_points(root)
    assert Path("/proc").is_mount() is ("/proc" in found)
    assert "/" in found
