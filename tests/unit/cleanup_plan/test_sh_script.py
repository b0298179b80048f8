from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import examples, posix_only
from tests.unit.cleanup_plan.planning import APP, MADE, opened, small_site
from tests.unit.cleanup_plan.shells import ALONE, HARD, NAMES, SHELLS, hard_bytes, run
from tests.unit.preview.building import GROUP, INSTRUCTIONS, ROOT_DIR
from tui.cleanup.agent_records import STALE, agent_records
from tui.cleanup.choose import Selection, Wanted, by_paths, choose
from tui.cleanup.export_sh import to_sh
from tui.cleanup.records import Plan
from tui.disk.inventory import DIR

pytestmark = posix_only
each_shell = pytest.mark.parametrize(
    "shell",
    [*SHELLS, *([ALONE] if ["busybox", "sh"] in SHELLS else [])],
    ids=[*NAMES, *(["busybox alone"] if ["busybox", "sh"] in SHELLS else [])],
)
FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(12))
Done = subprocess.CompletedProcess[bytes]


def is_name(name: bytes) -> bool:
    return name not in (b"", b".", b"..") and b"/" not in name and len(name) < 200


NAME_SET = sorted(filter(is_name, HARD))


def script_for(top: Path, selection: Callable[[Any], Selection], **making: Any) -> tuple[bytes, Plan]:
    with opened(top) as planned:
        plan = planned.plan(selection(planned), **making)
        return to_sh(plan, planned.e.instance), plan


def everything(planned: Any) -> Selection:
    return choose(planned.e, Wanted(), "all")


def state(top: Path) -> dict[bytes, Any]:
    """All that is there, with what it is."""
    found: dict[bytes, Any] = {}
    for directory, names, files in os.walk(os.fsencode(top)):
        for name in names + files:
            path = os.path.join(directory, name)
            stat = os.lstat(path)
            content: Any = os.readlink(path) if os.path.islink(path) else None
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    content = file.read()
            found[path] = (stat.st_mode, stat.st_ino, content)
    return found


def quarantined(top: Path) -> dict[bytes, bytes]:
    """What a script took: number -> path."""
    (directory,) = (top / "var/lib/codedeploy-forensics").iterdir()
    assert directory.stat().st_mode & 0o7777 == 0o700
    parts = (directory / "paths").read_bytes().split(b"\0")[:-1]
    return dict(zip(parts[::2], parts[1::2]))


@pytest.fixture
def top(tmp_path: Path) -> Path:
    top = small_site(tmp_path, {f"{APP}/made.txt": "made\n", f"{APP}/d/x": "x", f"{APP}/d/y": "y"}).top
    (top / "srv/app/link").symlink_to("made.txt")
    return top


@each_shell
def test_without_execute_nothing_is_changed(shell: list[str], top: Path, tmp_path: Path) -> None:
    script, plan = script_for(top, everything)
    before = state(top)
    done = run(shell, script, tmp_path)
    assert done.returncode == 0 and done.stderr == b"" and state(top) == before
    assert done.stdout.startswith(b"%d of %d steps could be done, 0 passed over" % (len(plan.steps), len(plan.steps)))


@each_shell
def test_it_moves_what_the_plan_names(shell: list[str], top: Path, tmp_path: Path) -> None:
    script, plan = script_for(top, everything)
    before = state(top)
    done = run(shell, script, tmp_path, "--execute")
    assert done.returncode == 0 and done.stderr == b""
    assert not (top / "srv/app").exists()
    names = quarantined(top)
    assert names == {b"%d" % step.number: os.fsencode(step.path) for step in plan.steps}
    (directory,) = (top / "var/lib/codedeploy-forensics").iterdir()
    for step in plan.steps:
        place = directory / str(step.number)
        if step.seen.kind == 1:
            assert not place.exists()
            continue
        mode, inode, content = before[os.fsencode(top) + os.fsencode(step.path)]
        stat = os.lstat(place)
        assert (stat.st_mode, stat.st_ino) == (mode, inode)
        held = os.readlink(os.fsencode(place)) if place.is_symlink() else place.read_bytes()
        assert held == content
    assert run(shell, script, tmp_path, "--execute").returncode == 4  # all of it is gone


@each_shell
def test_hard_names_and_targets_are_moved_as_they_are(shell: list[str], tmp_path: Path) -> None:
    top = small_site(tmp_path).top
    app = os.fsencode(top) + b"/srv/app/"
    os.mkdir(app + b"links")
    for number, name in enumerate(NAME_SET):
        with open(app + name, "wb") as file:
            file.write(name)
        os.symlink(name, app + b"links/%d" % number)
        os.mkdir(app + b"d%d" % number)
        os.mkdir(app + b"d%d/" % number + name)
    script, plan = script_for(top, everything)
    assert all(byte == 10 or 32 <= byte < 127 for byte in script.replace(b"\t", b""))
    done = run(shell, script, tmp_path, "--execute")
    assert (done.returncode, done.stderr) == (0, b"")
    assert sorted(quarantined(top).values()) == sorted(os.fsencode(step.path) for step in plan.steps)
    assert not os.path.exists(app) and not (tmp_path / "hit").exists()
    (directory,) = (top / "var/lib/codedeploy-forensics").iterdir()
    assert {path.name for path in directory.iterdir()} == {"paths", *(
        str(step.number) for step in plan.steps if step.seen.kind != 1
    )}  # fmt: skip


@each_shell
@FEW
@given(names=st.sets(hard_bytes.filter(is_name), min_size=1, max_size=8))
def test_any_names_are_moved_as_they_are(
    shell: list[str], tmp_path_factory: pytest.TempPathFactory, names: set[bytes]
) -> None:
    directory = tmp_path_factory.mktemp("names")
    top = small_site(directory).top
    for name in names - {b"a.txt"}:
        os.mkdir(os.fsencode(top) + b"/srv/app/" + name)
        with open(os.fsencode(top) + b"/srv/app/" + name + b"/" + name, "wb"):
            pass
        os.symlink(name + b"\n", os.fsencode(top) + b"/srv/app/" + name + b"/l")
    script, plan = script_for(top, everything)
    done = run(shell, script, directory, "--execute")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(quarantined(top)) == len(plan.steps) and not (top / "srv/app").exists()
    assert (
        sorted(path.name for path in directory.iterdir())
        == ["instance", "script.sh"] + ["revisions"] * (directory / "revisions").exists()
    )


@each_shell
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda place: place.write_text("other"), b"it is not what the plan saw"),
        (lambda place: os.utime(place, (1, 1)), b"it is not what the plan saw"),
        (lambda place: place.chmod(0o777), b"it is not what the plan saw"),
        (lambda place: place.unlink(), b"it is gone, or of another type"),
        (lambda place: (place.unlink(), place.symlink_to("/etc/passwd")), b"it is gone, or of another type"),
        (lambda place: (place.unlink(), place.mkdir()), b"it is gone, or of another type"),
        (lambda place: (place.rename(place.with_name("z")), place.write_text("x")), b"it is not what the plan saw"),
    ],
)
def test_what_has_changed_is_passed_over_and_the_rest_goes(
    shell: list[str], top: Path, tmp_path: Path, change: Callable[[Path], object], told: bytes
) -> None:
    script, _ = script_for(top, lambda planned: by_paths(planned.e, [f"{APP}/d", f"{APP}/made.txt"], "some"))
    change(top / "srv/app/d/x")
    kept = state(top / "srv/app/d")[os.fsencode(top / "srv/app/d/x")] if os.path.lexists(top / "srv/app/d/x") else None
    done = run(shell, script, tmp_path, "--execute")
    assert done.returncode == 4 and told in done.stderr
    assert not (top / "srv/app/made.txt").exists() and not (top / "srv/app/d/y").exists()
    if kept is not None:
        assert state(top / "srv/app/d")[os.fsencode(top / "srv/app/d/x")] == kept


@each_shell
def test_a_link_on_the_way_is_never_followed(shell: list[str], top: Path, tmp_path: Path) -> None:
    script, _ = script_for(top, lambda planned: by_paths(planned.e, [f"{APP}/d"], "d"))
    (top / "srv/app/d").rename(tmp_path / "elsewhere")
    (top / "srv/app/d").symlink_to(tmp_path / "elsewhere")
    done = run(shell, script, tmp_path, "--execute")
    assert done.returncode == 4 and b"a link stands on the way to it" in done.stderr
    assert sorted(path.name for path in (tmp_path / "elsewhere").iterdir()) == ["x", "y"]
    assert (top / "srv/app/d").is_symlink()


@each_shell
def test_a_link_that_leads_elsewhere_stays(shell: list[str], top: Path, tmp_path: Path) -> None:
    script, _ = script_for(top, lambda planned: by_paths(planned.e, [f"{APP}/link"], "link"))
    inode = os.lstat(top / "srv/app/link").st_ino
    script = script.replace(b"t='made.txt'", b"t='made.tx'")
    done = run(shell, script, tmp_path, "--execute")
    assert b"the link leads elsewhere" in done.stderr and os.lstat(top / "srv/app/link").st_ino == inode


@each_shell
def test_what_came_into_a_directory_stays_with_it(shell: list[str], top: Path, tmp_path: Path) -> None:
    script, _ = script_for(top, lambda planned: by_paths(planned.e, [f"{APP}/d"], "d"))
    (top / "srv/app/d/new").write_text("new")
    done = run(shell, script, tmp_path, "--execute")
    assert done.returncode == 4 and b"it is not empty" in done.stderr
    assert [path.name for path in (top / "srv/app/d").iterdir()] == ["new"]


@each_shell
def test_deleting_for_good_looks_at_the_content_too(shell: list[str], top: Path, tmp_path: Path) -> None:
    def some(planned: Any) -> Selection:
        return by_paths(planned.e, [f"{APP}/d"], "d")

    script, plan = script_for(top, some, delete=True)
    inode = os.lstat(top / "srv/app/d/x").st_ino
    digest = plan.steps[0].seen.digest
    assert digest is not None
    done = run(shell, script.replace(digest.encode(), b"0" * 64), tmp_path, "--execute")
    assert b"its content has changed" in done.stderr and os.lstat(top / "srv/app/d/x").st_ino == inode
    script, _ = script_for(top, some, delete=True)
    assert run(shell, script, tmp_path, "--execute").returncode == 0
    assert not (top / "srv/app/d").exists()


@each_shell
def test_hard_links_go_together(shell: list[str], top: Path, tmp_path: Path) -> None:
    os.link(top / "srv/app/d/x", top / "srv/app/d/x2")
    script, _ = script_for(top, lambda planned: by_paths(planned.e, [f"{APP}/d"], "d"))
    done = run(shell, script, tmp_path, "--execute")
    assert (done.returncode, done.stderr) == (0, b"")


@each_shell
def test_a_record_is_put_right_with_owner_and_mode_kept(shell: list[str], top: Path, tmp_path: Path) -> None:
    pointer = top / INSTRUCTIONS.lstrip("/") / f"{GROUP}_last_successful_install"
    pointer.write_text(f"{ROOT_DIR}/{GROUP}/d-GONE00000\n")
    pointer.chmod(0o640)
    script, plan = script_for(top, lambda planned: agent_records(planned.root, planned.e.instance, MADE))
    assert len(plan.steps) == 1
    done = run(shell, script, tmp_path, "--execute")
    assert (done.returncode, done.stderr) == (0, b"")
    assert pointer.read_text() == f"{ROOT_DIR}/{GROUP}/d-LASTLAST1\n" and pointer.stat().st_mode & 0o7777 == 0o640
    (directory,) = (top / "var/lib/codedeploy-forensics").iterdir()
    assert (directory / "1").read_text() == f"{ROOT_DIR}/{GROUP}/d-GONE00000\n"
    assert sorted(path.name for path in pointer.parent.iterdir()) == [f"{GROUP}-cleanup", pointer.name]


@each_shell
@pytest.mark.parametrize("name", ["d-ABC", ".d-ABC.tmp.7", "..odd"])
def test_a_deployment_in_progress_stops_it(shell: list[str], top: Path, tmp_path: Path, name: str) -> None:
    script, _ = script_for(top, everything)
    ongoing = top / ROOT_DIR.lstrip("/") / "ongoing-deployment"
    ongoing.mkdir()
    (ongoing / name).write_text("x")
    before = state(top / "srv")
    done = run(shell, script, tmp_path, "--execute")
    assert done.returncode == 3 and b"a deployment is in progress" in done.stderr and state(top / "srv") == before
    old = (ongoing / name).stat().st_mtime - STALE - 120
    os.utime(ongoing / name, (old, old))
    assert run(shell, script, tmp_path).returncode == 0
    os.utime(ongoing / name)
    assert run(shell, script, tmp_path, "--execute", "--force", "it hangs").returncode == 0
    (directory,) = (top / "var/lib/codedeploy-forensics").iterdir()
    assert (directory / "forced").read_text() == "it hangs\n"


@each_shell
def test_a_wrong_argument_does_nothing(shell: list[str], top: Path, tmp_path: Path) -> None:
    script, _ = script_for(top, everything)
    before = state(top)
    for arguments in (["--excute"], ["--force"], ["--force", ""], ["--quarantine"], ["--execute", "x"]):
        assert run(shell, script, tmp_path, *arguments).returncode == 2
    assert state(top) == before


@each_shell
def test_another_quarantine_can_be_named(shell: list[str], top: Path, tmp_path: Path) -> None:
    script, _ = script_for(top, lambda planned: by_paths(planned.e, [f"{APP}/made.txt"], "one"))
    done = run(shell, script, tmp_path, "--execute", "--quarantine", "there it is")
    assert done.returncode == 0
    (directory,) = (tmp_path / "there it is").iterdir()
    assert (directory / "1").read_text() == "made\n"


@each_shell
def test_nothing_crosses_to_another_file_system(shell: list[str], top: Path, tmp_path: Path) -> None:
    elsewhere = Path("/dev/shm")
    if not os.access(elsewhere, os.W_OK) or elsewhere.stat().st_dev == top.stat().st_dev:
        pytest.skip("this system has no second file system to write to")
    script, _ = script_for(top, lambda planned: by_paths(planned.e, [f"{APP}/made.txt"], "one"))
    store = elsewhere / f"quarantine-{os.getpid()}"
    try:
        done = run(shell, script, tmp_path, "--execute", "--quarantine", str(store))
        assert done.returncode == 4 and b"another file system" in done.stderr
        assert (top / "srv/app/made.txt").read_text() == "made\n"
    finally:
        subprocess.run(["rm", "-rf", str(store)], check=True)


@each_shell
@pytest.mark.parametrize("name", ["-x\n", "it's $(touch hit)", "a\nb \udcff", " * "])
def test_the_instance_and_the_quarantine_may_be_named_in_any_way(shell: list[str], tmp_path: Path, name: str) -> None:
    top = small_site(tmp_path, {f"{APP}/made.txt": "made\n"}).top.rename(tmp_path / name)
    script, plan = script_for(top, everything)
    done = run(shell, script, tmp_path, "--execute", "--quarantine", f"{name}q{name}")
    assert (done.returncode, done.stderr) == (0, b"") and not (top / "srv/app").exists()
    (directory,) = (tmp_path / f"{name}q{name}").iterdir()
    numbers = {str(step.number) for step in plan.steps if step.seen.kind != DIR}
    assert {path.name for path in directory.iterdir()} == {"paths", *numbers}
    assert not (tmp_path / "hit").exists()


@each_shell
def test_a_path_that_is_too_long_to_be_entered_is_passed_over(shell: list[str], top: Path, tmp_path: Path) -> None:
    script, _ = script_for(top, lambda planned: by_paths(planned.e, [f"{APP}/made.txt"], "one"))
    script = script.replace(b"d='/srv/app'", b"d='/srv/app" + b"/long" * 1000 + b"'")
    done = run(shell, script, tmp_path, "--execute")
    assert done.returncode == 4 and b"its directory is gone" in done.stderr
    assert (top / "srv/app/made.txt").read_text() == "made\n"
