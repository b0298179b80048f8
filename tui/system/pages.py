"""Reading a database file page by page: bounded, and refusing whatever does not fit together."""

from __future__ import annotations

from typing import BinaryIO

READ_LIMIT = 512 << 20  # bytes read of one database
BLOB_LIMIT = 64 << 20  # bytes of one record


class Malformed(Exception):
    """A database whose bytes do not fit together; ``str()`` is one clause that says what."""


class Pages:
    """The pages of a file. ``page`` raises Malformed where there is none, and OSError."""

    def __init__(self, stream: BinaryIO, size: int, length: int) -> None:
        self._stream = stream
        self.size = size
        self.count = length // size if size else 0
        self._left = READ_LIMIT

    def page(self, number: int, first: int = 0) -> bytes:
        """A page by its number; ``first`` is the number of the file's first page."""
        if not first <= number < self.count + first:
            raise Malformed(f"it refers to page {number}, which it does not have")
        return self.bytes((number - first) * self.size, self.size)

    def bytes(self, start: int, length: int) -> bytes:
        """So many bytes, all of them."""
        self._left -= length
        if self._left < 0:
            raise Malformed(f"it takes more than {READ_LIMIT} bytes to read")
        self._stream.seek(start)
        pieces = b""
        while len(pieces) < length:
            piece = self._stream.read(length - len(pieces))
            if not piece:
                raise Malformed("it ends early")
            pieces = pieces + piece if pieces else piece
        return pieces
