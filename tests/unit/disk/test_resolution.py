"""Where paths lead inside a Root, against the kernel's own look-up below a directory (openat2)."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import struct
import tempfile
import threading
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import examples
from tui.disk import resolve
from tui.disk.descriptors import open_enter
from tui.disk.inventory import DIR, FILE, LINK, OTHER
from tui.disk.posix import PosixRoot
from tui.disk.resolve import CACHED
from tui.disk.root import Denied, Looped, NotThere, RootError, Unusable

from .support import unprivileged

OPENAT2, IN_ROOT = 437, 0x10


def kernel(top: int, path: str, follow: bool) -> tuple[Optional[os.stat_result], int, str]:
    """What the kernel finds at a path with ``top`` for its root: stat, errno, path."""
    flags = os.O_PATH | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    how = struct.pack("QQQ", flags, 0, IN_ROOT)
    libc = ctypes.CDLL(None, use_errno=True)
    fd = -1
    ctypes.set_errno(errno.EAGAIN)  # which it says of a way up while anything at all is renamed on the machine
    while fd < 0 and ctypes.get_errno() == errno.EAGAIN:
        fd = libc.syscall(OPENAT2, top, os.fsencode(path), how, len(how))
    if fd < 0:
        return None, ctypes.get_errno(), ""
    try:
        return os.fstat(fd), 0, os.readlink(f"/proc/self/fd/{fd}")
    finally:
        os.close(fd)


def has_openat2() -> bool:
    try:
        fd = os.open("/", os.O_PATH)
    except (AttributeError, OSError):
        return False
    try:
        return kernel(fd, "/", True)[0] is not None
    finally:
        os.close(fd)


needs_openat2 = pytest.mark.skipif(not has_openat2(), reason="the system has no openat2 to compare with")

parts = st.sampled_from(["a", "b", "c", ".", "..", ""])
texts = st.lists(parts, min_size=1, max_size=5).map("/".join).filter(bool)
places = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join)
trees = st.lists(st.tuples(st.sampled_from(["dir", "file", "link", "link"]), places, st.booleans(), texts), max_size=14)


def build(top: str, tree: list[tuple[str, str, bool, str]]) -> None:
    for kind, place, absolute, text in tree:
        path = f"{top}/{place}"
        if os.path.lexists(path) or not os.path.isdir(os.path.dirname(path)) or os.path.islink(os.path.dirname(path)):
            continue
        if kind == "dir":
            os.mkdir(path)
        elif kind == "file":
            Path(path).write_bytes(place.encode())
        else:
            os.symlink("/" + text if absolute else text, path)


@needs_openat2
@settings(max_examples=examples(200), deadline=None)
@given(tree=trees, asked=st.lists(st.tuples(texts, st.booleans()), min_size=1, max_size=12))
def test_leads_where_the_kernel_says(tree: list[tuple[str, str, bool, str]], asked: list[tuple[str, bool]]) -> None:
    with tempfile.TemporaryDirectory() as outside:
        for name in "abc":  # found if a way leads out
            Path(outside, name).write_text("outside")
        top = outside + "/top"
        os.mkdir(top)
        build(top, tree)
        fd = os.open(top, os.O_PATH)
        try:
            with PosixRoot(top) as root:
                for text, follow in asked:
                    same_as_kernel(root, fd, top, "/" + text, follow)
        finally:
            os.close(fd)


def same_as_kernel(root: PosixRoot, fd: int, top: str, path: str, follow: bool) -> None:
    expected, error, real = kernel(fd, path, follow)
    if expected is None:
        if error == errno.ELOOP:
            with pytest.raises(Looped):
                root.stat(path, follow)
        else:
            assert error in (errno.ENOENT, errno.ENOTDIR)
            assert root.stat(path, follow) is None
            with pytest.raises(NotThere):
                root.real_path(path, follow)
        return
    found = root.stat(path, follow)
    assert found is not None
    assert (found.device, found.inode) == (expected.st_dev, expected.st_ino), path
    assert root.real_path(path, follow) == (real[len(top) :] or "/")


def test_links_dots_and_slashes_by_hand(top: Path, root: PosixRoot) -> None:
    (top / "srv/app").mkdir(parents=True)
    (top / "srv/app/f").write_text("inside")
    (top.parent / "f").write_text("outside")
    (top / "up").symlink_to("../../../../f")
    (top / "current").symlink_to("/srv/app")
    (top / "host").symlink_to(top.parent / "f")
    assert root.read("/current/f", 99).data == b"inside"
    assert root.real_path("/current/../x/../app//./f".replace("x/../", "")) == "/srv/app/f"
    assert root.stat("/current").type == DIR
    assert root.stat("/current", follow=False).type == LINK
    assert root.stat("/current/", follow=False).type == DIR
    assert root.stat("/srv/app/f/") is None
    assert root.stat("/up") is None
    assert root.stat("/host") is None
    assert root.real_path("/..") == root.real_path("/") == root.real_path("/../.././") == "/"
    assert root.real_path("/current", follow_last=False) == "/current"
    assert root.read_link("/current") == "/srv/app"
    with pytest.raises(Unusable):
        root.read_link("/srv")
    with pytest.raises(NotThere):
        root.read("/srv/none", 1)
    with pytest.raises(NotThere):
        root.list("/srv/app/f")


@pytest.mark.parametrize("again", [False, True])
def test_forty_links_and_no_more(top: Path, root: PosixRoot, again: bool) -> None:
    (top / "l0").mkdir()
    (top / "l0/f").write_text("x")
    for i in range(1, 42):
        (top / f"l{i}").symlink_to(f"l{i - 1}")
    (top / "to40").symlink_to("l40")
    (top / "l0/one-more").symlink_to("f")
    for _ in range(1 + again):  # what was found before changes nothing
        assert root.read("/l40/f", 9).data == b"x"
        assert root.stat("/l40").type == DIR
        for path in ("/l41/f", "/l41", "/to40/f", "/l40/one-more"):
            with pytest.raises(Looped):
                root.stat(path)
    (top / "self").symlink_to("self/x")
    with pytest.raises(Looped):
        root.stat("/self")


@pytest.mark.parametrize("path", ["", "srv", "/a\0b", "/\ud800"])
def test_no_path_at_all(root: PosixRoot, path: str) -> None:
    for call in (root.read_link, root.list, root.real_path, lambda p: root.read(p, 1)):
        with pytest.raises(RootError):
            call(path)


def test_names_of_any_bytes_and_any_length(top: Path, root: PosixRoot) -> None:
    names = ["new\nline", "esc\x1b[31m", os.fsdecode(b"\xff\xfe\x80"), "\U0001f40d", "n" * 255, " ", "-rf", "tab\t"]
    for name in names:
        (top / name).write_text(name.encode("utf-8", "surrogateescape").hex())
    assert [name for name, _ in root.list("/")] == sorted(names, key=os.fsencode)
    for name in names:
        assert root.read("/" + name, 9999).data.decode() == os.fsencode(name).hex()
    with pytest.raises(Unusable):
        root.stat("/" + "n" * 256)


def test_paths_longer_than_the_system_takes_at_once(top: Path, root: PosixRoot) -> None:
    name = "d" * 100
    fd = os.open(top, os.O_RDONLY)
    for _ in range(200):
        os.mkdir(name, dir_fd=fd)
        below = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.symlink("/" + name, "home", dir_fd=fd)
    with os.fdopen(os.open("f", os.O_WRONLY | os.O_CREAT, dir_fd=fd), "wb") as file:
        file.write(b"deep")
    os.close(fd)
    path = f"/{name}" * 200
    assert len(path) > 4096
    assert root.read(path + "/f", 9).data == b"deep"
    assert root.real_path(path + "/home/../" + name) == "/" + name
    assert root.real_path(path + "/../" * 3 + name) == f"/{name}" * 198
    held = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert held < CACHED + 60


def test_what_is_not_a_regular_file_is_never_opened(
    top: Path, root: PosixRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(top / "pipe")
    (top / "dir").mkdir()
    (top / "to-pipe").symlink_to("pipe")
    real_open = os.open

    def watch(path: object, *args: object, **kwargs: object) -> int:
        assert path not in ("pipe", "dir")
        return real_open(path, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", watch)
    for path in ("/pipe", "/dir", "/to-pipe"):
        with pytest.raises(Unusable):
            root.read(path, 10)
        with pytest.raises(Unusable):
            root.open(path)
    assert root.stat("/pipe").type == OTHER


@pytest.mark.parametrize("by", ["pipe", "link"])
def test_a_file_replaced_while_it_is_opened(
    top: Path, root: PosixRoot, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    (top / "f").write_text("x")
    (top.parent / "canary").write_text("outside")
    real_open = os.open

    def swap(path: object, *args: object, **kwargs: object) -> int:
        if path == "f":
            (top / "f").unlink()
            if by == "pipe":
                os.mkfifo(top / "f")
            else:
                (top / "f").symlink_to(top.parent / "canary")
        return real_open(path, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", swap)
    with pytest.raises(Unusable):
        root.read("/f", 10)


def test_read_up_to_a_limit(top: Path, root: PosixRoot) -> None:
    (top / "f").write_bytes(b"0123456789")
    os.utime(top / "f", (1, 5))
    cut = root.read("/f", 4)
    assert (cut.data, cut.size, cut.complete, cut.mtime) == (b"0123", 10, False, 5.0)
    assert root.read("/f", 10).complete
    assert root.read("/f", 11).data == b"0123456789"
    assert root.read("/f", 0).data == b""
    with root.open("/f") as file:
        file.seek(8)
        assert file.read() == b"89"
    with open(top / "sparse", "wb") as sparse:
        sparse.truncate(1 << 40)
    assert len(root.read("/sparse", 1000).data) == 1000


def test_no_permission_is_denied(top: Path, root: PosixRoot) -> None:
    (top / "shut").mkdir()
    (top / "shut/f").write_text("x")
    (top / "secret").write_text("x")
    for path in (top / "shut", top / "secret"):
        path.chmod(0)
    top.chmod(0o755)
    with unprivileged():
        for call in (lambda: root.stat("/shut/f"), lambda: root.read("/secret", 1), lambda: root.list("/shut")):
            with pytest.raises(Denied):
                call()


def test_files_of_other_users_can_be_read(top: Path, root: PosixRoot) -> None:
    (top / "f").write_text("theirs")  # for whom access times may not be left alone
    top.chmod(0o755)
    (top / "f").chmod(0o644)
    with unprivileged():
        assert root.read("/f", 9).data == b"theirs"
        assert [name for name, _ in root.list("/")] == ["f"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_directory_swapped_for_a_link_leads_nowhere(
    top: Path, root: PosixRoot, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    outside = top.parent / "outside"
    outside.mkdir()
    (outside / "f").write_text("outside")
    (top / "d").mkdir()
    (top / "d/f").write_text("inside")
    enter = resolve.open_enter

    def swap(name: str, dir_fd: int) -> int:
        if name != "d":
            return enter(name, dir_fd)
        fd = enter(name, dir_fd) if when == "after" else -1
        (top / "d").rename(top / "was")
        (top / "d").symlink_to(outside)
        return enter(name, dir_fd) if when == "before" else fd

    monkeypatch.setattr(resolve, "open_enter", swap)
    if when == "before":
        with pytest.raises(NotThere):
            root.read("/d/f", 99)
    else:
        assert root.read("/d/f", 99).data == b"inside"


def test_look_ups_while_links_come_and_go(top: Path, root: PosixRoot) -> None:
    outside = top.parent / "outside"
    outside.mkdir()
    (outside / "f").write_text("outside")
    (top / "d").mkdir()
    (top / "link").symlink_to(outside)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for old, new in (("d", "was"), ("link", "d"), ("d", "link"), ("was", "d")):
                (top / old).rename(top / new)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(1000):
            root.forget()
            with pytest.raises((NotThere, Unusable)):
                root.read("/d/f", 99)
    finally:
        stop.set()
        thread.join()


def test_a_directory_moved_out_does_not_take_dot_dot_along(top: Path, root: PosixRoot) -> None:
    (top / "a/b").mkdir(parents=True)
    (top.parent / "outside").mkdir()
    (top.parent / "canary").write_text("outside")
    (top / "a/b/up").symlink_to("../../canary")
    assert root.stat("/a/b/up") is None
    shutil.move(str(top / "a"), str(top.parent / "outside/a"))
    assert root.stat("/a/b/up") is None
    assert root.stat("/a/b/../../canary") is None


def test_a_new_directory_is_seen_after_a_moment(top: Path) -> None:
    clock = [0.0]
    with PosixRoot(str(top)) as root:
        root._resolver._clock = lambda: clock[0]
        (top / "d/e").mkdir(parents=True)
        assert root.stat("/d/e/f") is None
        (top / "d").rename(top / "old")
        (top / "d/e").mkdir(parents=True)
        (top / "d/e/f").write_text("new")
        clock[0] = 1.5
        assert root.stat("/d/e/f").type == FILE


def test_a_look_up_goes_on_from_the_directory_of_the_one_before(
    top: Path, root: PosixRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    (top / "d/e/g").mkdir(parents=True)
    (top / "d/e/up").symlink_to("..")
    (top / "d/e/g/f").write_text("x")
    way = "/d" + "/e/up" * 30
    assert root.stat(way).type == DIR
    opened: list[str] = []

    def noted(name: str, fd: int) -> int:
        opened.append(name)
        return open_enter(name, fd)

    monkeypatch.setattr(resolve, "open_enter", noted)
    assert root.stat(f"{way}/e/g/f").type == FILE
    assert root.stat(f"{way}/e/up/e/up/e/g/f").type == FILE
    assert opened.count("g") == 1 and len(opened) < 10  # a link is tried as a directory first
    with pytest.raises(Looped):
        root.stat(f"{way}{'/e/up' * 11}/e/g/f")


def test_a_closed_root_says_so(top: Path) -> None:
    root = PosixRoot(str(top))
    root.stat("/")
    root.close()
    root.close()
    with pytest.raises(Unusable):
        root.stat("/")


def test_birth_times(top: Path, root: PosixRoot) -> None:
    (top / "f").write_text("x")
    (top / "link").symlink_to("none")
    if root.birth_ns("/f") is None:
        pytest.skip("the file system does not tell")
    for path in ("/f", "/link"):
        born, found = root.birth_ns(path), root.stat(path, follow=False)
        assert abs(born - found.ctime_ns) < 10**9
    os.utime(top / "f", (0, 0))
    assert root.birth_ns("/f") > 10**18
    assert root.birth_ns("/none") is None
    assert root.birth_ns("/") is not None
