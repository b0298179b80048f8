"""rpm's database (Amazon Linux, Red Hat, SUSE …) in each of its three forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Callable, NamedTuple, Optional

from tui.agent.reading import stat_or_none
from tui.disk.inventory import FILE as A_FILE
from tui.disk.root import Root, RootError
from tui.system.berkeley_hash import read_values
from tui.system.ndb import read_blobs
from tui.system.packaged import MAX_PATHS, Package, Packaged
from tui.system.pages import Malformed
from tui.system.places import Places
from tui.system.rpm_header import RpmHeader
from tui.system.sqlite_table import read_table

DIRECTORIES = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
MAX_PACKAGES = 100_000
_NOT_A_HEADER = 16  # bytes: Berkeley DB's Packages has the next package's number as well


def _sqlite(stream: BinaryIO, length: int) -> Iterator[bytes]:
    for row in read_table(stream, length, b"Packages"):
        if len(row) >= 2 and isinstance(row[1], bytes):
            yield row[1]


_FORMS: dict[str, Callable[[BinaryIO, int], Iterator[bytes]]] = {
    "rpmdb.sqlite": _sqlite,
    "Packages.db": read_blobs,
    "Packages": read_values,
}


class _Database(NamedTuple):
    path: str
    size: int
    mtime_ns: int
    read: Callable[[BinaryIO, int], Iterator[bytes]]


def read_rpm(root: Root, places: Places, into: Packaged) -> bool:
    """Add what rpm's database says of the places asked for; False where there is none. Never raises."""
    database = _find(root, into)
    if database is None:
        return False
    into.databases.append(database.path)
    try:
        with root.open(database.path) as stream:
            _read(database, stream, places, into)
    except Malformed as error:
        message = f"Not all of it could be read, and it may have more to say: {error}."
        into.problem("package-database-incomplete", database.path, message)
    except (RootError, OSError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "I/O error"
        into.problem("package-database-unreadable", database.path, f"It cannot be read: {reason}.")
    return True


def _find(root: Root, into: Packaged) -> Optional[_Database]:
    """The database that was written last, where there are several."""
    found: dict[tuple[int, int], _Database] = {}
    for directory in DIRECTORIES:
        for name, read in _FORMS.items():
            stat = stat_or_none(root, f"{directory}/{name}")
            if stat is not None and stat.type == A_FILE and stat.size:
                database = _Database(f"{directory}/{name}", stat.size, stat.mtime_ns, read)
                found.setdefault((stat.device, stat.inode), database)
    if not found:
        return None
    newest = max(found.values(), key=lambda database: database.mtime_ns)
    for other in found.values():
        if other is not newest:
            message = f"It was not read, since {newest.path} was written after it."
            into.problem("package-database-older", other.path, message, "info")
    for ending, what in (("-wal", "write-ahead log"), ("-journal", "rollback journal")):
        stat = stat_or_none(root, newest.path + ending)
        if newest.path.endswith(".sqlite") and stat is not None and stat.size:
            message = f"The database's {what} was not read: its latest changes may be missing, or half made."
            into.problem("package-database-incomplete", newest.path + ending, message, "info")
    return newest


def _read(database: _Database, stream: BinaryIO, places: Places, into: Packaged) -> None:
    count = 0
    for blob in database.read(stream, database.size):
        if len(blob) < _NOT_A_HEADER:
            continue
        count += 1
        if count > MAX_PACKAGES or into.full:
            raise Malformed(f"more than {MAX_PACKAGES} packages, or {MAX_PATHS} of their paths")
        header = RpmHeader(blob)
        name = header.name
        if name is None or name == "gpg-pubkey":
            continue
        _take(header, name, database.path, places, into)


def _take(header: RpmHeader, name: str, source: str, places: Places, into: Packaged) -> None:
    directories = header.directories
    if directories and not any(places.directory(directory.rstrip(b"/")) for directory in directories):
        return
    number = -1
    for directory, last, role in header.files():
        place = places.place(directory.rstrip(b"/"), last)
        if place is None:
            continue
        if number < 0:
            number = len(into.packages)
            into.packages.append(Package(name, header.version, source))
        into.add(place, number, role)
