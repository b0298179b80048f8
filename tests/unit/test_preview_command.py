"""The command ``preview`` on fake engines: what is played, what is refused, every exit code; and once for real."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

import pytest

from tests.support import can_unpack
from tests.unit.report.examples import SHOP
from tests.unit.report.preview_examples import behaviors, chain, failing, single, succeeding
from tests.unit.test_cli import World
from tui.cli import Exit, main
from tui.fixture_chains import BundledChain, bundled_chain
from tui.preview.records import Behavior, Ending, LastSuccessful, Preview, Revision, Verdict

STEPS = "steps:\n- revision: a.zip\n- revision: b.zip\n  outcome: fails-in-script\n- revision: a.zip\n"


class Candidate:
    """A revision that knows whether it was closed."""

    def __init__(self) -> None:
        self.label, self.tree, self.problem, self.notes, self.closed = "label", self, None, (), 0

    def close(self) -> None:
        self.closed += 1


def of(*verdicts: Verdict) -> Preview:
    return Preview(verdicts, verdicts[-1].effects, lost=verdicts[-1].lost)


GOOD = of(succeeding())


def world(preview: Optional[Preview] = GOOD, *candidates: str, **more: Any) -> World:
    return World(preview=preview, candidates={name: Candidate() for name in candidates}, **more)


def run(of: World, *argv: str) -> int:
    return of.run("preview", *argv)


def group(*argv: str) -> list[str]:
    return ["--group", SHOP, *argv]


@pytest.mark.parametrize(
    ("preview", "argv", "code"),
    [
        (GOOD, [], 0),
        (GOOD, ["--exit-code"], 0),
        (single(), [], 0),
        (single(), ["--exit-code"], 1),
        (of(replace(failing(), failure=None)), ["--exit-code"], 1),  # it loses something
        (of(replace(failing(), lost=())), ["--exit-code"], 1),  # it fails
        (of(replace(succeeding(), ending=Ending.IN_SCRIPT)), ["--exit-code"], 0),  # as it was told to
        (chain(), ["--exit-code"], 1),
        (None, [], 2),
    ],
)
def test_exit_codes(preview: Optional[Preview], argv: list[str], code: int) -> None:
    this = world(preview)
    assert run(this, *group(*argv)) == code
    assert ("codedeploy-forensics: " in this.err.text) == (code == 2) and this.err.text.count("\n") <= 1


@pytest.mark.parametrize(
    ("terminal", "argv", "start"),
    [
        (True, [], "/mnt/"),
        (False, [], '{\n  "schema": "codedeploy-forensics/preview/1"'),
        (True, ["--format", "jsonl"], '{"path": '),
        (False, ["--format", "csv"], "path,effect,"),
        (False, ["--format", "table", "--paths"], "/mnt/"),
    ],
)
def test_a_table_is_for_terminals_and_json_for_programs(terminal: bool, argv: list[str], start: str) -> None:
    this = world(behaviors(), terminal=terminal, environ={"NO_COLOR": "1"})
    run(this, *group(*argv))
    assert this.out.text.startswith(start)
    assert ("and 13 more" in this.out.text) == (terminal and not argv)
    assert "\x1b" not in this.out.text


def test_the_last_completed_install_is_what_is_played_where_nothing_is_named() -> None:
    this = world()
    run(this, *group("--file-exists-behavior", "retain"))
    ((root, (step,), all_behaviors),) = this.played
    assert (root.label, step.group, all_behaviors) == ("this machine", SHOP, False)
    assert (step.revision, step.behavior) == (LastSuccessful(), Behavior.RETAIN)


def test_a_revision_is_opened_called_as_it_was_named_and_closed() -> None:
    this = world(GOOD, "app.zip")
    assert run(this, "/x", *group("--revision", "app.zip", "--all-behaviors")) == Exit.DONE
    ((_, (step,), all_behaviors),) = this.played
    assert isinstance(step.revision, Revision) and (step.revision.label, all_behaviors) == ("app.zip", True)
    assert this.candidates["app.zip"].closed == 1
    assert this.opened == ["/x"]


def test_revisions_are_closed_where_nothing_comes_of_it(tmp_path: Path) -> None:
    steps = tmp_path / "steps.yml"
    steps.write_text("steps:\n- revision: a.zip\n- revision: missing\n")
    place = os.path.join(tmp_path, "a.zip")
    this = world(GOOD, place)
    assert run(this, *group("--steps", str(steps))) == Exit.UNUSABLE
    assert this.candidates[place].closed == 1
    assert this.played == [] and "missing: no such file" in this.err.text


def test_a_steps_files_paths_start_beside_it_and_each_revision_is_opened_once(tmp_path: Path) -> None:
    steps = tmp_path / "steps.yml"
    steps.write_text(STEPS)
    a, b = (os.path.join(tmp_path, name) for name in ("a.zip", "b.zip"))
    this = world(chain(), a, b)
    assert run(this, *group("--steps", str(steps), "--file-exists-behavior", "OVERWRITE")) == Exit.DONE
    ((_, played, _),) = this.played
    assert [(step.revision.label, step.behavior, step.ending) for step in played] == [
        ("a.zip", Behavior.OVERWRITE, Ending.FORETOLD),
        ("b.zip", Behavior.OVERWRITE, Ending.IN_SCRIPT),
        ("a.zip", Behavior.OVERWRITE, Ending.FORETOLD),
    ]
    assert played[0].revision is played[2].revision
    assert [this.candidates[place].closed for place in (a, b)] == [1, 1]


@pytest.mark.parametrize(
    ("steps", "argv", "said"),
    [
        ("steps: x", [], "steps.yml:1: a text for steps, which is a list of deployments"),
        (STEPS, ["--revision", "c.zip"], "--revision c.zip: {}:2 says what is deployed; leave one of the two out"),
        (STEPS, ["--all-behaviors"], "--all-behaviors plays one deployment, and {} has 3 steps"),
        (
            STEPS.replace("  outcome", "  group: other\n  outcome"), ["--group", SHOP],
            f"--group {SHOP}: {{}}:3 is for group other; leave one of the two out",
        ),
        (
            "file-exists-behavior: RETAIN\n" + STEPS, ["--group", SHOP, "--file-exists-behavior", "DISALLOW"],
            "--file-exists-behavior DISALLOW: {}:3 has RETAIN; leave one of the two out",
        ),
        ("group: nobody\n" + STEPS, [], "{}:3: group nobody: no deployment group of that id; there are: " + SHOP),
        ("group: new\n" + STEPS, ["--group", SHOP], f"--group {SHOP}: {{}}:3 is for group new; leave one"),
        (STEPS, [], "name the deployment group with --group; there are: " + SHOP),
        (None, [], "no such file, and no bundled example of that name; there are: bundled"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_chain_is_said_in_one_line(
    steps: Optional[str], argv: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if steps is not None:
        (tmp_path / "steps.yml").write_text(steps)
    this = world(GOOD, "a.zip", "b.zip")
    assert run(this, "--steps", "steps.yml", *argv) == Exit.UNUSABLE
    assert said.format("steps.yml") in this.err.text
    assert this.err.text.count("\n") == 1 and this.played == []


def test_a_directory_is_no_steps_file(tmp_path: Path) -> None:
    this = world()
    assert run(this, "--steps", str(tmp_path)) == Exit.UNUSABLE
    assert this.err.text.startswith("codedeploy-forensics: --steps ") and this.err.text.count("\n") == 1


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--group", "nobody"], f"--group nobody: no deployment group of that id; there are: {SHOP}, "),
        ([], f"name the deployment group with --group; there are: {SHOP}, "),
        (["--group", SHOP, "--revision", "nope"], "nope: no such file"),
        (["--file-exists-behavior", "KEEP"], "argument --file-exists-behavior: invalid choice: 'KEEP'"),
        (["--group", ""], "argument --group: may not be empty"),
    ],
)
def test_what_is_wrong_with_a_deployment_is_said_in_one_line(argv: list[str], said: str) -> None:
    this = world()
    assert run(this, *argv) == Exit.UNUSABLE
    assert said in this.err.text and this.err.text.count("\n") == 1


def test_a_bundled_chain_brings_its_own_instance(tmp_path: Path) -> None:
    steps = tmp_path / "steps.yml"
    steps.write_text(f"group: {SHOP}\nsteps:\n- revision: last-successful\n")
    this = world(chain=BundledChain(tmp_path / "bundled", steps))
    assert run(this, "--steps", "bundled") == Exit.DONE
    assert this.opened == [str(tmp_path / "bundled")]
    assert this.played[0][0].label == "bundled (example)"
    assert this.removed == ["bundled"]
    again = world(chain=this.chain)
    assert run(again, "/x", "--steps", "bundled") == Exit.UNUSABLE
    assert "/x: leave SOURCE out, the example bundled brings its own instance" in again.err.text


def test_a_file_of_a_bundled_chains_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundled").write_text("steps:\n- revision: last-successful\n")
    this = world()
    assert run(this, "/x", *group("--steps", "bundled")) == Exit.DONE
    assert this.opened == ["/x"] and this.removed == []


def test_progress_is_drawn_on_a_terminal_and_taken_away() -> None:
    this = world(terminal=True)
    run(this, *group())
    assert "playing the Install event: 1 of 1" in this.err.text
    assert this.err.text.split("\r")[-1] == ""
    quiet = world(terminal=True)
    run(quiet, *group("--quiet"))
    assert quiet.err.text == ""


# -- for real


@pytest.mark.skipif(not can_unpack("guide-chain"), reason="this system cannot hold it")
def test_the_guides_three_deployments_do_what_the_agent_did(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Foretold path by path: agent 1.8.1 was run through the three, and this is what it left."""
    changed = ["/srv/shop/VERSION", "/srv/shop/index.html", "/srv/shop/static/app.css"]
    imprint, brand, campaign = "/srv/shop/imprint.html", "/srv/shop/static/brand.css", "/srv/shop/static/campaign.css"
    assert main(["preview", "--steps", "guide-chain", "--exit-code", "--format", "json"]) == Exit.FOUND
    whole = json.loads(capfdbinary.readouterr().out)
    first, second, third = whole["steps"]
    lists = ("removed", "added", "changed", "attributes")
    assert [first[name] for name in lists] == [[], [], changed, []]
    assert [sorted(second[name]) for name in lists] == [[], [], sorted([*changed, imprint, brand]), []]
    assert [third[name] for name in lists] == [[imprint], [], changed, []]
    assert [step["outcome"] for step in whole["steps"]] == ["succeeds", "fails", "succeeds"]
    assert (first["retained"], third["retained"]) == ([brand, campaign], [campaign])
    assert sorted(item["path"] for item in second["lost"]) == sorted(item["path"] for item in whole["lost"]) == [
        imprint, brand,
    ]  # fmt: skip
    assert {item["path"] for item in third["cleanup"]} == {*changed, imprint, brand}
    assert whole["source"]["label"] == "guide-chain (example)"


@pytest.mark.skipif(not can_unpack("guide-chain"), reason="this system cannot hold it")
def test_a_chain_is_played_from_its_files_on_any_instance(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with bundled_chain("guide-chain") as unpacked:
        code = main(["preview", str(unpacked.root), "--steps", str(unpacked.steps), "--format", "jsonl"])
    assert code == Exit.DONE
    found = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert {item["step"] for item in found} == {1, 2, 3}
    assert [item["reason"] for item in found if item["effect"] == "fails"] == ["it is told to fail in a script"]
