"""What only Windows has: drives, and files opened so that nobody is kept from removing them meanwhile."""

from __future__ import annotations

import os
import string
import sys
from typing import Any

_FIXED = 3  # DRIVE_FIXED
_READ = 0x80000000  # GENERIC_READ
_SHARE_ALL = 7  # FILE_SHARE_READ, WRITE and DELETE
_EXISTING = 3  # OPEN_EXISTING
_NORMAL = 0x80  # FILE_ATTRIBUTE_NORMAL


def _kernel() -> Any:
    import ctypes

    library: Any = getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009 - not there on Linux
    return library


def fixed_drives() -> tuple[str, ...]:
    """The drives of this machine's own disks: ``C:`` and so on."""
    kernel = _kernel()
    there = kernel.GetLogicalDrives()
    letters = (letter for i, letter in enumerate(string.ascii_uppercase) if there >> i & 1)
    return tuple(f"{letter}:" for letter in letters if kernel.GetDriveTypeW(f"{letter}:\\") == _FIXED)


def long_path(path: str) -> str:
    r"""An absolute path as Windows takes it as it stands and however long it is: ``\\?\C:\temp``."""
    path = os.path.abspath(path)  # noqa: PTH100 - links in it stay, and Windows opens them itself
    if path.startswith(("\\\\?\\", "\\\\.\\")):
        return path
    return "\\\\?\\UNC" + path[1:] if path.startswith("\\\\") else "\\\\?\\" + path


def open_shared(path: str) -> int:
    """A descriptor to read a file with, which others may write, rename and remove meanwhile. Raises OSError.

    Python's own ``open`` does not let others rename or remove it.
    """
    if sys.platform != "win32":
        raise NotImplementedError
    import ctypes
    import msvcrt
    from ctypes import wintypes

    kernel = _kernel()
    create = kernel.CreateFileW
    create.restype = wintypes.HANDLE
    create.argtypes = [
        wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p,
        wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE,
    ]  # fmt: skip
    handle = create(path, _READ, _SHARE_ALL, None, _EXISTING, _NORMAL, None)
    if handle is None or handle == wintypes.HANDLE(-1).value:
        code = ctypes.get_last_error()
        raise OSError(0, ctypes.FormatError(code).strip(), path, code)
    return msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY | os.O_NOINHERIT)
