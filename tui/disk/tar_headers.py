"""The headers of a tar archive, taken as GNU tar takes them: V7, ustar, GNU and pax, with long names and sparse files.

The standard library's tarfile knows the same formats, but takes five times as long, and takes an
archive that is damaged in the middle for one that ends there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import Callable, NamedTuple, Optional

from tui.disk.bundle_io import Unfit
from tui.disk.inventory import DIR, FILE, LINK, OTHER, UNKNOWN_TIME

BLOCK = 512
OWNERS = 1 << 32  # numbers that users and groups can have
HARD_LINK = 100  # beside the types of ``tui.disk.inventory``
NO_TAR = "neither a tar nor a zip"
MAX_HEADER = 1 << 20  # bytes of a member's long names, pax records or list of pieces

_FIELDS = struct.Struct("100s8s8s8s12s12s8sc100s8s32s32s16s155s12x")
_ZEROS = bytes(BLOCK)
_KINDS = {b"1": HARD_LINK, b"2": LINK, b"3": OTHER, b"4": OTHER, b"5": DIR, b"6": OTHER, b"D": DIR}
_WITHOUT_DATA = (b"1", b"2", b"3", b"4", b"5", b"6")
_SECOND = 1_000_000_000
_MOST_NS = 2**63 - 1
_NO_HEADER = "damaged: a member's header was to come, and something else did; make or download it again"

Pieces = tuple[tuple[int, int], ...]


class Header(NamedTuple):
    """One member. ``size`` is the file's, ``stored`` the bytes that follow the header in the archive, unpadded."""

    name: bytes
    kind: int
    mode: int
    uid: int
    gid: int
    user: bytes
    group: bytes
    size: int
    stored: int
    mtime_ns: int
    target: bytes  # of a link
    pieces: Optional[Pieces]  # of a sparse file: (offset, count) in the order in which they are stored
    continued: bool  # the rest of a file that began in another volume


def _number(field: bytes) -> int:
    """An octal field, or a binary one where its first bit is set. Raises Unfit."""
    if field[:1] >= b"\x80":
        value = int.from_bytes(field, "big")
        # Two's complement; GNU tar marks positive numbers with 0x80.
        return value - (1 << 8 * len(field)) if field[0] == 0xFF else value - (0x80 << 8 * (len(field) - 1))
    text = field.strip(b" \0")
    if not text.isdigit():
        text = field.lstrip(b" ").partition(b"\0")[0].rstrip(b" ")
        if not text:
            return 0
    try:
        return int(text, 8) if text.isdigit() else _no_number()
    except ValueError:
        return _no_number()


def _no_number() -> int:
    raise Unfit("damaged: a header has no number where one should be")


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


# What is the same in many headers.
_known_number = lru_cache(maxsize=512)(_number)
_known_text = lru_cache(maxsize=64)(_text)


def is_header(block: bytes) -> bool:
    """Whether a block is a member's header: its checksum is right."""
    if len(block) < BLOCK:
        return False
    counted = (block[:148] + block[156:]).translate(None, b"\0")
    try:
        stated = _number(block[148:156]) - 8 * 0x20
    except Unfit:
        return False
    # Old programs took bytes for signed ones.
    return stated == sum(counted) or stated == sum(counted) - 256 * sum(byte > 127 for byte in counted)


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The pax records ``LENGTH KEY=VALUE\\n``. Raises Unfit."""
    at = 0
    while at < len(data) and data[at]:
        space = data.find(b" ", at, at + 20)
        length = data[at : max(space, at)]
        end = at + int(length) if length.isdigit() else 0
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if not space < end <= len(data) or data[end - 1] != 0x0A or not equals:
            raise Unfit("damaged: an extended header cannot be read")
        yield key, value
        at = end


def _whole(text: bytes) -> int:
    if not text.isdigit() or len(text) > 20:
        raise Unfit("damaged: an extended header has no number where one should be")
    return int(text)


def _nanoseconds(text: bytes) -> int:
    """Seconds with a fraction, exactly."""
    seconds, _, fraction = text.removeprefix(b"-").partition(b".")
    value = _whole(seconds) * _SECOND + (int(fraction[:9].ljust(9, b"0")) if fraction.isdigit() else 0)
    return -value if text[:1] == b"-" else value


class Headers:
    """Reads the headers of an archive one after the other; what lies between them is passed over by the caller.

    ``read`` gives as many bytes as it is asked for, fewer only at the archive's end.
    """

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._begun = False
        self._always: dict[bytes, bytes] = {}  # pax records for all members to come
        self.ended = ""  # how the archive ended: "marked", "unmarked", or "cut" within a header

    def next(self) -> Optional[Header]:
        """The next member; None at the end. Its content comes next. Raises Unfit, OSError."""
        long_name = long_target = None
        records = self._always
        while True:
            block = self._read(BLOCK)
            if len(block) < BLOCK:
                self.ended = "cut" if block.strip(b"\0") else "unmarked"
                return None
            if block == _ZEROS:
                self.ended = "marked"
                return None
            if not is_header(block):
                raise Unfit(_NO_HEADER if self._begun else NO_TAR)
            self._begun = True
            kind = block[156:157]
            if kind == b"L":
                long_name = _text(self._body(block))
            elif kind == b"K":
                long_target = _text(self._body(block))
            elif kind in (b"x", b"X"):
                records = {**records, **_wanted(self._body(block))}
            elif kind == b"g":
                records = self._always = {**self._always, **_wanted(self._body(block))}
            elif kind == b"V":  # the archive's label
                self._body(block)
            else:
                return self._member(block, long_name, long_target, records)

    def _body(self, block: bytes) -> bytes:
        size = _number(block[124:136])
        if not 0 <= size <= MAX_HEADER:
            raise Unfit("damaged: a header is too large")
        return self._block_data(size)

    def _block_data(self, size: int) -> bytes:
        data = self._read(-(-size // BLOCK) * BLOCK)
        if len(data) < size:
            raise Unfit("ends within a header; make or download it again")
        return data[:size]

    def _member(
        self, block: bytes, long_name: Optional[bytes], long_target: Optional[bytes], records: dict[bytes, bytes]
    ) -> Header:
        fields = _FIELDS.unpack(block)
        name, mode, uid, gid, size, mtime, _, kind, target, magic, user, group, _, prefix = fields
        name = _text(name)
        if magic == b"ustar\x0000" and prefix[:1] != b"\0":
            name = _text(prefix) + b"/" + name
        stored = _number(size)
        named = magic[:5] == b"ustar"
        header = Header(
            name if long_name is None else long_name,
            _KINDS.get(kind, FILE),
            _known_number(mode) & 0o7777,
            _known_number(uid),
            _known_number(gid),
            _known_text(user) if named else b"",
            _known_text(group) if named else b"",
            stored,
            stored,
            _known_number(mtime) * _SECOND,
            _known_text(target) if long_target is None else long_target,
            None,
            kind == b"M",
        )
        if records:
            header = _amended(header, records)
        if kind == b"S":
            header = self._old_sparse(header, block)
        elif b"GNU.sparse.major" in records or b"GNU.sparse.size" in records:
            header = self._pax_sparse(header, records)
        if kind in _WITHOUT_DATA:
            header = header._replace(size=0, stored=0)
        elif kind in (b"0", b"\0", b"7") and header.name.endswith(b"/") and header.name.strip(b"/"):
            header = header._replace(kind=DIR, size=0, stored=0)
        if not 0 <= header.uid < OWNERS or not 0 <= header.gid < OWNERS or min(header.stored, header.size) < 0:
            raise Unfit("damaged: a header has a number out of range")
        if not -_MOST_NS < header.mtime_ns < _MOST_NS:
            header = header._replace(mtime_ns=UNKNOWN_TIME)
        return header

    def _old_sparse(self, header: Header, block: bytes) -> Header:
        """A sparse file as GNU tar has long written it: the pieces' list in the header, and in blocks after it."""
        numbers, more, size = [block[386:482]], block[482], _number(block[483:495])
        while more:
            block = self._block_data(BLOCK)
            numbers.append(block[:504])
            more = block[504]
            if len(numbers) * BLOCK > MAX_HEADER:
                raise Unfit("damaged: a header is too large")
        listed = b"".join(numbers)
        pieces = []
        for at in range(0, len(listed), 24):
            if not listed[at : at + 24].strip(b"\0"):
                break
            pieces.append((_number(listed[at : at + 12]), _number(listed[at + 12 : at + 24])))
        return _sparse(header, pieces, size)

    def _pax_sparse(self, header: Header, records: dict[bytes, bytes]) -> Header:
        """A sparse file in one of the three ways that GNU tar has written it with pax records."""
        header = header._replace(name=records.get(b"GNU.sparse.name", header.name))
        if b"GNU.sparse.major" not in records:
            numbers = [_whole(text) for text in records.get(b"GNU.sparse.map", b"").split(b",") if text]
            return _sparse(header, list(zip(numbers[::2], numbers[1::2])), _whole(records[b"GNU.sparse.size"]))
        # The list stands before the content: how many pieces, then their numbers, a line each.
        lines = self._block_data(min(BLOCK, header.stored)).split(b"\n")
        length, wanted = BLOCK, 1 + 2 * _whole(lines[0])
        while len(lines) <= wanted:
            length += BLOCK
            if length > min(header.stored, MAX_HEADER):
                raise Unfit("damaged: a header is too large")
            more = self._block_data(BLOCK).split(b"\n")
            lines[-1:] = [lines[-1] + more[0], *more[1:]]
        numbers = [_whole(text) for text in lines[1:wanted]]
        header = header._replace(stored=header.stored - length)
        return _sparse(header, list(zip(numbers[::2], numbers[1::2])), _whole(records.get(b"GNU.sparse.realsize", b"")))


def _wanted(data: bytes) -> dict[bytes, bytes]:
    """The pax records that say something of a member's files."""
    wanted: dict[bytes, bytes] = {}
    pieces = []
    for key, value in _records(data):
        if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
            pieces.append(value)  # the oldest way: one record a number
        elif key.startswith(b"GNU.sparse.") or key in _AMENDED:
            wanted[key] = value
    if pieces:
        wanted[b"GNU.sparse.map"] = b",".join(pieces)
    return wanted


_AMENDED = (b"path", b"linkpath", b"size", b"uid", b"gid", b"uname", b"gname", b"mtime")


def _amended(header: Header, records: dict[bytes, bytes]) -> Header:
    """A header with what pax records say in place of its own fields."""
    size = _whole(records[b"size"]) if b"size" in records else header.stored
    return header._replace(
        name=_text(records.get(b"path", header.name)),
        target=_text(records.get(b"linkpath", header.target)),
        size=size,
        stored=size,
        uid=_whole(records[b"uid"]) if b"uid" in records else header.uid,
        gid=_whole(records[b"gid"]) if b"gid" in records else header.gid,
        user=records.get(b"uname", header.user),
        group=records.get(b"gname", header.group),
        mtime_ns=_nanoseconds(records[b"mtime"]) if b"mtime" in records else header.mtime_ns,
    )


def _sparse(header: Header, pieces: list[tuple[int, int]], size: int) -> Header:
    """A header with its pieces, which must follow one another and be all that is stored. Raises Unfit."""
    at = 0
    for offset, count in pieces:
        if offset < at or count < 0:
            raise Unfit("damaged: the pieces of a sparse file overlap")
        at = offset + count
    if at > size or sum(count for _, count in pieces) != header.stored:
        raise Unfit("damaged: the pieces of a sparse file are not what is stored")
    return header._replace(size=size, pieces=tuple(pieces))
