"""The files of an instance, in columns: about a hundred bytes a file, a record made when one is shown."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Optional

from tui.paths import from_bytes, to_bytes

FILE, DIR, LINK, OTHER, ABSENT = range(5)
TYPE_NAMES = ("file", "dir", "link", "other", "absent")
NO_ROW = -1
UNKNOWN_TIME = -(2**63)  # in the time columns: not known


@dataclass(frozen=True)
class Note:
    """Something that a walk met and did not look into.

    ``code``: ``unreadable`` (a directory that may not be listed), ``mount`` (another file system, not
    entered), ``vanished`` (gone between listing and looking), ``swapped`` (replaced while it was
    walked), ``limit`` (deeper or larger than the walk goes), ``cancelled`` (the walk was stopped there).
    What lies below the path may exist though it has no row.
    """

    code: str
    path: str
    detail: str = ""


@dataclass(frozen=True)
class Entry:
    """One row of an Inventory, as a record. Sizes in bytes, times in nanoseconds since 1970."""

    row: int
    path: str
    type: int
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: Optional[int]
    ctime_ns: Optional[int]
    birth_ns: Optional[int]
    device: int
    inode: int
    links: int
    target: Optional[str]  # of a symbolic link

    @property
    def type_name(self) -> str:
        return TYPE_NAMES[self.type]


@dataclass
class Inventory:
    """Rows in tree order (depth first, names in byte order), several trees one after the other.

    ``names[i]`` is a name within the parent's directory, or the whole path where the row is the top
    of a tree (``parent[i] == NO_ROW``). Rows ``i + 1`` to ``end[i] - 1`` are all that lies below row
    ``i``. An absent row stands for a path that a record names and that is not on disk.
    """

    name_blob: bytearray = field(default_factory=bytearray)
    name_end: array[int] = field(default_factory=lambda: array("Q"))
    parent: array[int] = field(default_factory=lambda: array("i"))
    end: array[int] = field(default_factory=lambda: array("I"))
    type: bytearray = field(default_factory=bytearray)
    mode: array[int] = field(default_factory=lambda: array("H"))  # permission bits only
    uid: array[int] = field(default_factory=lambda: array("I"))
    gid: array[int] = field(default_factory=lambda: array("I"))
    size: array[int] = field(default_factory=lambda: array("q"))
    mtime_ns: array[int] = field(default_factory=lambda: array("q"))
    ctime_ns: array[int] = field(default_factory=lambda: array("q"))
    device: array[int] = field(default_factory=lambda: array("H"))  # index into devices
    inode: array[int] = field(default_factory=lambda: array("Q"))
    devices: list[int] = field(default_factory=list)
    links: dict[int, int] = field(default_factory=dict)  # row -> count, where it is more than one; not of directories
    targets: dict[int, str] = field(default_factory=dict)  # row -> text of a symbolic link
    births: dict[int, int] = field(default_factory=dict)  # row -> birth time in ns, where asked for
    notes: list[Note] = field(default_factory=list)
    partial: bool = False  # a snapshot of a walk that goes on

    def __len__(self) -> int:
        return len(self.type)

    def append(
        self,
        parent: int,
        name: str,
        kind: int,
        mode: int = 0,
        uid: int = 0,
        gid: int = 0,
        size: int = 0,
        mtime_ns: int = UNKNOWN_TIME,
        ctime_ns: int = UNKNOWN_TIME,
        device: int = 0,
        inode: int = 0,
    ) -> int:
        """Add a row after all others and give its number. A directory's ``end`` is set by ``close``."""
        row = len(self.type)
        self.name_blob += to_bytes(name)
        self.name_end.append(len(self.name_blob))
        self.parent.append(parent)
        self.end.append(row + 1)
        self.type.append(kind)
        self.mode.append(mode)
        self.uid.append(uid)
        self.gid.append(gid)
        self.size.append(size)
        self.mtime_ns.append(mtime_ns)
        self.ctime_ns.append(ctime_ns)
        self.device.append(device)
        self.inode.append(inode)
        return row

    def close(self, row: int) -> None:
        """Say that all rows added since ``row`` lie below it, and no later one will."""
        self.end[row] = len(self.type)

    def snapshot(self) -> Inventory:
        """A copy of what a builder has so far, marked ``partial``; directories still open end at the last row."""
        copy = Inventory(
            self.name_blob[:],
            self.name_end[:],
            self.parent[:],
            self.end[:],
            self.type[:],
            self.mode[:],
            self.uid[:],
            self.gid[:],
            self.size[:],
            self.mtime_ns[:],
            self.ctime_ns[:],
            self.device[:],
            self.inode[:],
            list(self.devices),
            dict(self.links),
            dict(self.targets),
            dict(self.births),
            list(self.notes),
            partial=True,
        )
        copy.close_open()
        return copy

    def close_open(self) -> None:
        """Let every directory that is still open end at the last row: that row and those above it are."""
        row, stop = len(self.type) - 1, len(self.type)
        while row != NO_ROW:
            self.end[row] = stop
            row = self.parent[row]

    def device_index(self, device: int) -> int:
        """The number of a device id in ``devices``, added where it is new."""
        try:
            return self.devices.index(device)
        except ValueError:
            self.devices.append(device)
            return len(self.devices) - 1

    def name(self, row: int) -> str:
        """A row's name; the whole path for the top of a tree."""
        start = self.name_end[row - 1] if row else 0
        return from_bytes(bytes(self.name_blob[start : self.name_end[row]]))

    def path(self, row: int) -> str:
        """A row's absolute path inside the Root."""
        parts = []
        while row != NO_ROW:
            parts.append(self.name(row))
            row = self.parent[row]
        parts.reverse()
        return "/".join(parts) if parts[0] != "/" else "/" + "/".join(parts[1:])

    def paths(self, rows: Optional[Iterable[int]] = None) -> Iterator[tuple[int, str]]:
        """``(row, path)`` of all rows in order, or of some in ascending order, cheaper than one by one."""
        prefixes: dict[int, str] = {}
        blob, ends, parents, types = bytes(self.name_blob), self.name_end, self.parent, self.type
        for row in range(len(types)) if rows is None else rows:
            name = from_bytes(blob[(ends[row - 1] if row else 0) : ends[row]])
            parent = parents[row]
            if parent != NO_ROW:
                prefix = prefixes.get(parent)
                if prefix is None:
                    above = self.path(parent)
                    prefix = prefixes[parent] = above if above.endswith("/") else above + "/"
                name = prefix + name
            if types[row] == DIR or types[row] == ABSENT:
                prefixes[row] = name if name.endswith("/") else name + "/"
            yield row, name

    def children(self, row: int) -> Iterator[int]:
        """The rows directly below a row, in order; ``NO_ROW`` asks for the tops of all trees."""
        child, stop = (0, len(self.type)) if row == NO_ROW else (row + 1, self.end[row])
        while child < stop:
            yield child
            child = self.end[child]

    def depth(self, row: int) -> int:
        """How many rows lie above a row."""
        depth = 0
        while self.parent[row] != NO_ROW:
            row = self.parent[row]
            depth += 1
        return depth

    def find(self, path: str) -> Optional[int]:
        """The row of an absolute path; None where there is none. Looks along one directory a level."""
        rest = path.rstrip("/") or "/"
        for top in self.children(NO_ROW):
            name = self.name(top)
            if rest == name:
                return top
            name = name.rstrip("/") + "/"
            if rest.startswith(name):
                found = self._below(top, rest[len(name) :].split("/"))
                if found is not None:
                    return found
        return None

    def _below(self, row: int, parts: list[str]) -> Optional[int]:
        blob, ends = self.name_blob, self.name_end
        for part in parts:
            try:
                wanted = to_bytes(part)
            except UnicodeEncodeError:
                return None
            for child in self.children(row):
                if blob[ends[child - 1] : ends[child]] == wanted:
                    row = child
                    break
            else:
                return None
        return row

    def entry(self, row: int) -> Entry:
        """A row as a record."""
        known = self.mtime_ns[row] != UNKNOWN_TIME
        return Entry(
            row=row,
            path=self.path(row),
            type=self.type[row],
            mode=self.mode[row],
            uid=self.uid[row],
            gid=self.gid[row],
            size=self.size[row],
            mtime_ns=self.mtime_ns[row] if known else None,
            ctime_ns=self.ctime_ns[row] if known else None,
            birth_ns=self.births.get(row),
            device=self.devices[self.device[row]] if self.devices else 0,
            inode=self.inode[row],
            links=self.links.get(row, 1),
            target=self.targets.get(row),
        )

    def with_absent(self, paths: Iterable[str]) -> Inventory:
        """A copy that has a row of type absent for each of ``paths`` that has no row yet.

        The row stands in its parent's directory where that has a row (absent itself, maybe), else it
        is the top of a tree of its own. Paths are absolute; ``//``, ``.`` and ``..`` are taken out.
        """
        from tui.disk.absent import with_absent

        return with_absent(self, paths)
