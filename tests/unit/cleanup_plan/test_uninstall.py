from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import can_link, some_examples
from tests.unit.cleanup_plan.planning import APP, carry_out, opened, paths, refused, small_site, warned
from tests.unit.preview.building import GROUP, Link
from tui import fixtures
from tui.cleanup.presets import uninstall
from tui.cleanup.records import Why

needs_links = pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")


def test_it_takes_the_lines_of_the_cleanup_file_and_empty_directories_alone(tmp_path: Path) -> None:
    site = small_site(tmp_path, {f"{APP}/d/x": "x", f"{APP}/e/y": "y", f"{APP}/e/kept": "k"})
    listed = [APP, f"{APP}/a.txt", f"{APP}/d", f"{APP}/d/x", f"{APP}/e", f"{APP}/e/y", f"{APP}/absent"]
    site.cleanup(*listed)
    with opened(site.top, gone=(GROUP,)) as planned:
        plan = planned.plan(uninstall(planned.root, planned.e, planned.e.instance.groups[0]))
    assert paths(plan) == [f"{APP}/a.txt", f"{APP}/d/x", f"{APP}/d", f"{APP}/e/y"]
    assert not refused(plan) and {step.why for step in plan.steps} == {Why.UNINSTALL}
    assert "line 2 of" in plan.steps[0].evidence
    carry_out(site.top, plan)
    assert (site.top / "srv/app/e/kept").exists()


@needs_links
def test_it_takes_real_paths_and_links_themselves(tmp_path: Path) -> None:
    site = small_site(tmp_path, {"/srv/real/x": "x", "/srv/way": Link("real"), f"{APP}/l": Link("/srv/real/x")})
    site.cleanup("/srv/way/x", f"{APP}/l")
    with opened(site.top) as planned:
        plan = planned.plan(uninstall(planned.root, planned.e, planned.e.instance.groups[0]))
    assert paths(plan) == [f"{APP}/l", "/srv/real/x"]


@needs_links
def test_version_2_keeps_a_dangling_link(tmp_path: Path) -> None:
    site = small_site(tmp_path, {"/opt/codedeploy-agent/.version": "agent_version: 2.1.0", f"{APP}/l": Link("nowhere")})
    site.cleanup(f"{APP}/a.txt", f"{APP}/l")
    with opened(site.top) as planned:
        found = uninstall(planned.root, planned.e, planned.e.instance.groups[0])
    assert [pick.path for pick in found.picks] == [f"{APP}/a.txt"]


def test_what_the_agent_would_not_come_to_is_told(tmp_path: Path) -> None:
    site = small_site(tmp_path)
    site.cleanup(raw=f"{APP}/a.txt\n/srv/b\0d\n{APP}/made.txt\n".encode())
    site.put({f"{APP}/made.txt": "m"})
    with opened(site.top) as planned:
        found = uninstall(planned.root, planned.e, planned.e.instance.groups[0])
    assert [pick.path for pick in found.picks] == [f"{APP}/made.txt"]
    assert {one.path for one in found.refused} >= {f"{APP}/a.txt"}
    assert {one.code for one in found.refused} == {"not-reached"}


def test_a_group_without_a_cleanup_file_has_nothing(tmp_path: Path) -> None:
    site = small_site(tmp_path)
    site.place(f"{site.instructions}/{GROUP}-cleanup").unlink()
    with opened(site.top) as planned:
        found = uninstall(planned.root, planned.e, planned.e.instance.groups[0])
    assert not found and [one.code for one in found.refused] == ["no-cleanup-file"]


@pytest.mark.parametrize("name", some_examples("healthy", "two-groups-one-directory", but="windows-guide"))
def test_on_an_example_it_takes_what_is_foretold_to_be_removed(name: str, tmp_path: Path) -> None:
    try:
        top = fixtures.unpack(name, tmp_path)
    except fixtures.FixtureError as error:
        pytest.skip(str(error))
    with opened(top) as planned:
        e = planned.e
        for number, group in enumerate(e.instance.groups):
            taken = {pick.path for pick in uninstall(planned.root, e, group).picks}
            there = {
                path for row, path in e.inventory.paths() if e.removed_next[row] and e.inventory.type[row] != 4
                and e.group[row] == number
            }  # fmt: skip
            assert there <= taken
            if len(e.instance.groups) == 1:  # of one that is listed twice the examination knows one group alone
                assert all(e.removed_next[planned.row(path)] for path in taken)


def test_what_another_group_has_deployed_too_is_told_unless_that_is_gone(tmp_path: Path) -> None:
    site = small_site(tmp_path)
    site.cleanup(APP, f"{APP}/a.txt", f"{APP}/made.txt")
    site.cleanup(APP, f"{APP}/a.txt", group="other")
    site.put({f"{APP}/made.txt": "m"})
    for gone, shared in (((GROUP,), {"other-group": [f"{APP}/a.txt", APP]}), ((GROUP, "other"), {})):
        with opened(site.top, gone=gone) as planned:
            group = planned.e.instance.group(GROUP)
            assert group is not None
            plan = planned.plan(uninstall(planned.root, planned.e, group, gone=gone))
        assert f"{APP}/made.txt" in paths(plan)
        assert {code: found for code, found in warned(plan).items() if code == "other-group"} == shared
