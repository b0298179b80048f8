"""When a file was made: Linux tells through statx, which Python has no call for before 3.15."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Optional

_BIRTH = 0x800  # STATX_BTIME
_NO_FOLLOW = 0x100  # AT_SYMLINK_NOFOLLOW
_SIZE = 256  # bytes of struct statx, on every architecture
_MASK_AT, _SECONDS_AT, _NANOSECONDS_AT = 0, 80, 88

_Birth = Callable[[str, int], Optional[int]]


def _none(name: str, dir_fd: int) -> Optional[int]:
    return None


def _from_stat(name: str, dir_fd: int) -> Optional[int]:
    try:
        found: Any = os.stat(name, dir_fd=dir_fd, follow_symlinks=False)
    except OSError:
        return None
    return int(found.st_birthtime * 1_000_000_000) if hasattr(found, "st_birthtime") else None


def _from_libc() -> _Birth:
    try:
        import ctypes

        statx = ctypes.CDLL(None).statx
    except (ImportError, OSError, AttributeError):
        return _none
    statx.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_char_p]
    statx.restype = ctypes.c_int

    def birth(name: str, dir_fd: int) -> Optional[int]:
        buffer = ctypes.create_string_buffer(_SIZE)
        if statx(dir_fd, os.fsencode(name), _NO_FOLLOW, _BIRTH, buffer) != 0:
            return None

        def number(start: int, size: int, signed: bool) -> int:
            return int.from_bytes(buffer.raw[start : start + size], sys.byteorder, signed=signed)

        if not number(_MASK_AT, 4, False) & _BIRTH:
            return None
        return number(_SECONDS_AT, 8, True) * 1_000_000_000 + number(_NANOSECONDS_AT, 4, False)

    return birth


_birth: Optional[_Birth] = None


def birth_ns(name: str, dir_fd: int) -> Optional[int]:
    """Nanoseconds since 1970 at which ``name`` in a directory was made; None where nobody tells. Follows no link."""
    global _birth
    if _birth is None:
        _birth = _from_libc() if sys.platform.startswith("linux") else _from_stat
    return _birth(name, dir_fd)
