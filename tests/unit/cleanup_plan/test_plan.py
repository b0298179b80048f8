from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import can_link, posix_only
from tests.unit.cleanup_plan.planning import APP, carry_out, opened, paths, refused, small_site, warned
from tests.unit.preview.building import GROUP, ROOT_DIR
from tui.cleanup.choose import Pick, Selection, Wanted, by_paths, choose
from tui.cleanup.in_use import InUse
from tui.cleanup.plan import Stopped, check_plan
from tui.cleanup.presets import residue
from tui.cleanup.records import Act, Why
from tui.disk.inventory import DIR, FILE
from tui.forensics.marks import Mark
from tui.system.open_files import Holder

needs_links = pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")
ALL = Wanted()


@pytest.fixture
def top(tmp_path: Path) -> Path:
    more = {f"{APP}/made.txt": "made\n", f"{APP}/gone/deep/y": "y", f"{APP}/gone/z": "z", f"{APP}/gone-too": "t"}
    return small_site(tmp_path, dict(more)).top


def test_what_is_in_a_directory_comes_before_it(top: Path) -> None:
    with opened(top) as planned:
        plan = planned.plan(choose(planned.e, ALL, "all"))
    order = paths(plan)
    assert set(order) == {APP, *(APP + name for name in ("/a.txt", "/made.txt", "/gone", "/gone/deep", "/gone/deep/y",
                                                         "/gone/z", "/gone-too"))}  # fmt: skip
    for path in order:
        assert all(order.index(other) <= order.index(path) for other in order if other.startswith(path + "/"))
    assert [step.number for step in plan.steps] == list(range(1, len(order) + 1))
    carry_out(top, plan)
    assert not (top / "srv/app").exists() and (top / "srv").exists()


def test_a_plan_says_what_was_seen(top: Path) -> None:
    with opened(top) as planned:
        plan = planned.plan(residue(planned.e))
    step = next(step for step in plan.steps if step.path == f"{APP}/made.txt")
    stat = os.lstat(top / "srv/app/made.txt")
    assert (step.seen.inode, step.seen.size, step.seen.mtime_ns) == (stat.st_ino, 5, stat.st_mtime_ns)
    assert (step.act, step.why, step.mark, step.seen.kind) == (Act.QUARANTINE, Why.RESIDUE, "script-created", FILE)
    assert step.confidence in ("certain", "likely") and "AfterInstall script" in step.evidence and step.group == GROUP
    assert (plan.chosen_by, plan.host, plan.source_kind) == ("residue", "web-1", "directory")
    assert plan.bytes == sum(step.seen.size for step in plan.steps if step.seen.kind == FILE)


def test_a_directory_goes_only_with_all_that_is_in_it(top: Path) -> None:
    with opened(top) as planned:
        rows = by_paths(planned.e, [f"{APP}/gone"], "gone", exclude=("y",))
        plan = planned.plan(rows)
        assert paths(plan) == [f"{APP}/gone/z"]
        assert refused(plan) == {f"{APP}/gone/deep": "not-empty", f"{APP}/gone": "not-empty"}
        (top / "srv/app/gone/new").write_text("since the scan")
        plan = planned.plan(by_paths(planned.e, [f"{APP}/gone"], "gone"))
        assert refused(plan) == {f"{APP}/gone": "not-empty"}


def test_what_changed_since_the_scan_is_refused(top: Path) -> None:
    with opened(top) as planned:
        (top / "srv/app/made.txt").write_text("longer than before")
        (top / "srv/app/gone-too").unlink()
        (top / "srv/app/gone/z").unlink()
        (top / "srv/app/gone/z").mkdir()
        plan = planned.plan(choose(planned.e, ALL, "all"))
    found = refused(plan)
    assert (found[f"{APP}/made.txt"], found[f"{APP}/gone-too"], found[f"{APP}/gone/z"]) == (
        "changed",
        "absent",
        "changed",
    )
    assert f"{APP}/gone" not in paths(plan)


@needs_links
def test_what_a_link_came_to_stand_before_is_refused(top: Path) -> None:
    with opened(top) as planned:
        (top / "srv/app/gone").rename(top / "srv/elsewhere")
        (top / "srv/app/gone").symlink_to("../elsewhere")
        plan = planned.plan(choose(planned.e, ALL, "all"))
    found = refused(plan)
    assert found[f"{APP}/gone/z"] == found[f"{APP}/gone/deep/y"] == "through-link"
    assert found[f"{APP}/gone"] == "changed"
    assert not [path for path in paths(plan) if "gone/" in path]


@needs_links
def test_a_link_goes_itself(top: Path) -> None:
    (top / "srv/app/gone/link").symlink_to("/etc")
    with opened(top) as planned:
        plan = planned.plan(by_paths(planned.e, [f"{APP}/gone/link"], "link"))
    assert [step.seen.target for step in plan.steps] == ["/etc"]


def test_protected_and_outside_paths_are_refused_with_the_rest_planned(top: Path) -> None:
    with opened(top) as planned:
        named = ["/", "/etc", ROOT_DIR, "/var/tmp/x", f"{APP}/made.txt", "relative", f"{ROOT_DIR}/{GROUP}/d-LASTLAST1"]
        plan = planned.plan(by_paths(planned.e, named, "some"))
    assert paths(plan) == [f"{APP}/made.txt"]
    assert refused(plan) == {
        "/": "protected", "/etc": "protected", ROOT_DIR: "protected", "/var/tmp/x": "outside", "relative": "odd-path",
        f"{ROOT_DIR}/{GROUP}/d-LASTLAST1": "protected",
    }  # fmt: skip


def test_a_path_is_planned_once(top: Path) -> None:
    with opened(top) as planned:
        selection = by_paths(planned.e, [f"{APP}/made.txt"], "one")
        twice = Selection("twice", Why.PATH, selection.rows, (Pick(f"{APP}/made.txt", Why.UNBLOCK, "again"),))
        plan = planned.plan(twice)
    assert [(step.path, step.why) for step in plan.steps] == [(f"{APP}/made.txt", Why.PATH)]


def test_a_plan_that_nobody_waits_for_stops(top: Path) -> None:
    from tui.cleanup.plan import Making, make_plan

    with opened(top) as planned, pytest.raises(Stopped):
        make_plan(planned.root, planned.e, residue(planned.e), planned.guard, Making(0.0, "1"), lambda: True)


# -- warnings ---------------------------------------------------------------------------------


def test_deployed_and_weakly_marked_files_are_warned_of(top: Path) -> None:
    with opened(top) as planned:
        row = planned.row(f"{APP}/gone-too")
        planned.e.confidence[row] = 2
        found = warned(planned.plan(choose(planned.e, ALL, "all")))
    assert f"{APP}/a.txt" in found["deployed"] and f"{APP}/gone-too" in found["low-confidence"]
    assert f"{APP}/made.txt" not in found["deployed"] and "not-this-machine" in found


def test_files_in_use_are_warned_of_with_their_process(top: Path) -> None:
    nginx, sh = Holder(812, "nginx", True, "nginx.service"), Holder(9, "sh\x1b", False)
    use = InUse({f"{APP}/made.txt": [nginx]}, {f"{APP}/gone": [sh]}, {f"{APP}/gone-too": [sh]}, complete=False)
    with opened(top) as planned:
        plan = planned.plan(choose(planned.e, ALL, "all"), in_use=use)
    told = [one.message for one in plan.warnings if one.code in ("held-open", "executed")]
    assert told[0].endswith("held open: by nginx (812) of nginx.service")
    assert "sh\x1b (9)" in told[1] and warned(plan)["executed"] == [f"{APP}/gone-too"]
    assert [one.message for one in plan.warnings if one.code == "incomplete-scan"] != []


@posix_only
def test_hard_links_that_stay_free_nothing(top: Path) -> None:
    os.link(top / "srv/app/gone/z", top / "srv/app/gone/z2")
    os.link(top / "srv/app/gone/z", top / "srv/outside")
    os.link(top / "srv/app/gone/deep/y", top / "srv/app/gone/deep/y2")
    with opened(top) as planned:
        plan = planned.plan(by_paths(planned.e, [f"{APP}/gone"], "gone"))
    assert warned(plan)["hard-links"] == [f"{APP}/gone/z", f"{APP}/gone/z2"]
    assert (plan.bytes, plan.freed) == (2, 1)


def test_content_that_no_revision_has_is_warned_of_before_it_is_deleted(top: Path) -> None:
    (top / "srv/app/gone/same").write_text("a")
    (top / "srv/app/gone/empty").write_text("")
    with opened(top) as planned:
        plan = planned.plan(choose(planned.e, ALL, "all"), delete=True)
        assert "content-lost" not in warned(planned.plan(choose(planned.e, ALL, "all")))
    lost = warned(plan)["content-lost"]
    assert f"{APP}/gone/z" in lost
    assert not {f"{APP}/a.txt", f"{APP}/gone/same", f"{APP}/gone/empty"} & set(lost)
    digests = {step.path: step.seen.digest for step in plan.steps if step.seen.kind == FILE}
    assert digests[f"{APP}/a.txt"] == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"


@posix_only
def test_directories_that_something_watches_are_warned_of(tmp_path: Path) -> None:
    spec = "[Path]\nDirectoryNotEmpty=/srv/app/spool\nPathExistsGlob=/srv/app/in/*.job\nPathChanged=%h/x\n"
    more = {
        "/etc/systemd/system/job.path": spec, f"{APP}/spool/x": "x", f"{APP}/in/1.job": "j", "/etc/cron.d/shop": "* *",
    }  # fmt: skip
    site = small_site(tmp_path, dict(more))
    site.cleanup(APP, f"{APP}/a.txt", "/etc/cron.d/shop")
    with opened(site.top) as planned:
        plan = planned.plan(choose(planned.e, ALL, "all"))
    watches = {
        one.message.partition(":")[0]: set(one.paths) for one in plan.warnings if one.code == "watched-directory"
    }
    assert watches["systemd's job.path watches it (DirectoryNotEmpty)"] == {f"{APP}/spool", f"{APP}/spool/x"}
    assert watches["systemd's job.path watches it (PathExistsGlob)"] == {f"{APP}/in", f"{APP}/in/1.job"}
    assert watches["cron reads /etc/cron.d"] == {"/etc/cron.d/shop"}


def test_what_the_scan_did_not_see_is_warned_of(top: Path) -> None:
    from tui.disk.inventory import Note

    with opened(top) as planned:
        planned.e.inventory.notes.append(Note("unreadable", f"{APP}/dark"))
        assert warned(planned.plan(residue(planned.e)))["incomplete-scan"] == [f"{APP}/dark"]


# -- before it is carried out -----------------------------------------------------------------


def test_a_plan_still_holds_while_nothing_changes(top: Path) -> None:
    with opened(top) as planned:
        plan = planned.plan(choose(planned.e, ALL, "all"))
        assert check_plan(plan, planned.root, planned.guard) == ()


@posix_only
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda place: place.write_text("other"), "changed"),
        (lambda place: place.chmod(0o600), "changed"),
        (lambda place: place.unlink(), "absent"),
        (lambda place: os.utime(place, ns=(1, 1)), "changed"),
        (lambda place: (place.unlink(), place.symlink_to("/etc/passwd")), "changed"),
        (lambda place: (place.rename(place.with_name("old")), place.write_text("made\n")), "changed"),
        (lambda place: os.link(place, place.with_name("another")), None),
    ],
)
def test_what_changed_since_the_plan_is_refused(top: Path, change: object, code: object) -> None:
    assert callable(change)
    with opened(top) as planned:
        plan = planned.plan(by_paths(planned.e, [f"{APP}/made.txt"], "one"))
        change(top / "srv/app/made.txt")
        found = [one.code for one in check_plan(plan, planned.root, planned.guard)]
    assert found == ([] if code is None else [code])


def test_a_plan_from_elsewhere_is_judged_anew(top: Path) -> None:
    with opened(top) as planned:
        plan = planned.plan(by_paths(planned.e, [f"{APP}/gone"], "gone"))
        for path, why, code in (
            ("/etc/passwd", Why.PATH, "protected"),
            ("/srv/other", Why.UNBLOCK, "outside"),
            (f"{ROOT_DIR}/{GROUP}/d-LASTLAST1/deployment-archive/appspec.yml", Why.RECORDS, "in-use"),
            (f"{APP}/../../etc/passwd", Why.PATH, "odd-path"),
        ):
            forged = plan.steps[0]._replace(path=path, why=why)
            found = check_plan(type(plan)(**{**vars(plan), "steps": (forged,)}), planned.root, planned.guard)
            assert [one.code for one in found] == [code]
        (top / "srv/app/gone/deep/new").write_text("new")
        found = check_plan(plan, planned.root, planned.guard)
        assert {one.path: one.code for one in found} == {f"{APP}/gone/deep": "not-empty"}


@needs_links
def test_a_directory_that_became_a_link_since_the_plan_is_refused(top: Path) -> None:
    with opened(top) as planned:
        plan = planned.plan(by_paths(planned.e, [f"{APP}/gone"], "gone"))
        (top / "srv/app/gone").rename(top / "srv/moved")
        (top / "srv/app/gone").symlink_to(top / "srv/moved")
        codes = {one.path: one.code for one in check_plan(plan, planned.root, planned.guard)}
    assert codes[f"{APP}/gone"] == "changed"
    assert codes[f"{APP}/gone/z"] in ("through-link", "absent")


def test_a_directory_that_was_made_anew_since_the_plan_is_refused(top: Path) -> None:
    (top / "srv/app/hollow").mkdir()
    with opened(top) as planned:
        plan = planned.plan(by_paths(planned.e, [f"{APP}/hollow"], "one"))
        (top / "srv/app/hollow").rename(top / "srv/hollow")  # so that its number is not given again
        (top / "srv/app/hollow").mkdir()
        assert [one.code for one in check_plan(plan, planned.root, planned.guard)] == ["changed"]


def test_marks_of_directories_are_kept(top: Path) -> None:
    with opened(top) as planned:
        plan = planned.plan(choose(planned.e, ALL, "all"))
        step = next(step for step in plan.steps if step.path == APP)
        assert step.seen.kind == DIR and step.mark == Mark(planned.e.mark[planned.row(APP)]).label
