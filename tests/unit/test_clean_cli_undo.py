"""``undo`` run whole: what is put back, what is in the way, what is wrong with the words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.trees import picture
from tests.support import posix_only
from tests.unit.clean_cli import (
    CACHE,
    EXECUTE,
    MADE,
    STATE,
    Cli,
    cleaned,
    killed,
    ongoing,
    paths,
    site,
)
from tests.unit.test_cli_process import tree
from tui.fixtures import unpack

pytestmark = posix_only
MISSING_ID = "20260131-142530-0a1b2c"


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return site(tmp_path)


# -- undo ----------------------------------------------------------------------------------------


def test_the_last_cleanup_is_undone_where_none_is_named(cli: Cli) -> None:
    first, second = cleaned(cli, MADE), cleaned(cli)
    assert first != second
    run = cli("undo", "--writable")
    assert (run.code, run.document["id"], run.document["state"]) == (0, second, "undone")
    assert run.document["schema"] == "codedeploy-forensics/undo/1"
    assert sorted(paths(run.document["put_back"])) == [CACHE, f"{CACHE}/a", f"{CACHE}/b"]
    assert cli("undo", "--writable").document["id"] == first
    run = cli("undo", "--writable")
    assert run.code == 2 and "no cleanup holds anything" in run.err


def test_one_cleanup_is_undone_by_its_id_before_or_after_source(cli: Cli) -> None:
    first, _ = cleaned(cli, MADE), cleaned(cli)
    assert cli.run("undo", first, str(cli.top), "--dry-run").document["id"] == first
    assert cli.run("undo", str(cli.top), "--writable", first).document["id"] == first
    assert (cli.top / MADE[1:]).exists() and not (cli.top / CACHE[1:]).exists()


def test_some_paths_alone_are_put_back(cli: Cli, tmp_path: Path) -> None:
    cleaned(cli)
    run = cli("undo", "--writable", "--path", f"{CACHE}/a")
    assert run.code == 0 and run.document["state"] == "partly undone"
    assert sorted(paths(run.document["put_back"])) == [CACHE, f"{CACHE}/a"]
    (tmp_path / "list").write_bytes(f"{CACHE}/b\0".encode())
    assert cli("undo", "--writable", "--paths-from", str(tmp_path / "list")).document["state"] == "undone"
    (tmp_path / "list").write_bytes(b"\n")
    assert "names no path" in cli("undo", "--writable", "--paths-from", str(tmp_path / "list")).err


def test_a_path_that_the_cleanup_holds_nothing_of_is_named(cli: Cli) -> None:
    cleaned(cli)
    asked = ("--path", CACHE, "--path", f"{CACHE}/typo", "--path", MADE[:-1])
    said = [f"{CACHE}/typo: cleanup", f"{MADE[:-1]}: cleanup"]
    for argv, code in (("--dry-run", 0), ("--writable", 4)):
        run = cli("undo", argv, *asked)
        assert (run.code, [line.split(" 2")[0] for line in run.err.splitlines()]) == (code, said)
        assert "holds nothing of it" in run.err
    assert (cli.top / CACHE[1:]).exists()


def test_what_was_written_to_in_quarantine_is_put_back_and_told(cli: Cli) -> None:
    with open(cli.top / MADE[1:], "ab") as log:
        cleaned(cli, MADE)
        log.write(b"more")
    run = cli("undo", "--dry-run")
    assert paths(run.document["pending"]) == [MADE]
    run = cli("undo", "--writable", "--format", "table")
    assert run.code == 0
    assert run.out.split("Put back, but (1)")[1].split()[:3] == [MADE, "it", "was"]
    assert (cli.top / MADE[1:]).read_bytes().endswith(b"more")


def test_conflicts_are_named_and_the_rest_goes_on(cli: Cli) -> None:
    cleaned(cli, MADE, CACHE)
    (cli.top / MADE[1:]).write_text("anew")
    foretold = cli("undo", "--dry-run")
    run = cli("undo", "--writable")
    assert (foretold.code, run.code) == (0, 4)
    for document, back in ((foretold.document, "pending"), (run.document, "put_back")):
        assert paths(document["conflicts"]) == [MADE]
        assert "something stands there already" in document["conflicts"][0]["reason"]
        assert sorted(paths(document[back])) == [CACHE, f"{CACHE}/a", f"{CACHE}/b"]
    assert (cli.top / MADE[1:]).read_text() == "anew"
    os.unlink(cli.top / MADE[1:])
    assert cli("undo", "--writable").code == 0
    assert (cli.top / MADE[1:]).read_text() == "made\n"


def test_a_dry_run_is_dry(cli: Cli) -> None:
    cleaned(cli)
    before = tree(str(cli.top))
    run = cli("undo", "--dry-run")
    assert (run.code, run.document["dry_run"], run.document["bytes"]) == (0, True, 2)
    cli.terminal = True
    assert "3 paths would be put back" in cli("undo", "--dry-run").out
    assert tree(str(cli.top)) == before


@pytest.mark.parametrize("how", ["link", "gone", "other directory", "quarantine"])
def test_a_dry_run_sees_what_an_undo_would(cli: Cli, how: str, tmp_path: Path) -> None:
    key = cleaned(cli, f"{CACHE}/a")
    place = cli.top / CACHE[1:]
    if how == "quarantine":
        os.unlink(cli.top / STATE / "quarantine" / key / f"{CACHE}/a"[1:])
    elif how == "link":
        place.rename(tmp_path / "moved")
        place.symlink_to(tmp_path / "moved")
    else:
        (place / "b").unlink()
        place.rmdir()
        if how == "other directory":
            place.mkdir()
    foretold = cli("undo", "--dry-run").document
    run = cli("undo", "--writable")
    assert (run.code == 0) == (not foretold["conflicts"])
    assert not (tmp_path / "moved" / "a").exists()


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["undo"], 3, "--writable allows it"),
        (["undo", "--writable"], 2, "there is no journal: no cleanup was carried out here"),
        (["undo", "--dry-run"], 2, "there is no journal: no cleanup was carried out here"),
        (["undo", "--writable", "nope"], 2, "only one SOURCE can be given; an id is like"),
        (["undo", "--writable", MISSING_ID, "20260131-142530-0a1b2d"], 2, "only one id can be given"),
        (["undo", "--writable", "--path", "relative"], 2, "relative: not an absolute path"),
        (["journal", MISSING_ID], 2, f"{MISSING_ID}: no id goes here"),
        (["journal show"], 2, "there is no journal"),
        (["journal recover", "--finish"], 3, "--writable allows it"),
        (["journal recover", "--finish", "--writable"], 2, "there is no journal"),
        (["journal recover", "--finish", "--roll-back"], 2, "not allowed with argument"),
        (["journal purge", "--writable", "--yes"], 2, "say what to free"),
        (["journal purge", "--older-than", "30"], 2, "30: not an age; give hours, days or weeks"),
        (["journal purge", "--older-than", "30d", "--yes"], 3, "--writable allows it"),
        (["journal purge", "--older-than", "30d", "--writable"], 2, "without one give --yes"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(cli: Cli, argv: list[str], code: int, said: str) -> None:
    run = cli(*argv)
    assert (run.code, run.out) == (code, "")
    assert said in run.err and run.err.count("\n") == 1
    assert not (cli.top / STATE).exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["undo", "nope"], "nope: neither a directory nor a cleanup's id"),
        (["journal", "shwo"], "shwo: neither a directory nor a cleanup's id"),
        (["journal", "/x", "show"], "the word comes first: codedeploy-forensics journal show"),
        (["undo", "/nope/x"], "--writable allows it"),
        (["journal", "/nope/x"], "/nope/x: no such directory"),
    ],
)
def test_words_that_are_neither_are_told(cli: Cli, words: list[str], said: str) -> None:
    run = cli.run(*words)
    assert run.code in (2, 3) and said in run.err and run.err.count("\n") == 1


def test_an_unknown_id_is_told(cli: Cli) -> None:
    cleaned(cli)
    for command in (("undo", "--writable"), ("undo", "--dry-run"), ("journal show",), ("journal purge", *EXECUTE[1:])):
        run = cli(command[0], MISSING_ID, *command[1:])
        assert run.code == 2 and MISSING_ID in run.err and run.err.count("\n") == 1


def test_a_deployment_in_progress_refuses_an_undo_and_can_be_overridden(cli: Cli) -> None:
    cleaned(cli)
    ongoing(cli, 60)
    run = cli("undo", "--writable")
    assert run.code == 3 and "in progress" in run.err and not (cli.top / CACHE[1:]).exists()
    run = cli("undo", "--writable", "--force", "it hangs")
    assert run.code == 0 and "gone on in spite of: deployment d-NOW000001" in run.err
    (entry,) = cli("journal").document["cleanups"]
    assert entry["reason"].startswith("undo forced, it hangs: deployment d-NOW000001 is in progress: its tracking file")


@posix_only
@pytest.mark.parametrize("how", ["--finish", "--roll-back"])
def test_a_deployment_in_progress_refuses_a_recovery_before_it_begins(cli: Cli, how: str) -> None:
    killed(cli, "clean", "--path", CACHE, *EXECUTE, at="rename", nth=1)
    ongoing(cli, 60)
    before = picture(cli.top, b"/srv", b"/var/lib/codedeploy-forensics/quarantine")
    run = cli("journal recover", how, "--writable")
    assert run.code == 3 and "d-NOW000001 is in progress" in run.err and "--force REASON" in run.err
    assert picture(cli.top, b"/srv", b"/var/lib/codedeploy-forensics/quarantine") == before
    assert cli("journal").document["cleanups"][0]["state"] in ("planned", "running")
    assert cli("journal recover", how, "--writable", "--force", "it hangs").code == 0
    (entry,) = cli("journal").document["cleanups"]
    assert "forced, it hangs: deployment d-NOW000001" in entry["reason"]


@pytest.mark.parametrize("cut_off", [False, True])
def test_agents_records_come_back_and_their_own_change_is_no_deployment(tmp_path: Path, cut_off: bool) -> None:
    cli = Cli(unpack("abandoned-group", tmp_path / "x"), slow=True)
    before = picture(cli.top, b"/opt")
    group = "b2a49f60-1c2d-4e5f-9a8b-7c6d5e4f3a21"
    argv = ("--agent-records", "--group-gone", group, *EXECUTE)
    if cut_off:
        killed(cli, "clean", *argv, at="rename", nth=5)
        run = cli("journal recover", "--roll-back", "--writable")
    else:
        assert len(cli("clean", *argv).document["done"]) > 20
        assert not (cli.top / "opt/codedeploy-agent/deployment-root" / group).exists()
        run = cli("undo", "--writable")
    assert run.code == 0, run.document["skipped"]
    assert picture(cli.top, b"/opt") == before


def test_an_undo_needs_no_agent(cli: Cli) -> None:
    cleaned(cli)
    for name in ("opt", "etc"):
        if (cli.top / name).exists():
            (cli.top / name).rename(cli.top / f"{name}-gone")
    assert cli("undo", "--writable").code == 0


def test_an_undo_stops_safely_and_goes_on(cli: Cli) -> None:
    cleaned(cli)
    cli.stop_after = 1
    run = cli("undo", "--writable")
    assert run.code == 130 and len(run.document["put_back"]) == 1 and len(run.document["skipped"]) == 2
    cli.stop_after = None
    assert cli("undo", "--writable").document["state"] == "undone"
