"""A zip file's central directory, entry by entry, and where the content of an entry is.

The standard library's zipfile makes an object of 700 bytes of each entry, and refuses a whole archive
for one bad name.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import BinaryIO, NamedTuple, Optional

from tui.disk.bundle_io import BundleFile, Inflated, Part, Unfit, Window
from tui.disk.inventory import UNKNOWN_TIME
from tui.disk.unpacked import MAX_BYTES

STORED, DEFLATED, BZIP2 = 0, 8, 12
ENCRYPTED, MARKED_UTF8 = 1, 0x800  # flags
MAX_DIRECTORY = 1 << 30  # bytes of a central directory

_END = struct.Struct("<4s4H2LH")  # end of central directory
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s2B5H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST, _USUAL = _ENTRY.size + 3 * 0xFFFF, 512  # bytes of an entry of the directory
_COMMENT = 0xFFFF  # bytes: how far before the file's end the end record may begin
_LARGE = 0xFFFFFFFF  # the number is in the ZIP64 extra field
_CHUNK = 1 << 20
_ZIP64, _UNICODE_PATH, _TIMESTAMP = 1, 0x7075, 0x5455
_SECOND = 1_000_000_000
_COMPRESSIONS = {DEFLATED: "deflate", BZIP2: "bzip2"}
_DAMAGED = "damaged: its central directory cannot be read; make or download it again"


class Entry(NamedTuple):
    """One entry. ``at``: where it stands in the file; ``start``: where its local header is."""

    at: int
    name: bytes
    unicode_name: Optional[bytes]  # UTF-8, from an extra field
    extended: bool  # it has extra fields at all
    system: int  # that made it
    version: int
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    attributes: int
    start: int
    mtime_ns: int


class ZipDirectory:
    """The entries of a zip file; raises Unfit where it has no end record or that leads nowhere."""

    def __init__(self, file: BundleFile) -> None:
        self._file = file
        found = _end(file)
        if found is None:
            raise Unfit("damaged: it has no central directory; make or download it again")
        end, self.count, size, start = found
        # Bytes before the first entry, of a program that unpacks it: all offsets are from where the zip begins.
        self.before = end - size - start
        self._from, self._to = end - size, end
        if self.before < 0 or self._from < 0 or size > MAX_DIRECTORY:
            raise Unfit(_DAMAGED)

    def __iter__(self) -> Iterator[Entry]:
        """All entries in the order of the central directory. Raises Unfit, OSError."""
        at, loaded, data, count = self._from, self._from, b"", 0
        while at < self._to:
            if len(data) - (at - loaded) < _LONGEST:
                data, loaded = self._file.at(at, min(_CHUNK, self._to - at)), at
            entry, length = self._entry(data, at - loaded, at)
            at, count = at + length, count + 1
            yield entry
        # Old programs count to 65,535 and then from zero again.
        if (count ^ self.count) & 0xFFFF:
            raise Unfit(_DAMAGED)

    def entry(self, at: int) -> Entry:
        """The entry that stands at a place. Raises Unfit, OSError."""
        data = self._file.at(at, min(_USUAL, self._to - at))
        length = _ENTRY.size + sum(_ENTRY.unpack_from(data)[11:14]) if len(data) >= _ENTRY.size else 0
        if length > len(data):
            data = self._file.at(at, min(length, self._to - at))
        return self._entry(data, 0, at)[0]

    def content(self, entry: Entry) -> BinaryIO:
        """An entry's content, to be read forwards. Raises OSError, also when it is read."""
        if entry.flags & ENCRYPTED:
            raise OSError(0, "encrypted")
        start = entry.start + self.before
        header = self._file.at(start, _LOCAL.size)
        if len(header) < _LOCAL.size or header[:4] != b"PK\3\4":
            raise OSError(0, "damaged: it is not where the bundle says")
        name, extra = _LOCAL.unpack(header)[-2:]
        window: BinaryIO = Window(self._file, start + _LOCAL.size + name + extra, entry.packed)
        if entry.method != STORED:
            if entry.method not in _COMPRESSIONS:
                raise OSError(0, f"compressed in a way that this tool does not read (method {entry.method})")
            window = Inflated(window, _COMPRESSIONS[entry.method], False)  # type: ignore[arg-type]
        return Part(window, 0, entry.size, entry.crc)

    def _entry(self, data: bytes, offset: int, at: int) -> tuple[Entry, int]:
        if len(data) - offset < _ENTRY.size:
            raise Unfit(_DAMAGED)
        fields = _ENTRY.unpack_from(data, offset)
        magic, version, system, _, flags, method, clock, date, crc, packed, size = fields[:11]
        name_length, extra_length, comment_length, _, _, attributes, start = fields[11:]
        middle = offset + _ENTRY.size + name_length
        length = _ENTRY.size + name_length + extra_length + comment_length
        if magic != b"PK\1\2" or offset + length > len(data):
            raise Unfit(_DAMAGED)
        name, unicode_name = data[offset + _ENTRY.size : middle], None
        mtime_ns = UNKNOWN_TIME
        if extra_length:
            for kind, field in _extra(data[middle : middle + extra_length]):
                if kind == _ZIP64:
                    size, packed, start = _large(field, size, packed, start)
                elif kind == _UNICODE_PATH and field[:1] == b"\1" and field[1:5] == _crc(name):
                    unicode_name = field[5:]
                elif kind == _TIMESTAMP and len(field) >= 5 and field[0] & 1:
                    mtime_ns = int.from_bytes(field[1:5], "little", signed=True) * _SECOND
        if max(start, packed) > self._to or size > MAX_BYTES:
            raise Unfit(_DAMAGED)
        if mtime_ns == UNKNOWN_TIME:
            mtime_ns = _dos_time(date, clock)
        made = Entry(
            at, name, unicode_name, extra_length > 0, system, version, flags, method, crc, packed, size, attributes,
            start, mtime_ns,
        )  # fmt: skip
        return made, length


def has_end(file: BundleFile) -> bool:
    """Whether a file ends as a zip does. Raises OSError."""
    return _end(file) is not None


def _end(file: BundleFile) -> Optional[tuple[int, int, int, int]]:
    """Where the central directory ends, how many entries it has, its size and its offset. Raises Unfit, OSError."""
    start = max(0, file.size - _COMMENT - _END.size)
    tail = file.at(start, _COMMENT + _END.size)
    found = tail.rfind(b"PK\5\6", 0, max(0, len(tail) - _END.size + 4))
    if found < 0:
        return None
    _, disk, first_disk, _, count, size, offset, _ = _END.unpack_from(tail, found)
    end = start + found
    if disk != first_disk or disk not in (0, 0xFFFF):
        raise Unfit("one part of a zip in several files, which the agent does not unpack")
    locator = file.at(end - _END64_LOCATOR.size, _END64_LOCATOR.size) if end >= _END64_LOCATOR.size else b""
    if locator[:4] == b"PK\6\7":
        # It stands right before its locator, whatever that says: so it is found where bytes came before the zip.
        at = end - _END64_LOCATOR.size - _END64.size
        record = file.at(at, _END64.size) if at >= 0 else b""
        if record[:4] != b"PK\6\6":
            raise Unfit(_DAMAGED)
        _, _, _, _, _, _, _, count, size, offset = _END64.unpack(record)
        end = at
    return end, count, size, offset


def _extra(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The extra fields; what is cut off is left out."""
    at = 0
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, at)
        if at + 4 + length > len(data):
            return
        yield kind, data[at + 4 : at + 4 + length]
        at += 4 + length


def _large(field: bytes, size: int, packed: int, start: int) -> tuple[int, int, int]:
    """The numbers that are too large for their own places. Raises Unfit."""
    numbers = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
    try:
        return (
            next(numbers) if size == _LARGE else size,
            next(numbers) if packed == _LARGE else packed,
            next(numbers) if start == _LARGE else start,
        )
    except StopIteration:
        raise Unfit(_DAMAGED) from None


def _crc(name: bytes) -> bytes:
    return zlib.crc32(name).to_bytes(4, "little")


def _dos_time(date: int, clock: int) -> int:
    """Local time, of whoever made the zip; taken for UTC, since nothing tells."""
    try:
        moment = datetime(
            1980 + (date >> 9), date >> 5 & 15, date & 31, clock >> 11, clock >> 5 & 63, clock % 32 * 2,
            tzinfo=timezone.utc,
        )  # fmt: skip
    except ValueError:
        return UNKNOWN_TIME
    return int(moment.timestamp()) * _SECOND
