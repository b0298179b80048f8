"""Quarantine on another file system: copied, compared and removed, with everything kept, and put back the same way."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, Callable, Optional

import pytest

from tests.faults.faulty import AFTER, BEFORE, Faulty
from tests.faults.runs import clean, faulted, quiet, recovered, undone
from tests.faults.trees import TREE, build, picture, plan_for, remove
from tui.cleanup.calls import real_calls
from tui.cleanup.records import Did, State


def without_what_it_cannot_hold(apart: Path, top: Path) -> None:
    """The other file system may have no extended attributes of users (tmpfs before Linux 6.6)."""
    apart.mkdir(mode=0o700)
    try:
        os.setxattr(apart, "user.x", b"")
        os.removexattr(apart, "user.x")
    except OSError:
        os.removexattr(os.fsencode(top) + TREE + b"/plain.txt", "user.note")


def test_there_and_back(tmp_path: Path, apart: Path) -> None:
    build(tmp_path)
    without_what_it_cannot_hold(apart, tmp_path)
    before = picture(tmp_path, b"/srv")
    result = clean(quiet(), tmp_path, plan_for(tmp_path), apart=apart)
    assert result.state is State.DONE, result.of(Did.FAILED, Did.SKIPPED)
    kept = picture(apart / "quarantine" / result.id, b"/srv/shop")
    for path, entry in kept.items():
        if entry[0] & 0o170000 != 0o040000:
            assert entry == before[path], path
    assert undone(quiet(), tmp_path, apart=apart).state is State.UNDONE
    assert picture(tmp_path, b"/srv") == before


def test_a_name_that_stays_keeps_its_file(tmp_path: Path, apart: Path) -> None:
    build(tmp_path)
    os.link(os.fsencode(tmp_path) + TREE + b"/plain.txt", tmp_path / "outside")
    result = clean(quiet(), tmp_path, plan_for(tmp_path), apart=apart)
    failed = result.of(Did.FAILED)
    assert {one.path for one in failed} == {"/srv/shop/plain.txt", "/srv/shop/deep/second-name"}
    assert all("a copy would part them" in one.reason for one in failed)


@pytest.mark.parametrize(("name", "which"), [("copy", 0), ("copy", 1), ("unlink", 0), ("rename", 0), ("link", 0)])
def test_a_name_that_fails_stays_one_file_with_the_others(tmp_path: Path, apart: Path, name: str, which: int) -> None:
    tree = os.fsencode(tmp_path) + TREE
    os.makedirs(tree)
    for file in (b"/a", b"/d"):
        with open(tree + file, "xb") as opened:
            opened.write(file)
    for other in (b"/b", b"/c"):
        os.link(tree + b"/a", tree + other)
    before, plan = picture(tmp_path, b"/srv"), plan_for(tmp_path, record=False)
    failing = Failing(name, which)
    result = clean(failing, tmp_path, plan, apart=apart)
    assert failing.failed == 1
    assert result.state in (State.PARTLY, State.DONE)
    if any(one.did is Did.MOVED for one in result.results):
        assert undone(quiet(), tmp_path, apart=apart).state is State.UNDONE
    assert picture(tmp_path, b"/srv") == before


class Failing(Faulty):
    """Real calls, one of a kind of which fails, or (None) all of it."""

    def __init__(self, name: str, which: Optional[int]) -> None:
        super().__init__(real_calls())
        self._name, self._which, self.failed = name, which, 0

    def hit(self, name: str, do: Callable[[], Any], spoil: Optional[Callable[[], object]] = None) -> Any:
        one = self._which is not None
        if name == self._name and not (one and (self.failed or self.made.count(name) != self._which)):
            self.failed += 1
            raise OSError(errno.ENOSPC, "no space left on device")
        return super().hit(name, do, spoil)


def test_a_copy_that_cannot_be_removed_is_not_forgotten(tmp_path: Path, apart: Path) -> None:
    build(tmp_path)
    without_what_it_cannot_hold(apart, tmp_path)
    before = picture(tmp_path, b"/srv")
    result = clean(Failing("unlink", None), tmp_path, plan_for(tmp_path), apart=apart)
    (one,) = [one for one in result.of(Did.FAILED) if one.path == "/srv/shop/set-uid"]
    assert one.held and "a copy of it is left in quarantine" in one.reason
    assert undone(quiet(), tmp_path, apart=apart).state is State.UNDONE
    assert picture(tmp_path, b"/srv") == before
    assert not [names for _, _, names in os.walk(apart / "quarantine") if names]


@pytest.mark.parametrize("share", range(2))
def test_killed(tmp_path: Path, apart: Path, share: int, record_property: Callable[[str, object], None]) -> None:
    first = tmp_path / "first"
    first.mkdir()
    build(first)
    without_what_it_cannot_hold(apart, first)
    calls = quiet()
    clean(calls, first, plan_for(first), apart=apart)
    tried = 0
    for at in range(share, len(calls.made), 4):
        for mode in (BEFORE, AFTER):
            top, state = tmp_path / f"{at}{mode}", apart.with_name(f"{at}{mode}")
            top.mkdir()
            build(top)
            without_what_it_cannot_hold(state, top)
            before, plan = picture(top, b"/srv"), plan_for(top)
            faulted(lambda calls, top=top, plan=plan, state=state: clean(calls, top, plan, apart=state), at, mode)
            recovered(quiet(), top, tried % 2 == 0, state)
            if picture(top, b"/srv") != before:
                again = undone(quiet(), top, apart=state)
                assert again.state is State.UNDONE, (at, mode, calls.made[at], again.of(Did.FAILED, Did.CONFLICT))
            assert picture(top, b"/srv") == before, (at, mode, calls.made[at])
            tried += 1
            remove(top)
            remove(state)
    record_property("tried", tried)
