"""Reading one table of an SQLite 3 file, without SQLite: nothing is locked, and nothing made beside it.

The format is that of https://sqlite.org/fileformat2.html. What only its write-ahead log or rollback
journal holds is not seen.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Optional, Union

from tui.system.pages import BLOB_LIMIT, Malformed, Pages

MAGIC = b"SQLite format 3\0"
Value = Union[None, int, float, bytes]
_LEAF, _INTERIOR = 0x0D, 0x05
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)


def read_table(stream: BinaryIO, length: int, name: bytes) -> Iterator[tuple[Value, ...]]:
    """The rows of a table, text as bytes; a column that is the row id is None. Raises Malformed, OSError."""
    head = Pages(stream, 100, length).bytes(0, 100)
    if head[:16] != MAGIC:
        raise Malformed("it is not an SQLite database")
    (size,) = struct.unpack_from(">H", head, 16)
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1) or head[20] > size - 480:
        raise Malformed(f"its page size is {size}")
    file = _File(Pages(stream, size, length), size - head[20])
    for row in file.rows(1):
        if len(row) >= 4 and row[0] == b"table" and row[1] == name and isinstance(row[3], int):
            yield from file.rows(row[3])
            return
    raise Malformed(f"it has no table {name.decode('ascii', 'replace')}")


class _File:
    def __init__(self, pages: Pages, usable: int) -> None:
        self.pages = pages
        self.usable = usable

    def rows(self, root: int) -> Iterator[tuple[Value, ...]]:
        """The rows of the table b-tree whose top is page ``root``, in order."""
        seen = set()
        todo = [root]
        while todo:
            number = todo.pop()
            if number in seen:
                raise Malformed(f"its page {number} is in a table twice")
            seen.add(number)
            page = self.pages.page(number, 1)
            top = 100 if number == 1 else 0
            kind, cells = page[top], struct.unpack_from(">H", page, top + 3)[0]
            start = top + (12 if kind == _INTERIOR else 8)
            if kind not in (_LEAF, _INTERIOR) or start + 2 * cells > len(page):
                raise Malformed(f"its page {number} is no page of a table")
            pointers = struct.unpack_from(f">{cells}H", page, start)
            if kind == _INTERIOR:
                below = [_word(page, pointer) for pointer in pointers]
                todo.append(_word(page, top + 8))
                todo.extend(reversed(below))
                continue
            for pointer in pointers:
                yield _values(self._payload(page, pointer))

    def _payload(self, page: bytes, at: int) -> bytes:
        length, at = _varint(page, at)
        _, at = _varint(page, at)
        if length > BLOB_LIMIT:
            raise Malformed(f"one of its records has {length} bytes")
        usable = self.usable
        if length <= usable - 35:
            if at + length > len(page):
                raise Malformed("one of its records leaves its page")
            return page[at : at + length]
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = local if local <= usable - 35 else least
        pieces = [page[at : at + local]]
        following, left, seen = _word(page, at + local), length - local, set()
        while left > 0:
            if following in seen:
                raise Malformed(f"its page {following} is in a record twice")
            seen.add(following)
            more = self.pages.page(following, 1)
            pieces.append(more[4 : 4 + min(left, usable - 4)])
            following = _word(more, 0)
            left -= usable - 4
        return b"".join(pieces)


def _word(page: bytes, at: int) -> int:
    if at + 4 > len(page):
        raise Malformed("a page refers beyond its end")
    return int.from_bytes(page[at : at + 4], "big")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count in range(9):
        if at >= len(data):
            raise Malformed("a record ends early")
        byte = data[at]
        at += 1
        if count == 8:
            return value << 8 | byte, at
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at


def _values(record: bytes) -> tuple[Value, ...]:
    length, at = _varint(record, 0)
    if length > len(record):
        raise Malformed("a record ends early")
    values: list[Value] = []
    body = length
    while at < length:
        kind, at = _varint(record, at)
        value, body = _value(record, body, kind)
        values.append(value)
    return tuple(values)


def _value(record: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind in (8, 9):
        return kind - 8, at
    size: Optional[int] = _INTEGER_BYTES[kind] if kind < len(_INTEGER_BYTES) else 8 if kind == 7 else None
    if size is None:
        size = max(0, (kind - 12) // 2)
    if at + size > len(record):
        raise Malformed("a record ends early")
    raw = record[at : at + size]
    if kind == 0:
        return None, at
    if kind == 7:
        return float(struct.unpack(">d", raw)[0]), at + size
    return (int.from_bytes(raw, "big", signed=True) if kind < 7 else raw), at + size
