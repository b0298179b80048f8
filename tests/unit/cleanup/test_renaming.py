"""Moving without replacing: with the system's call, and by the ways around where there is none."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Callable, Optional

import pytest

from tests.support import posix_only

if os.supports_dir_fd:
    import ctypes

    from tui.cleanup.renaming import Renaming

pytestmark = posix_only


def without(number: int) -> Callable[..., int]:
    """A system without the call."""

    def call(*_: object) -> int:
        ctypes.set_errno(number)
        return -1

    return call


@pytest.fixture(params=[None, errno.ENOSYS, errno.EINVAL])
def rename(request: pytest.FixtureRequest) -> Renaming:
    number: Optional[int] = request.param
    return Renaming() if number is None else Renaming(without(number))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path, os.O_RDONLY)
    yield fd
    os.close(fd)


def test_moves(rename: Renaming, here: int, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    inode = (tmp_path / "a").stat().st_ino
    rename("a", here, "b", here)
    assert os.listdir(here) == ["b"]
    assert (tmp_path / "b").stat().st_ino == inode
    assert (tmp_path / "b").stat().st_nlink == 1


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_never_replaces(rename: Renaming, here: int, tmp_path: Path, kind: str) -> None:
    for name in ("a", "b"):
        if kind == "file":
            (tmp_path / name).write_text(name)
        elif kind == "directory":
            (tmp_path / name).mkdir()
        else:
            os.symlink(name, tmp_path / name)
    before = [os.lstat(tmp_path / name).st_ino for name in ("a", "b")]
    with pytest.raises(FileExistsError):
        rename("a", here, "b", here)
    assert [os.lstat(tmp_path / name).st_ino for name in ("a", "b")] == before


def test_directories_and_links_move(rename: Renaming, here: int, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("x")
    os.symlink("nowhere", tmp_path / "l")
    rename("a", here, "b", here)
    rename("l", here, "m", here)
    assert (tmp_path / "b" / "x").read_text() == "x"
    assert os.readlink(tmp_path / "m") == "nowhere"


def test_errors_are_the_systems(rename: Renaming, here: int) -> None:
    with pytest.raises(FileNotFoundError):
        rename("a", here, "b", here)


def test_names_are_bytes(rename: Renaming, here: int, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\n\x1b")
    try:
        (tmp_path / name).write_text("x")
    except OSError:
        pytest.skip("this file system has no such names")
    rename(name, here, "b", here)
    rename("b", here, name, here)
    assert os.listdir(os.fsencode(tmp_path)) == [b"\xff\n\x1b"]
