"""Whether files of two trees hold the same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Callable, Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import DirectoryRoot, can_link, examples, posix_only
from tui.disk import contents
from tui.disk.bundle import open_bundle
from tui.disk.compare import DIFFERENT, SAME, UNREADABLE
from tui.disk.contents import compare_all, same_bytes
from tui.disk.root import Content
from tui.disk.tree import RootTree, Tree

from .archives import Entry, gz, member, tar_of, zip_of

SMALL = 64 << 10


class Trees:
    """The same files as a directory, a tar, a tgz and a zip."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._opened: list[Tree] = []

    def directory(self, files: dict[str, bytes]) -> RootTree:
        place = self._top / f"d{len(self._opened)}"
        for name, data in {"sub/other": b"", **files}.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
        tree = RootTree(DirectoryRoot(str(place)), owned=True)
        self._opened.append(tree)
        return tree

    def below(self, files: dict[str, bytes]) -> RootTree:
        tree = self.directory({f"a/b/{name}": data for name, data in files.items()})
        return RootTree(tree.root, "/a/b")

    def bundle(self, files: dict[str, bytes], kind: str) -> Tree:
        place = self._top / f"b{len(self._opened)}"
        if kind == "zip":
            place.write_bytes(zip_of([Entry(name.encode(), data, method=8) for name, data in files.items()]))
        else:
            raw = tar_of([member(name, data=data) for name, data in files.items()])
            place.write_bytes(raw if kind == "tar" else gz(raw))
        tree = open_bundle(place)
        self._opened.append(tree)
        return tree

    def of(self, kind: str, files: dict[str, bytes]) -> Tree:
        if kind == "directory":
            return self.directory(files)
        return self.below(files) if kind == "below" else self.bundle(files, kind)

    def close(self) -> None:
        for tree in self._opened:
            tree.close()


KINDS = ["directory", "below", "tar", "tgz", "zip"]


@pytest.fixture
def trees(top: Path) -> Iterator[Trees]:
    made = Trees(top)
    yield made
    made.close()


@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize("second", KINDS)
def test_every_two_kinds(trees: Trees, first: str, second: str) -> None:
    big = os.urandom(SMALL * 5)
    ours = {"same": b"x" * 99, "big": big, "longer": b"abc", "late": big, "start": big, "empty": b"", "d/f": b"1"}
    theirs = {
        "same": b"x" * 99,
        "big": big,
        "longer": b"abcd",
        "late": big[:-1] + bytes([big[-1] ^ 1]),
        "start": big[: SMALL + 1],
        "empty": b"",
        "d/f": b"2",
    }
    a, b = trees.of(first, ours), trees.of(second, theirs)
    names = list(ours)
    codes = compare_all([(a, f"/{name}", b, f"/{name}") for name in names])
    assert dict(zip(names, codes)) == {
        "same": SAME,
        "big": SAME,
        "longer": DIFFERENT,
        "late": DIFFERENT,
        "start": DIFFERENT,
        "empty": SAME,
        "d/f": DIFFERENT,
    }
    assert [same_bytes(a, f"/{name}", b, f"/{name}") for name in names] == [code == SAME for code in codes]


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_read(trees: Trees, kind: str) -> None:
    tree, other = trees.of(kind, {"f": b"x", "d/f": b"x"}), trees.directory({"f": b"x"})
    for path in ("/none", "/d", "/f/g", "/none/f"):
        assert same_bytes(tree, path, other, "/f") is None
        assert same_bytes(other, "/f", tree, path) is None
    codes = compare_all([(tree, "/none", other, "/f"), (tree, "/f", other, "/f"), (other, "/f", tree, "/d")])
    assert codes == bytes([UNREADABLE, SAME, UNREADABLE])


def test_a_file_that_grew_or_shrank(trees: Trees) -> None:
    a, b = trees.directory({"f": b"x" * 9, "g": b"x" * 9}), trees.directory({"f": b"x" * 9, "g": b"x" * 9})
    assert compare_all([(a, "/f", b, "/f"), (a, "/g", b, "/g")]) == bytes([SAME, SAME])
    first = Path(b.root.label)
    with (first / "f").open("ab") as file:
        file.write(b"x")
    (first / "g").write_bytes(b"x" * 8)
    assert compare_all([(a, "/f", b, "/f"), (a, "/g", b, "/g")]) == bytes([DIFFERENT, DIFFERENT])


@posix_only
def test_a_file_that_comes_piece_by_piece(trees: Trees, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = trees.directory({"f": b"x" * 9, "g": b"x" * 5 + b"y" * 4})
    read = os.read
    monkeypatch.setattr(os, "read", lambda fd, count: read(fd, min(count, 5)))
    assert same_bytes(tree, "/f", tree, "/g") is False
    assert same_bytes(tree, "/f", tree, "/f") is True


@pytest.mark.skipif(not can_link(), reason="no symbolic links here")
def test_through_a_link_as_the_tree_reads_it(trees: Trees) -> None:
    tree = trees.directory({"f": b"x", "d/f": b"y"})
    top = Path(tree.root.label)
    (top / "s").symlink_to("f")
    (top / "t").symlink_to("d")
    assert same_bytes(tree, "/s", tree, "/f") is True
    assert same_bytes(tree, "/t/f", tree, "/d/f") is True
    assert same_bytes(tree, "/s", tree, "/t/f") is False


@posix_only
def test_a_pipe_is_not_waited_for(trees: Trees) -> None:
    tree = trees.directory({"f": b"x"})
    os.mkfifo(Path(tree.root.label) / "pipe")
    assert same_bytes(tree, "/pipe", tree, "/f") is None


class Known:
    """A tree that knows digests, or gives its bytes piece by piece, and counts what it is asked for."""

    def __init__(self, tree: Tree, digest: Optional[bytes] = None) -> None:
        self._tree = tree
        self._digest = digest
        self.reads = 0
        self.list, self.read_link, self.close = tree.list, tree.read_link, tree.close

    def digest(self, path: str) -> Optional[bytes]:
        return self._digest

    def read(self, path: str, limit: int) -> Content:
        self.reads += 1
        return self._tree.read(path, limit)

    def open(self, path: str) -> BinaryIO:
        return self._tree.open(path)


def test_digests_spare_reading(trees: Trees) -> None:
    plain = trees.directory({"f": b"x" * 99})
    packed = trees.bundle({"f": b"x" * 99}, "tgz")
    digest = packed.digest("/f")
    assert digest is not None
    for ours, theirs, reads in ((digest, digest, (0, 0)), (digest, None, (0, 1)), (None, digest, (1, 0))):
        a, b = Known(plain, ours), Known(plain, theirs)
        assert same_bytes(a, "/f", b, "/f") is True
        assert (a.reads, b.reads) == reads
    assert same_bytes(Known(plain, bytes(32)), "/f", Known(plain), "/f") is False
    assert same_bytes(Known(plain, bytes(32)), "/f", Known(plain, digest), "/f") is False


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40), st.binary(max_size=40), st.sampled_from([1, SMALL - 1, SMALL, SMALL + 1, 1 << 20]))
def test_any_bytes(trees: Trees, one: bytes, other: bytes, times: int) -> None:
    one, other = (
        (one * (times // max(1, len(one)) + 1), other * (times // max(1, len(other)) + 1))
        if times > 1
        else (one, other)
    )
    tree = trees.directory({"f": one, "g": other})
    assert same_bytes(tree, "/f", tree, "/g") == (one == other)
    assert same_bytes(tree, "/f", tree, "/f") is True


def many(trees: Trees) -> list[tuple[Tree, str, Tree, str]]:
    ours = {f"d{number % 7}/{number}": b"%d" % (number % 11) * number for number in range(200)}
    theirs = {name: data if number % 3 else data + b"!" for number, (name, data) in enumerate(ours.items())}
    a, b = trees.directory(ours), trees.bundle(theirs, "tar")
    return [(a, f"/{name}", b, f"/{name}") for name in [*ours, "none"]]


WANTED = bytes([SAME if number % 3 else DIFFERENT for number in range(200)] + [UNREADABLE])


def test_in_two_processes(trees: Trees, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "ENOUGH", 10)
    assert compare_all(many(trees)) == WANTED
    monkeypatch.setattr(contents, "may_fork", lambda: False)
    assert compare_all(many(trees)) == WANTED


@pytest.mark.parametrize("enough", [10, 10_000])
def test_cancelled(trees: Trees, monkeypatch: pytest.MonkeyPatch, enough: int) -> None:
    monkeypatch.setattr(contents, "ENOUGH", enough)
    pairs = many(trees)
    assert compare_all(pairs, lambda: True) == b""
    asked: list[int] = []
    stop: Callable[[], bool] = lambda: bool(asked.append(1)) or len(asked) > 2  # noqa: E731
    codes = compare_all(pairs, stop)
    assert 0 < len(codes) < len(pairs)
    assert WANTED.startswith(codes)


def test_nothing_to_compare() -> None:
    assert compare_all([]) == b""
