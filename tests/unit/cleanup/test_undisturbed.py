"""Files that somebody puts in the place of those of a plan in the very moment, told by the system or by a look."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Callable, Optional

import pytest

from tests.unit.cleanup.support import Machine, names, told, write
from tui.cleanup.calls import real_calls
from tui.cleanup.records import State
from tui.cleanup.undisturbed import Watching

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="this system does not tell")
NAMES = ("a", "b", "c")


class Meddled:
    """Real calls; right before one file is moved, something happens. ``tells``: whether the system tells of it."""

    def __init__(self, name: str, act: Callable[[], object], tells: bool) -> None:
        self._real: Any = real_calls()
        self._name = name
        self._act: Optional[Callable[[], object]] = act
        self._tells = tells
        self.looks = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def look(self, name: str, here: Any) -> Any:
        self.looks += 1
        return self._real.look(name, here)

    def watched(self, here: Any) -> Optional[Callable[[], bool]]:
        return self._real.watched(here) if self._tells else None

    def rename(self, name: str, here: Any, new: str, there: Any) -> None:
        if name == self._name and self._act is not None:
            act, self._act = self._act, None
            act()
        self._real.rename(name, here, new, there)


def meddled(top: Path, act: Callable[[Path], object], tells: bool) -> tuple[Machine, Meddled]:
    directory = top / "srv" / "shop"
    for name in NAMES:
        write(directory / name)
    calls: Any = Meddled("b", lambda: act(directory), tells)
    return Machine(top, calls), calls


def replaced(directory: Path) -> None:
    """Another file, of another length, as likely as not with the same inode."""
    (directory / "b").unlink()
    write(directory / "b", b"foreign")


def moved_over(directory: Path) -> None:
    write(directory.parent / "new", b"foreign")
    os.replace(directory.parent / "new", directory / "b")


def written(directory: Path) -> None:
    (directory / "b").write_bytes(b"foreign")


@pytest.mark.parametrize("act", [replaced, moved_over, written])
@pytest.mark.parametrize("tells", [pytest.param(True, marks=linux_only), False])
def test_another_one_comes_back(tmp_path: Path, act: Callable[[Path], object], tells: bool) -> None:
    machine, _ = meddled(tmp_path, act, tells)
    plan = machine.plan(*(f"/srv/shop/{name}" for name in NAMES))
    result = machine.clean(plan)
    assert [did for _, did in told(result)] == ["moved", "skipped", "moved"]
    assert names(tmp_path / "srv" / "shop") == ["b"]
    assert (tmp_path / "srv" / "shop" / "b").read_bytes() == b"foreign"
    assert machine.undo().state is State.UNDONE
    assert names(tmp_path / "srv" / "shop") == list(NAMES)


@linux_only
def test_nothing_is_looked_at_again_where_all_was_quiet(tmp_path: Path) -> None:
    looks = []
    for tells in (True, False):
        top = tmp_path / str(tells)
        machine, calls = meddled(top, lambda _: None, tells)
        assert machine.clean(machine.plan(*(f"/srv/shop/{name}" for name in NAMES))).state is State.DONE
        looks.append(calls.looks)
    assert looks[1] - looks[0] == len(NAMES)


@linux_only
class TestWatching:
    def test_tells_of_what_was_put_there(self, tmp_path: Path) -> None:
        for act in (
            lambda: write(tmp_path / "new"),
            lambda: (tmp_path / "new").write_bytes(b"more"),
            lambda: (tmp_path / "new").chmod(0o600),
            lambda: os.symlink("new", tmp_path / "link"),
            lambda: os.link(tmp_path / "new", tmp_path / "second"),
            lambda: os.rename(tmp_path / "new", tmp_path / "newer"),
        ):
            quiet = self.watched(tmp_path)
            assert quiet()
            act()
            assert not quiet()
            assert quiet()

    def test_what_goes_is_not_told_of(self, tmp_path: Path) -> None:
        write(tmp_path / "here" / "file")
        quiet = self.watched(tmp_path / "here")
        os.rename(tmp_path / "here" / "file", tmp_path / "file")
        assert quiet()

    def test_one_directory_after_the_other(self, tmp_path: Path) -> None:
        (tmp_path / "one").mkdir()
        (tmp_path / "two").mkdir()
        watching = Watching()
        for name in ("one", "two"):
            fd = os.open(tmp_path / name, os.O_RDONLY)
            quiet = watching(fd)
            os.close(fd)
        write(tmp_path / "one" / "file")
        assert quiet is not None
        assert quiet()
        write(tmp_path / "two" / "file")
        assert not quiet()

    @staticmethod
    def watched(place: Path) -> Callable[[], bool]:
        fd = os.open(place, os.O_RDONLY)
        quiet = Watching()(fd)
        os.close(fd)
        assert quiet is not None
        return quiet
