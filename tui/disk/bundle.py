"""A bundle (tar, tgz or zip) as a Tree: read in place, and just what the agent's unpacking would leave."""

from __future__ import annotations

import builtins
import itertools
import os
from collections.abc import Mapping
from typing import BinaryIO, Callable, Optional, Protocol, Union

from tui.disk.bundle_io import WANTED, BundleFile, Unfit
from tui.disk.bundle_tar import Owners, TarReading
from tui.disk.bundle_zip import ZipReading, is_zip
from tui.disk.inventory import DIR, FILE, LINK
from tui.disk.root import Content, Stat, Unusable, root_error
from tui.disk.tar_headers import BLOCK, NO_TAR, is_header
from tui.disk.unpacked import APPSPEC, Unpacked
from tui.paths import from_bytes, showable

_AGAIN = "make or download it again"
_DENIED = "permission denied; run as root or as a user who may read it"

# How a compressed tar begins, by its compression.
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz"}
_NOT_READ = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x1f\x9d": "compress",
    b"LZIP": "lzip",
    b"\x89LZO": "lzop",
    b"\x1f\xa0": "lzh",
}

_CHUNK = 1 << 20

# No device of a disk has such a number, so that no two files are taken for one.
_devices = itertools.count(-1, -1)


class BundleError(Exception):
    """A bundle that cannot be read. ``str()`` is the one line to print: which, why and what to do."""


class Store(Protocol):
    """The content of a bundle's files."""

    def open(self, files: Unpacked, row: int) -> BinaryIO: ...
    def digest(self, row: int) -> Optional[bytes]: ...


class Bundle:
    """A Tree: see ``tui.disk.tree``.

    ``problem``: why the agent's own unpacking fails on it, as one clause; None where it does not.
    ``notes``: sentences on what is odd about it, or what nobody can tell.
    """

    def __init__(self, label: str, kind: str, file: BundleFile, reading: Union[TarReading, ZipReading]) -> None:
        self.label = label
        self.kind = kind  # tar, tgz or zip: the bundle type to deploy it as
        self._file = file
        self._files = reading.files
        self._store: Store = reading.store
        self._device = next(_devices)
        self._top, single = _revision(self._files)
        self.problem = reading.problem or single
        doubt = reading.doubts.line()
        self.notes: tuple[str, ...] = (*reading.notes, *([f"{doubt}."] if doubt else []))

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def list(self, path: str) -> builtins.list[tuple[str, Stat]]:
        """See Tree."""
        row = self._files.find(path, self._top)
        if self._files.type[row] != DIR:
            raise Unusable(path, "not a directory")
        return [(name, self._files.stat(below, self._device)) for name, below in self._files.listed(row)]

    def read_link(self, path: str) -> str:
        """See Tree."""
        row = self._files.find(path, self._top)
        if self._files.type[row] != LINK:
            raise Unusable(path, "not a symbolic link")
        return from_bytes(self._files.targets[row])

    def read(self, path: str, limit: int) -> Content:
        """See Tree."""
        row = self._file_row(path)
        size, chunks = self._files.size[row], []
        left = max(0, min(limit, size))
        try:
            with self._store.open(self._files, row) as content:
                while left:
                    chunk = content.read(min(left, _CHUNK))
                    if not chunk:
                        raise Unusable(path, "the bundle ends too soon")
                    chunks.append(chunk)
                    left -= len(chunk)
        except OSError as error:
            raise root_error(error, path) from None
        return Content(b"".join(chunks), size, self._files.mtime_ns[row] / 1e9)

    def open(self, path: str) -> BinaryIO:
        """See Tree. Reading raises OSError where the bundle is damaged."""
        row = self._file_row(path)
        try:
            return self._store.open(self._files, row)
        except OSError as error:
            raise root_error(error, path) from None

    def digest(self, path: str) -> Optional[bytes]:
        """See Tree. Known where the bundle is a compressed tar, but of files that are mostly holes."""
        return self._store.digest(self._file_row(path))

    def close(self) -> None:
        """See Tree. What is read from now on raises Unusable."""
        self._file.close()

    def _file_row(self, path: str) -> int:
        row = self._files.find(path, self._top)
        if self._files.type[row] != FILE:
            raise Unusable(path, "is a directory" if self._files.type[row] == DIR else "not a regular file")
        return row


def _revision(files: Unpacked) -> tuple[int, Optional[str]]:
    """The directory that becomes the revision, and why the agent fails to find it.

    Where a single directory is all there is at the top, and a name in it speaks of an appspec, that is it.
    """
    entries = files.names[files.top]
    if len(entries) != 1:
        return files.top, None
    ((name, row),) = entries.items()
    if files.type[row] != DIR:
        return files.top, None
    problem = None
    for below in files.names[row]:
        try:
            below.decode("utf-8")
        except UnicodeDecodeError:  # the agent matches the names with a pattern, and Ruby refuses such a one
            problem = f"invalid byte sequence in UTF-8 ({showable(from_bytes(name + b'/' + below))})"
    found = any(APPSPEC.search(from_bytes(below)) for below in files.names[row])
    return (row if found else files.top), problem


def open_bundle(
    path: Union[str, os.PathLike[str]],
    users: Optional[Mapping[str, int]] = None,
    groups: Optional[Mapping[str, int]] = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Bundle:
    """Open a bundle, a path of the machine the tool runs on. Its type is told by its content.

    ``users`` and ``groups`` are the instance's, by name: tar gives files to those first. Raises BundleError.
    """
    text = os.fspath(path)
    shown = showable(text)
    try:
        file = BundleFile(text)
        try:
            return _opened(text, file, Owners.of(users, groups), cancelled)
        except BaseException:
            file.close()
            raise
    except Unfit as error:
        raise BundleError(f"{shown}: {error}") from None
    except OSError as error:
        raise BundleError(f"{shown}: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"no such file; {WANTED}"
    if isinstance(error, PermissionError):
        return _DENIED
    return f"{(error.strerror or str(error)).lower()}; {_AGAIN}"


def _opened(label: str, file: BundleFile, owners: Owners, cancelled: Callable[[], bool]) -> Bundle:
    start = file.at(0, BLOCK)
    if not start:
        raise Unfit(f"empty; {_AGAIN}")
    for magic, name in _NOT_READ.items():
        if start.startswith(magic):
            raise Unfit(f"compressed with {name}, which this tool does not read; unpack it and name the directory")
    compression = next((name for magic, name in _COMPRESSED.items() if start.startswith(magic)), "")
    if not compression and not is_header(start) and is_zip(file, start):
        archive = ZipReading(file, cancelled)
        archive.run()
        return Bundle(label, "zip", file, archive)
    if not compression and len(start) < BLOCK:
        raise Unfit(f"{NO_TAR}; {WANTED}")
    reading = TarReading(file, compression, owners, cancelled)
    reading.run()
    return Bundle(label, "tgz" if compression == "gzip" else "tar", file, reading)
