"""What is in an archive of a revision, listed within bounds of time and memory."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib
from typing import Any, BinaryIO, Optional

from tui.disk.root import Root, RootError

MAX_MEMBERS = 5_000  # names; an archive with more is not listed
MAX_ARCHIVE = 256 << 20  # bytes of an archive
MAX_UNPACKED = 128 << 20  # bytes of a tar that are gone through
MAX_DIRECTORY = 2 << 20  # bytes of a zip's list of members
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x07"


class _Bounded:
    """Reads on until a number of bytes is through, then fails: a small file can unpack to any size."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.left = MAX_UNPACKED

    def read(self, size: int) -> bytes:
        self.left -= size
        if self.left < 0:
            raise ValueError("too much to go through")
        data: bytes = self.stream.read(size)
        return data


def member_names(root: Root, path: str) -> Optional[list[str]]:
    """The names in a tar (also compressed) or a zip; None where it is neither, is damaged or is too large."""
    try:
        stat = root.stat(path)
        if stat is None or stat.size > MAX_ARCHIVE:
            return None
        with root.open(path) as stream:
            head = stream.read(6)
            names = _zip_names(stream, stat.size) if head[:2] == b"PK" else _tar_names(stream, head)
    except (RootError, OSError, EOFError, ValueError, tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError):
        return None
    except (NotImplementedError, RuntimeError, OverflowError, struct.error):
        return None
    return names if names is not None and len(names) <= MAX_MEMBERS else None


def _zip_names(stream: BinaryIO, size: int) -> Optional[list[str]]:
    stream.seek(max(0, size - (1 << 16) - 22))
    tail = stream.read((1 << 16) + 22)
    end = tail.rfind(_END)
    if end < 0 or _END_64 in tail[max(0, end - 20) : end] or len(tail) < end + 22:
        return None
    (directory,) = struct.unpack_from("<L", tail, end + 12)
    if directory > MAX_DIRECTORY:
        return None
    stream.seek(0)
    with zipfile.ZipFile(stream) as packed:
        return packed.namelist()


def _tar_names(stream: BinaryIO, head: bytes) -> Optional[list[str]]:
    stream.seek(0)
    source: Any = stream
    if head[:2] == b"\x1f\x8b":
        source = gzip.GzipFile(fileobj=stream)
    elif head[:3] == b"BZh":
        source = bz2.BZ2File(stream)
    elif head[:6] == b"\xfd7zXZ\x00":
        source = lzma.LZMAFile(stream)  # noqa: SIM115 - the stream is its caller's to close
    found: list[str] = []
    with tarfile.open(fileobj=_Bounded(source), mode="r|") as packed:  # type: ignore[call-overload]
        for member in packed:
            found.append(member.name)
            if len(found) > MAX_MEMBERS:
                return None
    return found
