"""A tar bundle, plain or compressed, as ``tar -xpsf`` unpacks it when root calls it: what the agent does with it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Callable, NamedTuple, Optional

from tui.disk.bundle_io import EXPANDED_FREE, BundleFile, Part, Sparse, Swollen, Unfit
from tui.disk.inventory import DIR, FILE, LINK
from tui.disk.tar_headers import BLOCK, HARD_LINK, OWNERS, Header, Headers
from tui.disk.tar_store import BUFFER, CHUNK, TarStore
from tui.disk.unpacked import MAX_NAME, MAX_PATH, Blocked, Complaints, Unpacked
from tui.paths import from_bytes, showable, to_bytes

_EVERY = 256  # members between two looks at cancelled()
_CUT_SHORT = "make or download it again"


class Owners(NamedTuple):
    """The instance's users and groups by name: tar goes by names first, then by numbers."""

    users: Mapping[bytes, int]
    groups: Mapping[bytes, int]

    @classmethod
    def of(cls, users: Optional[Mapping[str, int]], groups: Optional[Mapping[str, int]]) -> Owners:
        """None: nobody is known."""
        return cls(_by_bytes(users), _by_bytes(groups))


def _by_bytes(known: Optional[Mapping[str, int]]) -> dict[bytes, int]:
    return {to_bytes(name): number for name, number in (known or {}).items() if name and 0 <= number < OWNERS}


class TarReading:
    """One pass over a tar bundle. Its attributes hold what it gave."""

    def __init__(self, file: BundleFile, compression: str, owners: Owners, cancelled: Callable[[], bool]) -> None:
        self.files = Unpacked()
        self.store = TarStore(file, compression)
        self.complaints = Complaints()  # what tar ends with an error on
        self.doubts = Complaints()  # what it leaves nobody can tell
        self.notes: list[str] = []
        self._size = file.size
        self._owners = owners
        self._cancelled = cancelled
        self._stream = io.BufferedReader(self.store.stream(), BUFFER)
        self._at = 0
        self._holes = 0  # bytes of sparse files that were hashed though nothing is stored of them
        self._held_back: set[int] = set()  # symbolic links that tar makes last: absolute ones, and with .. in them

    @property
    def problem(self) -> Optional[str]:
        """The agent's message where tar ends with an error, and what made it do so."""
        line = self.complaints.line()
        return None if line is None else f"Error extracting tar archive: 2 ({line})"

    def run(self) -> None:
        """Read the archive to its end. Raises Unfit, OSError."""
        headers, count = Headers(self._read), 0
        while True:
            header = headers.next()
            if header is None:
                break
            start = self._at
            row = self._unpack(header)
            self._content(header, row)
            self._skip(start + -(-header.stored // BLOCK) * BLOCK - self._at, header)
            count += 1
            if count % _EVERY == 0:
                self._look()
        self.store.complete(len(self.files))
        self._end(headers.ended, count)

    def _look(self) -> None:
        if self._cancelled():
            raise Unfit("reading it was cancelled")

    def _read(self, count: int) -> bytes:
        data = self._stream.read(count)
        self._at += len(data)
        return data

    def _skip(self, count: int, header: Header) -> None:
        if not self.store.compression:
            self._at += count
            if self._at > self._size:
                raise Unfit(f"ends within {showable(from_bytes(header.name))}; {_CUT_SHORT}")
            self._stream.seek(self._at)
            return
        for _ in self._chunks(header, count):
            pass

    def _end(self, ended: str, count: int) -> None:
        if ended == "cut":
            self.notes.append("It ends within a header: what should follow is missing, and tar says nothing of it.")
        elif ended == "unmarked":
            self.notes.append("It has no end mark: it may have been cut off, and tar says nothing of it.")
        if not count:
            self.notes.append("It holds no files.")
        if self.store.compression:
            try:
                while self._stream.read(CHUNK):
                    self._look()
            except Swollen:
                raise
            except OSError as error:  # tar waits for the program that unpacks, which then tells of an error
                self.complaints.add(b"", f"behind its last member {error.strerror}")
        if self.store.compression in ("bzip2", "xz"):
            self.notes.append(
                f"It is compressed with {self.store.compression}: deployed as a tar it unpacks where the instance has "
                f"{self.store.compression}, deployed as a tgz it does not."
            )

    def _content(self, header: Header, row: Optional[int]) -> None:
        """Note where a file's content is, or take it in."""
        if row is None or self.files.type[row] != FILE:
            return
        self.files.place[row] = self._at
        if header.pieces is not None:
            self.store.pieces[row] = header.pieces
        if not self.store.compression:
            return
        if header.pieces is None:
            self.store.learn(row, self._chunks(header, header.stored), header.size, header.name)
            return
        self._holes += header.size - header.stored
        if self._holes <= EXPANDED_FREE:  # zeros beyond that are not worth the time, and may be there to take it
            content = Sparse(Part(self._stream, 0, header.stored), header.pieces, header.size)
            self.store.learn(row, iter(lambda: content.read(CHUNK), b""), header.size, header.name)
            self._at += header.stored

    def _chunks(self, header: Header, count: int) -> Iterator[bytes]:
        """So many of the next bytes, a member's. Raises Unfit, OSError."""
        while count:
            data = self._read(min(count, CHUNK))
            if not data:
                raise Unfit(f"ends within {showable(from_bytes(header.name))}; {_CUT_SHORT}")
            count -= len(data)
            yield data
            if count:
                self._look()

    def _unpack(self, header: Header) -> Optional[int]:
        """Do with a member what tar does; the new row, None where there is none."""
        name = header.name
        if header.continued:
            self.complaints.add(name, "continued from another volume")
            return None
        if b".." in name and b".." in name.split(b"/"):
            self.complaints.add(name, "tar takes no member whose name has .. in it")
            return None
        head, _, last = name.rstrip(b"/").rpartition(b"/")
        if len(name) > MAX_PATH or len(last) > MAX_NAME:
            self.complaints.add(name, "file name too long")
            return None
        try:
            if last in (b"", b"."):
                self._itself(header, self.files.directory(name, self._leads_on))
                return None
            return self._place(header, self.files.directory(head, self._leads_on), last)
        except Blocked as error:
            self.complaints.add(name, str(error))
            return None

    def _leads_on(self, row: int) -> bool:
        return row not in self._held_back

    def _place(self, header: Header, directory: int, last: bytes) -> Optional[int]:
        files, there = self.files, self.files.names[directory].get(last)
        if there in self._held_back and header.kind != HARD_LINK:
            self.doubts.add(
                header.name, "comes again after a symbolic link; what stays the instance's file system decides"
            )
            if header.kind != DIR:
                return None
        if header.kind == DIR:
            return self._directory(header, directory, last, there)
        if there is not None and files.type[there] == DIR and files.names[there]:
            raise Blocked("a directory with something in it stands there")
        if header.kind == HARD_LINK:
            files.put_again(directory, last, self._linked(header.target))
            return None
        row = self._link(header) if header.kind == LINK else self._add(header)
        files.put(directory, last, row)
        return row

    def _directory(self, header: Header, directory: int, last: bytes, there: Optional[int]) -> int:
        files = self.files
        if there is None or files.type[there] != DIR:
            row = self._add(header)
            files.put(directory, last, row)
            return row
        self._itself(header, there)
        return there

    def _itself(self, header: Header, directory: int) -> None:
        """A member for a directory that is there. Raises Blocked where it is no directory's."""
        if header.kind != DIR:
            raise Blocked("a directory stands there")
        self.files.mode[directory] = header.mode
        self.files.uid[directory], self.files.gid[directory] = self._owner(header)
        self.files.mtime_ns[directory] = header.mtime_ns

    def _add(self, header: Header) -> int:
        size = header.size if header.kind == FILE else 0
        uid, gid = self._owner(header)
        return self.files.add(header.kind, header.mode, uid, gid, size, header.mtime_ns)

    def _link(self, header: Header) -> int:
        target = header.target
        if not target:
            raise Blocked("a symbolic link to nothing")
        if len(target) > MAX_PATH:
            raise Blocked("the target of the symbolic link is too long")
        row = self.files.add_link(target, *self._owner(header), header.mtime_ns)
        if target.startswith(b"/") or b".." in target.split(b"/"):
            self._held_back.add(row)
        return row

    def _linked(self, target: bytes) -> int:
        """The row that a hard link leads to."""
        parts = target.split(b"/")
        if b".." in parts:  # tar drops what stands before, and that
            parts = parts[len(parts) - parts[::-1].index(b"..") :]
        head, last = _normal(b"/".join(parts))
        row = self.files.names[self.files.descend(head, self._leads_on, False)].get(last) if last else self.files.top
        if row is None:
            raise Blocked(f"hard link to {showable(from_bytes(target))}, which is not there")
        if self.files.type[row] == DIR or (parts[-1] == b"" and last):
            raise Blocked(f"hard link to {showable(from_bytes(target))}, which cannot have one")
        return row

    def _owner(self, header: Header) -> tuple[int, int]:
        return self._owners.users.get(header.user, header.uid), self._owners.groups.get(header.group, header.gid)


def _normal(path: bytes) -> tuple[bytes, bytes]:
    """A path's directory and its last name, ``.`` and doubled ``/`` left out; no name for the top."""
    parts = [part for part in path.split(b"/") if part not in (b"", b".")]
    return (b"/".join(parts[:-1]), parts[-1]) if parts else (b"", b"")
