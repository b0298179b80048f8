"""Moving a file so that nothing can be replaced: Linux has a call for it that Python does not know."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import stat
import sys
from typing import Any, Callable, Optional

_NOREPLACE = 1  # RENAME_NOREPLACE
# The system call's number, for C libraries older than the call (Amazon Linux 2).
_NUMBERS = {"x86_64": 316, "aarch64": 276, "i686": 353, "i386": 353, "armv7l": 382, "ppc64le": 357, "s390x": 347}
_NOT_HERE = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)
NO_LINKS = (
    errno.EPERM,
    errno.EOPNOTSUPP,
    errno.EMLINK,
    errno.ENOSYS,
    errno.EINVAL,
)  # where there can be no second name

_ENCODED = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()  # as os.fsencode does it
_Rename = Callable[[int, bytes, int, bytes, int], int]


def _from_libc() -> Optional[_Rename]:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library: Any = ctypes.CDLL(None, use_errno=True)
    except OSError:
        return None
    call: Any = getattr(library, "renameat2", None)
    if call is not None:
        found: _Rename = call  # no argtypes: bytes and int are what it takes anyway, and checking costs half the call
        return found
    number = _NUMBERS.get(platform.machine())
    if number is None or ctypes.sizeof(ctypes.c_void_p) * 8 != int(platform.architecture()[0][:2]):
        return None
    call = library.syscall
    call.restype = ctypes.c_long
    call.argtypes = [
        ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint,
    ]  # fmt: skip
    return lambda here, name, there, new, flags: call(number, here, name, there, new, flags)


class Renaming:
    """``rename(name, here, new, there)`` for names in open directories.

    With ``renameat2`` nothing can ever be replaced. Where kernel or file system has no such call, what is no
    directory gets its new name as a second link first, which cannot replace anything either, and then loses the
    old one. Where there are no links (FAT), or for a directory, the new name is looked at and then renamed to:
    something put there in between would be replaced. The new name always is in a directory of this program's
    own, or that of a path that is put back, so that only then another program can be meant.
    """

    def __init__(self, call: Optional[_Rename] = None) -> None:
        self._call = call if call is not None else _from_libc()
        self._get_errno = ctypes.get_errno

    def __call__(self, name: str, here: int, new: str, there: int) -> None:
        """Move. Raises FileExistsError where something stands at the new name, and OSError."""
        if self._call is not None:
            raw = name.encode(*_ENCODED)
            if self._call(here, raw, there, raw if new is name else new.encode(*_ENCODED), _NOREPLACE) == 0:
                return
            number = self._get_errno()
            if number not in _NOT_HERE:
                raise OSError(number, os.strerror(number), name)
            if number == errno.ENOSYS:
                self._call = None
        self._otherwise(name, here, new, there)

    def _otherwise(self, name: str, here: int, new: str, there: int) -> None:
        if not stat.S_ISDIR(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
            try:
                os.link(name, new, src_dir_fd=here, dst_dir_fd=there, follow_symlinks=False)
            except OSError as error:
                if error.errno not in NO_LINKS:
                    raise
            else:
                os.unlink(name, dir_fd=here)
                return
        try:
            os.stat(new, dir_fd=there, follow_symlinks=False)
        except FileNotFoundError:
            os.rename(name, new, src_dir_fd=here, dst_dir_fd=there)
            return
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
