"""The process really killed, open transaction and all, at points spread over a cleanup and an undo."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.faulty import AFTER, BEFORE
from tests.faults.runs import check_told, clean, quiet, recovered
from tests.faults.test_faults import calls_of, check_put_back
from tests.faults.trees import build, picture, plan_for, remove

POINTS = 6
TOP = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("what", ["clean", "undo"])
@pytest.mark.parametrize("point", range(POINTS))
def test_killed(tmp_path: Path, what: str, point: int) -> None:
    first, top = tmp_path / "first", tmp_path / "top"
    for place in (first, top):
        place.mkdir()
        build(place)
    before = picture(top, b"/srv")
    count = calls_of(lambda calls: clean(calls, first, plan_for(first)))
    if what == "undo":
        clean(quiet(), top, plan_for(top))
    at, mode = count * (2 * point + 1) // (2 * POINTS), (BEFORE, AFTER)[point % 2]
    command = [sys.executable, "-m", "tests.faults.killed", what, str(top), str(at), mode]
    assert subprocess.run(command, cwd=TOP, check=False).returncode == -signal.SIGKILL
    result = recovered(quiet(), top, point % 3 != 0)
    if result is not None:
        check_told(top, result.id, before)
    check_put_back(top, before)
    remove(tmp_path)
