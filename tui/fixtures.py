"""The example instances: how one lies in a directory of plain files, and how it is unpacked.

A fixture is a directory with ``README.md`` (its first line says what the instance shows),
``tree.tsv`` (one row a path: what version control cannot keep) and the contents of its files,
below ``files/`` under their own names, below ``odd/`` where a name is not fit for every checkout.
A fixture is data that may come from anywhere: what ``tree.tsv`` says is checked before it is done.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Optional
from urllib.parse import quote_from_bytes, unquote_to_bytes

from tui.disk.win32 import long_path
from tui.paths import from_bytes, to_bytes

MANIFEST = "tree.tsv"
COLUMNS = ("type", "mode", "uid", "gid", "mtime", "size", "path", "where")
PREFIX = "codedeploy-forensics-demo-"
SECOND = 1_000_000_000
EPOCH = datetime(1970, 1, 1)

MAX_MANIFEST = 8 << 20  # bytes of tree.tsv
MAX_ITEMS = 20_000
MAX_BYTES = 64 << 20  # bytes of all contents
MAX_DEPTH = 200  # directories in one path

_PLAIN = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in '%"')
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z", re.ASCII)
_MODE = re.compile(r"[0-7]{4}", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)

_WINDOWS = os.name == "nt"
# Characters, ends and devices' names.
_NOT_ON_WINDOWS = re.compile(
    r'[\\:*?"<>|\x00-\x1f]|[. ]\Z|\A(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)', re.IGNORECASE
)


class FixtureError(Exception):
    """An example instance that cannot be unpacked; ``str()`` is the line to print."""


class UnknownFixture(FixtureError, LookupError):
    """No example instance of that name; ``names`` are the ones there are."""

    def __init__(self, name: str, names: tuple[str, ...]) -> None:
        super().__init__(f"no example instance {name!r}; there are: {', '.join(names)}")
        self.name = name
        self.names = names


@dataclass(frozen=True)
class Item:
    """One row of ``tree.tsv``: a path of the instance.

    ``type`` is ``d``, ``f``, ``l`` or ``h``, a hard link; ``mtime_ns`` nanoseconds since 1970. ``where``
    is a link's target, the path that a hard link is another name of, or the place of a file's content
    in the fixture's directory, with ``/`` between names.
    """

    type: str
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    size: Optional[int]
    path: str
    where: str = ""


def encoded(text: str) -> str:
    """A path in printable ASCII: other bytes, spaces, ``%`` and ``"`` as ``%XX``."""
    return quote_from_bytes(to_bytes(text), safe=_PLAIN)


def decoded(text: str) -> str:
    """The path that ``encoded`` wrote. Raises ValueError where this system has no such path."""
    return from_bytes(unquote_to_bytes(text))


def format_item(item: Item) -> str:
    """An item as its row of ``tree.tsv``. Raises ValueError for a time that no calendar has."""
    seconds, rest = divmod(item.mtime_ns, SECOND)
    try:
        when = EPOCH + timedelta(seconds=seconds)
    except OverflowError as error:
        raise ValueError(f"{item.path}: modification time {item.mtime_ns} ns is out of range") from error
    where = encoded(item.where)
    if item.type == "d" or (item.type == "f" and item.where == f"files{item.path}"):
        where = "-"
    fields = (
        item.type,
        f"{item.mode:04o}",
        str(item.uid),
        str(item.gid),
        f"{when.isoformat()}.{rest:09d}Z",
        "-" if item.size is None else str(item.size),
        encoded(item.path),
        where,
    )
    return "\t".join(fields)


def parse_item(row: str) -> Item:
    """The item of a row of ``tree.tsv``. Raises ValueError, its text one clause."""
    fields = row.split("\t")
    if len(fields) != len(COLUMNS):
        raise ValueError(f"{len(fields)} columns, not {len(COLUMNS)}")
    kind, mode, uid, gid, mtime, size, path, where = fields
    time = _TIME.fullmatch(mtime)
    if kind not in ("d", "f", "l", "h") or not _MODE.fullmatch(mode) or not time:
        raise ValueError("type, mode or mtime is not understood")
    if not all(_NUMBER.fullmatch(n) for n in (uid, gid)) or max(int(uid), int(gid)) >= 2**32 - 1:
        raise ValueError("uid or gid is not understood")
    if size != "-" if kind != "f" else not _NUMBER.fullmatch(size):
        raise ValueError("size is not understood")
    seconds = (datetime.fromisoformat(time[1]) - EPOCH) // timedelta(seconds=1)
    name = _checked_path(decoded(path))
    place = decoded(where) if kind in ("l", "h") or where != "-" else f"files{name}"
    if not place:
        raise ValueError("a link without a target")
    return Item(
        type=kind,
        mode=int(mode, 8),
        uid=int(uid),
        gid=int(gid),
        mtime_ns=seconds * SECOND + int(time[2]),
        size=int(size) if kind == "f" else None,
        path=name,
        where="" if kind == "d" else place,
    )


def _checked_path(path: str) -> str:
    """An absolute path whose every name stays where it is put. Raises ValueError."""
    if path == "/":
        return path
    first, *names = path.split("/")
    if first or len(names) > MAX_DEPTH or not all(_stays(name) for name in names):
        raise ValueError("path is not a plain absolute one")
    return path


def _stays(name: str) -> bool:
    return name not in ("", ".", "..") and "\0" not in name


def read_manifest(directory: Path) -> list[Item]:
    """The paths of a fixture, each after the directory it is in. Raises FixtureError."""
    place = directory / MANIFEST
    try:
        text = _read_regular(place, MAX_MANIFEST).decode("ascii")
    except (OSError, ValueError) as error:
        raise FixtureError(f"{place}: {_reason(error)}") from error
    header, *rows = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if header.split("\t") != list(COLUMNS):
        raise FixtureError(f"{place}: its first line does not name the columns {', '.join(COLUMNS)}")
    if len(rows) > MAX_ITEMS:
        raise FixtureError(f"{place}: more than {MAX_ITEMS} paths")
    items: list[Item] = []
    seen: set[str] = set()
    directories: set[str] = set()
    files: set[str] = set()
    for number, row in enumerate(rows, 2):
        try:
            item = parse_item(row)
            _check_order(item, seen, directories, files)
        except ValueError as error:
            raise FixtureError(f"{place}:{number}: {_reason(error)}") from error
        items.append(item)
    if not items or items[0].path != "/":
        raise FixtureError(f"{place}: its first path is not /")
    if sum(item.size or 0 for item in items) > MAX_BYTES:
        raise FixtureError(f"{place}: more than {MAX_BYTES} bytes of contents")
    return items


def _check_order(item: Item, seen: set[str], directories: set[str], files: set[str]) -> None:
    """That a path comes once, and after the real directory it is in, so that no link is gone through."""
    if item.type == "h" and item.where not in files:
        raise ValueError("a hard link to what is no file before it")
    if item.path in seen:
        raise ValueError("path comes twice")
    parent = item.path.rpartition("/")[0] or "/"
    if item.path == "/":
        if item.type != "d":
            raise ValueError("/ is not a directory")
    elif parent not in directories:
        raise ValueError("path comes before its directory, or below what is none")
    seen.add(item.path)
    if item.type in ("d", "f"):
        (directories if item.type == "d" else files).add(item.path)


def _read_regular(place: Path, limit: int) -> bytes:
    """A regular file's bytes. Raises OSError, and ValueError for what is none or too large."""
    if not stat.S_ISREG(os.lstat(place).st_mode):
        raise ValueError("not a regular file")
    with place.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"more than {limit} bytes")
    return data


def _content(directory: Path, item: Item) -> bytes:
    """A file's content, from within the fixture's directory. Raises OSError or ValueError."""
    names = item.where.split("/")
    fits = all(_stays(name) and not (_WINDOWS and _NOT_ON_WINDOWS.search(name)) for name in names)
    if names[0] not in ("files", "odd") or len(names) < 2 or not fits:
        raise ValueError(f"its content is not below files/ or odd/: {encoded(item.where)}")
    top = os.path.realpath(directory)
    place = Path(top, *names)
    if os.path.realpath(place) != str(place):
        raise ValueError(f"a link on the way to its content: {encoded(item.where)}")
    data = _read_regular(place, item.size or 0)
    if len(data) != item.size:
        raise ValueError(f"its content has {len(data)} bytes, not {item.size}: was it changed on checkout?")
    return data


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "a character that does not belong there"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)


def lay_out(directory: Path, root: Path) -> None:
    """Make the instance of the fixture in ``directory`` at ``root``, which must not exist yet.

    Sets modes and times, owners where it runs as root, and what cannot be set on this system is
    left as it comes. Raises FixtureError, and then leaves nothing at ``root``.
    """
    items = read_manifest(directory)
    try:
        root.mkdir(mode=0o700)
    except OSError as error:
        raise FixtureError(f"{root}: {_reason(error)}") from error
    try:
        for item in items:
            try:
                _make(directory, root, item)
            except (OSError, ValueError) as error:
                raise FixtureError(f"{directory}: {encoded(item.path)}: {_reason(error)}") from error
        for item in reversed(items):
            if item.type == "d":
                _dress(_place(root, item.path), item)
    except BaseException:
        remove(root)
        raise


def _place(root: Path, path: str) -> str:
    names = [name for name in path.split("/") if name]
    if not _WINDOWS:
        return os.path.join(root, *names)
    if any(_NOT_ON_WINDOWS.search(name) for name in names):
        raise ValueError("Windows has no such name; this example needs Linux")
    return os.path.join(long_path(str(root)), *names)


def _make(directory: Path, root: Path, item: Item) -> None:
    """One path, newly made: what stands there already, a link too, is an error, never gone through."""
    place = _place(root, item.path)
    if item.type == "d":
        if item.path != "/":
            os.mkdir(place, 0o700)
        return
    if item.type == "h":
        with contextlib.suppress(OSError):
            os.link(_place(root, item.where), place)
            return
        shutil.copyfile(_place(root, item.where), place)  # where a file has one name alone
    elif item.type == "l":
        _link(item.where, place)
    else:
        data = _content(directory, item)
        with open(place, "xb") as file:
            file.write(data)
    _dress(place, item)


def _link(text: str, place: str) -> None:
    try:
        os.symlink(text, place)
    except (OSError, NotImplementedError) as error:
        if not _WINDOWS:
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not possible here"
        raise ValueError(f"symbolic links cannot be made ({reason.lower()}); this example needs them") from error
    if not os.path.islink(place):
        raise ValueError("symbolic links cannot be made; this example needs them")


def _dress(place: str, item: Item) -> None:
    """Owner, then mode (a change of owner clears its special bits), then time."""
    link = item.type == "l"
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        with contextlib.suppress(OSError):
            os.chown(place, item.uid, item.gid, follow_symlinks=False)
    with contextlib.suppress(OSError):
        if not link:
            os.chmod(place, item.mode)
        if not link or os.utime in os.supports_follow_symlinks:
            os.utime(place, ns=(item.mtime_ns, item.mtime_ns), follow_symlinks=not link)


def remove(tree: Path) -> None:
    """Remove a tree, also one whose directories or files are read-only; links are not followed."""
    top = long_path(str(tree)) if _WINDOWS else str(tree)
    pending = [top]
    while pending:
        directory = pending.pop()
        with contextlib.suppress(OSError):
            os.chmod(directory, 0o700)
            with os.scandir(directory) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif _WINDOWS and not entry.is_symlink():
                        os.chmod(entry.path, stat.S_IREAD | stat.S_IWRITE)
    shutil.rmtree(top, ignore_errors=True)


def _directory() -> Path:
    """Where the fixtures are: in the installed package, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    for place in (package / "_fixtures", package.parent / "fixtures"):
        if place.is_dir():
            return place
    raise FixtureError(f"the example instances are missing: no directory {package / '_fixtures'}")


def _places() -> list[Path]:
    try:
        return sorted(p for p in _directory().iterdir() if (p / MANIFEST).is_file())
    except OSError as error:
        raise FixtureError(f"the example instances: {_reason(error)}") from error


def names() -> list[tuple[str, str]]:
    """The example instances: name, and what it shows, the first line of its README. Raises FixtureError."""
    found = []
    for place in _places():
        try:
            with (place / "README.md").open(encoding="utf-8") as readme:
                shows = readme.readline(1000).strip("# \r\n")
        except (OSError, UnicodeDecodeError):
            shows = ""
        found.append((place.name, shows))
    return found


def place_of(name: str) -> Path:
    """The directory of an example instance. Raises UnknownFixture and FixtureError."""
    places = {place.name: place for place in _places()}
    if name not in places:
        raise UnknownFixture(name, tuple(places))
    return places[name]


def unpack(name: str, into: Path) -> Path:
    """Make the example instance ``name`` in the directory ``into`` and give its root, ``into/name``.

    Raises UnknownFixture, and FixtureError where it cannot be made; nothing is left of it then.
    """
    place = place_of(name)
    root = into / name
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FixtureError(f"{into}: {_reason(error)}") from error
    lay_out(place, root)
    return root


@contextlib.contextmanager
def unpacked(name: str) -> Iterator[Path]:
    """An example in a temporary directory (mode 0700), removed at the end with all in it. Raises as ``unpack`` does."""
    try:
        into = Path(tempfile.mkdtemp(prefix=PREFIX))
    except OSError as error:
        raise FixtureError(f"no temporary directory: {_reason(error)}") from error
    try:
        yield unpack(name, into)
    finally:
        remove(into)
