"""Bundles made byte by byte, and what is in a tree or a real directory, to be compared."""

from __future__ import annotations

import contextlib
import functools
import gzip
import hashlib
import io
import os
import shutil
import stat
import struct
import subprocess
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional

from tui.disk.inventory import DIR, FILE, LINK, TYPE_NAMES
from tui.disk.root import RootError
from tui.disk.tree import Tree
from tui.paths import to_bytes

REG, DIRECTORY, SYMLINK, HARDLINK = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
UNIX, FAT, NTFS = 3, 0, 11  # systems that a zip entry can come from
REGULAR, FOLDER, LINKED = 0o100000, 0o040000, 0o120000
TIMES = b"UT\5\0\3\0\0\0\1"  # an extra field


class Member(NamedTuple):
    info: tarfile.TarInfo
    data: bytes


def member(name: str, kind: bytes = REG, data: bytes = b"", mode: int = 0o644, link: str = "", **more: Any) -> Member:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname, info.size = kind, mode, link, len(data)
    for key, value in more.items():
        setattr(info, key, value)
    return Member(info, data)


def tar_of(members: Sequence[Member], end: bool = True, form: int = tarfile.GNU_FORMAT) -> bytes:
    out = io.BytesIO()
    for info, data in members:
        out.write(info.tobuf(form, "utf-8", "surrogateescape") + data + bytes(-len(data) % 512))
    return out.getvalue() + bytes(1024 if end else 0)


def gz(raw: bytes) -> bytes:
    """The same bytes each time."""
    return gzip.compress(raw, 1, mtime=0)


def reason_of(value: object) -> str:
    """A parameter's id: what it is about, where that is text, and nothing of a bundle's bytes."""
    return value if isinstance(value, str) else type(value).__name__


class Entry(NamedTuple):
    name: bytes
    data: bytes = b""
    mode: int = REGULAR | 0o644
    system: int = UNIX
    version: int = 30
    attributes: int = 0  # FAT's
    flags: int = 0
    method: int = 0
    extra: bytes = b""
    packed: Optional[bytes] = None
    size: Optional[int] = None
    crc: Optional[int] = None


def _packed(entry: Entry) -> bytes:
    if entry.packed is not None:
        return entry.packed
    if entry.method == 8:
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        return deflate.compress(entry.data) + deflate.flush()
    return entry.data


def zip_of(entries: Sequence[Entry], before: bytes = b"", count: Optional[int] = None) -> bytes:
    out, directory = bytearray(), bytearray()
    for entry in entries:
        packed = _packed(entry)
        crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
        size = len(entry.data) if entry.size is None else entry.size
        common = struct.pack(
            "<5H3L2H", 20, entry.flags, entry.method, 0x6000, 0x5A21, crc, len(packed), size,
            len(entry.name), len(entry.extra),
        )  # fmt: skip
        directory += b"PK\1\2" + bytes((entry.version, entry.system)) + common
        directory += struct.pack("<3H2L", 0, 0, 0, entry.mode << 16 | entry.attributes, len(out))
        directory += entry.name + entry.extra
        out += b"PK\3\4" + common + entry.name + entry.extra + packed
    number = len(entries) if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, len(directory), len(out), 0)
    return before + bytes(out + directory) + end


Found = dict[str, tuple[Any, ...]]  # path -> type, mode, uid, gid, content or target, names


def whole(tree: Tree) -> Found:
    """All that a tree holds. Files are read in each way that there is."""
    found: Found = {}
    todo = [""]
    while todo:
        directory = todo.pop()
        entries = tree.list(directory or "/")
        assert [name for name, _ in entries] == sorted((name for name, _ in entries), key=to_bytes)
        for name, there in entries:
            path = f"{directory}/{name}"
            content: object = None
            if there.type == DIR:
                todo.append(path)
            elif there.type == LINK:
                content = tree.read_link(path)
                assert there.size == len(to_bytes(tree.read_link(path)))
            elif there.type == FILE:
                content = tree.read(path, 1 << 30).data
                assert there.size == len(tree.read(path, 1 << 30).data) == tree.read(path, 0).size
                with tree.open(path) as file:
                    assert file.read() == content
                assert tree.digest(path) in (None, hashlib.sha256(tree.read(path, 1 << 30).data).digest())
            found[path] = TYPE_NAMES[there.type], there.mode, there.uid, there.gid, content, there.links
    return found


def read_all(tree: Tree) -> None:
    """Look at all that a tree holds which may be damaged: it may say that it cannot be read, no more."""
    todo = ["/"]
    while todo:
        directory = todo.pop()
        for name, there in tree.list(directory):
            path = f"{directory.rstrip('/')}/{name}"
            with contextlib.suppress(RootError):
                if there.type == DIR:
                    todo.append(path)
                elif there.type == LINK:
                    tree.read_link(path)
                else:
                    assert len(tree.read(path, 1 << 16).data) == min(there.size, 1 << 16)


def really(top: Path) -> Found:
    """All that a real directory holds."""
    found: Found = {}
    for directory, directories, files in os.walk(top):
        for name in directories + files:
            place = os.path.join(directory, name)
            there, content = os.lstat(place), None  # type: ignore[var-annotated]
            kind = "other"
            if stat.S_ISDIR(there.st_mode):
                kind = "dir"
            elif stat.S_ISLNK(there.st_mode):
                kind, content = "link", os.readlink(place)
            elif stat.S_ISREG(there.st_mode):
                kind, content = "file", Path(place).read_bytes()
            links = 1 if kind == "dir" else there.st_nlink
            path = place[len(str(top)) :]
            found[path] = kind, stat.S_IMODE(there.st_mode), there.st_uid, there.st_gid, content, links
    return found


@functools.cache
def has_gnu_tar() -> bool:
    """Whether tar is the one that the agent calls, and unpacks as root."""
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("gzip") is None:
        return False
    with contextlib.suppress(OSError):
        return b"GNU tar" in subprocess.run(["/bin/tar", "--version"], capture_output=True).stdout
    return False


@functools.cache
def has_unzip() -> bool:
    """Whether unzip is the one that the agent calls, and unpacks as root."""
    if os.name == "nt" or os.geteuid() != 0:
        return False
    with contextlib.suppress(OSError):
        return b"UnZip 6.0" in subprocess.run(["unzip", "-v"], capture_output=True).stdout
    return False


def _clean(top: Path) -> Path:
    shutil.rmtree(top, ignore_errors=True)
    top.mkdir()
    return top


def _unpacked(command: Sequence[str], top: Path) -> tuple[int, str]:
    before = os.umask(0o022)
    try:
        done = subprocess.run(
            command, cwd=top, capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"}
        )
    finally:
        os.umask(before)
    return done.returncode, done.stderr.decode("utf-8", "replace")


def untar(bundle: Path, top: Path) -> tuple[int, str]:
    """What the agent has tar do, in an empty directory; its exit code and what it says."""
    return _unpacked(["/bin/tar", "-xpsf", str(bundle)], _clean(top))


def unzip(bundle: Path, top: Path) -> tuple[int, str]:
    """The same with unzip."""
    return _unpacked(["unzip", "-qo", str(bundle), "-d", str(top)], _clean(top))
