"""``clean --execute``: what is done, what is asked before, reviewed plans, and what ends it in the middle."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.faults.trees import picture
from tests.support import can_unpack, posix_only
from tests.unit.clean_cli import APP, EXECUTE, HOST, MADE, NOW, STATE, Cli, lines, paths, site
from tui.cleanup.calls import real_calls
from tui.cleanup.in_use import InUse
from tui.fixtures import unpack
from tui.system.open_files import Holder


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return site(tmp_path)


# -- carrying out --------------------------------------------------------------------------------


@posix_only
def test_a_cleanup_and_its_undo_leave_all_as_it_was(tmp_path: Path) -> None:
    if not can_unpack("links-and-odd-names"):
        pytest.skip("this system cannot hold it")
    cli = Cli(unpack("links-and-odd-names", tmp_path / "x"))
    before = picture(cli.top, b"/srv", b"/etc", b"/opt")
    run = cli("clean", "--mark", "orphaned", "--mark", "script-created", "--mark", "unattributed", *EXECUTE)
    document = run.document
    assert run.code == 0 and document["done"] and document["state"] == "done"
    assert len(document["done"]) == len(document["plan"]["steps"])
    gone = [one["path"] for one in document["done"] if "path_b64" not in one]
    assert gone and not any(os.path.lexists(f"{cli.top}{path}") for path in gone)
    assert picture(cli.top, b"/srv", b"/etc", b"/opt") != before
    back = cli("undo", "--writable")
    assert back.code == 0 and len(back.document["put_back"]) == len(document["done"])
    assert picture(cli.top, b"/srv", b"/etc", b"/opt") == before


def test_a_windows_instance_in_a_directory_is_cleaned_up_and_put_back(tmp_path: Path) -> None:
    if not can_unpack("windows-guide"):
        pytest.skip("this system cannot hold it")
    cli = Cli(unpack("windows-guide", tmp_path / "x"))
    before = {str(path): os.lstat(path).st_mtime_ns for path in cli.top.rglob("*") if path.is_file()}
    run = cli("clean", "--mark", "script-created", "--mark", "unattributed", "--confidence", "possible", *EXECUTE)
    assert run.code == 0 and run.document["state"] == "done" and run.document["done"]
    after = {str(path) for path in cli.top.rglob("*") if path.is_file() and "codedeploy-forensics" not in str(path)}
    assert len(before.keys() - after) == len([one for one in run.document["plan"]["steps"] if one["type"] == "file"])
    back = cli("undo", "--writable")
    assert back.code == 0 and len(back.document["put_back"]) == len(run.document["done"])
    assert {path: os.lstat(path).st_mtime_ns for path in before} == before


@posix_only
def test_after_unblock_the_deployment_succeeds(tmp_path: Path) -> None:
    cli = Cli(unpack("failed-disallow", tmp_path / "x"))
    preview = ("preview", str(cli.top), "--revision", "d-43DDDDDDD", "--exit-code")
    assert cli.run(*preview).code == 1
    run = cli("clean", "--unblock", "d-43DDDDDDD", "--file-exists-behavior", "DISALLOW", *EXECUTE)
    assert run.code == 0 and paths(run.document["done"]) == ["/srv/shop/static/hotfix.js"]
    assert "without these paths it succeeds" in run.document["notes"][0]
    assert cli.run(*preview).document["outcome"] == "succeeds"
    again = cli("clean", "--unblock", "d-43DDDDDDD", *EXECUTE)
    assert again.code == 0 and "succeeds as things stand" in again.document["notes"][0]
    assert (again.document["id"], again.document["done"]) == (None, [])


@posix_only
def test_what_does_not_help_is_not_done(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new/appspec.yml").write_text(
        "version: 0.0\nos: linux\nfiles: [{source: nope, destination: /srv/app}]\n"
    )
    run = cli("clean", "--unblock", str(tmp_path / "new"), *EXECUTE)
    assert (run.code, run.out) == (3, "")
    assert "fails even without these paths" in run.err and "nothing was done" in run.err


@posix_only
def test_nothing_is_taken_for_a_deployment_that_something_protected_stays_in_the_way_of(
    cli: Cli, tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new/hosts").touch()
    (tmp_path / "new/made.txt").touch()
    (tmp_path / "new/appspec.yml").write_text(
        "version: 0.0\nos: linux\nfiles:\n"
        "- {source: hosts, destination: /etc}\n- {source: made.txt, destination: /srv/app}\n"
    )
    (cli.top / "etc").mkdir(exist_ok=True)
    (cli.top / "etc/hosts").touch()
    plan = cli("clean", "--unblock", str(tmp_path / "new")).document
    assert (paths(plan["plan"]["steps"]), paths(plan["refused"])) == ([MADE], ["/etc/hosts"])
    assert "fails all the same: /etc/hosts stays, it is a file that the system needs" in plan["notes"][1]
    run = cli("clean", "--unblock", str(tmp_path / "new"), *EXECUTE)
    assert (run.code, run.out) == (3, "")
    assert "fails all the same: /etc/hosts stays" in run.err and "nothing was done" in run.err


@pytest.mark.parametrize("words", [("clean", "--path", MADE, "--execute", "--yes"), ("undo",)])
@pytest.mark.parametrize("untold", ["closed", "full"])
def test_nothing_is_done_that_nobody_could_be_told_of(cli: Cli, words: tuple[str, ...], untold: str) -> None:
    if words[0] == "undo":
        cli("clean", "--path", MADE, *EXECUTE)
    there = (cli.top / MADE[1:]).exists()
    cli.untold = untold
    run = cli(*words, "--writable", "--format", "json")
    assert run.code == 2
    if untold == "closed":
        assert "standard output is closed" in run.err and "nothing was done" in run.err
        assert (cli.top / MADE[1:]).exists() is there
    else:
        cli.untold = None
        key = cli("journal").document["cleanups"][0]["id"]
        assert f"what was done is in the journal: codedeploy-forensics journal show {key} " in run.err
        assert (cli.top / MADE[1:]).exists() is not there


@posix_only
def test_it_is_written_who_did_it_when_where_and_why(cli: Cli) -> None:
    key = cli("clean", "--path", MADE, *EXECUTE, "--reason", "ticket 7").document["id"]
    (entry,) = cli("journal").document["cleanups"]
    assert (entry["id"], entry["who"], entry["host"], entry["reason"]) == (key, "root (alice)", HOST, "ticket 7")
    assert (entry["started"], entry["chosen_by"], entry["steps"], entry["bytes"]) == (NOW, "paths by name", 1, 5)


@posix_only
def test_deleted_for_good_is_asked_for_by_name_and_cannot_be_undone(cli: Cli) -> None:
    run = cli("clean", "--path", MADE, "--delete", *EXECUTE)
    assert run.code == 0 and [one["did"] for one in run.document["done"]] == ["deleted"]
    assert "content-lost" in [one["code"] for one in run.document["plan"]["warnings"]]
    assert not (cli.top / MADE[1:]).exists()
    assert cli("undo", "--writable").code == 2


@posix_only
def test_steps_that_fail_are_named_and_the_rest_goes_on(cli: Cli) -> None:
    class Failing:
        def __init__(self) -> None:
            self.real = real_calls()

        def __getattr__(self, name: str) -> Any:
            if name != "rename":
                return getattr(self.real, name)

            def rename(old: str, here: int, new: str, there: int) -> None:
                if old == "a":
                    raise OSError(16, "Device or resource busy")
                self.real.rename(old, here, new, there)

            return rename

    cli.calls = Failing
    run = cli("clean", "--path", f"{APP}/cache", "--path", MADE, *EXECUTE)
    assert run.code == 4 and run.document["state"] == "partly"
    assert run.document["failed"][0]["path"] == f"{APP}/cache/a"
    assert {f"{APP}/cache/b", MADE} <= set(paths(run.document["done"]))
    cli.terminal = True
    table = cli("clean", "--path", f"{APP}/cache", "--execute", "--writable", "--yes").out
    assert "Not done" in table and "failed: in use by the system" in table


# -- confirmation --------------------------------------------------------------------------------


@posix_only
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (f"1 {HOST}\n", 0),
        (f"  1   {HOST} \n", 0),
        (f"2 {HOST}\n", 3),
        ("1\n", 3),
        ("y\n", 3),
        ("", 3),
        (f"1 {HOST} x\n", 3),
    ],
)
@pytest.mark.parametrize("format_name", ["table", "json"])
def test_the_count_and_the_host_are_typed(cli: Cli, typed: str, code: int, format_name: str) -> None:
    cli.terminal, cli.typed = True, typed
    run = cli("clean", "--path", MADE, "--execute", "--writable", "--format", format_name)
    assert run.code == code
    shown = run.out if format_name == "table" else run.err
    assert f"Type  1 {HOST}  to go on" in run.err and MADE in shown
    assert shown.index("Warnings") < shown.index("Steps (1)")
    assert (cli.top / MADE[1:]).exists() == (code == 3)
    if code:
        assert lines(run.err)[-1].endswith("not confirmed; nothing was done")
    elif format_name == "json":
        assert paths(run.document["done"]) == [MADE]


def test_standard_input_answers_for_one_thing_only(cli: Cli) -> None:
    cli.terminal, cli.typed = True, MADE
    run = cli("clean", "--paths-from", "-", "--execute", "--writable")
    assert run.code == 2 and "standard input is read for a file" in run.err


# -- reviewed plans ------------------------------------------------------------------------------


@posix_only
def test_a_reviewed_plan_is_carried_out_less_what_changed(cli: Cli, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(cli("clean", "--path", MADE, "--path", f"{APP}/cache", "--export", "json").out)
    (cli.top / MADE[1:]).write_text("written since")
    shown = cli("clean", "--plan", str(plan))
    assert shown.code == 0 and paths(shown.document["refused"]) == [MADE]
    run = cli("clean", "--plan", str(plan), *EXECUTE)
    assert run.code == 4 and [one["code"] for one in run.document["refused"]] == ["changed"]
    assert paths(run.document["done"]) == [f"{APP}/cache/a", f"{APP}/cache/b", f"{APP}/cache"]
    assert (cli.top / MADE[1:]).read_text() == "written since"
    (entry,) = cli("journal").document["cleanups"]
    assert entry["plan_hash"] == json.loads(plan.read_text())["hash"]


@posix_only
def test_a_reviewed_plan_warns_of_what_is_so_now(cli: Cli, tmp_path: Path) -> None:
    cli.here, plan = True, tmp_path / "plan.json"
    cli.in_use = InUse({MADE: (Holder(811, "cron", True),)})
    plan.write_text(cli("clean", "--path", MADE, "--path", f"{APP}/cache", "--export", "json").out)
    cli.in_use = InUse({f"{APP}/cache/a": (Holder(812, "nginx", True),)})
    warnings = cli("clean", "--plan", str(plan)).document["plan"]["warnings"]
    assert [(one["paths"], one["message"]) for one in warnings if one["code"] == "held-open"] == [
        ([f"{APP}/cache/a"], "1 path is held open: by nginx (812)")
    ]


@posix_only
def test_a_reviewed_plan_is_for_one_host_and_means_what_it_says(cli: Cli, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(cli("clean", "--path", MADE, "--export", "json", "--delete").out)
    assert "give --delete to say" in cli("clean", "--plan", str(plan), *EXECUTE).err
    assert cli("clean", "--plan", str(plan), *EXECUTE, "--delete").code == 0
    plan.write_text(cli("clean", "--path", f"{APP}/upload", "--export", "json").out)
    assert "moves to quarantine" in cli("clean", "--plan", str(plan), *EXECUTE, "--delete").err
    (cli.top / "etc").mkdir(exist_ok=True)
    (cli.top / "etc/hostname").write_text("other\n")
    run = cli("clean", "--plan", str(plan), *EXECUTE)
    assert run.code == 3 and f"on {HOST}, and this is other" in run.err
    assert (cli.top / f"{APP}/upload"[1:]).exists()


def test_a_plan_that_was_tampered_with_is_refused(cli: Cli, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(cli("clean", "--path", MADE, "--export", "json").out.replace(MADE, f"{APP}/a.txt"))
    run = cli("clean", "--plan", str(plan), *EXECUTE)
    assert (run.code, run.out) == (2, "") and "hash does not fit" in run.err


@posix_only
def test_a_plan_cannot_reach_where_the_options_do_not(cli: Cli, tmp_path: Path) -> None:
    """An unblock plan goes where its revision does; without that revision nothing vouches for the place."""
    (cli.top / "srv/new").mkdir(parents=True)
    (cli.top / "srv/new/f").write_text("in the way")
    revision = tmp_path / "new"
    revision.mkdir()
    (revision / "appspec.yml").write_text("version: 0.0\nos: linux\nfiles: [{source: f, destination: /srv/new}]\n")
    (revision / "f").write_text("new")
    plan = tmp_path / "plan.json"
    exported = cli("clean", "--unblock", str(revision), "--export", "json")
    plan.write_text(exported.out)
    assert [step["path"] for step in json.loads(exported.out)["steps"]] == ["/srv/new/f"]
    alone = cli("clean", "--plan", str(plan), *EXECUTE)
    assert alone.code == 3 and [one["code"] for one in alone.document["refused"]] == ["outside"]
    run = cli("clean", "--plan", str(plan), "--unblock", str(revision), *EXECUTE)
    assert run.code == 0 and paths(run.document["done"]) == ["/srv/new/f"]


# -- stopping ------------------------------------------------------------------------------------


@posix_only
def test_a_stop_is_safe_and_tells_what_was_done(cli: Cli) -> None:
    cli.stop_after = 2
    run = cli("clean", "--path", f"{APP}/cache", "--path", MADE, *EXECUTE)
    assert run.code == 130 and run.document["state"] == "stopped"
    assert len(run.document["done"]) == 2 and len(run.document["skipped"]) == 2
    cli.stop_after = None
    assert cli("undo", "--writable").code == 0
    assert (cli.top / f"{APP}/cache/a"[1:]).read_text() == "a"
    cli.stop_after, cli.terminal = 2, True
    table = cli("clean", "--path", f"{APP}/cache", "--path", MADE, *EXECUTE).out
    assert "2 paths not come to: stopped by the operator" in table and "Not done" not in table


@posix_only
def test_a_second_ctrl_c_leaves_at_once_and_says_how_to_go_on(cli: Cli) -> None:
    class Interrupted:
        def __init__(self) -> None:
            self.real = real_calls()

        def __getattr__(self, name: str) -> Any:
            if name != "rename":
                return getattr(self.real, name)

            def rename(old: str, here: int, new: str, there: int) -> None:
                if old == "b":
                    raise KeyboardInterrupt
                self.real.rename(old, here, new, there)

            return rename

    cli.calls = Interrupted
    run = cli("clean", "--path", f"{APP}/cache", *EXECUTE)
    assert (run.code, run.out) == (130, "")
    assert "journal recover" in run.err and lines(run.err)[-1] == "codedeploy-forensics: interrupted"
    cli.calls = real_calls
    scanned = cli.scanned
    refused = cli("clean", "--residue", *EXECUTE)
    assert refused.code == 3 and "was cut off" in refused.err and "journal recover" in refused.err
    assert cli.scanned == scanned
    assert cli("journal recover", "--roll-back", "--writable").code == 0
    assert (cli.top / f"{APP}/cache/a"[1:]).read_text() == "a"
    assert cli("clean", "--path", MADE, *EXECUTE).code == 0


@posix_only
def test_a_journal_that_fails_in_the_middle_is_told_as_part(cli: Cli) -> None:
    class Full:
        """Calls whose database takes the plan and then nothing more."""

        def __init__(self) -> None:
            self.real = real_calls()

        def __getattr__(self, name: str) -> Any:
            if name != "database":
                return getattr(self.real, name)
            return lambda *args: Wrapped(self.real.database(*args))

    class Wrapped:
        def __init__(self, real: Any) -> None:
            self.real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

        def executemany(self, statement: str, rows: Any) -> Any:
            rows = list(rows)
            if "INTO result" in statement and rows:
                import sqlite3

                raise sqlite3.OperationalError("database or disk is full")
            return self.real.executemany(statement, rows)

    cli.calls = Full
    run = cli("clean", "--path", MADE, *EXECUTE)
    assert (run.code, run.out) == (4, "")
    assert "its disk is full" in run.err and "journal recover" in run.err and run.err.count("\n") == 1


@posix_only
def test_a_state_directory_that_cannot_be_made_leaves_all_as_it_is(cli: Cli, tmp_path: Path) -> None:
    (cli.top / "var/lib").mkdir(parents=True, exist_ok=True)
    (cli.top / STATE).symlink_to(tmp_path)
    run = cli("clean", "--path", MADE, *EXECUTE)
    assert (run.code, run.out) == (2, "") and "is a link or no directory" in run.err
    assert (cli.top / MADE[1:]).exists()
