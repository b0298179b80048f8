"""``journal`` run whole: cleanups listed and shown, what was cut off settled, quarantine freed."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.trees import picture
from tests.support import posix_only
from tests.unit.clean_cli import (
    CACHE,
    EXECUTE,
    HOST,
    MADE,
    NOW,
    STATE,
    Cli,
    Run,
    cleaned,
    killed,
    site,
)
from tests.unit.test_cli_process import tree
from tui.cleanup.calls import real_calls

pytestmark = posix_only
MISSING_ID = "20260131-142530-0a1b2c"


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return site(tmp_path)


# -- the journal ---------------------------------------------------------------------------------


def test_the_journal_lists_the_last_one_first_in_every_format(cli: Cli) -> None:
    empty = cli("journal")
    assert empty.code == 0 and empty.document["cleanups"] == [] and not (cli.top / STATE).exists()
    first, second = cleaned(cli, MADE), cleaned(cli)
    before = tree(str(cli.top))
    document = cli("journal").document
    assert document["schema"] == "codedeploy-forensics/journal/1" and document["unlisted"] == []
    assert [one["id"] for one in document["cleanups"]] == [second, first]
    assert document["cleanups"][0]["quarantine"] == [f"/{STATE}/quarantine/{second}"]
    jsonl = [json.loads(line)["id"] for line in cli("journal", "--format", "jsonl").out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(cli("journal", "--format", "csv").out)))
    assert jsonl == [row["id"] for row in rows] == [second, first]
    cli.terminal = True
    table = cli("journal").out
    assert (
        table.index(f"{second}  done") < table.index(f"{first}  done")
        and "root (alice) on web-1: 3 of 3 paths, 2 B" in table
    )
    assert "2030-03-17 17:46:40Z" in table
    assert tree(str(cli.top)) == before


def test_one_cleanup_is_shown_with_its_paths(cli: Cli) -> None:
    first, second = cleaned(cli, MADE), cleaned(cli)
    last, named = cli("journal show").document, cli("journal show", first).document
    assert [one["id"] for one in last["cleanups"]] == [second] and len(last["steps"]) == 3
    assert [(one["path"], one["result"]) for one in named["steps"]] == [(MADE, "moved")]
    rows = list(csv.reader(io.StringIO(cli("journal show", first, "--format", "csv").out)))
    assert rows == [["number", "path", "result", "reason"], ["1", MADE, "moved", ""]]


def test_quarantine_of_no_entry_is_told(cli: Cli) -> None:
    cleaned(cli)
    (cli.top / STATE / "quarantine" / MISSING_ID).mkdir()
    assert cli("journal").document["unlisted"] == [MISSING_ID]
    cli.terminal = True
    assert f"in no entry of the journal: {MISSING_ID}" in cli("journal").out


def test_a_journal_elsewhere_is_named(cli: Cli, tmp_path: Path) -> None:
    place = tmp_path / "state"
    assert cli("clean", "--path", MADE, *EXECUTE, "--state-dir", str(place)).code == 0
    assert cli("journal").document["cleanups"] == []
    assert len(cli("journal", "--state-dir", str(place)).document["cleanups"]) == 1
    assert not (cli.top / STATE).exists() and (place / "journal.db").exists()
    assert cli("undo", "--writable", "--state-dir", str(place)).code == 0


# -- what was cut off ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["--finish", "--roll-back"])
@pytest.mark.parametrize("nth", [0, 1])
def test_a_cleanup_that_was_cut_off_is_settled(cli: Cli, how: str, nth: int) -> None:
    before = picture(cli.top, b"/srv")
    killed(cli, "clean", "--path", CACHE, "--path", MADE, *EXECUTE, at="rename", nth=nth)
    refused = cli("clean", "--path", MADE, *EXECUTE)
    assert refused.code == 3 and "was cut off" in refused.err and "journal recover" in refused.err
    undo = cli("undo", "--writable")
    assert undo.code == 3 and "journal recover" in undo.err
    assert cli("undo", "--dry-run").code == 3
    told = cli("journal recover", "--writable")
    assert told.code == 0 and len(told.document["done"]) == nth and len(told.document["pending"]) == 4 - nth
    assert "--finish (or --roll-back)" in told.err
    key = told.document["id"]
    assert cli("journal recover", MISSING_ID, how, "--writable").code == 2
    run = cli("journal recover", key, how, "--writable")
    assert run.code == 0, run
    assert run.document["schema"] == "codedeploy-forensics/recover/1"
    if how == "--finish":
        assert run.document["state"] == "done" and len(run.document["done"]) == 4
        assert not (cli.top / CACHE[1:]).exists()
        assert cli("undo", "--writable").code == 0
    assert picture(cli.top, b"/srv") == before
    assert cli("journal recover", "--finish", "--writable").code == 2


def test_an_undo_that_was_cut_off_goes_on(cli: Cli) -> None:
    before = picture(cli.top, b"/srv")
    key = cleaned(cli)
    killed(cli, "undo", "--writable", at="rename", nth=2)
    assert cli("clean", "--path", MADE, *EXECUTE).code == 3
    assert cli("undo", "--dry-run").document["id"] == key
    assert cli("undo", "--writable").document["state"] == "undone"
    assert picture(cli.top, b"/srv") == before


def test_a_cleanup_that_runs_refuses_another(cli: Cli) -> None:
    calls = real_calls()
    cleaned(cli)
    top = calls.open_top(str(cli.top / STATE))
    held = calls.lock(top)
    try:
        run = cli("clean", "--path", MADE, *EXECUTE)
        assert run.code == 3 and "another cleanup or undo is running" in run.err
        assert cli("journal").code == 0
    finally:
        calls.close(held)
        calls.close(top)


# -- purging -------------------------------------------------------------------------------------


def purge(cli: Cli, *argv: str) -> Run:
    return cli("journal purge", *argv, "--writable")


def test_quarantine_is_freed_by_id(cli: Cli) -> None:
    first, second = cleaned(cli, MADE), cleaned(cli)
    run = purge(cli, first, "--yes")
    assert run.code == 0 and (run.document["purged"], run.document["bytes"]) == ([first], 5)
    assert run.document["schema"] == "codedeploy-forensics/purge/1"
    assert os.listdir(cli.top / STATE / "quarantine") == [second]
    states = {one["id"]: one["state"] for one in cli("journal").document["cleanups"]}
    assert states == {first: "purged", second: "done"}
    assert cli("undo", first, "--writable").code == 2


def test_quarantine_is_freed_by_age(cli: Cli) -> None:
    old = cleaned(cli, MADE)
    cli.now = NOW + 31 * 86400
    new = cleaned(cli)
    assert purge(cli, "--older-than", "5w", "--yes").document["purged"] == []
    assert purge(cli, "--older-than", "30d", "--yes").document["purged"] == [old]
    assert purge(cli, "--older-than", "30d", "--yes").document["purged"] == []
    cli.now += 3601
    assert purge(cli, "--older-than", "1h", "--yes").document["purged"] == [new]


@pytest.mark.parametrize(("typed", "code"), [(f"2 {HOST}\n", 0), (f"1 {HOST}\n", 3), ("", 3)])
def test_the_count_and_the_host_are_typed(cli: Cli, typed: str, code: int) -> None:
    first, second = cleaned(cli, MADE), cleaned(cli)
    cli.terminal, cli.typed = True, typed
    run = purge(cli, first, second)
    assert run.code == code and f"Type  2 {HOST}  to go on" in run.err and "DELETE FOR GOOD" in run.err
    assert (len(os.listdir(cli.top / STATE / "quarantine")) == 0) == (code == 0)
    if code == 0:
        assert run.out == "2 cleanups purged, 7 B freed\n"


def test_what_cannot_be_freed_is_named(cli: Cli) -> None:
    class Held:
        def __init__(self) -> None:
            self.real = real_calls()

        def __getattr__(self, name: str) -> Any:
            if name != "unlink":
                return getattr(self.real, name)

            def unlink(name: str, here: int) -> None:
                raise OSError(30, "Read-only file system")

            return unlink

    key = cleaned(cli, MADE)
    cli.calls = Held
    run = purge(cli, key, "--yes")
    assert run.code == 4 and run.document["left"] == [{"id": key, "reason": "its file system is mounted read-only"}]
    cli.calls = real_calls
    assert cli("undo", key, "--writable").code == 0


def test_a_journal_that_was_cut_off_while_it_was_written_is_mended_by_recover(cli: Cli) -> None:
    key = cleaned(cli, MADE)
    place = cli.top / STATE / "journal.db"
    cut_off = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('PRAGMA cache_size = 5'); db.execute('BEGIN IMMEDIATE')\n"
        "for i in range(3000): db.execute('INSERT INTO result VALUES (?,1,1,?,1,?,0.0)', ('x', 'moved', 'x' * 200))\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", cut_off, str(place)], check=False)
    run = cli("journal")
    assert run.code == 2 and "journal recover" in run.err and "mends it" in run.err and run.err.count("\n") == 1
    assert "nothing was cut off" in cli("journal recover", "--writable").err
    assert [one["id"] for one in cli("journal").document["cleanups"]] == [key]
