"""What several tests need: the cases that a real agent made, unpacked whole, and what this system can do."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.shared import shared
from tui.fixtures import SECOND, FixtureError, names, remove, unpack

if os.supports_dir_fd:
    from tui.disk.posix import PosixRoot

    DirectoryRoot: Any = PosixRoot  # the Root of a directory, as this system has it
else:
    from tui.disk.portable import PortableRoot

    DirectoryRoot = PortableRoot

CASES = Path(__file__).resolve().parent.parent / "fixtures" / "cases"


posix_only = pytest.mark.skipif(not os.supports_dir_fd, reason="this system is not a POSIX one")


def examples(number: int) -> int:
    """How many examples of a property to try, of so many in a whole run: a quick one and Windows take a share."""
    usual = settings.default.max_examples if settings.default is not None else 100
    return max(5, number * usual // 100)


@functools.cache
def can_link() -> bool:
    """Whether symbolic links can be made here."""
    with tempfile.TemporaryDirectory() as directory:
        place = os.path.join(directory, "link")
        with contextlib.suppress(OSError, NotImplementedError):
            os.symlink("target", place)
        return os.path.islink(place)


@functools.cache
def can_be_named(name: str) -> bool:
    """Whether a file can have that name here, and a directory then lists it."""
    if os.name == "nt" and ":" in name:  # a stream of a file, where the file system has streams
        return False
    with tempfile.TemporaryDirectory() as directory:
        try:
            with open(os.path.join(directory, name), "xb"):
                pass
            return os.listdir(directory) == [name]
        except (OSError, ValueError):
            return False


@functools.cache
def can_unpack(example: str) -> bool:
    """Whether this system can hold an example instance."""
    if os.name != "nt":
        return True
    with tempfile.TemporaryDirectory() as directory:
        try:
            remove(unpack(example, Path(directory)))
        except FixtureError:
            return False
    return True


def some_examples(*everywhere: str, but: str = "") -> list[Any]:
    """The examples, as parameters of a test that says the same on every Python: on most just these of them."""
    listed = [name for name, _ in names() if name != but]
    return [name if name in everywhere else pytest.param(name, marks=pytest.mark.thorough) for name in listed]


def case_names() -> tuple[str, ...]:
    """The cases in ``fixtures/cases``."""
    return tuple(sorted(p.name[: -len(".tar.xz")] for p in CASES.glob("*.tar.xz")))


def unpack_case(name: str, into: Path) -> Path:
    """Unpack a case below ``into``; gives its directory, which holds sysroot/, bundles/ and truth.json."""
    return unpack_tar(CASES / f"{name}.tar.xz", into / name)


def unpack_tar(archive: Path, top: Path) -> Path:
    """Unpack files, directories and symbolic links with modes and times, owners where root.

    The filters that ``tarfile`` brings take permissions away, so the members are checked here: a plain
    path, below a directory that the archive itself made, nothing made twice.
    """
    _skip_what_cannot_be_here(archive)
    top.mkdir()
    made = {""}
    dressed: list[tuple[str, tarfile.TarInfo]] = []
    with tarfile.open(archive, "r:xz") as tar:
        for member in tar:
            parent, _, name = f"/{member.name}".rpartition("/")
            plain = member.isdir() or member.isreg() or member.issym()
            if parent not in made or name in ("", ".", "..") or not plain:
                raise ValueError(f"{archive}: {member.name!r} may not be unpacked")
            place = os.path.join(top, *member.name.split("/"))
            if member.isdir():
                os.mkdir(place, 0o700)
                made.add(f"/{member.name}")
            elif member.issym():
                os.symlink(member.linkname, place)
            else:
                content = tar.extractfile(member)
                assert content is not None
                with content, open(place, "xb") as file:
                    file.write(content.read())
            dressed.append((place, member))
    for place, member in reversed(dressed):
        _dress(place, member)
    return top


def _skip_what_cannot_be_here(archive: Path) -> None:
    """Before anything is made: thousands of files take half a minute on Windows. Linux can hold all of it."""
    if sys.platform == "linux":
        return
    with tarfile.open(archive, "r:xz") as tar:
        members = tar.getmembers()
    if not can_link() and any(member.issym() for member in members):
        pytest.skip("this system has no symbolic links")
    for name in {member.name.rpartition("/")[2] for member in members}:
        if not can_be_named(name):
            pytest.skip(f"this system has no names like {name!r}")


def _dress(place: str, member: tarfile.TarInfo) -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        with contextlib.suppress(OSError):
            os.chown(place, member.uid, member.gid, follow_symlinks=False)
    seconds, _, rest = member.pax_headers["mtime"].partition(".")
    when = int(seconds) * SECOND + int(rest)
    if not member.issym():
        os.chmod(place, member.mode)
    if not member.issym() or os.utime in os.supports_follow_symlinks:
        os.utime(place, ns=(when, when), follow_symlinks=not member.issym())


def truth_of(case: Path) -> dict[str, Any]:
    """What really happened in a case: see ``fixtures/README.md``."""
    truth: dict[str, Any] = json.loads((case / "truth.json").read_text(encoding="utf-8"))
    return truth


def whole_case(name: str) -> Path:
    """A case, unpacked once for all tests that only read it."""
    return shared(f"case {name}", lambda top: unpack_case(name, top))
