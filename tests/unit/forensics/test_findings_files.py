"""Findings about files: kept, taken over, writable by all, too long, reached through links."""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import whole_case
from tests.unit.forensics.instances import group_of, instance_with
from tests.unit.forensics.looking import LAST, Healthy, examined, findings_of
from tui.agent.records import COPY, CleanupFile, Group, InstallPlan
from tui.disk.inventory import ABSENT, DIR, FILE, Inventory, Note
from tui.disk.source import open_source
from tui.forensics.examination import NO_GROUP, Examination
from tui.forensics.findings import all_findings
from tui.forensics.findings.files import file_findings, long_path_findings, mode_findings
from tui.forensics.findings.names import newline_findings
from tui.forensics.marks import Mark, Severity, State

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes, names or links")


def examination_of(
    rows: Sequence[tuple[str, int, int, Mark, State]], notes: Sequence[Note] = (), windows: bool = False
) -> Examination:
    """An examination of rows ``(path, type, mode, mark, state)``, each the top of a tree of its own."""
    inventory = Inventory(notes=list(notes))
    for path, kind, mode, _, _ in rows:
        inventory.append(-1, path, kind, mode)
    instance = instance_with(groups=(group_of("g"),))
    if windows:
        instance = replace(instance, layout=replace(instance.layout, platform="windows"))
    size = len(rows)
    return Examination(
        instance=instance,
        inventory=inventory,
        mark=bytearray(mark for *_, mark, _ in rows),
        state=bytearray(state for *_, state in rows),
        confidence=bytearray(size),
        removed_next=bytearray(size),
        group=array("h", [0]) * size,
        deployment=array("h", [NO_GROUP]) * size,
        deployments=[],
        evidence_of=lambda row: (),
        source_of=lambda row: None,
    )


D, INTACT = Mark.DEPLOYED, State.INTACT


def test_one_finding_for_each_kind_of_file() -> None:
    rows = [
        ("/a", FILE, 0o644, D, INTACT),
        ("/b", FILE, 0o644, D, State.MODIFIED),
        ("/c", ABSENT, 0, D, State.MISSING),
        ("/d", DIR, 0o755, D, State.REPLACED),
        ("/e", FILE, 0o644, D, State.UNVERIFIED),
        ("/f", FILE, 0o644, Mark.ORPHANED, State.NONE),
        ("/g", DIR, 0o755, Mark.ORPHANED, State.NONE),
        ("/h", FILE, 0o644, Mark.UNATTRIBUTED, State.NONE),
        ("/i", FILE, 0o644, Mark.SCRIPT_CREATED, State.NONE),
        ("/j", ABSENT, 0, D, State.MISSING),
    ]
    examination = examination_of(rows)
    examination.reached_through_link = frozenset([9])
    assert {f.code: f.paths for f in file_findings(examination)} == {
        "deployed-modified": ("/b",),
        "deployed-missing": ("/c",),
        "deployed-replaced": ("/d",),
        "deployed-unverified": ("/e",),
        "orphaned-files": ("/f",),
        "untracked-directories": ("/g",),
        "reached-through-link": ("/j",),
    }
    assert {f.code for f in file_findings(examination, {"/f", "/b"})} == {
        "deployed-modified", "deployed-missing", "deployed-replaced", "deployed-unverified", "untracked-directories",
        "reached-through-link",
    }  # fmt: skip


def test_a_finding_carries_the_first_paths_and_counts_all() -> None:
    rows = [(f"/{n:04}", FILE, 0o644, D, State.MODIFIED) for n in range(450)]
    (finding,) = file_findings(examination_of(rows))
    assert (len(finding.paths), finding.count) == (200, 450)


def test_files_that_everybody_may_write() -> None:
    rows = [
        ("/a", FILE, 0o666, D, INTACT),
        ("/b", DIR, 0o777, D, INTACT),
        ("/c", DIR, 0o1777, D, INTACT),
        ("/d", FILE, 0o664, D, INTACT),
        ("/e", FILE, 0o666, Mark.UNATTRIBUTED, State.NONE),
    ]
    (finding,) = mode_findings(examination_of(rows))
    assert (finding.code, finding.paths) == ("world-writable", ("/a", "/b"))
    assert list(mode_findings(examination_of(rows, windows=True))) == []


def test_files_that_run_with_anothers_rights() -> None:
    rows = [("/a", FILE, 0o4755, D, INTACT), ("/b", FILE, 0o2755, D, INTACT), ("/c", DIR, 0o2775, D, INTACT)]
    (finding,) = mode_findings(examination_of(rows))
    assert (finding.code, finding.paths, finding.severity) == ("set-user-id", ("/a", "/b"), Severity.WARNING)
    worse = list(mode_findings(examination_of([("/a", FILE, 0o4757, D, INTACT)])))
    assert [(f.code, f.severity) for f in worse] == [
        ("set-user-id", Severity.CRITICAL),
        ("world-writable", Severity.WARNING),
    ]


@pytest.mark.parametrize(("kind", "longest"), [(FILE, 259), (DIR, 247)])
def test_paths_that_windows_programs_cannot_open(kind: int, longest: int) -> None:
    def path(length: int, tail: str = "") -> str:  # of as many characters without the program's leading slash
        return "/C:/" + "x" * (length - 3 - len(tail)) + tail

    def codes(text: str, windows: bool = True) -> list[str]:
        return [f.code for f in long_path_findings(examination_of([(text, kind, 0, D, INTACT)], windows=windows))]

    assert codes(path(longest)) == []
    assert codes(path(longest + 1)) == ["windows-long-path"]
    assert codes(path(longest, "\U0001f600")) == ["windows-long-path"]  # two of Windows' 16-bit units
    assert codes(path(longest + 1), windows=False) == []


def test_a_long_path_in_an_archive_counts_too() -> None:
    examination = examination_of([("/C:/a", FILE, 0, D, INTACT)], windows=True)
    plan = InstallPlan("/i/plan", bytearray([COPY]), ["/C:/a"], array("H", [0]), [("/C:/" + "y" * 260, "/C:/a")])
    group = replace(examination.instance.groups[0], plan=plan)
    examination.instance = replace(examination.instance, groups=(group,))
    (finding,) = long_path_findings(examination)
    assert finding.paths == ("/C:/" + "y" * 260,)


def test_what_a_walk_did_not_see_is_told() -> None:
    notes = [Note("unreadable", "/a"), Note("unreadable", "/b"), Note("mount", "/c"), Note("something-new", "/d")]
    found = {f.code: f for f in all_findings(examination_of([], notes))}
    assert found["walk-unreadable"].paths == ("/a", "/b") and found["walk-mount"].severity == Severity.INFO
    assert found["walk-something-new"].paths == ("/d",)


def named(*paths: str) -> Group:
    plan = InstallPlan("/i/plan", bytearray([COPY] * len(paths)), list(paths), array("H", [0] * len(paths)))
    return group_of("g", plan=plan, cleanup=CleanupFile("/i/c", ["/srv/a", "/srv/b"], array("I", [1, 2])))


def test_a_name_with_a_newline() -> None:
    (finding,) = newline_findings(instance_with(groups=(named("/srv/a\nx", "/srv/b"),)))
    assert finding.paths == ("/srv/a\nx",) and finding.detail.endswith("where they are there: /srv/a.")
    assert list(newline_findings(instance_with(groups=(named("/srv/a", "/srv/b"),)))) == []


@posix
def test_stripped_names_say_what_was_meant_and_what_is_hit() -> None:
    finding = findings_of(whole_case("000011") / "sysroot")["cleanup-altered"]
    assert finding.paths == ("/var/www/html/vendor/pkg/trail\r",)
    assert "Removed instead, where it is there: /var/www/html/vendor/pkg/trail." in finding.detail


# -- what was there before --------------------------------------------------------------------------


def test_retained_files_are_told_with_both_stories(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    assert "retained-files" not in healthy.found()
    healthy.change_cleanup(take_out="/srv/shop/wsgi.py")
    healthy.change_plan(take_out="/srv/shop/wsgi.py")
    found = healthy.found()
    kept = found["retained-files"]
    assert kept.paths == ("/srv/shop/wsgi.py",) and kept.severity == Severity.INFO
    assert "AWS user guide" in kept.detail and f"the same as {LAST}'s" in kept.detail
    assert "orphaned-files" not in found and "cleanup-lost-lines" not in found
    (healthy.sysroot / "srv/shop/wsgi.py").write_text("other\n")
    other = healthy.found()["retained-files"]
    assert other.severity == Severity.WARNING and "1 differ from" in other.detail


def test_files_that_overwrite_took_over_are_older_than_the_install(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    examination = examined(healthy.sysroot)
    plan = examination.instance.groups[0].plan
    row = examination.inventory.find("/srv/shop/app.py")
    assert plan is not None and row is not None
    install = int(plan.mtime * 1e9)

    def found(born: int, changed: int) -> list[tuple[str, ...]]:
        for other in range(len(examination.inventory)):
            examination.inventory.births[other] = examination.inventory.ctime_ns[other] = install + 10**9
        examination.inventory.births[row], examination.inventory.ctime_ns[row] = born, changed
        with open_source(str(healthy.sysroot)) as root:
            return [f.paths for f in all_findings(examination, root=root) if f.code == "overwritten-files"]

    day = 86_400 * 10**9
    assert found(install - day, install + day) == [("/srv/shop/app.py",)]
    assert found(install + 1, install + day) == []
    assert found(install - 2 * day, install - day) == []  # the clock stood before the Install: it tells nothing


@posix
def test_a_destination_below_a_link(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    assert "destination-through-link" not in healthy.found()
    os.rename(healthy.sysroot / "srv", healthy.sysroot / "data")
    os.symlink("/data", healthy.sysroot / "srv")
    os.utime(healthy.sysroot / "srv", (1e9, 1e9), follow_symlinks=False)  # it was there before the Install
    found = healthy.found()
    assert "/srv/shop -> /data/shop" in found["destination-through-link"].detail
    assert "reached-through-link" not in found


@posix
def test_a_destination_that_was_moved_away_is_told_once() -> None:
    found = findings_of(whole_case("000003") / "sysroot")
    assert found["reached-through-link"].count == 21
    assert not {"destination-through-link", "retained-files", "permissions-through-link"} & set(found)
