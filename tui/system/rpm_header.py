"""The header of a package as rpm databases keep it: its name and its files."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple, Optional

from tui.paths import from_bytes
from tui.system.packaged import CONFIG, FILE, GHOST
from tui.system.pages import Malformed

_NAME, _VERSION, _RELEASE, _EPOCH = 1000, 1001, 1002, 1003
_OLD_NAMES, _STATES, _FLAGS = 1027, 1029, 1037
_DIR_INDEXES, _BASE_NAMES, _DIR_NAMES = 1116, 1117, 1118
_WANTED = frozenset(
    [_NAME, _VERSION, _RELEASE, _EPOCH, _OLD_NAMES, _STATES, _FLAGS, _DIR_INDEXES, _BASE_NAMES, _DIR_NAMES]
)
_CHAR, _INT8, _INT32, _STRING, _STRINGS, _I18N = 1, 2, 4, 6, 8, 9
_CONFIG_FLAG, _GHOST_FLAG = 1, 64
MAX_ITEMS = 2_000_000  # of one list of a header
_INSTALLED = (0, 3)  # states: normal, on a network share; not: replaced by another's, not installed


class RpmFile(NamedTuple):
    """A file of a package: its directory (with the last slash), name and role (see ``packaged``)."""

    directory: bytes
    name: bytes
    role: int


class RpmHeader:
    """A header. Raises Malformed where its bytes do not fit together."""

    def __init__(self, blob: bytes) -> None:
        if len(blob) < 8:
            raise Malformed("a package's header is too short")
        entries, length = struct.unpack_from(">II", blob)
        start = 8 + 16 * entries
        if start + length > len(blob):
            raise Malformed("a package's header is cut off")
        self._data = blob[start : start + length]
        self._entries: dict[int, tuple[int, int, int]] = {}
        for at in range(8, start, 16):
            tag, kind, offset, count = struct.unpack_from(">IIII", blob, at)
            if tag in _WANTED:
                self._entries.setdefault(tag, (kind, offset, count))

    def _strings(self, tag: int) -> list[bytes]:
        kind, offset, count = self._entries.get(tag, (0, 0, 0))
        if kind not in (_STRING, _STRINGS, _I18N):
            return []
        if count > MAX_ITEMS:
            raise Malformed(f"a package's header has {count} names")
        found = self._data[offset:].split(b"\0", count)
        if len(found) <= count:
            raise Malformed("a package's header has fewer names than it says")
        return found[:count]

    def _numbers(self, tag: int) -> tuple[int, ...]:
        kind, offset, count = self._entries.get(tag, (0, 0, 0))
        if kind not in (_CHAR, _INT8, _INT32):
            return ()
        size, code = (4, "I") if kind == _INT32 else (1, "B")
        if offset + size * count > len(self._data) or count > MAX_ITEMS:
            raise Malformed("a package's header leads beyond its end")
        return struct.unpack_from(f">{count}{code}", self._data, offset)

    def _text(self, tag: int) -> Optional[str]:
        found = self._strings(tag)
        return from_bytes(found[0]) if found else None

    @property
    def name(self) -> Optional[str]:
        return self._text(_NAME)

    @property
    def version(self) -> str:
        """``[EPOCH:]VERSION-RELEASE``."""
        epoch = self._numbers(_EPOCH)
        version = "-".join(filter(None, (self._text(_VERSION), self._text(_RELEASE))))
        return f"{epoch[0]}:{version}" if epoch else version

    @property
    def directories(self) -> list[bytes]:
        """The directories that its files are in, with their last slash."""
        return self._strings(_DIR_NAMES)

    def files(self) -> Iterator[RpmFile]:
        """The files that are installed, and those that only the running system makes."""
        flags, states = self._numbers(_FLAGS), self._numbers(_STATES)
        for i, (directory, name) in enumerate(self._names()):
            flag = flags[i] if i < len(flags) else 0
            if i < len(states) and states[i] not in _INSTALLED:
                continue
            role = GHOST if flag & _GHOST_FLAG else CONFIG if flag & _CONFIG_FLAG else FILE
            yield RpmFile(directory, name, role)

    def _names(self) -> Iterator[tuple[bytes, bytes]]:
        directories, indexes, names = self.directories, self._numbers(_DIR_INDEXES), self._strings(_BASE_NAMES)
        if not names:
            for path in self._strings(_OLD_NAMES):  # rpm 3
                directory, slash, name = path.rpartition(b"/")
                yield directory + slash, name
            return
        if len(indexes) != len(names) or (indexes and max(indexes) >= len(directories)):
            raise Malformed("a package's header does not say where its files are")
        for index, name in zip(indexes, names):
            yield directories[index], name
