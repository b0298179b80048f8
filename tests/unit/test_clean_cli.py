"""``clean`` without a change: what is planned, what is refused, how it is shown, every exit code."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support import can_be_named, can_unpack, posix_only
from tests.unit.clean_cli import APP, EXECUTE, HOST, MADE, STATE, Cli, ongoing, paths, site
from tests.unit.preview.building import GROUP, ROOT_DIR
from tests.unit.test_cli_process import tree
from tui.cleanup.calls import real_calls
from tui.cleanup.in_use import InUse
from tui.fixtures import unpack
from tui.system.open_files import Holder


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return site(tmp_path)


# -- planning ------------------------------------------------------------------------------------


def test_a_plan_is_printed_and_nothing_is_touched(cli: Cli) -> None:
    before = tree(str(cli.top))
    for argv in (
        [],
        ["--format", "table"],
        ["--export", "sh"],
        ["--export", "ps1"],
        ["--export", "json"],
        ["--delete"],
    ):
        assert cli("clean", "--residue", *argv).code == 0
    assert tree(str(cli.top)) == before
    assert not (cli.top / STATE).exists()


def test_residue_takes_what_is_surely_a_scripts(cli: Cli) -> None:
    document = cli("clean", "--residue").document
    assert (document["schema"], document["id"], document["state"]) == ("codedeploy-forensics/clean/1", None, None)
    assert document["chosen_by"] == "residue"
    assert MADE in paths(document["plan"]["steps"]) and f"{APP}/upload" not in paths(document["plan"]["steps"])
    assert f"{APP}/a.txt" not in paths(document["plan"]["steps"])
    assert document["done"] == document["failed"] == document["skipped"] == []
    assert document["bytes"] == 0 and document["plan"]["bytes"] > 0
    step = next(one for one in document["plan"]["steps"] if one["path"] == MADE)
    assert (step["act"], step["why"], step["mark"], step["type"], step["size"], step["group"]) == (
        "quarantine", "residue", "script-created", "file", 5, GROUP,
    )  # fmt: skip
    assert step["evidence"]


@pytest.mark.parametrize(
    ("argv", "there", "not_there"),
    [
        (["--mark", "deployed"], [f"{APP}/a.txt"], [MADE]),
        (["--mark", "unattributed", "--mark", "script-created"], [MADE, f"{APP}/upload"], [f"{APP}/a.txt"]),
        (["--mark", "unattributed", "--confidence", "certain"], [], [f"{APP}/upload"]),
        (["--mark", "unattributed", "--below", f"{APP}/cache"], [], [f"{APP}/upload"]),
        (["--mark", "script-created", "--group", GROUP], [MADE], [f"{APP}/a.txt"]),
        (["--residue", "--exclude", "made.*"], [], [MADE]),
        (["--residue", "--exclude", f"{APP}/**"], [], [MADE]),
        (["--path", f"{APP}/cache"], [f"{APP}/cache/a", f"{APP}/cache/b", f"{APP}/cache"], [MADE]),
        (["--path", f"{APP}/cache", "--exclude", "b"], [f"{APP}/cache/a"], [f"{APP}/cache/b", f"{APP}/cache"]),
        (["--path", MADE, "--path", f"{APP}/upload"], [MADE, f"{APP}/upload"], [f"{APP}/a.txt"]),
        (["--uninstall", GROUP], [f"{APP}/a.txt"], [MADE]),
    ],
)
def test_what_is_chosen(cli: Cli, argv: list[str], there: list[str], not_there: list[str]) -> None:
    found = paths(cli("clean", *argv).document["plan"]["steps"])
    assert set(there) <= set(found)
    assert not set(not_there) & set(found)


@pytest.mark.thorough
def test_widening_takes_weak_evidence_too(tmp_path: Path) -> None:
    if not can_unpack("killed-mid-install"):
        pytest.skip("this system cannot hold it")
    cli = Cli(unpack("killed-mid-install", tmp_path / "x"))
    sure, likely, all_of_it = (
        set(paths(cli("clean", "--residue", *argv).document["plan"]["steps"]))
        for argv in (["--confidence", "certain"], [], ["--widen"])
    )
    assert sure <= likely <= all_of_it and sure < all_of_it


@pytest.mark.parametrize("separator", ["\n", "\0"])
def test_paths_come_from_a_file_and_from_standard_input(cli: Cli, tmp_path: Path, separator: str) -> None:
    listed = separator.join([MADE, "", f"{APP}/upload", ""])
    (tmp_path / "list").write_bytes(listed.encode())
    from_file = cli("clean", "--paths-from", str(tmp_path / "list"))
    cli.typed = listed
    from_stdin = cli("clean", "--paths-from", "-")
    for run in (from_file, from_stdin):
        assert sorted(paths(run.document["plan"]["steps"])) == sorted([MADE, f"{APP}/upload"])


def test_a_glob_that_leaves_nothing_out_is_told(cli: Cli) -> None:
    for choice in (("--path", f"{APP}/cache"), ("--mark", "unattributed", "--mark", "script-created")):
        run = cli("clean", *choice, "--exclude", "a", "--exclude", "cahce")
        assert run.document["notes"] == [
            "--exclude cahce: names nothing of what is chosen, so nothing is left out by it"
        ]
        assert f"{APP}/cache/a" not in paths(run.document["plan"]["steps"])


def test_exit_code_tells_whether_there_is_something(cli: Cli) -> None:
    assert cli("clean", "--residue", "--exit-code").code == 1
    assert cli("clean", "--residue", "--exit-code", "--export", "sh").code == 1
    assert cli("clean", "--path", f"{APP}/nothing", "--exit-code").code == 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "say what to clean: --residue, "),
        (["--residue", "--mark", "orphaned"], "--residue and --mark: give one of the two"),
        (["--residue", "--path", "/x"], "--residue and --path: give one of the two"),
        (["--path", "/x", "--group", "g"], "--group goes with --residue, --mark, --unblock only"),
        (["--uninstall", "g", "--widen"], "--widen goes with --residue, --mark only"),
        (["--residue", "--file-exists-behavior", "RETAIN"], "--file-exists-behavior goes with --unblock only"),
        (["--residue", "--widen", "--confidence", "certain"], "leave one of the two out"),
        (["--residue", "--group", "nobody"], f"--group nobody: no deployment group of that id; there are: {GROUP}"),
        (["--uninstall", "nobody"], f"--uninstall nobody: no deployment group of that id; there are: {GROUP}"),
        (["--unblock", "nope"], "nope: no such file"),
        (["--mark", "odd"], "invalid choice: 'odd'"),
        (["--path", "relative"], "relative: not an absolute path"),
        (["--residue", "--below", "relative"], "relative: not an absolute path"),
        (["--residue", "--exclude", ""], "a glob to leave out is empty"),
        (["--paths-from", "/nope/list"], "--paths-from /nope/list: "),
        (["--plan", "/nope/plan"], "--plan /nope/plan: "),
        (["--plan", "x", "--exclude", "y"], "a reviewed plan is carried out as it is"),
        (["--residue", "--yes"], "--yes goes with --execute"),
        (["--residue", "--reason", "x"], "--reason goes with --execute"),
        (["--residue", "--export", "sh", "--execute"], "--export and --execute: leave one of the two out"),
        (["--residue", "--export", "sh", "--format", "json"], "--export and --format: leave one of the two out"),
        (["--residue", "--execute", "--writable"], "which needs a terminal; without one give --yes"),
        (["--residue", "--reason", ""], "argument --reason: may not be empty"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(cli: Cli, argv: list[str], said: str) -> None:
    run = cli("clean", *argv)
    assert (run.code, run.out) == (2, "")
    assert said in run.err and run.err.count("\n") == 1


# -- refusals ------------------------------------------------------------------------------------


def test_another_machines_instance_is_changed_only_where_it_is_said(cli: Cli) -> None:
    run = cli("clean", "--residue", "--execute", "--yes")
    assert (run.code, run.out, cli.scanned) == (3, "", 0)
    assert "--writable allows it" in run.err and run.err.count("\n") == 1
    assert (cli.top / MADE[1:]).exists()


@pytest.mark.parametrize("words", [("clean", "--residue"), ("undo",), ("journal", "recover", "--finish")])
def test_this_machine_is_not_taken_for_another_ones_volume(cli: Cli, words: tuple[str, ...]) -> None:
    top = os.environ.get("SYSTEMDRIVE", "C:") + "\\" if os.name == "nt" else "/./"
    run = cli.run(*words, top, "--writable")
    assert (run.code, run.out, cli.scanned) == (3, "", 0)
    assert "is this machine itself; leave SOURCE out" in run.err


@pytest.mark.parametrize("path", ["/", "/etc", "/etc/passwd", ROOT_DIR, "/var/tmp/x", f"/{STATE}/journal.db"])
@pytest.mark.parametrize("argv", [(), EXECUTE])
def test_protected_and_outside_paths_have_no_override(cli: Cli, path: str, argv: tuple[str, ...]) -> None:
    before = tree(str(cli.top))
    force = ("--force", "I want to") if argv else ()
    run = cli("clean", "--path", path, *argv, *force)
    assert run.code == (3 if argv else 0)
    assert paths(run.document["refused"]) == [path] and run.document["plan"]["steps"] == []
    assert run.document["refused"][0]["code"] in ("protected", "outside")
    assert tree(str(cli.top)) == before


@posix_only
def test_the_named_state_directory_is_never_cleaned(cli: Cli) -> None:
    place = cli.top / "srv/app/cache"
    run = cli("clean", "--path", f"{APP}/cache", "--state-dir", str(place))
    assert {one["code"] for one in run.document["refused"]} == {"protected"}
    assert set(paths(run.document["refused"])) == {f"{APP}/cache", f"{APP}/cache/a", f"{APP}/cache/b"}


@posix_only
def test_a_state_directory_that_was_named_before_is_never_cleaned(cli: Cli) -> None:
    state = f"{APP}/cache/state"
    assert cli("clean", "--path", MADE, *EXECUTE, "--state-dir", str(cli.top / state[1:])).code == 0
    before = tree(str(cli.top / state[1:]))
    run = cli("clean", "--path", state, *EXECUTE)
    assert run.code == 3 and run.document["plan"]["steps"] == []
    assert {one["code"] for one in run.document["refused"]} == {"protected"}
    assert tree(str(cli.top / state[1:])) == before


@posix_only
@posix_only
def test_that_quarantine_is_on_another_file_system_is_told(cli: Cli) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == cli.top.stat().st_dev:
        pytest.skip("no other file system is known here")
    warned = cli("clean", "--path", MADE, "--state-dir", str(other / "not" / "there")).document["plan"]["warnings"]
    (said,) = [one for one in warned if one["code"] == "other-mount"]
    assert said["paths"] == [MADE] and said["message"].endswith(": it is copied to quarantine")
    warned = cli("clean", "--path", MADE, "--state-dir", str(cli.top.parent / "state")).document["plan"]["warnings"]
    assert "other-mount" not in [one["code"] for one in warned]


def test_a_refusal_beside_what_is_done_is_part(cli: Cli) -> None:
    run = cli("clean", "--path", MADE, "--path", "/etc/passwd", *EXECUTE)
    assert run.code == 4
    assert (paths(run.document["done"]), paths(run.document["refused"])) == ([MADE], ["/etc/passwd"])


def test_a_deployment_in_progress_refuses_and_can_be_overridden(cli: Cli) -> None:
    ongoing(cli, 60)
    plan = cli("clean", "--residue")
    assert plan.code == 0 and "d-NOW000001 is in progress" in plan.document["in_progress"]
    run = cli("clean", "--residue", *EXECUTE)
    assert (run.code, run.out) == (3, "")
    assert "d-NOW000001 is in progress" in run.err and "--force REASON" in run.err
    assert (cli.top / MADE[1:]).exists() and not (cli.top / STATE).exists()
    assert cli("clean", "--residue", *EXECUTE, "--force", "").code == 2


@posix_only
def test_what_was_overridden_is_recorded(cli: Cli) -> None:
    ongoing(cli, 60)
    run = cli("clean", "--path", MADE, *EXECUTE, "--force", "it hangs", "--reason", "disk full")
    assert run.code == 0
    assert ["d-NOW000001" in one and "it hangs" in one for one in run.document["forced"]] == [True]
    (entry,) = cli("journal").document["cleanups"]
    assert entry["reason"].startswith("disk full; forced, it hangs: deployment d-NOW000001 is in progress")


def test_a_script_that_the_agent_runs_on_this_machine_refuses(cli: Cli) -> None:
    cli.here, cli.scripts = True, ("deploy.sh (812)",)
    run = cli("clean", "--residue", "--execute", "--yes")
    assert run.code == 3 and "the agent runs deploy.sh (812)" in run.err


@posix_only
def test_a_deployment_that_begins_while_it_runs_stops_it(cli: Cli) -> None:
    class Starting:
        """Calls, the second move of which is seen by an agent that starts a deployment."""

        def __init__(self) -> None:
            self.real, self.moves = real_calls(), 0

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

        def rename(self, *names: Any) -> None:
            self.moves += 1
            if self.moves == 2:
                ongoing(cli, 0)
            self.real.rename(*names)

    cli.calls = Starting
    run = cli("clean", "--path", MADE, "--path", f"{APP}/cache", "--path", f"{APP}/upload", *EXECUTE)
    assert run.code == 4 and run.document["state"] == "stopped"
    assert run.document["done"] and "in progress" in run.document["skipped"][0]["reason"]


# -- output --------------------------------------------------------------------------------------


@posix_only
def test_hostile_names_reach_no_terminal(tmp_path: Path) -> None:
    name = f"{APP}/cache/x\x1b]0;t\x07\n[red]\u202e"
    if not can_be_named(name.rpartition("/")[2]):
        pytest.skip("this system has no such names")
    cli = site(tmp_path)
    (cli.top / name[1:]).write_text("x")
    cli.terminal = True
    run = cli("clean", "--path", name, "--execute", "--writable", "--yes")
    for text in (run.out, cli("journal show").out, cli("undo", "--dry-run").out, cli("undo", "--writable").out):
        assert "x\\e]0;t\\x07\\n[red]\\u202e" in text or "1 path put back" in text
        assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text
    cli.terminal = False
    rows = list(csv.reader(io.StringIO(cli("clean", "--path", name, "--format", "csv").out)))
    assert rows[-1][0] == f"{APP}/cache/x\\e]0;t\\x07\\n[red]\\u202e"
    (line,) = cli("clean", "--path", name, "--format", "jsonl").out.splitlines()[1:]
    assert json.loads(line)["path"] == name


def test_warnings_come_first_with_their_processes(cli: Cli) -> None:
    cli.here, cli.terminal = True, True
    cli.in_use = InUse({MADE: (Holder(812, "nginx", True),)})
    table = cli("clean", "--path", MADE, "--path", "/etc/passwd").out
    assert table.index("held open: by nginx (812)") < table.index("Refused (1)") < table.index("Steps (1)")
    assert f"this machine ({HOST})" in table and "--execute carries the plan out" in table


@posix_only
def test_progress_goes_to_standard_error_and_is_taken_away(cli: Cli) -> None:
    cli.terminal = True
    run = cli("clean", "--path", f"{APP}/cache", "--execute", "--writable", "--yes", "--format", "json")
    assert "looking: 0 of 3" in run.err and run.err.split("\r")[-1] == ""
    assert run.document["state"] == "done"
    quiet = cli("undo", "--writable", "--quiet")
    assert quiet.err == ""
