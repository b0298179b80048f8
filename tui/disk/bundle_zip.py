"""A zip bundle as the agent unpacks it: with ``unzip -qo``, and where that has something to say, with rubyzip as well.

Of unzip this follows version 6.0 with a umask of 022. Whatever it warns of makes the agent extract all entries
a second time by its own library, which takes their names as they are and makes no links.
"""

from __future__ import annotations

import re
from typing import BinaryIO, Callable, Optional

from tui.disk.bundle_io import BundleFile, Unfit
from tui.disk.inventory import DIR, FILE, UNKNOWN_TIME
from tui.disk.unpacked import MAX_NAME, MAX_PATH, Blocked, Complaints, Outside, Unpacked
from tui.disk.zip_directory import BZIP2, DEFLATED, ENCRYPTED, MARKED_UTF8, STORED, Entry, ZipDirectory, has_end

_DEFLATE64, _SHRUNK, _IMPLODED = 9, 1, 6
_UNZIP_READS = (STORED, DEFLATED, BZIP2, _DEFLATE64, _SHRUNK, _IMPLODED)
_RUBY_READS = (STORED, DEFLATED)

_FAT, _UNIX, _HPFS, _NTFS = 0, 3, 6, 11  # systems that an entry can come from
_WITH_MODES = frozenset((2, _UNIX, 5, 12, 13, 16, 17, 18, 30))
_WITH_LINKS = frozenset((2, _UNIX, 5, 16, 30))
_READ_ONLY, _DIRECTORY = 1, 0x10  # attributes of FAT
_LINK_TYPE, _DIRECTORY_TYPE, _FILE_TYPE = 0o12, 0o04, 0o10  # the type in a Unix mode
_UMASK = 0o022
_NEW_FILE = 0o644

_CONTROLS = bytes([*range(0x20), 0x7F, 0xFF])  # bytes that unzip leaves out of names
_VERSION_NUMBER = re.compile(rb";[0-9]*\Z")  # as VMS has it, which unzip takes off
_MAX_TARGET = 1 << 16  # bytes; nobody makes longer links, and the content has to be read for each
_EVERY = 256  # entries between two looks at cancelled()


def is_zip(file: BundleFile, start: bytes) -> bool:
    """Whether a file with such a start is a zip; its end tells where the start does not. Raises OSError, Unfit."""
    return start[:4] in (b"PK\3\4", b"PK\5\6") or (b"PK" not in start[:2] and has_end(file))


class ZipStore:
    """The content of a zip bundle's files; the ``place`` of a row is where its entry stands."""

    def __init__(self, file: BundleFile, directory: ZipDirectory) -> None:
        self._file = file
        self._directory = directory

    def open(self, files: Unpacked, row: int) -> BinaryIO:
        """A file's content. Raises OSError, also when it is read."""
        self._file.check()
        try:
            return self._directory.content(self._directory.entry(files.place[row]))
        except Unfit as error:
            raise OSError(0, str(error)) from None

    def digest(self, row: int) -> Optional[bytes]:
        """Never known."""
        return None


class ZipReading:
    """A pass over a zip bundle. Its attributes hold what it gave."""

    def __init__(self, file: BundleFile, cancelled: Callable[[], bool]) -> None:
        self.files = Unpacked()
        self.complaints = Complaints()  # what makes unpacking fail
        self.doubts = Complaints()  # what it leaves nobody can tell
        self.notes: list[str] = []
        self._directory = ZipDirectory(file)
        self.store = ZipStore(file, self._directory)
        self._size = file.size
        self._cancelled = cancelled
        self._warned = self._directory.count == 0 or self._directory.before > 0

    @property
    def problem(self) -> Optional[str]:
        """What the agent's unpacking fails on."""
        return self.complaints.line()

    def run(self) -> None:
        """Read the central directory to its end. Raises Unfit, OSError."""
        packed = 0
        for count, entry in enumerate(self._directory):
            packed += entry.packed
            if packed > self._size:
                raise Unfit("its entries share their content, as in a zip made to fill a disk")
            try:
                self._unzip(entry)
            except Blocked:
                self._warned = True
            self._look(count)
        if not self._directory.count:
            self.notes.append("It holds no files.")
        if self._warned and self.complaints.line() is None:
            self._extract_all()

    def _look(self, count: int) -> None:
        if count % _EVERY == 0 and self._cancelled():
            raise Unfit("reading it was cancelled")

    def _unzip(self, entry: Entry) -> None:
        """What ``unzip -qo`` does with an entry. Raises Blocked where that is to leave it out."""
        if entry.method not in _UNZIP_READS:
            self.complaints.add(entry.name, f"the agent cannot unpack compression method {entry.method}")
            return
        if entry.flags & ENCRYPTED:
            self.complaints.add(entry.name, "encrypted, which the agent cannot unpack")
            return
        name = self._name(entry)
        head, last = _cleaned(name)
        if name.startswith(b"/"):
            self._warned = True
        if len(name) > MAX_PATH or len(last) > MAX_NAME:
            self.complaints.add(entry.name, "file name too long")
            return
        directory = self.files.directory(head, _stays)
        if not last:
            self._warned = self._warned or not name.endswith(b"/") or not name.strip(b"/")
        elif name.endswith(b"/"):
            self._make_directory(entry, directory, last)
        else:
            self._make_file(entry, directory, last)

    def _make_directory(self, entry: Entry, directory: int, last: bytes) -> None:
        there = self.files.names[directory].get(last)
        if there is None:
            self.files.put(
                directory, last, self.files.add(DIR, _mode(entry, entry.name.endswith(b"/")), mtime_ns=entry.mtime_ns)
            )
        elif self.files.type[there] != DIR:
            raise Blocked("a file stands where a directory is to be made")

    def _make_file(self, entry: Entry, directory: int, last: bytes) -> None:
        there = self.files.names[directory].get(last)
        if there is not None and self.files.type[there] == DIR:
            # unzip then ends as it does for a full disk, and that the agent takes it for.
            self.complaints.add(entry.name, "a directory stands there, and the agent takes that for a full disk")
            return
        link = entry.attributes >> 28 == _LINK_TYPE and entry.system in _WITH_LINKS and entry.size > 0
        row = self._link(entry) if link else self._file(entry)
        if row is not None:
            self.files.put(directory, last, row)

    def _file(self, entry: Entry) -> int:
        return self.files.add(FILE, _mode(entry, False), size=entry.size, mtime_ns=entry.mtime_ns, place=entry.at)

    def _link(self, entry: Entry) -> Optional[int]:
        """A symbolic link, whose target is the entry's content; None where none can be made of it."""
        if entry.size > _MAX_TARGET:
            return None
        try:
            with self._directory.content(entry) as content:
                target = b"".join(iter(lambda: content.read(_MAX_TARGET), b"")).partition(b"\0")[0]
        except OSError as error:
            raise Blocked(error.strerror or str(error)) from None
        if not 0 < len(target) <= MAX_PATH:
            return None
        return self.files.add_link(target, mtime_ns=entry.mtime_ns)

    def _name(self, entry: Entry) -> bytes:
        """An entry's name as unzip takes it in a UTF-8 locale."""
        name = entry.name.partition(b"\0")[0]
        if not name.isascii():
            name = self._decoded(entry, name)
        if entry.system == _FAT and b"\\" in name and b"/" not in name:
            self._warned = True
            name = name.replace(b"\\", b"/")
        return name

    def _decoded(self, entry: Entry, name: bytes) -> bytes:
        if entry.unicode_name is not None:
            return entry.unicode_name.partition(b"\0")[0]
        old = entry.system in (_FAT, _HPFS) or (entry.system == _NTFS and entry.version == 50)
        if not old or (entry.flags & MARKED_UTF8 and entry.extended):
            return name
        self.doubts.add(entry.name, "which name it gets differs from one unzip to the other")
        return name if entry.flags & MARKED_UTF8 else name.decode("cp437").encode("utf-8")

    def _extract_all(self) -> None:
        """What the agent's own library does once unzip has warned: entries of one name are one, the last one."""
        self.notes.append(
            "unzip warns of it, so the agent extracts it once more by its own library, which takes names as they are."
        )
        entries = {entry.name: entry.at for entry in self._directory}
        for count, at in enumerate(entries.values()):
            self._look(count)
            entry = self._directory.entry(at)
            try:
                self._extract(entry)
            except Outside:
                self.doubts.add(entry.name, "the agent also writes it outside of the revision")
            except Blocked as error:
                self.complaints.add(entry.name, str(error))
                return  # as the agent does

    def _extract(self, entry: Entry) -> None:
        """What rubyzip does with an entry. Raises Blocked."""
        name, kind = entry.name, entry.attributes >> 28 if entry.system == _UNIX else 0
        if kind not in (_LINK_TYPE, _DIRECTORY_TYPE, _FILE_TYPE):
            kind = _DIRECTORY_TYPE if name.endswith(b"/") else _FILE_TYPE
        if b"\0" in name:
            raise Blocked("a name with a NUL in it")
        head, _, last = name.rstrip(b"/").rpartition(b"/")
        self.files.descend(head, _leads_on, True)
        if kind == _LINK_TYPE:
            return
        if kind == _FILE_TYPE and last in (b"", b".", b".."):
            raise Blocked("is a directory")
        place = self.files.lead(head, last)
        there = self.files.top if place is None else self.files.names[place[0]].get(place[1])
        if there is not None and self.files.type[there] == DIR:
            if kind != _DIRECTORY_TYPE:
                raise Blocked("is a directory")
        elif place is None or (name.endswith(b"/") and (there is not None or kind != _DIRECTORY_TYPE)):
            raise Blocked("a file stands where a directory is to be made")
        elif kind == _DIRECTORY_TYPE:
            self._permit(entry, self.files.make_directory(*place))
        else:
            self._rewrite(entry, place, there)

    def _rewrite(self, entry: Entry, place: tuple[int, bytes], there: Optional[int]) -> None:
        """Write a file's content, into what stands there."""
        files = self.files
        if entry.method not in _RUBY_READS:
            raise Blocked(f"the agent cannot unpack compression method {entry.method}")
        if there is None:
            there = files.add(FILE, _NEW_FILE, size=entry.size, place=entry.at)
            files.put(*place, there)
        else:
            files.size[there], files.place[there], files.mtime_ns[there] = entry.size, entry.at, UNKNOWN_TIME
        self._permit(entry, there)

    def _permit(self, entry: Entry, row: int) -> None:
        if entry.system == _UNIX:
            self.files.mode[row] = entry.attributes >> 16 & 0o1777


def _stays(row: int) -> bool:
    """unzip makes symbolic links last: until then files stand in their place."""
    return False


def _leads_on(row: int) -> bool:
    return True


def _cleaned(name: bytes) -> tuple[bytes, bytes]:
    """A name's directory and its last name as unzip makes them: nothing leads up. Empty where nothing is left."""
    parts = name.translate(None, _CONTROLS).split(b"/")
    last = b""
    if not name.endswith(b"/"):
        last = parts.pop()
        last = {b".": b"_", b"..": b"__"}.get(last) or _VERSION_NUMBER.sub(b"", last)
    parts = [part for part in parts if part not in (b"", b".", b"..")]
    if name.endswith(b"/") and parts:
        last = parts.pop()
    return b"/".join(parts), last


def _mode(entry: Entry, is_directory: bool) -> int:
    """The permissions that unzip gives: set-user-id and the like it leaves out."""
    mode, attributes = entry.attributes >> 16, entry.attributes
    if entry.system in _WITH_MODES:
        return mode & 0o777
    if is_directory:
        attributes |= _DIRECTORY
    owner = (0 if attributes & _READ_ONLY else 2) | (1 if attributes & _DIRECTORY else 0)
    if entry.system == _FAT and mode & 0o700 == 0o400 | owner << 6:
        return mode & 0o777
    return (0o444 | owner * 0o111) & ~_UMASK
