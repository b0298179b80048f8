"""Carrying a plan out: what goes, what is left since it is not what was planned, and what stops it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import can_link, posix_only
from tests.unit.cleanup.support import Machine, last, names, told, write
from tui.cleanup.execute import Halted, carry_out
from tui.cleanup.export_json import to_json
from tui.cleanup.history import entries, kept_ids, steps_of
from tui.cleanup.records import Act, Did, Plan, PlanStep, State, Why
from tui.cleanup.state_dir import Busy, StateError, open_site
from tui.cleanup.undo import undo


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    top = tmp_path / "top"
    for name in ("a.txt", "b.txt", "deep/c.txt"):
        write(top / "srv" / "shop" / name, name.encode())
    return Machine(top)


ALL = ("/srv/shop/deep/c.txt", "/srv/shop/deep", "/srv/shop/b.txt", "/srv/shop/a.txt", "/srv/shop")


def test_moves_everything_to_quarantine(machine: Machine) -> None:
    result = machine.clean(machine.plan(*ALL), "disk full")
    assert result.state is State.DONE
    assert told(result) == [(path, "moved") for path in ALL]
    assert result.bytes == sum(map(len, ("a.txt", "b.txt", "deep/c.txt")))
    assert names(machine.place("/srv")) == []
    assert machine.kept(result, "/srv/shop/deep/c.txt").read_bytes() == b"deep/c.txt"


def test_the_journal_tells_who_when_where_why(machine: Machine) -> None:
    plan = machine.plan(*ALL)
    result = machine.clean(plan, "disk full")
    with machine.site() as site:
        (entry,) = entries(site)
        assert [(one.path, one.did, one.held) for one in steps_of(site, result.id)] == [
            (path, Did.MOVED, True) for path in ALL
        ]
    assert (entry.who, entry.host, entry.reason, entry.tool) == ("root", "web-1", "disk full", "1")
    assert (entry.state, entry.started, entry.steps, entry.done) == (State.DONE, machine.time, 5, 5)
    assert entry.chosen_by == "a test"
    assert entry.plan_hash == json.loads(to_json(plan))["hash"]
    assert entry.quarantine == [f"/state/quarantine/{result.id}"]


def test_an_immutable_file_stays_and_what_it_may_be_is_told(machine: Machine) -> None:
    place = machine.place("/srv/shop/a.txt")
    chattr = shutil.which("chattr")
    if chattr is None or subprocess.run([chattr, "+i", place], capture_output=True).returncode:
        pytest.skip("nothing can be made immutable here")
    try:
        result = machine.clean(machine.plan(*ALL))
    finally:
        subprocess.run([chattr, "-i", place], check=True)
    (failed,) = result.of(Did.FAILED)
    assert failed.path == "/srv/shop/a.txt" and "see lsattr" in failed.reason
    assert names(machine.place("/srv/shop")) == ["a.txt"]


def test_nothing_chosen_is_nothing_done(machine: Machine) -> None:
    with pytest.raises(Halted, match="nothing is chosen"):
        machine.clean(Plan("x", "directory", None, 0.0, "1", ()))
    assert names(machine.top) == ["srv"]


def test_a_changed_file_stays(machine: Machine) -> None:
    plan = machine.plan("/srv/shop/a.txt", "/srv/shop/b.txt")
    write(machine.place("/srv/shop/a.txt"), b"written to since")
    result = machine.clean(plan)
    assert told(result) == [("/srv/shop/a.txt", "skipped"), ("/srv/shop/b.txt", "moved")]
    assert result.state is State.PARTLY
    assert result.results[0].reason == "changed since it was planned: it was written to"


@posix_only
def test_a_file_changed_and_dated_back_stays(machine: Machine) -> None:
    place = machine.place("/srv/shop/a.txt")
    before = place.stat()
    plan = machine.plan("/srv/shop/a.txt")
    place.write_bytes(b"A.TXT")
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert machine.clean(plan).results[0].reason == "changed since it was planned: it was changed"


def test_another_file_of_that_name_stays(machine: Machine) -> None:
    plan = machine.plan("/srv/shop/a.txt")
    place = machine.place("/srv/shop/a.txt")
    write(place.with_name("other"), b"a.txt")
    os.replace(place.with_name("other"), place)
    (one,) = machine.clean(plan).results
    assert (one.did, one.reason) == (Did.SKIPPED, "changed since it was planned: another one stands in its place now")


def test_what_is_gone_is_skipped(machine: Machine) -> None:
    plan = machine.plan("/srv/shop/a.txt")
    machine.place("/srv/shop/a.txt").unlink()
    (one,) = machine.clean(plan).results
    assert (one.did, one.reason) == (Did.SKIPPED, "changed since it was planned: it is gone")


def test_a_directory_that_is_not_empty_stays(machine: Machine) -> None:
    result = machine.clean(machine.plan("/srv/shop/deep/c.txt", "/srv/shop/deep", "/srv/shop"))
    assert told(result)[1:] == [("/srv/shop/deep", "moved"), ("/srv/shop", "skipped")]
    assert result.results[2].reason == "it is not empty"


def test_a_directory_that_something_was_added_to_stays(machine: Machine) -> None:
    plan = machine.plan("/srv/shop/deep/c.txt", "/srv/shop/deep")
    write(machine.place("/srv/shop/deep/new"))
    os.unlink(machine.place("/srv/shop/deep/new"))
    os.utime(machine.place("/srv/shop/deep"), (1, 1))
    result = machine.clean(plan)
    assert told(result) == [("/srv/shop/deep/c.txt", "moved"), ("/srv/shop/deep", "skipped")]


@pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")
def test_nothing_is_reached_through_a_link(machine: Machine, tmp_path: Path) -> None:
    plan = machine.plan("/srv/shop/a.txt")
    os.rename(machine.place("/srv/shop"), tmp_path / "elsewhere")
    os.symlink(tmp_path / "elsewhere", machine.place("/srv/shop"))
    (one,) = machine.clean(plan).results
    assert (one.did, one.reason) == (Did.SKIPPED, "changed since it was planned: /srv/shop: a link stands there")
    assert (tmp_path / "elsewhere" / "a.txt").exists()


@pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")
def test_links_go_as_links(machine: Machine) -> None:
    os.symlink("a.txt", machine.place("/srv/shop/link"))
    os.symlink("nowhere", machine.place("/srv/shop/dangling"))
    result = machine.clean(machine.plan("/srv/shop/link", "/srv/shop/dangling"))
    assert os.readlink(machine.kept(result, "/srv/shop/link")) == "a.txt"
    assert os.readlink(machine.kept(result, "/srv/shop/dangling")) == "nowhere"
    assert machine.place("/srv/shop/a.txt").exists()


def test_deleted_for_good(machine: Machine) -> None:
    result = machine.clean(machine.plan(*ALL, act=Act.DELETE))
    assert told(result) == [(path, "deleted") for path in ALL]
    assert not machine.kept(result, "/srv/shop/a.txt").exists()
    assert names(machine.place("/srv")) == []


def test_a_wrong_digest_is_another_content(machine: Machine) -> None:
    plan = machine.plan("/srv/shop/a.txt", act=Act.DELETE)
    step = plan.steps[0]
    wrong = step._replace(seen=step.seen._replace(digest="0" * 64))
    (one,) = machine.clean(Plan("x", "directory", None, 0.0, "1", (wrong,))).results
    assert (one.did, one.reason) == (Did.SKIPPED, "changed since it was planned: its content is another")


def test_a_record_is_put_right(machine: Machine) -> None:
    result = machine.clean(machine.plan("/srv/shop/a.txt", act=Act.RESTORE, content=b"new"))
    assert told(result) == [("/srv/shop/a.txt", "restored")]
    assert machine.place("/srv/shop/a.txt").read_bytes() == b"new"
    assert machine.kept(result, "/srv/shop/a.txt").read_bytes() == b"a.txt"
    assert names(machine.place("/srv/shop")) == ["a.txt", "b.txt", "deep"]


def test_a_guard_that_says_no_at_once(machine: Machine) -> None:
    machine.fine = lambda: "deployment d-1 is in progress"
    with pytest.raises(Halted, match="d-1 is in progress; nothing was done"):
        machine.clean(machine.plan("/srv/shop/a.txt"))
    assert names(machine.top) == ["srv"]


def test_a_guard_that_says_no_in_the_middle(machine: Machine) -> None:
    answers = iter([None, None])
    ticks = iter(range(10_000))
    machine.fine = lambda: next(answers, "deployment d-1 is in progress")
    machine.clock = lambda: float(next(ticks))
    result = machine.clean(machine.plan("/srv/shop/a.txt", "/srv/shop/b.txt"))
    assert result.state is State.STOPPED
    assert {one.reason for one in result.results} == {"not come to: deployment d-1 is in progress"}
    assert machine.place("/srv/shop/a.txt").exists()


def test_stopped_by_the_operator(machine: Machine) -> None:
    asked = iter([False, True])
    machine.stop = lambda: next(asked, False)
    result = machine.clean(machine.plan("/srv/shop/a.txt", "/srv/shop/b.txt"))
    assert result.state is State.STOPPED
    assert [one.did for one in result.results] == [Did.MOVED, Did.SKIPPED]
    assert machine.undo().state is State.UNDONE


def test_two_at_once(machine: Machine) -> None:
    from tui.cleanup.session import opened_session

    plan = machine.plan("/srv/shop/a.txt")
    with machine.site() as site, opened_session(site, make=True), pytest.raises(Busy, match="another cleanup"):
        machine.clean(plan)


@posix_only
def test_the_state_is_for_its_owner_alone(machine: Machine) -> None:
    os.mkdir(machine.place("/state"), 0o755)
    result = machine.clean(machine.plan("/srv/shop/a.txt"))
    above = machine.kept(result, "/srv/shop/a.txt").parent
    while above != machine.top:
        assert above.stat().st_mode & 0o777 == 0o700, above
        above = above.parent


@posix_only
def test_a_state_that_is_a_link(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", machine.place("/state"))
    with pytest.raises(StateError, match="is a link or no directory"):
        machine.clean(machine.plan("/srv/shop/a.txt"))
    assert names(tmp_path / "elsewhere") == []


@posix_only
@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root can give files away")
def test_a_state_of_somebody_else(machine: Machine) -> None:
    os.mkdir(machine.place("/state"), 0o700)
    os.chown(machine.place("/state"), 1234, 1234)
    with pytest.raises(StateError, match="belongs to user 1234"):
        machine.clean(machine.plan("/srv/shop/a.txt"))


@posix_only
@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("name", ["quarantine", "partial"])
def test_what_somebody_else_put_into_an_open_state(machine: Machine, name: str) -> None:
    place = machine.place(f"/state/{name}")
    os.makedirs(place)
    os.chmod(machine.place("/state"), 0o777)
    os.chown(place, 1234, 1234)
    with pytest.raises(StateError, match=f"{name}: is not a directory of this program's"):
        machine.clean(machine.plan("/srv/shop/a.txt"))
    os.rmdir(place)
    os.symlink("/tmp", place)
    with pytest.raises(StateError, match=f"{name}: is not a directory of this program's"):
        machine.clean(machine.plan("/srv/shop/a.txt"))
    assert names(machine.place("/srv/shop")) == ["a.txt", "b.txt", "deep"]


def test_a_plan_in_the_wrong_order(machine: Machine) -> None:
    with pytest.raises(Halted, match="comes before what lies in it"):
        machine.clean(machine.plan("/srv/shop/deep", "/srv/shop/deep/c.txt"))


@pytest.mark.parametrize("path", ["/srv/../etc/passwd", "/srv//a", "srv/a", "/", "/srv/shop/."])
def test_a_plan_that_leads_elsewhere(machine: Machine, path: str) -> None:
    step = machine.plan("/srv/shop/a.txt").steps[0]._replace(path=path)
    with pytest.raises(Halted, match="not on a whole path"):
        machine.clean(Plan("x", "directory", None, 0.0, "1", (step,)))


def test_ids_of_one_second_differ(machine: Machine) -> None:
    first = machine.clean(machine.plan("/srv/shop/a.txt"))
    second = machine.clean(machine.plan("/srv/shop/b.txt"))
    assert first.id != second.id
    with machine.site() as site:
        assert [entry.id for entry in entries(site)] == [second.id, first.id]
        assert kept_ids(site) == sorted([first.id, second.id])


def content(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if path.relative_to(place).parts[0] != "state")


def test_drives_are_where_paths_begin(machine: Machine, tmp_path: Path) -> None:
    write(tmp_path / "d" / "x.txt", b"x")
    at = {"C:": machine.top, "D:": tmp_path / "d"}
    steps = []
    for number, path in enumerate(("/C:/srv/shop/deep/c.txt", "/C:/srv/shop/deep", "/D:/x.txt"), 1):
        drive, _, rest = path[1:].partition("/")
        there = Machine(at[drive])
        steps.append(PlanStep(number, path, Act.QUARANTINE, Why.PATH, there.seen(f"/{rest}")))
    plan = Plan("x", "directory", None, 0.0, "1", tuple(steps))
    before = [content(place) for place in at.values()]
    with open_site(machine.calls, {name: str(place) for name, place in at.items()}, "/C:/state") as site:
        result = last(carry_out(site, plan, machine.terms, who="", host="", tool="1"))
        assert [did for _, did in told(result)] == ["moved"] * 3
        assert (machine.place("/state") / "quarantine" / result.id / "C" / "srv" / "shop" / "deep" / "c.txt").exists()
        assert names(at["D:"]) == []
        assert last(undo(site, machine.terms)).state is State.UNDONE
    assert [content(place) for place in at.values()] == before
