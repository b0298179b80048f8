"""A cleanup and an undo, ended and made to fail at every single call; nothing is lost, and the journal tells."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Callable, Union

import pytest

from tests.faults.faulty import AFTER, BEFORE, Faulty
from tests.faults.runs import check_told, clean, faulted, quiet, recovered, undone
from tests.faults.trees import build, picture, plan_for, remove
from tui.cleanup.records import Did, State

ERRORS = (
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EIO, errno.EBUSY, errno.ENOENT, errno.EXDEV,
)  # fmt: skip
ENDS = (BEFORE, AFTER)
# How many directories the tree has besides (50: a few hundred entries), and whether every call fails in every way, both
# finished and rolled back, which takes many minutes; else each in some, in turn.
MORE = int(os.environ.get("CLEANUP_FAULTS_DIRECTORIES", "0"))
ALL = os.environ.get("CLEANUP_FAULTS") == "all"
EACH = 2  # ways in which a call fails otherwise
MODES: tuple[Union[str, int], ...] = (*ENDS, *ERRORS)
SHARE = 4  # tests over which the calls are spread


class Trees:
    """New trees, one after the other, all the same."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._number = 0
        self.tried = 0

    def new(self) -> tuple[Path, dict[bytes, Any]]:
        top = self._top / str(self._number)
        self._number += 1
        top.mkdir()
        build(top, MORE)
        return top, picture(top, b"/srv")


@pytest.fixture
def trees(record_property: Callable[[str, object], None]) -> Iterator[Trees]:
    """In memory where that can be: thousands of trees are made and removed."""
    memory = "/dev/shm"
    place = memory if os.path.isdir(memory) and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as directory:
        made = Trees(Path(directory))
        yield made
        record_property("tried", made.tried)
        remove(Path(directory))
        os.mkdir(directory)


def calls_of(run: Callable[[Faulty], object]) -> int:
    calls = quiet()
    run(calls)
    return len(calls.made)


def faults(count: int, share: int) -> Iterator[tuple[int, Union[str, int], bool]]:
    """Which call, how it goes wrong, and whether it is then finished or rolled back."""
    for at in range(share, count, SHARE):
        some = MODES if ALL else (*ENDS, *(ERRORS[(at * EACH + number) % len(ERRORS)] for number in range(EACH)))
        for number, mode in enumerate(some):
            for finish in (True, False) if ALL else ((at + number) % 2 == 0,):
                yield at, mode, finish


@contextlib.contextmanager
def named(calls: Faulty) -> Iterator[None]:
    """Say which fault it was that something went wrong after."""
    try:
        yield
    except BaseException:
        print(f"call {calls.at} ({calls.made[calls.at] if calls.at < len(calls.made) else None}): {calls.mode}")
        raise


@pytest.mark.parametrize("share", range(SHARE))
def test_cleanup(trees: Trees, share: int) -> None:
    top, _ = trees.new()
    for at, mode, finish in faults(calls_of(partial(clean, top=top, plan=plan_for(top))), share):
        top, before = trees.new()
        with named(faulted(partial(clean, top=top, plan=plan_for(top)), at, mode)):
            result = recovered(quiet(), top, finish)
            if result is not None:
                check_told(top, result.id, before)
                assert finish or result.state is State.UNDONE, result
            check_put_back(top, before)
        trees.tried += 1
        remove(top)


def check_put_back(top: Path, before: dict[bytes, Any]) -> None:
    """The tree is what it was, once what is in quarantine is put back."""
    if picture(top, b"/srv") != before:
        again = undone(quiet(), top)
        assert again.state is State.UNDONE, again.of(Did.FAILED, Did.CONFLICT, Did.SKIPPED)
    assert picture(top, b"/srv") == before


@pytest.mark.parametrize("share", range(SHARE))
def test_undo(trees: Trees, share: int) -> None:
    top, _ = trees.new()
    clean(quiet(), top, plan_for(top))
    for at, mode, finish in faults(calls_of(partial(undone, top=top)), share):
        top, before = trees.new()
        key = clean(quiet(), top, plan_for(top)).id
        with named(faulted(partial(undone, top=top), at, mode)):
            recovered(quiet(), top, finish)
            check_told(top, key, before)
            check_put_back(top, before)
        trees.tried += 1
        remove(top)
