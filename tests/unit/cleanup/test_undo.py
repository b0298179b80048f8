"""Putting back: all or some, over nothing, through nothing, and nothing that the journal does not rightly hold."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import can_link, posix_only
from tests.unit.cleanup.support import Machine, names, told, write
from tui.cleanup.history import entries, kept_ids, steps_of
from tui.cleanup.journal import Journal, Loaded
from tui.cleanup.records import Act, Did, State
from tui.cleanup.state_dir import CleanupError

ALL = ("/srv/shop/deep/c.txt", "/srv/shop/deep", "/srv/shop/b.txt", "/srv/shop/a.txt", "/srv/shop")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    top = tmp_path / "top"
    for name in ("a.txt", "b.txt", "deep/c.txt"):
        write(top / "srv" / "shop" / name, name.encode())
    return Machine(top)


def mtimes(machine: Machine, *paths: str) -> list[int]:
    return [os.lstat(machine.place(path)).st_mtime_ns for path in paths]


def test_everything_is_as_it_was(machine: Machine) -> None:
    os.utime(machine.place("/srv"), (5, 7))
    before = mtimes(machine, *ALL, "/srv")
    machine.clean(machine.plan(*ALL))
    result = machine.undo()
    assert result.state is State.UNDONE
    assert told(result) == [(path, "put back") for path in ALL]
    assert machine.place("/srv/shop/deep/c.txt").read_bytes() == b"deep/c.txt"
    assert mtimes(machine, *ALL, "/srv") == before
    with machine.site() as site:
        assert kept_ids(site) == []


def test_nothing_is_replaced(machine: Machine) -> None:
    result = machine.clean(machine.plan("/srv/shop/b.txt", "/srv/shop/a.txt"))
    write(machine.place("/srv/shop/a.txt"), b"new")
    undone = machine.undo()
    assert told(undone) == [("/srv/shop/b.txt", "put back"), ("/srv/shop/a.txt", "conflict")]
    assert undone.state is State.PARTLY_UNDONE
    assert machine.place("/srv/shop/a.txt").read_bytes() == b"new"
    assert machine.kept(result, "/srv/shop/a.txt").read_bytes() == b"a.txt"
    machine.place("/srv/shop/a.txt").unlink()
    assert told(machine.undo()) == [("/srv/shop/a.txt", "put back")]
    assert machine.place("/srv/shop/a.txt").read_bytes() == b"a.txt"


def test_a_directory_that_stands_there_again_is_filled_and_left(machine: Machine) -> None:
    machine.clean(machine.plan(*ALL))
    machine.place("/srv/shop").mkdir()
    write(machine.place("/srv/shop/new"))
    undone = machine.undo()
    assert [one.path for one in undone.of(Did.CONFLICT)] == ["/srv/shop"]
    assert names(machine.place("/srv/shop")) == ["a.txt", "b.txt", "deep", "new"]


def test_anothers_directory_stays_a_conflict_though_it_has_the_inode_of_the_one_that_went(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.clean(machine.plan(*ALL[:2]))
    place = machine.place("/srv/shop/deep")
    place.mkdir()
    inode = os.lstat(place).st_ino
    really = Journal.load

    def load(journal: Journal, key: str) -> Loaded:  # as if the file system had given it the same one
        loaded = really(journal, key)
        first, step = loaded.plan.steps
        step = step._replace(seen=step.seen._replace(inode=inode))
        return replace(loaded, plan=replace(loaded.plan, steps=(first, step)))

    monkeypatch.setattr(Journal, "load", load)
    for _ in range(2):
        undone = machine.undo()
        assert [one.path for one in undone.of(Did.CONFLICT)] == ["/srv/shop/deep"]
        assert undone.state is State.PARTLY_UNDONE


def test_some_paths_with_the_directories_above(machine: Machine) -> None:
    result = machine.clean(machine.plan(*ALL))
    undone = machine.undo(result.id, ["/srv/shop/deep"])
    assert sorted(told(undone)) == [
        ("/srv/shop", "put back"), ("/srv/shop/deep", "put back"), ("/srv/shop/deep/c.txt", "put back"),
    ]  # fmt: skip
    assert names(machine.place("/srv/shop")) == ["deep"]
    assert undone.state is State.PARTLY_UNDONE
    assert machine.undo(result.id).state is State.UNDONE
    assert names(machine.place("/srv/shop")) == ["a.txt", "b.txt", "deep"]


def test_directories_above_that_were_not_planned_are_made_anew(machine: Machine) -> None:
    if os.name == "posix":
        os.chmod(machine.place("/srv/shop"), 0o750)
    machine.clean(machine.plan("/srv/shop/deep/c.txt", "/srv/shop/deep", "/srv/shop/b.txt", "/srv/shop/a.txt"))
    machine.place("/srv/shop").rmdir()
    assert machine.undo().state is State.UNDONE
    assert names(machine.place("/srv/shop")) == ["a.txt", "b.txt", "deep"]
    if os.name == "posix":
        assert machine.place("/srv/shop").stat().st_mode & 0o777 == 0o750


def test_times_of_a_directory_that_others_changed_since_are_theirs(machine: Machine) -> None:
    machine.clean(machine.plan("/srv/shop/a.txt"))
    write(machine.place("/srv/shop/new"))
    os.utime(machine.place("/srv/shop"), (9, 9))
    machine.undo()
    assert os.stat(machine.place("/srv/shop")).st_mtime > 1000


@pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")
def test_nothing_is_put_back_through_a_link(machine: Machine, tmp_path: Path) -> None:
    result = machine.clean(machine.plan("/srv/shop/a.txt"))
    (tmp_path / "elsewhere").mkdir()
    os.rename(machine.place("/srv/shop"), machine.place("/srv/aside"))
    os.symlink(tmp_path / "elsewhere", machine.place("/srv/shop"))
    (one,) = machine.undo().results
    assert (one.did, one.held) == (Did.CONFLICT, True)
    assert one.reason == "its directory is not what it was: a link stands there"
    assert names(tmp_path / "elsewhere") == []
    assert machine.kept(result, "/srv/shop/a.txt").exists()


def test_what_is_not_in_quarantine_any_more(machine: Machine) -> None:
    result = machine.clean(machine.plan("/srv/shop/a.txt", "/srv/shop/b.txt"))
    machine.kept(result, "/srv/shop/a.txt").unlink()
    other = write(machine.top / "other", b"another file")
    os.replace(other, machine.kept(result, "/srv/shop/b.txt"))
    undone = machine.undo()
    assert [one.reason for one in undone.results] == [
        "it is not in quarantine any more",
        "what lies in quarantine is not what was moved there; it was left there",
    ]
    assert not machine.place("/srv/shop/b.txt").exists()


@posix_only  # Windows moves nothing that is open
def test_what_a_program_still_writes_to_comes_back_as_it_is(machine: Machine) -> None:
    """A log that is held open is the same file, in quarantine too."""
    with open(machine.place("/srv/shop/a.txt"), "ab") as log:
        machine.clean(machine.plan("/srv/shop/a.txt"))
        log.write(b"more")
    undone = machine.undo()
    assert told(undone) == [("/srv/shop/a.txt", "put back")]
    assert "changed while it lay in quarantine" in undone.results[0].reason
    assert undone.state is State.UNDONE
    assert machine.place("/srv/shop/a.txt").read_bytes() == b"a.txtmore"


def test_a_record_comes_back(machine: Machine) -> None:
    machine.clean(machine.plan("/srv/shop/a.txt", act=Act.RESTORE, content=b"new"))
    assert machine.undo().state is State.UNDONE
    assert machine.place("/srv/shop/a.txt").read_bytes() == b"a.txt"
    assert names(machine.place("/srv/shop")) == ["a.txt", "b.txt", "deep"]


def test_a_record_that_was_written_to_since_stays(machine: Machine) -> None:
    machine.clean(machine.plan("/srv/shop/a.txt", act=Act.RESTORE, content=b"new"))
    write(machine.place("/srv/shop/a.txt"), b"newer")
    assert told(machine.undo()) == [("/srv/shop/a.txt", "conflict")]
    assert machine.place("/srv/shop/a.txt").read_bytes() == b"newer"


def test_nothing_to_undo(machine: Machine) -> None:
    with pytest.raises(CleanupError, match="there is no journal"):
        machine.undo()
    machine.clean(machine.plan("/srv/shop/a.txt", act=Act.DELETE))
    with pytest.raises(CleanupError, match="no cleanup holds anything"):
        machine.undo()
    with pytest.raises(CleanupError, match="there is no cleanup 20200101-000000-abcdef"):
        machine.undo("20200101-000000-abcdef")


def journal(machine: Machine) -> sqlite3.Connection:
    return sqlite3.connect(machine.place("/state/journal.db"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE piece SET data = x'00'",
        "UPDATE piece SET data = (SELECT data FROM piece WHERE number = 0) WHERE number = 1",
        "UPDATE directory SET path = CAST('/srv/../etc' AS BLOB) WHERE path = CAST('/srv/shop' AS BLOB)",
        "UPDATE directory SET mode = 'x'",
        "UPDATE directory SET xattrs = '[1]'",
        "UPDATE directory SET place = 7",
        "UPDATE result SET last = 99",
        "UPDATE result SET did = 'x'",
        "UPDATE cleanup SET id = '../../etc'",
        "CREATE TRIGGER t AFTER INSERT ON result BEGIN DELETE FROM piece; END",
        "CREATE VIEW v AS SELECT 1",
    ],
)
def test_a_journal_that_was_tampered_with(machine: Machine, statement: str) -> None:
    result = machine.clean(machine.plan("/srv/shop/a.txt"))
    with journal(machine) as db:
        db.execute(statement)
    db.close()
    with pytest.raises(CleanupError, match=r"is damaged \(.*\); what is in quarantine is untouched") as told_of:
        machine.undo()
    assert "\n" not in str(told_of.value)
    assert machine.kept(result, "/srv/shop/a.txt").exists()
    with machine.site() as site:
        assert kept_ids(site) == [result.id]


@posix_only
def test_a_place_that_is_none_of_this_programs(machine: Machine) -> None:
    machine.clean(machine.plan("/srv/shop/a.txt"))
    with journal(machine) as db:
        db.execute("UPDATE place SET path = CAST('/srv' AS BLOB)")
    db.close()
    with pytest.raises(CleanupError, match="no directory of this program's"):
        machine.undo()


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + bytes(200), b"not a database at all" * 100])
def test_a_journal_that_is_none(machine: Machine, content: bytes) -> None:
    write(machine.place("/state/journal.db"), content)
    if content:
        with machine.site() as site, pytest.raises(CleanupError) as told_of:
            entries(site)
        assert "\n" not in str(told_of.value)
        with pytest.raises(CleanupError):
            machine.clean(machine.plan("/srv/shop/a.txt"))
        assert machine.place("/srv/shop/a.txt").exists()
    else:
        machine.clean(machine.plan("/srv/shop/a.txt"))


def test_a_torn_journal(machine: Machine) -> None:
    result = machine.clean(machine.plan(*ALL))
    place = machine.place("/state/journal.db")
    place.write_bytes(place.read_bytes()[: place.stat().st_size // 2])
    with pytest.raises(CleanupError) as told_of:
        machine.undo()
    assert "\n" not in str(told_of.value)
    assert machine.kept(result, "/srv/shop/a.txt").read_bytes() == b"a.txt"


def test_another_programs_database(machine: Machine) -> None:
    write(machine.place("/state/x"))
    db = sqlite3.connect(machine.place("/state/journal.db"))
    db.execute("CREATE TABLE t (a)")
    db.commit()
    db.close()
    with pytest.raises(CleanupError, match="is not a journal of this program"):
        machine.clean(machine.plan("/srv/shop/a.txt"))


def test_a_journal_that_is_looked_at_is_not_written(machine: Machine) -> None:
    with machine.site() as site:
        assert entries(site) == []
    assert names(machine.top) == ["srv"]
    result = machine.clean(machine.plan("/srv/shop/a.txt"))
    before = machine.place("/state/journal.db").stat()
    with machine.site() as site:
        assert len(entries(site)) == len(steps_of(site, result.id)) == 1
    after = machine.place("/state/journal.db").stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)
    assert "journal.db-journal" not in names(machine.place("/state"))
