"""What recovers a cleanup or an undo that was cut off, cut off or made to fail itself: nothing is lost track of."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, Optional

import pytest

from tests.faults.faulty import AFTER, BEFORE, Faulty
from tests.faults.runs import STATE, clean, faulted, quiet, recovered, undone
from tests.faults.test_copied import without_what_it_cannot_hold
from tests.faults.trees import build, picture, plan_for, remove
from tui.cleanup.records import Did, State
from tui.cleanup.state_dir import CleanupError

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)
ALL = os.environ.get("CLEANUP_FAULTS") == "all"
EVERY = 1 if ALL else 31  # calls


class CutOff:
    """A tree whose cleanup, or undo, is cut off in the same place again and again."""

    def __init__(self, top: Path, state: Optional[Path], undoing: bool) -> None:
        self.top, self.state, self._undoing = top, state, undoing
        build(top)
        if state is not None:
            without_what_it_cannot_hold(state, top)
            remove(state)
        self.before = picture(top, b"/srv")
        self._calls = len(self._run(-1).made)
        undone_after(self)
        self.clear()

    def make(self, share: float) -> None:
        """Cut it off after a share of its calls."""
        self._run(int(self._calls * share))

    def _run(self, at: int) -> Faulty:
        if self.state is not None:
            self.state.mkdir(mode=0o700)
        plan = plan_for(self.top)
        if self._undoing:
            clean(quiet(), self.top, plan, apart=self.state)
            return faulted(lambda calls: undone(calls, self.top, apart=self.state), at, BEFORE)
        return faulted(lambda calls: clean(calls, self.top, plan, apart=self.state), at, BEFORE)

    def clear(self) -> None:
        place = self.state or self.top / STATE[1:]
        if place.exists():
            remove(place)

    def held(self) -> list[str]:
        """What is in quarantine, directories left out."""
        place = (self.state or self.top / STATE[1:]) / "quarantine"
        return [name for _, _, names in os.walk(place) for name in names]


def undone_after(it: CutOff) -> None:
    with contextlib.suppress(CleanupError):  # nothing may be there to be put back
        result = undone(quiet(), it.top, apart=it.state)
        assert result.state is State.UNDONE, result.of(Did.FAILED, Did.CONFLICT)


@pytest.fixture
def memory() -> Iterator[Path]:
    place = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=place if os.access(place, os.W_OK) else None) as directory:
        yield Path(directory)


@pytest.mark.parametrize("share", [0.6, 0.9])
@pytest.mark.parametrize("undoing", [False, True])
def test_in_one_file_system(
    memory: Path, undoing: bool, share: float, record_property: Callable[[str, object], None]
) -> None:
    record_property("tried", every_call(CutOff(memory, None, undoing), share))


@pytest.mark.parametrize("undoing", [False, True])
def test_between_two(
    tmp_path: Path, apart: Path, undoing: bool, record_property: Callable[[str, object], None]
) -> None:
    record_property("tried", every_call(CutOff(tmp_path, apart, undoing), 0.7))


def every_call(it: CutOff, share: float) -> int:
    tried = 0
    for finish in (True, False):
        it.make(share)
        calls = quiet()
        recovered(calls, it.top, finish, it.state)
        undone_after(it)
        for at in range(tried % EVERY, len(calls.made), EVERY):
            for mode in (BEFORE, AFTER, ERRORS[at // EVERY % len(ERRORS)]):
                it.clear()
                it.make(share)
                with contextlib.suppress(AssertionError):  # what was cut off cannot be told
                    faulted(lambda calls, finish=finish: recovered(calls, it.top, finish, it.state), at, mode)  # type: ignore[misc]
                check(it, tried % 2 == 0, (finish, at, mode, calls.made[at]))
                tried += 1
        it.clear()
    return tried


def check(it: CutOff, finish: bool, where: Any) -> None:
    """Recovered again and undone, everything is as it was, and nothing is left in quarantine."""
    recovered(quiet(), it.top, finish, it.state)
    undone_after(it)
    assert picture(it.top, b"/srv") == it.before, where
    assert not it.held(), where
