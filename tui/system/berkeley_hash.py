"""Reading the values of a Berkeley DB hash file, without Berkeley DB: nothing is locked, nothing changed.

Layout by Berkeley DB 5.3's ``db_page.h``: numbers in the byte order of the machine that wrote it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from tui.system.pages import BLOB_LIMIT, Malformed, Pages

MAGIC = 0x00061561
_HASH_UNSORTED, _OVERFLOW, _HASH = 2, 7, 13  # kinds of pages
_KEY_DATA, _OFF_PAGE = 1, 3  # kinds of items
_HEAD = 26  # bytes of a page's header


def read_values(stream: BinaryIO, length: int) -> Iterator[bytes]:
    """The values of all keys, in no order. Raises Malformed, OSError."""
    head = Pages(stream, 512, length).bytes(0, 72)
    order = next((order for order in "<>" if struct.unpack_from(order + "I", head, 12)[0] == MAGIC), None)
    if order is None:
        raise Malformed("it is not a Berkeley DB hash file")
    size, encryption = struct.unpack_from(order + "IB", head, 20)
    if not 512 <= size <= 65536 or size & (size - 1):
        raise Malformed(f"its page size is {size}")
    if encryption:
        raise Malformed("it is encrypted")
    file = _File(Pages(stream, size, length), order)
    for number in range(1, file.pages.count):
        yield from file.values(number)


class _File:
    def __init__(self, pages: Pages, order: str) -> None:
        self.pages = pages
        self.order = order

    def _head(self, page: bytes) -> tuple[int, int, int, int]:
        """Next page, entries, where free space begins (in an overflow page: bytes held), kind."""
        following, entries, offset, _, kind = struct.unpack_from(self.order + "IHHBB", page, 16)
        return following, entries, offset, kind

    def values(self, number: int) -> Iterator[bytes]:
        """The values in one page; none where it is no page of a hash."""
        page = self.pages.page(number)
        _, entries, _, kind = self._head(page)
        if kind not in (_HASH, _HASH_UNSORTED):
            return
        if _HEAD + 2 * entries > len(page):
            raise Malformed(f"its page {number} has {entries} entries")
        index = struct.unpack_from(f"{self.order}{entries}H", page, _HEAD)
        for i in range(1, entries, 2):  # a key, its value, the next key …
            at, end = index[i], index[i - 1]  # items stand from the page's end downwards
            if not _HEAD <= at < end <= len(page):
                raise Malformed(f"an item of its page {number} is out of place")
            if page[at] == _KEY_DATA:
                yield page[at + 1 : end]
            elif page[at] == _OFF_PAGE and end - at >= 12:
                first, total = struct.unpack_from(self.order + "II", page, at + 4)
                yield self._overflow(first, total)

    def _overflow(self, number: int, total: int) -> bytes:
        if total > BLOB_LIMIT:
            raise Malformed(f"one of its records has {total} bytes")
        pieces: list[bytes] = []
        left, seen = total, set()
        while left > 0:
            page = self.pages.page(number)
            following, _, held, kind = self._head(page)
            if kind != _OVERFLOW or not held or number in seen:
                raise Malformed(f"its page {number} does not go on with a record")
            seen.add(number)
            piece = page[_HEAD : _HEAD + min(held, left)]
            pieces.append(piece)
            left -= len(piece)
            number = following
        return b"".join(pieces)
