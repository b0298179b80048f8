"""The files that unpacking a bundle would leave, in columns: a row a file, names in the directories that hold them."""

from __future__ import annotations

import re
from array import array
from typing import Callable, Optional

from tui.disk.bundle_io import Unfit
from tui.disk.inventory import DIR, LINK, UNKNOWN_TIME
from tui.disk.root import MAX_LINKS, NotThere, Stat
from tui.paths import from_bytes, showable, to_bytes

MAX_MEMBERS = 2_000_000  # files and directories of a bundle
MAX_BYTES = 1 << 40  # of all its files together, by what it says
MAX_TEXT = 256 << 20  # bytes of all names and link targets together
MAX_DEPTH = 4096  # directories one in the other
MAX_STEPS = (
    100_000_000  # names looked up on the way to all members: a hostile bundle's lead through links, again and again
)
MAX_NAME, MAX_PATH = 255, 4095  # bytes that Linux takes

APPSPEC = re.compile("appspec", re.IGNORECASE)  # what the agent looks for in a name

_NEW_DIRECTORY = 0o755  # what the agent's umask (022) leaves


class Blocked(Exception):
    """Nothing can be made at a path: why, as one clause."""


class Outside(Blocked):
    """The path leads out of the revision."""


class Complaints:
    """What is to be said of members: the first one, and how many there are."""

    def __init__(self) -> None:
        self._first: Optional[str] = None
        self._count = 0

    def add(self, name: bytes, reason: str) -> None:
        """One more, about a member (or, where the name is empty, all of them)."""
        self._first = self._first or (f"{showable(from_bytes(name))}: {reason}" if name else reason)
        self._count += 1

    def line(self) -> Optional[str]:
        """All in one line; None where there is none."""
        return f"{self._first} (and {self._count - 1:,} more)" if self._count > 1 else self._first


class Unpacked:
    """A directory as unpacking fills it. Row 0 is its top.

    A row is a file with all its names (hard links). Rows that were replaced stay, without a name.
    """

    top = 0

    def __init__(self) -> None:
        self.type = bytearray()
        self.mode = array("H")
        self.uid = array("I")
        self.gid = array("I")
        self.size = array("q")
        self.mtime_ns = array("q")
        self.place = array("q")  # where the content of a file starts in the bundle, for who reads it
        self.names: dict[int, dict[bytes, int]] = {}  # of a directory
        self.targets: dict[int, bytes] = {}  # of a symbolic link
        self.links: dict[int, int] = {}  # row -> names, where it has or had more than one
        self._bytes = self._text = self._steps = 0
        self._last: tuple[bytes, int] = b"", self.top
        self.add(DIR, _NEW_DIRECTORY)

    def __len__(self) -> int:
        return len(self.type)

    def add(
        self,
        kind: int,
        mode: int,
        uid: int = 0,
        gid: int = 0,
        size: int = 0,
        mtime_ns: int = UNKNOWN_TIME,
        place: int = 0,
    ) -> int:
        """A new row, still without a name. Raises Unfit where there are too many."""
        row = len(self.type)
        if row > MAX_MEMBERS:
            raise Unfit(f"holds more than {MAX_MEMBERS:,} files")
        self._bytes += size
        if self._bytes > MAX_BYTES:
            raise Unfit(f"its files hold more than {MAX_BYTES >> 30:,} GiB by what it says")
        self.type.append(kind)
        self.mode.append(mode & 0o7777)
        self.uid.append(uid)
        self.gid.append(gid)
        self.size.append(size)
        self.mtime_ns.append(mtime_ns)
        self.place.append(place)
        if kind == DIR:
            self.names[row] = {}
        return row

    def add_link(self, target: bytes, uid: int = 0, gid: int = 0, mtime_ns: int = UNKNOWN_TIME) -> int:
        """A new symbolic link, still without a name."""
        self._write(len(target))
        row = self.add(LINK, 0o777, uid, gid, len(target), mtime_ns)
        self.targets[row] = target
        return row

    def put(self, directory: int, name: bytes, row: int) -> None:
        """Give a row a name, in the place of what had it."""
        self._write(len(name))
        entries = self.names[directory]
        old = entries.get(name)
        entries[name] = row
        if old is None:
            return
        if old in self.links:
            self.links[old] -= 1
        self.names.pop(old, None)

    def put_again(self, directory: int, name: bytes, row: int) -> None:
        """Give a row one more name, in the place of what had it."""
        if self.names[directory].get(name) != row:
            self.links[row] = self.links.get(row, 1) + 1
            self.put(directory, name, row)

    def directory(self, head: bytes, follow: Callable[[int], bool]) -> int:
        """The directory of a path's names but the last, made where it is missing.

        ``follow`` tells of a symbolic link on the way (its row) whether it leads on. Raises Blocked.
        """
        if head != self._last[0]:  # else it is still there: what was put meanwhile stands in it
            self._last = head, self.descend(head, follow, True)
        return self._last[1]

    def descend(self, path: bytes, follow: Callable[[int], bool], make: bool) -> int:
        """The directory at a path, links on the way (and at its end) gone through. Raises Blocked."""
        way, links = [self.top], 0
        left = [(part, make) for part in reversed(path.split(b"/"))]
        while left:
            part, make_it = left.pop()
            self._step(len(way))
            if part in (b"", b"."):
                continue
            if part == b"..":
                if len(way) == 1:
                    raise Outside("leads out of the revision")
                way.pop()
                continue
            row = self.names[way[-1]].get(part)
            if row is None:
                if not make_it:
                    raise Blocked("no such file or directory")
                row = self.make_directory(way[-1], part)
            elif self.type[row] == LINK and follow(row):
                links += 1
                if links > MAX_LINKS:
                    raise Blocked("too many levels of symbolic links")
                if self.targets[row].startswith(b"/"):
                    raise Outside("leads out of the revision")
                left.extend((below, False) for below in reversed(self.targets[row].split(b"/")))
                continue
            elif self.type[row] != DIR:
                raise Blocked("not a directory")
            way.append(row)
        return way[-1]

    def lead(self, head: bytes, last: bytes) -> Optional[tuple[int, bytes]]:
        """The directory and name that a path leads to, links followed; None for a directory itself. Raises Blocked."""
        for _ in range(MAX_LINKS + 1):
            if last in (b"", b".", b".."):
                self.descend(head + b"/" + last, lambda row: True, False)
                return None
            directory = self.descend(head, lambda row: True, False)
            row = self.names[directory].get(last)
            if row is None or self.type[row] != LINK:
                return directory, last
            if self.targets[row].startswith(b"/"):
                raise Outside("leads out of the revision")
            head, _, last = (head + b"/" + self.targets[row]).rpartition(b"/")
        raise Blocked("too many levels of symbolic links")

    def make_directory(self, directory: int, name: bytes) -> int:
        """A directory that the bundle does not list. Raises Blocked."""
        if len(name) > MAX_NAME:
            raise Blocked("file name too long")
        row = self.add(DIR, _NEW_DIRECTORY)
        self.put(directory, name, row)
        return row

    def find(self, path: str, top: int) -> int:
        """The row at a tree's path below a row, no link followed. Raises NotThere."""
        row = top
        for part in path.split("/"):
            if part:
                try:
                    row = self.names[row][to_bytes(part)]
                except (KeyError, UnicodeEncodeError):
                    raise NotThere(path, "no such file or directory") from None
        return row

    def listed(self, row: int) -> list[tuple[str, int]]:
        """The names in a directory in byte order, and their rows."""
        return [(from_bytes(name), below) for name, below in sorted(self.names[row].items())]

    def stat(self, row: int, device: int) -> Stat:
        """A row as a record; ``device`` tells bundles apart from each other and from disks."""
        return Stat(
            type=self.type[row],
            mode=self.mode[row],
            uid=self.uid[row],
            gid=self.gid[row],
            size=self.size[row],
            mtime_ns=self.mtime_ns[row],
            ctime_ns=UNKNOWN_TIME,
            device=device,
            inode=row + 1,
            links=self.links.get(row, 1),
        )

    def _write(self, count: int) -> None:
        self._text += count
        if self._text > MAX_TEXT:
            raise Unfit(f"its names hold more than {MAX_TEXT >> 20} MiB")

    def _step(self, depth: int) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Unfit("its names lead through one another too often")
        if depth > MAX_DEPTH:
            raise Unfit(f"its directories are more than {MAX_DEPTH:,} deep")
