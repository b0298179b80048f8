"""Whatever somebody who may write in the tree does while a cleanup runs, nothing but what was planned is touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

from tests.faults.runs import STATE, clean, quiet, recovered
from tests.faults.trees import plan_for
from tui.cleanup.records import Act, Did, Result

ACTIONS = 2000
MOST_ROUNDS = 400
TOP = Path(__file__).resolve().parents[2]
CONTENT = b"planned content"
SAFE = b"decoy content, safe"


def build(tree: Path, content: bytes) -> None:
    for number in range(10):
        directory = tree / f"d{number}"
        directory.mkdir(parents=True)
        for name in range(30):
            (directory / f"f{name}").write_bytes(content)


def whole(tree: Path) -> dict[str, Any]:
    """A tree to the last change of anything in it."""
    found: dict[str, Any] = {}
    for directory, _, names in os.walk(tree):
        for path in (directory, *(os.path.join(directory, name) for name in names)):
            status = os.lstat(path)
            content = None if path == directory else Path(path).read_bytes()
            found[path] = (status.st_ino, status.st_mode, status.st_mtime_ns, status.st_ctime_ns, content)
    return found


def kept_contents(top: Path, result: Result) -> dict[str, bytes]:
    """What files lie in quarantine."""
    kept = f"{top}{STATE}/quarantine/{result.id}"
    found = {}
    for directory, _, names in os.walk(kept):
        for name in names:
            path = os.path.join(directory, name)
            found[path[len(kept) :]] = os.readlink(path).encode() if os.path.islink(path) else Path(path).read_bytes()
    return found


@pytest.mark.parametrize("act", [Act.QUARANTINE, Act.DELETE])
def test_nothing_else(tmp_path: Path, act: Act, record_property: Callable[[str, object], None]) -> None:
    decoy = tmp_path / "decoy"
    build(decoy, SAFE)
    before = whole(decoy)
    actions, outcomes, rounds = 0, dict.fromkeys(Did, 0), 0
    while actions < ACTIONS and rounds < MOST_ROUNDS:
        rounds += 1
        top = tmp_path / str(rounds)
        tree = top / "srv" / "shop"
        build(tree, CONTENT)
        plan = plan_for(top, act, record=False)
        command = [sys.executable, "-m", "tests.faults.adversary", str(tree), str(decoy)]
        with subprocess.Popen(command, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"ready\n"
            result = clean(quiet(), top, plan)
            told, _ = other.communicate()
            assert other.returncode == 0
        actions += int(told)
        check(top, result)
        for one in result.results:
            outcomes[one.did] += 1
    assert whole(decoy) == before
    assert actions >= ACTIONS
    assert outcomes[Did.SKIPPED] > 0
    record_property("tried", f"{actions} actions against {rounds} cleanups, {outcomes[Did.SKIPPED]} steps skipped")


def check(top: Path, result: Result) -> None:
    kept = kept_contents(top, result)
    steps = {one.path: one for one in result.results}
    for path, content in kept.items():
        step = steps[path]
        # What was put in a place in the very moment, and could not be put back since another took the place again.
        assert step.held, step
        assert content.startswith(b"p") or step.did is Did.FAILED, (step, content)
    for one in result.results:
        assert one.did in (Did.MOVED, Did.DELETED, Did.SKIPPED, Did.FAILED), one
        assert one.did is not Did.FAILED or one.path in kept or not one.held, one
    assert recovered(quiet(), top, True) is None
