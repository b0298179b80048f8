"""The bytes of a bundle, read by position: every reader has a place of its own, in forked children too."""

from __future__ import annotations

import errno
import io
import os
import stat
import threading
import zlib
from collections.abc import Sequence
from typing import BinaryIO, Callable, Optional, Protocol

from tui.disk import win32

EXPANDED_FREE = 1 << 30  # bytes: a compressed bundle may hold that much, however small it is
EXPANDED_RATIO = 200  # and beyond that so many times its own size
XZ_MEMORY = 256 << 20  # bytes that unpacking an xz file may take; what the strongest preset makes needs 65 MiB

WANTED = "name a tar, tgz or zip file, or an unpacked directory"

_CHUNK = 1 << 16
_PACKED_CHUNK = 1 << 14  # smaller: what a decompressor does not use at once, it copies


class Unfit(Exception):
    """Why a bundle cannot be read, as one clause; ``tui.disk.bundle`` adds which bundle."""


class Swollen(OSError):
    """Compressed data unpacks to far more than it should."""


def _damaged(reason: str) -> OSError:
    return OSError(errno.EIO, reason)


def _open(place: str) -> int:
    if os.name == "nt":
        return win32.open_shared(win32.long_path(place))
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        return os.open(place, flags | getattr(os, "O_NOATIME", 0))
    except PermissionError:  # only a file's owner (or root) may leave its access time alone
        return os.open(place, flags)


class BundleFile:
    """A file of this machine, opened once and read by position."""

    def __init__(self, place: str) -> None:
        """Open a regular file. Raises OSError, Unfit."""
        if "\0" in place:
            raise Unfit(f"no path has a NUL in it; {WANTED}")
        seen = os.stat(place)
        if not stat.S_ISREG(seen.st_mode):  # looked at first: opening alone can move a device, or wait
            raise Unfit(f"a directory; {WANTED}" if stat.S_ISDIR(seen.st_mode) else f"not a regular file; {WANTED}")
        self._fd = _open(place)
        found = os.fstat(self._fd)
        if not stat.S_ISREG(found.st_mode):
            self.close()
            raise Unfit("replaced while it was looked at")
        self.size = found.st_size
        self._mtime_ns = found.st_mtime_ns
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raises OSError where the file was changed since it was opened: what is known of it holds no more."""
        if self._fd < 0:
            raise OSError(errno.EBADF, "the bundle is closed")
        found = os.fstat(self._fd)
        if (found.st_size, found.st_mtime_ns) != (self.size, self._mtime_ns):
            raise OSError(errno.ESTALE, "the bundle was changed while it was read")

    def at(self, offset: int, count: int) -> bytes:
        """Up to ``count`` bytes from an offset; fewer only at the file's end. Raises OSError."""
        data = self._some(offset, count)
        while len(data) < count:
            more = self._some(offset + len(data), count - len(data))
            if not more:
                break
            data += more
        return data

    def close(self) -> None:
        """Reading raises OSError from now on; may be called more than once."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _some(self, offset: int, count: int) -> bytes:
        if self._fd < 0:
            raise OSError(errno.EBADF, "the bundle is closed")
        if hasattr(os, "pread"):
            return os.pread(self._fd, count, offset)
        with self._lock:
            os.lseek(self._fd, offset, os.SEEK_SET)
            return os.read(self._fd, count)


class _Raw(io.RawIOBase, BinaryIO):
    """A raw reader, for the eyes of a type checker a binary file."""

    def readable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raise io.UnsupportedOperation("write")


class Window(_Raw):
    """Some of a bundle's bytes as a file."""

    def __init__(self, file: BundleFile, start: int, size: int) -> None:
        super().__init__()
        self._file = file
        self._start = start
        self._size = size
        self._at = 0

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.at(self._start + self._at, max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def tell(self) -> int:
        return self._at


class _Decompressor(Protocol):
    """What ``bz2`` and ``lzma`` have."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Deflated:
    """zlib's decompressor in the manner of the others."""

    def __init__(self, window_bits: int) -> None:
        self._stream = zlib.decompressobj(window_bits)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail and not self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


_Streams = tuple[Callable[[], _Decompressor], tuple[type[Exception], ...]]


def _bzip2() -> _Streams:
    import bz2  # a Python may have been built without it, and without the next one

    return bz2.BZ2Decompressor, (OSError, ValueError, EOFError)


def _xz() -> _Streams:
    import lzma

    return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, XZ_MEMORY), (lzma.LZMAError, EOFError)


# By the name of the compression: what makes a decompressor of one stream, and what that raises.
_STREAMS: dict[str, Callable[[], _Streams]] = {
    "deflate": lambda: (lambda: _Deflated(-15), (zlib.error,)),
    "gzip": lambda: (lambda: _Deflated(31), (zlib.error,)),
    "bzip2": _bzip2,
    "xz": _xz,
}


class Inflated(_Raw):
    """What compressed data holds, read forwards; several streams one after the other where it may have them.

    Reading raises OSError where the data is damaged or ends too soon, Swollen where it holds too much.
    """

    def __init__(self, source: Window, compression: str, several: bool) -> None:
        """``compression``: deflate, gzip, bzip2 or xz. Raises OSError where this Python cannot unpack it."""
        super().__init__()
        self._source = source
        try:
            self._new, self._errors = _STREAMS[compression]()
        except ImportError:
            raise OSError(errno.ENOSYS, f"this Python cannot unpack {compression}") from None
        self._several = several
        self._spaced = compression == "xz"
        self._stream = self._new()
        self._rest = b""
        self._count = 0

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while len(buffer):
            if self._stream.eof and not self._another():
                break
            data, self._rest = self._rest, b""
            if not data and self._stream.needs_input:
                data = self._source.read(_PACKED_CHUNK)
                if not data:
                    raise _damaged("its compressed data ends too soon")
            try:
                got = self._stream.decompress(data, len(buffer))
            except self._errors as error:
                raise _damaged(f"its compressed data is damaged ({error})") from None
            if got:
                self._tally(len(got))
                buffer[: len(got)] = got
                return len(got)
        return 0

    def _tally(self, count: int) -> None:
        self._count += count
        if self._count > EXPANDED_FREE and self._count > EXPANDED_RATIO * self._source.tell():
            raise Swollen(errno.EFBIG, f"unpacks to more than {EXPANDED_RATIO} times its size")

    def _another(self) -> bool:
        """Go on with the next stream where there is one. Zeros may follow the last one, and in xz stand between two."""
        if not self._several:
            return False
        rest, zeros = self._stream.unused_data, False
        while True:
            if rest:
                zeros = zeros or rest[0] == 0
                rest = rest.lstrip(b"\0")
            if rest:
                break
            rest = self._source.read(_PACKED_CHUNK)
            if not rest:
                return False
        if zeros and not self._spaced:
            raise _damaged("something else follows its compressed data")
        self._stream, self._rest = self._new(), rest
        return True


class Part(_Raw):
    """So many bytes of a reader, after so many that are passed over; by their CRC-32 known to be right."""

    def __init__(self, source: BinaryIO, skip: int, size: int, crc: Optional[int] = None) -> None:
        super().__init__()
        self._source = source
        self._skip = skip
        self._left = size
        self._crc = crc
        self._sum = 0

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while self._skip:
            self._skip -= len(self._next(min(self._skip, _CHUNK)))
        want = min(len(buffer), self._left)
        if not want:
            return 0
        data = self._next(want)
        buffer[: len(data)] = data
        self._left -= len(data)
        if self._crc is not None:
            self._sum = zlib.crc32(data, self._sum)
            if not self._left and self._sum != self._crc:
                raise _damaged("damaged: its checksum is another one")
        return len(data)

    def _next(self, count: int) -> bytes:
        data = self._source.read(count)
        if not data:
            raise _damaged("damaged: it ends too soon")
        return data


class Sparse(_Raw):
    """A file with holes, read forwards: pieces (offset, count) of it are stored, one after the other."""

    def __init__(self, source: BinaryIO, pieces: Sequence[tuple[int, int]], size: int) -> None:
        super().__init__()
        self._source = source
        self._pieces = [piece for piece in reversed(pieces) if piece[1]]
        self._size = size
        self._at = 0

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        pieces, at = self._pieces, self._at
        while pieces and sum(pieces[-1]) <= at:
            pieces.pop()
        if pieces and pieces[-1][0] <= at:
            data = self._source.read(min(len(buffer), sum(pieces[-1]) - at))
            if not data and len(buffer):
                raise _damaged("damaged: it ends too soon")
        else:
            data = bytes(max(0, min(len(buffer), (pieces[-1][0] if pieces else self._size) - at, _CHUNK)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
