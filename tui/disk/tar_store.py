"""The content of a tar bundle's files: where it is in the bundle, and what of it is known without reading it again."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from typing import BinaryIO, Optional, Union

from tui.disk.bundle_io import BundleFile, Inflated, Part, Sparse, Window
from tui.disk.tar_headers import Pieces
from tui.disk.unpacked import APPSPEC, Unpacked
from tui.paths import from_bytes

KEPT_FILE = 64 << 10  # bytes: of a compressed bundle, files of that size stay in memory
KEPT_APPSPEC = 1 << 20  # and an appspec up to that size
KEPT = 8 << 20  # but no more than that of either
BUFFER = 1 << 16  # bytes read at once where headers stand close together
CHUNK = 1 << 18

_DIGEST = 32


class TarStore:
    """The content of a tar bundle's files, in place: it is read from where it is, or unpacked again up to there."""

    def __init__(self, file: BundleFile, compression: str) -> None:
        """``compression``: gzip, bzip2 or xz; empty for none."""
        self.compression = compression
        self.pieces: dict[int, Pieces] = {}  # of sparse files, by row
        self.kept: dict[int, bytes] = {}
        self.digests = bytearray()  # of all rows, where the bundle is compressed
        self._file = file
        self._kept_files = self._kept_appspecs = 0

    def stream(self) -> Union[Inflated, Window]:
        """The archive from its start, to be read forwards."""
        window = Window(self._file, 0, self._file.size)
        return Inflated(window, self.compression, True) if self.compression else window

    def open(self, files: Unpacked, row: int) -> BinaryIO:
        """A file's content. Raises OSError, also when it is read."""
        self._file.check()
        if row in self.kept:
            return io.BytesIO(self.kept[row])
        pieces, place, size = self.pieces.get(row), files.place[row], files.size[row]
        stored = size if pieces is None else sum(count for _, count in pieces)
        if not self.compression:
            content: BinaryIO = Window(self._file, place, stored)
            if pieces is None:
                return content
        else:
            content = Part(io.BufferedReader(self.stream(), BUFFER), place, stored)
        return content if pieces is None else Sparse(content, pieces, size)

    def digest(self, row: int) -> Optional[bytes]:
        """The SHA-256 of a file's content where it is known."""
        known = bytes(self.digests[row * _DIGEST : (row + 1) * _DIGEST])
        return known if any(known) else None

    def learn(self, row: int, chunks: Iterable[bytes], size: int, name: bytes) -> None:
        """Take in a file's content, which is read through once; keep what is to be kept. Raises OSError."""
        small = size <= KEPT_FILE and self._kept_files + size <= KEPT
        if small:
            self._kept_files += size
        elif size <= KEPT_APPSPEC and self._kept_appspecs + size <= KEPT and APPSPEC.search(from_bytes(name)):
            small, self._kept_appspecs = True, self._kept_appspecs + size
        if small:
            data = self.kept[row] = b"".join(chunks)
            digest = hashlib.sha256(data).digest()
        else:
            sha = hashlib.sha256()
            for chunk in chunks:
                sha.update(chunk)
            digest = sha.digest()
        self.complete(row)
        self.digests += digest

    def complete(self, rows: int) -> None:
        """All rows have a place for their digest from now on, those that are no files too."""
        if self.compression:
            self.digests.extend(bytes(rows * _DIGEST - len(self.digests)))
