"""An undo from another file system, ended and made to fail at every call: nothing is lost, and nothing half done."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable

import pytest

from tests.faults.faulty import AFTER, BEFORE
from tests.faults.runs import clean, faulted, quiet, recovered, undone
from tests.faults.test_copied import without_what_it_cannot_hold
from tests.faults.trees import TREE, build, picture, plan_for, remove
from tui.cleanup.records import Did, State

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)
BESIDE = b".codedeploy-forensics-"  # what is not in its place yet


@pytest.mark.parametrize("share", range(2))
def test_every_call(tmp_path: Path, apart: Path, share: int, record_property: Callable[[str, object], None]) -> None:
    build(tmp_path)
    without_what_it_cannot_hold(apart, tmp_path)
    before = picture(tmp_path, b"/srv")
    clean(quiet(), tmp_path, plan_for(tmp_path), apart=apart)
    calls = quiet()
    undone(calls, tmp_path, apart=apart)
    tried = 0
    for at in range(share * 2, len(calls.made), 4):
        for mode in (BEFORE, AFTER, ERRORS[at // 4 % len(ERRORS)]):
            remove(apart)
            apart.mkdir(mode=0o700)
            clean(quiet(), tmp_path, plan_for(tmp_path), apart=apart)
            faulted(lambda calls: undone(calls, tmp_path, apart=apart), at, mode)
            where = (at, mode, calls.made[at])
            if isinstance(mode, int):
                assert not [path for path in picture(tmp_path, b"/srv") if BESIDE in path], where
            elif tried % 2 == 0:
                recovered(quiet(), tmp_path, tried % 4 == 0, apart)
            if picture(tmp_path, b"/srv") != before or (os.path.exists(apart / "quarantine") and held(apart)):
                again = undone(quiet(), tmp_path, apart=apart)
                assert again.state is State.UNDONE, (where, again.of(Did.FAILED, Did.CONFLICT))
            assert picture(tmp_path, b"/srv") == before, where
            assert not held(apart), where
            tried += 1
    record_property("tried", tried)


def held(state: Path) -> list[str]:
    """What is in quarantine, directories left out."""
    return [name for _, _, names in os.walk(state / "quarantine") for name in names]


def test_a_full_disk_leaves_nothing_half_made(tmp_path: Path, apart: Path) -> None:
    """A directory whose attributes do not fit is not left without them, nor half a copy beside its place."""
    build(tmp_path)
    without_what_it_cannot_hold(apart, tmp_path)
    before = picture(tmp_path, b"/srv")
    clean(quiet(), tmp_path, plan_for(tmp_path), apart=apart)
    kept = picture(tmp_path, b"/srv")
    full = Full(quiet(), "set_attributes", "copy")
    result = undone(full, tmp_path, apart=apart)
    assert full.failed > 1 and not result.of(Did.PUT_BACK)
    assert picture(tmp_path, b"/srv").keys() == kept.keys()
    assert undone(quiet(), tmp_path, apart=apart).state is State.UNDONE
    assert picture(tmp_path, b"/srv") == before


def test_many_names_of_one_file_take_no_longer_each(tmp_path: Path, apart: Path) -> None:
    made = []
    for count in (20, 40):
        top = tmp_path / str(count)
        tree = os.fsencode(top) + TREE
        os.makedirs(tree)
        with open(tree + b"/0", "xb") as file:
            file.write(b"content")
        for number in range(1, count):
            os.link(tree + b"/0", tree + b"/%d" % number)
        before, there, back = picture(top, b"/srv"), quiet(), quiet()
        clean(there, top, plan_for(top, record=False), apart=apart.with_name(str(count)))
        assert undone(back, top, apart=apart.with_name(str(count))).state is State.UNDONE
        assert picture(top, b"/srv") == before
        assert back.made.count("digest") == 0  # what was copied back is known
        made.append((len(there.made), len(back.made)))
    assert made[1][0] < 2.2 * made[0][0] and made[1][1] < 2.2 * made[0][1], made


@pytest.mark.parametrize("reused", [False, True])
def test_another_of_the_same_size_and_times_is_no_copy(tmp_path: Path, apart: Path, reused: bool) -> None:
    """It stays, and so does what is in quarantine; also where it has the inode that the first one had."""
    build(tmp_path)
    without_what_it_cannot_hold(apart, tmp_path)
    path = os.fsencode(tmp_path) + TREE + b"/set-uid"
    status = os.stat(path)
    clean(quiet(), tmp_path, plan_for(tmp_path), apart=apart)
    os.mkdir(os.path.dirname(path))
    with open(path, "xb") as file:
        file.write(b"#!/bin/evil\n")
    os.chown(path, status.st_uid, status.st_gid)
    os.chmod(path, status.st_mode)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    calls = Reused(quiet(), status.st_ino) if reused else quiet()
    result = undone(calls, tmp_path, apart=apart)
    assert "/srv/shop/set-uid" in {one.path for one in result.of(Did.CONFLICT)}
    with open(path, "rb") as file:
        assert file.read() == b"#!/bin/evil\n"
    assert "set-uid" in held(apart)


class Full:
    """Calls of which some always fail, from the first rename on."""

    def __init__(self, real: Any, *names: str) -> None:
        self._real, self._names, self._begun, self.failed = real, names, False, 0

    def __getattr__(self, name: str) -> Any:
        self._begun = self._begun or name == "rename"
        if not self._begun or name not in self._names:
            return getattr(self._real, name)

        def call(*args: Any, **options: Any) -> None:
            self.failed += 1
            raise OSError(errno.ENOSPC, "no space left on device")

        return call


class Reused:
    """Calls by which a file has an inode that is told."""

    def __init__(self, real: Any, inode: int) -> None:
        self._real, self._inode = real, inode

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def look(self, name: str, here: Any) -> Any:
        found = self._real.look(name, here)
        if name != "set-uid":
            return found
        fields = {field: getattr(found, field) for field in dir(found) if field.startswith("st_")}
        return SimpleNamespace(**{**fields, "st_ino": self._inode})
