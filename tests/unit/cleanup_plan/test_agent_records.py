from __future__ import annotations

import os
from pathlib import Path

from tests.unit.cleanup_plan.planning import carry_out, opened, paths, refused, small_site
from tests.unit.preview.building import GROUP, INSTRUCTIONS, ROOT_DIR, Site
from tui.cleanup.agent_records import STALE, Records, agent_records, usable_lines
from tui.cleanup.plan import check_plan
from tui.cleanup.records import Act, Why

DIRECTORY = f"{ROOT_DIR}/{GROUP}"
POINTER = f"{INSTRUCTIONS}/{GROUP}_last_successful_install"
SPEC = {"appspec.yml": '{"version": 0.0, "os": "linux", "files": [{"source": "app", "destination": "/srv/app"}]}'}
NOW = 1_764_000_000.0
ONLY = Records(False, False, False, False, False, False)


def with_revisions(tmp_path: Path, count: int) -> Site:
    """An instance with that many revisions, the last completed one being the oldest."""
    site = small_site(tmp_path)
    for number in range(count):
        directory = site.deployed({**SPEC, "app/x": str(number)}, f"d-REV00000{number}")
        os.utime(site.place(directory), (NOW + number, NOW + number))
    os.utime(site.place(f"{DIRECTORY}/d-LASTLAST1"), (NOW - 1, NOW - 1))
    return site


def test_revisions_beyond_what_is_kept_go_the_oldest_first(tmp_path: Path) -> None:
    site = with_revisions(tmp_path, 6)  # seven with the one that the pointer names; max_revisions is 5
    with opened(site.top) as planned:
        selection = agent_records(planned.root, planned.e.instance, NOW, which=Records(True, *[False] * 5))
        plan = planned.plan(selection)
        assert not refused(plan)
        assert check_plan(plan, planned.root, planned.guard) == ()
    tops = [path for path in paths(plan) if path.count("/") == DIRECTORY.count("/") + 1]
    assert tops == [f"{DIRECTORY}/d-REV000000", f"{DIRECTORY}/d-REV000001"]
    assert {step.why for step in plan.steps} == {Why.RECORDS} and {step.mark for step in plan.steps} == {None}
    carry_out(site.top, plan)
    assert len(list(site.place(DIRECTORY).iterdir())) == 5


def test_as_many_as_are_kept_stay(tmp_path: Path) -> None:
    with opened(with_revisions(tmp_path, 4).top) as planned:
        assert not agent_records(planned.root, planned.e.instance, NOW)


def test_a_group_that_is_gone_goes_with_its_archives_and_pointers(tmp_path: Path) -> None:
    site = with_revisions(tmp_path, 1)
    with opened(site.top) as planned:
        assert not agent_records(planned.root, planned.e.instance, NOW)
    with opened(site.top, gone=(GROUP,)) as planned:
        plan = planned.plan(agent_records(planned.root, planned.e.instance, NOW, gone=(GROUP,)))
        assert not refused(plan)
    assert DIRECTORY in paths(plan) and POINTER in paths(plan) and ROOT_DIR not in paths(plan)
    carry_out(site.top, plan)
    assert not site.place(DIRECTORY).exists() and site.place(f"{INSTRUCTIONS}/{GROUP}-cleanup").exists()


def test_tracking_files_go_when_they_are_a_day_old(tmp_path: Path) -> None:
    site = small_site(tmp_path)
    ongoing = f"{ROOT_DIR}/ongoing-deployment"
    site.put({f"{ongoing}/d-OLD": "x", f"{ongoing}/d-NEW": "x", f"{ongoing}/.d-X.tmp.7": "x"})
    for name, age in (("d-OLD", STALE + 60), ("d-NEW", STALE - 60), (".d-X.tmp.7", 2 * STALE)):
        os.utime(site.place(f"{ongoing}/{name}"), (NOW - age, NOW - age))
    with opened(site.top) as planned:
        plan = planned.plan(agent_records(planned.root, planned.e.instance, NOW))
        assert paths(plan) == [f"{ongoing}/.d-X.tmp.7", f"{ongoing}/d-OLD"]
        assert refused(plan) == {f"{ongoing}/d-NEW": "deployment-running"}
        unknown = agent_records(planned.root, planned.e.instance, None)
        assert not unknown and {one.code for one in unknown.refused} == {"age-unknown"}


def test_a_pointer_to_what_is_gone_is_put_right(tmp_path: Path) -> None:
    site = with_revisions(tmp_path, 2)
    site.completed(f"{DIRECTORY}/d-GONE00000")
    with opened(site.top) as planned:
        plan = planned.plan(agent_records(planned.root, planned.e.instance, NOW))
        assert check_plan(plan, planned.root, planned.guard) == ()
    step = next(step for step in plan.steps if step.path == POINTER)
    assert (step.act, step.content) == (Act.RESTORE, f"{DIRECTORY}/d-REV000001".encode())
    assert step.seen.digest is not None and step.seen.uid == os.lstat(site.place(POINTER)).st_uid
    assert "d-GONE00000, which is gone" in step.evidence and plan.freed == 0
    carry_out(site.top, plan)
    with opened(site.top) as planned:
        pointer = planned.e.instance.groups[0].last_successful
        assert pointer is not None and pointer.exists
        assert not agent_records(planned.root, planned.e.instance, NOW)


def test_a_pointer_keeps_the_line_end_that_it_has(tmp_path: Path) -> None:
    site = with_revisions(tmp_path, 2)
    site.completed(f"{DIRECTORY}/d-GONE00000\n")
    with opened(site.top) as planned:
        plan = planned.plan(agent_records(planned.root, planned.e.instance, NOW))
    assert [step.content for step in plan.steps] == [f"{DIRECTORY}/d-REV000001\n".encode()]


def test_a_pointer_with_nothing_to_name_is_set_aside(tmp_path: Path) -> None:
    site = small_site(tmp_path)
    site.completed(f"{DIRECTORY}/d-GONE00000")
    with opened(site.top) as planned:
        instance = planned.e.instance
        plan = planned.plan(agent_records(planned.root, instance, NOW, repair=lambda group: None))
        assert [(step.path, step.act) for step in plan.steps] == [(POINTER, Act.QUARANTINE)]


def test_a_pointer_that_is_right_stays(tmp_path: Path) -> None:
    with opened(small_site(tmp_path).top) as planned:
        assert not agent_records(planned.root, planned.e.instance, NOW)


def test_a_cleanup_file_loses_the_lines_at_which_installs_fail(tmp_path: Path) -> None:
    site = small_site(tmp_path)
    site.cleanup(raw=b"/srv/app\n/srv/b\0d\n/srv/app/a.txt\n/srv/cut")
    with opened(site.top) as planned:
        plan = planned.plan(agent_records(planned.root, planned.e.instance, NOW))
    assert [(step.act, step.content) for step in plan.steps] == [
        (Act.RESTORE, b"/srv/app\n/srv/app/a.txt\n/srv/cut")
    ]  # fmt: skip


def test_version_2_loses_the_lines_that_are_not_utf_8(tmp_path: Path) -> None:
    site = small_site(tmp_path, {"/opt/codedeploy-agent/.version": "agent_version: 2.1.0"})
    site.cleanup(raw=b"/srv/app\n/srv/\xff\n/srv/app/a.txt\n")
    place = site.place(f"{INSTRUCTIONS}/{GROUP}-cleanup")
    with opened(site.top) as planned:
        plan = planned.plan(agent_records(planned.root, planned.e.instance, NOW))
        assert [step.content for step in plan.steps] == [b"/srv/app\n/srv/app/a.txt\n"]
        assert os.name == "nt" or plan.steps[0].seen.mode == place.stat().st_mode & 0o7777
        file = planned.e.instance.groups[0].cleanup
        assert file is not None and usable_lines(b"", file) == b""


def test_what_version_2_was_stopped_writing_goes(tmp_path: Path) -> None:
    name = f"{INSTRUCTIONS}/.{GROUP}-install.json.tmp.81"
    site = small_site(tmp_path, {name: "{", f"{INSTRUCTIONS}/.keep": ""})
    with opened(site.top) as planned:
        assert paths(planned.plan(agent_records(planned.root, planned.e.instance, NOW))) == [name]
        assert not agent_records(planned.root, planned.e.instance, NOW, which=ONLY)
