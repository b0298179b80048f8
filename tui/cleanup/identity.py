"""Whether what stands somewhere is the thing that a plan saw."""

from __future__ import annotations

import stat
from typing import Optional

from tui.cleanup.records import Seen
from tui.disk.inventory import DIR, FILE, LINK, OTHER
from tui.disk.opened import Status

KINDS = {stat.S_IFREG: FILE, stat.S_IFDIR: DIR, stat.S_IFLNK: LINK}
_WHOLE = {kind: bits for bits, kind in KINDS.items()}
Key = tuple[int, int]  # device, inode


def kind_of(found: Status) -> int:
    """A type as ``tui.disk.inventory`` numbers them."""
    return KINDS.get(stat.S_IFMT(found.st_mode), OTHER)


def key_of(found: Status) -> Key:
    """What tells a file from all others that are there at the same time."""
    return found.st_dev, found.st_ino


def seen_key(seen: Seen) -> Key:
    """What tells the files of a plan from each other."""
    return seen.device, seen.inode


def changed(seen: Seen, found: Status, ctime_ns: Optional[int]) -> Optional[str]:
    """In what a thing is not what was seen; None where it is the same.

    ``ctime_ns``: the time of its last change of attributes that is expected; None: not compared. Of a directory
    neither size nor times are compared: what is in it goes before it does.
    """
    kind, device, inode, planned, uid, gid, size, mtime_ns, _, _, _, _ = seen
    mode = found.st_mode
    if (
        found.st_ino == inode
        and found.st_dev == device
        and mode == _WHOLE.get(kind, -1) | planned
        and found.st_mtime_ns == mtime_ns
        and found.st_size == size
        and found.st_uid == uid
        and found.st_gid == gid
        and (ctime_ns is None or found.st_ctime_ns == ctime_ns)
    ):
        return None  # nearly always; what follows finds the words
    if KINDS.get(stat.S_IFMT(mode), OTHER) != seen.kind:
        return "it is another type of file now"
    if found.st_ino != seen.inode or found.st_dev != seen.device:
        return "another one stands in its place now"
    if stat.S_IMODE(mode) != seen.mode or found.st_uid != seen.uid or found.st_gid != seen.gid:
        return "its mode or owner was changed"
    if seen.kind == DIR:
        return None
    if found.st_size != seen.size or found.st_mtime_ns != seen.mtime_ns:
        return "it was written to"
    if ctime_ns is not None and found.st_ctime_ns != ctime_ns:
        return "it was changed"
    return None


def is_kept(seen: Seen, found: Status) -> bool:
    """Whether what lies in quarantine is what was seen: moved there, or copied from another file system.

    Device numbers change when a machine starts again, and a copy has an inode of its own.
    """
    kind, _, _, planned, uid, gid, size, mtime_ns, _, _, _, _ = seen
    mode = found.st_mode
    return (
        found.st_mtime_ns == mtime_ns
        and found.st_size == size
        and found.st_uid == uid
        and found.st_gid == gid
        and KINDS.get(stat.S_IFMT(mode), OTHER) == kind
        and stat.S_IMODE(mode) == planned
    )


def is_back(seen: Seen, found: Status) -> bool:
    """Whether what stands at the path it came from is the very thing that was seen, moved there again or not at all."""
    return found.st_ino == seen.inode and is_kept(seen, found)
