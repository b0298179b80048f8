"""A copy of one entry on another file system that loses nothing: holes, owner, mode, times and attributes kept."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Mapping
from typing import Union

from tui.disk.opened import Status

_CHUNK = 1 << 20
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_MAKE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_INHERITED = ("system.posix_acl_access", "system.posix_acl_default")
_NO_SUCH = (errno.ENODATA, errno.EOPNOTSUPP, errno.ENOSYS, errno.EPERM) if hasattr(errno, "ENODATA") else ()


class NotTheSame(OSError):
    """What was copied is not what was read, or changed while it was."""


def read_attributes(place: Union[int, str]) -> dict[str, bytes]:
    """The extended attributes of an open file, or of a path that no link is followed at. Raises OSError."""
    follow = isinstance(place, int)
    found: dict[str, bytes] = {}
    if not hasattr(os, "listxattr"):
        return found
    try:
        names = os.listxattr(place, follow_symlinks=follow)
    except OSError as error:
        if error.errno in _NO_SUCH:
            return found
        raise
    for name in names:
        try:
            found[name] = os.getxattr(place, name, follow_symlinks=follow)
        except OSError as error:
            if error.errno not in _NO_SUCH:
                raise
    return found


def write_attributes(place: Union[int, str], wanted: Mapping[str, bytes]) -> None:
    """Give a file these extended attributes, and take away rights that its directory gave it. Raises OSError."""
    follow = isinstance(place, int)
    here = read_attributes(place)
    for name in _INHERITED:
        if name in here and name not in wanted:
            os.removexattr(place, name, follow_symlinks=follow)
    for name, value in wanted.items():
        if here.get(name) != value:
            os.setxattr(place, name, value, follow_symlinks=follow)


def beside(fd: int, name: str) -> str:
    """A path that leads to a name in an open directory, whatever became of the directory's own path."""
    return f"/proc/self/fd/{fd}/{name}"


def digest_of(fd: int) -> str:
    """The SHA-256 of an open file from its beginning, in hex. Raises OSError."""
    total = hashlib.sha256()
    at = 0
    while True:
        chunk = os.pread(fd, _CHUNK, at)
        if not chunk:
            return total.hexdigest()
        total.update(chunk)
        at += len(chunk)


def copy_entry(name: str, here: int, new: str, there: int) -> None:
    """Copy an entry that is no directory to a free name in another open directory. Raises OSError, NotTheSame."""
    found = os.stat(name, dir_fd=here, follow_symlinks=False)
    if stat.S_ISREG(found.st_mode):
        _copy_file(name, here, new, there)
        return
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    if stat.S_ISLNK(found.st_mode):
        os.symlink(os.readlink(name, dir_fd=here), new, dir_fd=there)
        _own(new, there, found)
        with contextlib.suppress(FileNotFoundError):  # no /proc: a link's attributes cannot be told
            write_attributes(beside(there, new), read_attributes(beside(here, name)))
        if os.readlink(new, dir_fd=there) != os.readlink(name, dir_fd=here):
            raise NotTheSame(errno.EIO, "the link changed while it was copied", name)
    else:
        os.mknod(new, stat.S_IFMT(found.st_mode) | 0o600, found.st_rdev, dir_fd=there)
        _own(new, there, found)
        os.chmod(new, stat.S_IMODE(found.st_mode), dir_fd=there)
    os.utime(new, ns=(found.st_atime_ns, found.st_mtime_ns), dir_fd=there, follow_symlinks=False)
    os.fsync(there)


def _own(name: str, here: int, found: os.stat_result) -> None:
    now = os.stat(name, dir_fd=here, follow_symlinks=False)
    if (now.st_uid, now.st_gid) != (found.st_uid, found.st_gid):
        os.chown(name, found.st_uid, found.st_gid, dir_fd=here, follow_symlinks=False)


def _copy_file(name: str, here: int, new: str, there: int) -> None:
    source = os.open(name, _READ, dir_fd=here)
    try:
        before = os.fstat(source)
        target = os.open(new, _MAKE, 0o600, dir_fd=there)
        try:
            _copy_data(source, target, before.st_size)
            dress(target, before, read_attributes(source))
            os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
            os.fsync(target)
            after = os.fstat(source)
            if (before.st_size, before.st_mtime_ns, before.st_ctime_ns) != (
                after.st_size, after.st_mtime_ns, after.st_ctime_ns,
            ):  # fmt: skip
                raise NotTheSame(errno.EIO, "it changed while it was copied", name)
            if digest_of(source) != digest_of(target):
                raise NotTheSame(errno.EIO, "what was written is not what was read", name)
            os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))  # reading moved its access time
        finally:
            os.close(target)
        os.fsync(there)
    finally:
        os.close(source)


def dress(fd: int, like: Status, attributes: Mapping[str, bytes]) -> None:
    """Give an open file owner, attributes and mode, in the order in which none undoes another. Raises OSError."""
    now = os.fstat(fd)
    if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
        os.fchown(fd, like.st_uid, like.st_gid)
    if hasattr(os, "listxattr"):
        write_attributes(fd, attributes)
    os.fchmod(fd, stat.S_IMODE(like.st_mode))  # last: the mask of a list of rights is part of the mode


def _copy_data(source: int, target: int, size: int) -> None:
    """The data of a file, its holes left out."""
    at = 0
    while at < size:
        try:
            start = os.lseek(source, at, os.SEEK_DATA)
            end = os.lseek(source, start, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole up to the end
                break
            start, end = at, size  # a file system that knows of no holes
        os.lseek(source, start, os.SEEK_SET)
        os.lseek(target, start, os.SEEK_SET)
        at = start
        while at < end:
            chunk = os.read(source, min(_CHUNK, end - at))
            if not chunk:
                break
            at += len(chunk)
            view = memoryview(chunk)
            while view:
                view = view[os.write(target, view) :]
        if at < end:  # it has become shorter
            break
    os.ftruncate(target, size)
