from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import DirectoryRoot, can_link, case_names, some_examples, truth_of, unpack_case, whole_case
from tests.unit.cleanup_plan.planning import APP, Planned, carry_out, opened, paths, refused, small_site
from tests.unit.preview.building import DISALLOW, GROUP, OVERWRITE, Link, Site, appspec
from tui import fixtures
from tui.cleanup.guard import Guard
from tui.cleanup.plan import Making, make_plan
from tui.cleanup.presets import Unblocked, unblock
from tui.cleanup.records import Plan
from tui.disk.tree import RootTree
from tui.preview.play import play
from tui.preview.records import Behavior, Preview, Revision, Step, Verdict

needs_links = pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")


def verdict(planned: Planned, step: Step) -> Verdict:
    for event in play(planned.root, planned.e, [step]):
        if isinstance(event, Preview):
            return event.verdicts[0]
    raise AssertionError


def unblocked(top: Path, step: Step) -> tuple[Unblocked, Plan]:
    """Take away what makes a deployment fail, and see that it then succeeds."""
    with opened(top) as planned:
        found = unblock(planned.root, planned.e, step)
        guard = Guard(planned.root, planned.e, places=found.selection.places)
        plan = make_plan(planned.root, planned.e, found.selection, guard, Making(0.0, "1"))
    carry_out(top, plan)
    with opened(top) as planned:
        again = verdict(planned, step)
        assert (again.failure is None) == (found.after.failure is None)
        assert again.outcome == "succeeds" or found.selection.refused
    return found, plan


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = small_site(tmp_path, {f"{APP}/made.txt": "made\n", f"{APP}/upload": "u"})
    yield site
    site.close()


def revision(site: Site, *names: str, spec: str = "") -> Revision:
    files = {f"app/{name}": "new" for name in names}
    return site.revision(files, spec or appspec(("app", APP)))


def test_only_what_is_in_the_way_goes(site: Site) -> None:
    found, plan = unblocked(site.top, Step(GROUP, revision(site, "a.txt", "made.txt", "sub/b.txt")))
    assert paths(plan) == [f"{APP}/made.txt"]  # a.txt is removed by the agent's own cleanup
    assert found.before.failure is not None and found.after.failure is None
    assert "makes the deployment fail" in plan.steps[0].evidence and "AfterInstall script" in plan.steps[0].evidence
    assert plan.steps[0].mark == "script-created"


def test_a_deployment_that_succeeds_needs_nothing(site: Site) -> None:
    found, plan = unblocked(site.top, Step(GROUP, revision(site, "a.txt", "new.txt")))
    assert not found.selection and not plan.steps and not plan.refused


def test_a_directory_in_a_files_place_goes_with_all_that_is_in_it(site: Site) -> None:
    site.put({f"{APP}/x/deep/1": "1", f"{APP}/x/2": "2"})
    _, plan = unblocked(site.top, Step(GROUP, revision(site, "x"), DISALLOW))
    assert paths(plan) == [f"{APP}/x/2", f"{APP}/x/deep/1", f"{APP}/x/deep", f"{APP}/x"]


def test_of_a_directory_that_version_1_copies_into_only_the_obstacle_in_it_goes(site: Site) -> None:
    site.put({f"{APP}/x/x/deep": "1", f"{APP}/x/other": "2"})
    _, plan = unblocked(site.top, Step(GROUP, revision(site, "x"), OVERWRITE))
    assert paths(plan) == [f"{APP}/x/x/deep", f"{APP}/x/x"]


def test_a_file_in_a_directorys_place_goes(site: Site) -> None:
    site.put({f"{APP}/sub": "a file"})
    _, plan = unblocked(site.top, Step(GROUP, revision(site, "sub/deep/b.txt")))
    assert paths(plan) == [f"{APP}/sub"]


@needs_links
def test_a_link_that_is_there_already_goes_whatever_the_behavior(site: Site) -> None:
    site.put({f"{APP}/current": Link("nowhere"), f"{APP}/gone/x": Link("/srv/app/nothing")})
    revision = site.revision({"app/current": Link("made.txt"), "app/gone/x": "x"}, appspec(("app", APP)))
    _, plan = unblocked(site.top, Step(GROUP, revision, OVERWRITE))
    assert f"{APP}/current" in paths(plan)


@needs_links
def test_what_is_reached_through_a_link_goes_by_its_real_path(site: Site) -> None:
    site.put({"/srv/real/made.txt": "m", "/srv/way": Link("real")})
    revision = site.revision({"app/made.txt": "new"}, appspec(("app", "/srv/way")))
    _, plan = unblocked(site.top, Step(GROUP, revision))
    assert paths(plan) == ["/srv/real/made.txt"] and (site.top / "srv/way").is_symlink()


def test_a_place_that_no_record_names_is_opened_for_just_that(site: Site) -> None:
    site.put({"/srv/new/b.txt": "b", "/srv/new/c.txt": "c"})
    step = Step(GROUP, site.revision({"app/b.txt": "new"}, appspec(("app", "/srv/new"))))
    with opened(site.top) as planned:
        found = unblock(planned.root, planned.e, step)
        assert refused(planned.plan(found.selection)) == {"/srv/new/b.txt": "outside"}
    _, plan = unblocked(site.top, step)
    assert [(one.path, one.mark) for one in plan.steps] == [("/srv/new/b.txt", None)]
    assert "nothing on disk tells who made it" in plan.steps[0].evidence


def test_what_moving_does_not_solve_is_told(site: Site) -> None:
    broken = site.revision({"app/a.txt": "new", "app/made.txt": "x"}, '{"version": 0.0, "os": "linux", "files": 7}')
    found, plan = unblocked(site.top, Step(GROUP, broken))
    assert not plan.steps and [one.code for one in plan.refused] == ["unsolvable"]
    twice = appspec(("app", APP), ("app", APP))
    found, plan = unblocked(site.top, Step(GROUP, revision(site, "new.txt", spec=twice)))
    assert not plan.steps and {one.code for one in found.selection.refused} == {"unsolvable"}
    assert "change the appspec" in plan.refused[0].reason


def test_an_owner_that_there_is_not_is_told_and_nothing_goes_for_it(site: Site) -> None:
    spec = appspec(("app", APP), permissions=[{"object": APP, "owner": "nobody-here", "pattern": "*"}])
    found, plan = unblocked(site.top, Step(GROUP, revision(site, "new.txt", spec=spec)))
    assert not plan.steps and found.after.failure is not None
    assert [one.path for one in found.selection.refused] == [f"{APP}/new.txt"]


@needs_links
def test_what_stays_broken_without_it_is_left_where_it_is(site: Site) -> None:
    site.put({f"{APP}/l": Link("nowhere")})
    site.cleanup(APP, f"{APP}/a.txt", f"{APP}/l")
    spec = appspec(("app", APP), permissions=[{"object": APP, "mode": 644, "pattern": "*"}])
    dangling = site.revision({"app/l": Link("nowhere"), "app/upload": "x"}, spec)
    found, plan = unblocked(site.top, Step(GROUP, dangling))  # upload is in the way, and going without it is no use
    assert not plan.steps and [one.path for one in found.selection.refused] == [f"{APP}/l"]


# -- what a real agent met --------------------------------------------------------------------


@contextlib.contextmanager
def bundle(directory: Path) -> Iterator[Revision]:
    root: Any = DirectoryRoot(str(directory))
    yield Revision(directory.name, RootTree(root, "/"))
    root.close()


@pytest.mark.skipif(os.name == "nt", reason="the cases hold links and names that Windows has not")
@pytest.mark.parametrize("name", case_names())
def test_after_it_every_deployment_of_a_case_that_failed_succeeds_or_is_told(name: str, tmp_path: Path) -> None:
    failed = [one for one in truth_of(whole_case(name))["next"] if one["result"]["status"] == "Failed"]
    for number, one in enumerate(failed):
        (tmp_path / str(number)).mkdir()
        case = unpack_case(name, tmp_path / str(number))
        with bundle(case / "bundles" / one["revision"]) as revision:
            step = Step(one["group"], revision, Behavior(one["behavior"]))
            found, plan = unblocked(case / "sysroot", step)
            assert found.before.failure is not None
            if "already exists" in one["result"]["message"]:
                assert found.after.failure is None and plan.steps
        fixtures.remove(case)


@pytest.mark.parametrize("name", some_examples("guide-example", "windows-guide"))
def test_after_it_any_revision_left_on_an_example_can_be_deployed_again(name: str, tmp_path: Path) -> None:
    try:
        whole = fixtures.unpack(name, tmp_path)
    except fixtures.FixtureError as error:
        pytest.skip(str(error))
    with opened(whole) as planned:
        left = [
            (group.id, deployment.archive)
            for group in planned.e.instance.groups
            for deployment in group.deployments
            if deployment.archive is not None
        ]
    needed = 0
    for number, (group, archive) in enumerate(left):
        top = fixtures.unpack(name, tmp_path / str(number))
        place = archive.replace("/C:", "/C", 1) if archive.startswith("/C:") else archive
        with bundle(whole / place.lstrip("/")) as revision:
            with opened(top) as planned:
                found = unblock(planned.root, planned.e, Step(group, revision, DISALLOW))
                guard = Guard(planned.root, planned.e, places=found.selection.places)
                plan = make_plan(planned.root, planned.e, found.selection, guard, Making(0.0, "1"))
            carry_out(
                top, plan, lambda path, top=top: top / path.lstrip("/").replace("C:", "C", 1).replace("D:", "D", 1)
            )  # type: ignore[misc]
            with opened(top) as planned:
                again = verdict(planned, Step(group, revision, DISALLOW))
            assert again.failure is None or found.selection.refused, (again.failure, plan.refused)
            if found.before.failure is not None and found.after.failure is None:
                assert plan.steps and again.failure is None
                needed += 1
        fixtures.remove(top)
    fixtures.remove(whole)
    assert needed or name not in ("failed-disallow", "killed-mid-install", "version-2")


def test_no_step_of_an_unblock_is_more_than_needed(site: Site) -> None:
    site.put({f"{APP}/x/2": "2"})
    step = Step(GROUP, revision(site, "made.txt", "x", "upload"))
    with opened(site.top) as planned:
        found = unblock(planned.root, planned.e, step)
        tops = sorted(found.selection.places)
        assert tops == [f"{APP}/made.txt", f"{APP}/upload", f"{APP}/x"]
        from tui.cleanup.without import without_paths

        for kept in tops:
            less = without_paths(planned.root, planned.e, [path for path in tops if path != kept])
            for event in play(*less, [step]):
                if isinstance(event, Preview):
                    assert event.verdicts[0].failure is not None, kept
