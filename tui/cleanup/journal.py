"""The journal: what cleanups were going to do, durable before they did it, and what became of each step.

``journal.db`` in the state directory is a SQLite database (application id 0x43444A4C "CDJL", user version 1, rollback
journal, synchronous EXTRA). Times are seconds since 1970, in columns ending in ``_ns`` nanoseconds; paths are BLOBs,
the bytes of the instance's own paths; numbers of steps count from 1.

``cleanup``   one row a cleanup. ``plan_hash`` is the SHA-256 over its pieces, ``reviewed`` that of the document that
              was reviewed, where there was one.
``piece``     the plan, in canonical JSON compressed with zlib: see ``tui.cleanup.canonical``.
``place``     the state directories that hold its quarantine: 0 is the one that the journal is in (path NULL).
``directory`` directories as they were before: those that go, and those that lose an entry. ``xattrs`` is a JSON
              object of base64 values; ``left_ns`` the time of last change that the cleanup left behind; ``made`` the
              inode of the directory that an undo made anew; ``times`` whether an undo is to set the times back.
``result``    what became of the steps ``first`` to ``last``, later rows in place of earlier ones; ``held`` says that
              what was there lies in quarantine (of a directory: that this journal has its attributes).

Results are written in batches: what the last ones say may be less than what was done, never more, and
``tui.cleanup.recover`` finds out the rest by looking at both places.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional

from tui.cleanup.calls import Calls, Handle
from tui.cleanup.canonical import BadPieces, plan_of
from tui.cleanup.protected import IDS, JOURNAL, QUARANTINE
from tui.cleanup.records import Did, Entry, Plan, State
from tui.cleanup.state_dir import CleanupError
from tui.paths import child_path, from_bytes, normal_path, showable, to_bytes

_APPLICATION, _VERSION = 0x43444A4C, 1
_LARGEST = 64 << 20  # bytes of a piece, unpacked
_TABLES = {
    "cleanup": "CREATE TABLE cleanup (id TEXT PRIMARY KEY NOT NULL, state TEXT NOT NULL, started REAL NOT NULL, "
    "ended REAL, who TEXT NOT NULL, host TEXT NOT NULL, tool TEXT NOT NULL, reason TEXT NOT NULL, "
    "plan_hash TEXT NOT NULL, reviewed TEXT NOT NULL, chosen_by TEXT NOT NULL, steps INTEGER NOT NULL, "
    "done INTEGER NOT NULL, bytes INTEGER NOT NULL)",
    "piece": "CREATE TABLE piece (cleanup TEXT NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL, "
    "PRIMARY KEY (cleanup, number))",
    "place": "CREATE TABLE place (cleanup TEXT NOT NULL, number INTEGER NOT NULL, path BLOB, "
    "PRIMARY KEY (cleanup, number))",
    "directory": "CREATE TABLE directory (cleanup TEXT NOT NULL, path BLOB NOT NULL, place INTEGER NOT NULL, "
    "mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL, atime_ns INTEGER NOT NULL, "
    "mtime_ns INTEGER NOT NULL, xattrs TEXT NOT NULL, left_ns INTEGER, made INTEGER, times INTEGER NOT NULL, "
    "PRIMARY KEY (cleanup, path))",
    "result": "CREATE TABLE result (cleanup TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, "
    "did TEXT NOT NULL, held INTEGER NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL)",
}


class JournalError(CleanupError):
    """The journal cannot be read or written, or is none."""


class Outcome(NamedTuple):
    """What became of the steps ``first`` to ``last``."""

    first: int
    last: int
    did: Did
    held: bool
    reason: str = ""


class Became(NamedTuple):
    """What became of a step. ``held``: what was there lies in quarantine, or the journal has its attributes."""

    did: Did
    held: bool
    reason: str = ""


MOVED = Became(Did.MOVED, True)


@dataclass
class Before:
    """A directory as it was before the cleanup. Times in nanoseconds since 1970."""

    path: str
    place: int  # number of the state directory for what lies in it
    mode: int
    uid: int
    gid: int
    atime_ns: int
    mtime_ns: int
    xattrs: Mapping[str, bytes] = field(default_factory=dict)
    left_ns: Optional[int] = None
    made: Optional[int] = None
    times: bool = False


@dataclass
class Loaded:
    """A cleanup, read back whole."""

    entry: Entry
    plan: Plan
    places: Mapping[int, Optional[str]]
    directories: dict[str, Before]
    outcomes: list[Optional[Outcome]]  # by number of the step; the first one stands for none


class Journal:
    """The journal in an open state directory. All methods raise JournalError."""

    def __init__(self, calls: Calls, state: Handle, shown: str, make: bool) -> None:
        """``shown``: the state directory for messages. Read-only unless ``make``: then nothing is ever written."""
        self._shown = f"{shown}/{JOURNAL}"
        self._calls = calls
        try:
            _check_file(calls, state, self._shown, make)
            place = calls.path(state)
            separator = "\\" if "\\" in place else "/"
            self._db = calls.database(place.rstrip(separator) + separator + JOURNAL, not make)
        except (sqlite3.Error, OSError) as error:
            raise self._wrong(error) from None
        try:
            with self._told():
                self._prepare(make)
                if make:
                    calls.sync(state)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; what was not committed is not in it."""
        with contextlib.suppress(sqlite3.Error):
            self._db.close()

    def begin(
        self, entry: Entry, reviewed: str, pieces: Sequence[bytes], places: Mapping[int, Optional[str]],
        directories: Iterable[Before],
    ) -> None:  # fmt: skip
        """Write a plan down, durable when this returns."""
        key = entry.id
        with self._transaction() as db:
            db.execute(
                f"INSERT INTO cleanup VALUES ({','.join('?' * 14)})",
                (
                    key, entry.state.value, entry.started, entry.ended, _plain(entry.who), _plain(entry.host),
                    entry.tool, _plain(entry.reason), entry.plan_hash, reviewed, _plain(entry.chosen_by), entry.steps,
                    entry.done, entry.bytes,
                ),
            )  # fmt: skip
            db.executemany(
                "INSERT INTO piece VALUES (?,?,?)",
                ((key, i, zlib.compress(piece, 1)) for i, piece in enumerate(pieces)),
            )
            db.executemany(
                "INSERT INTO place VALUES (?,?,?)",
                [(key, number, None if path is None else to_bytes(path)) for number, path in places.items()],
            )
            db.executemany(f"INSERT INTO directory VALUES ({','.join('?' * 12)})", (_row(key, d) for d in directories))

    def record(
        self, key: str, outcomes: Sequence[Outcome], at: float, *, state: Optional[State] = None,
        ended: Optional[float] = None, done: Optional[int] = None, moved: Optional[int] = None,
        directories: Iterable[Before] = (), forced: Iterable[str] = (),
    ) -> None:  # fmt: skip
        """Write results down, and what else is known by now, in one transaction. ``forced``: added to the reason."""
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO result VALUES (?,?,?,?,?,?,?)",
                [(key, o.first, o.last, o.did.value, int(o.held), _plain(o.reason), at) for o in outcomes],
            )
            db.execute(
                "UPDATE cleanup SET state = coalesce(?, state), ended = coalesce(?, ended), "
                "done = coalesce(?, done), bytes = coalesce(?, bytes) WHERE id = ?",
                (None if state is None else state.value, ended, done, moved, key),
            )
            db.executemany(
                "UPDATE cleanup SET reason = reason || CASE reason WHEN '' THEN '' ELSE '; ' END || ? WHERE id = ?",
                [(_plain(clause), key) for clause in forced],
            )
            db.executemany(
                "UPDATE directory SET left_ns = ?, made = ?, times = ? WHERE cleanup = ? AND path = ?",
                ((d.left_ns, _signed(d.made), int(d.times), key, to_bytes(d.path)) for d in directories),
            )

    def ids(self) -> list[str]:
        """The cleanups, oldest first."""
        with self._told():
            return [str(row[0]) for row in self._db.execute("SELECT id FROM cleanup ORDER BY rowid")]

    def entries(self) -> Iterator[Entry]:
        """The cleanups, oldest first."""
        for key in self.ids():
            yield self.entry(key)

    def entry(self, key: str) -> Entry:
        """One cleanup's entry."""
        with self._told():
            row = self._db.execute("SELECT * FROM cleanup WHERE id = ?", (key,)).fetchone()
            if row is None:
                raise JournalError(f"{self._shown}: there is no cleanup {showable(key)}; list them with journal")
            return self._entry(row, self._places(key))

    def load(self, key: str) -> Loaded:
        """A cleanup with its plan and all that became of it."""
        with self._told():
            row = self._db.execute("SELECT * FROM cleanup WHERE id = ?", (key,)).fetchone()
            if row is None:
                raise JournalError(f"{self._shown}: there is no cleanup {showable(key)}; list them with journal")
            places = self._places(key)
            entry = self._entry(row, places)
            packed = self._db.execute("SELECT data FROM piece WHERE cleanup = ? ORDER BY number", (key,))
            plan = plan_of((_unpacked(data) for (data,) in packed), str(row[8]))
            rows = self._db.execute("SELECT * FROM directory WHERE cleanup = ?", (key,)).fetchall()
            directories = {before.path: before for before in map(_before, rows)}
            outcomes: list[Optional[Outcome]] = [None] * (len(plan.steps) + 1)
            for first, last, did, held, reason in self._db.execute(
                "SELECT first, last, did, held, reason FROM result WHERE cleanup = ? ORDER BY rowid", (key,)
            ):
                if not 1 <= first <= last <= len(plan.steps):
                    raise ValueError("a result of no step")
                outcome = Outcome(first, last, Did(did), bool(held), str(reason))
                outcomes[first : last + 1] = [outcome] * (last + 1 - first)
            if any(before.place not in places for before in directories.values()):
                raise ValueError("a directory of no place")
            return Loaded(entry, plan, places, directories, outcomes)

    def _entry(self, row: Sequence[Any], places: Mapping[int, Optional[str]]) -> Entry:
        key, state, started, ended, who, host, tool, reason, plan_hash, reviewed, chosen_by, steps, done, size = row
        if not IDS.match(key):
            raise ValueError("an id that is none")
        own = self._shown[: -len(JOURNAL) - 1]
        kept = [child_path(child_path(own if path is None else path, QUARANTINE), key) for path in places.values()]
        return Entry(
            str(key), State(state), float(started), None if ended is None else float(ended), str(who), str(host),
            str(tool), str(reason), str(reviewed or plan_hash), str(chosen_by), int(steps), int(done), int(size), kept,
        )  # fmt: skip

    def _places(self, key: str) -> dict[int, Optional[str]]:
        rows = self._db.execute("SELECT number, path FROM place WHERE cleanup = ? ORDER BY number", (key,))
        return {int(number): None if path is None else _path(path) for number, path in rows}

    def _prepare(self, make: bool) -> None:
        db = self._db
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "temp_store = MEMORY"):
            db.execute(f"PRAGMA {pragma}")
        if make:
            db.execute("PRAGMA synchronous = EXTRA")
        application = db.execute("PRAGMA application_id").fetchone()[0]
        version = db.execute("PRAGMA user_version").fetchone()[0]
        found = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_autoindex_%'"))
        if make and not found and not application and not version:
            with self._transaction():
                for statement in _TABLES.values():
                    db.execute(statement)
                db.execute(f"PRAGMA application_id = {_APPLICATION}")
                db.execute(f"PRAGMA user_version = {_VERSION}")
        elif application != _APPLICATION:
            raise JournalError(f"{self._shown}: is not a journal of this program; move it away")
        elif version != _VERSION:
            raise JournalError(f"{self._shown}: was written by another version of this program; use that one")
        elif found != _TABLES:
            raise ValueError("its tables are not those of a journal")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except Exception:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except CleanupError:
            raise
        except (
            sqlite3.Error, OSError, ValueError, TypeError, OverflowError, KeyError, IndexError, zlib.error, BadPieces,
        ) as error:  # fmt: skip
            raise self._wrong(error) from None

    def _wrong(self, error: Exception) -> JournalError:
        text = str(error) or type(error).__name__
        kept = "what is in quarantine is untouched"
        if isinstance(error, sqlite3.OperationalError):
            if "full" in text:
                return JournalError(f"{self._shown}: cannot be written, its disk is full; free some space")
            if "locked" in text:
                return JournalError(f"{self._shown}: another program uses it; wait for that to end")
            if "readonly" in text:
                return JournalError(
                    f"{self._shown}: was cut off while it was written; journal recover mends it; {kept}"
                )
            return JournalError(f"{self._shown}: cannot be used: {showable(text)}; {kept}")
        return JournalError(f"{self._shown}: is damaged ({showable(text)}); {kept}; move the file away to go on")


def _check_file(calls: Calls, state: Handle, shown: str, make: bool) -> None:
    import stat

    try:
        found = calls.look(JOURNAL, state)
    except FileNotFoundError:
        if not make:
            raise JournalError(f"{shown}: there is no journal") from None
        return
    if not stat.S_ISREG(found.st_mode) or (calls.owner is not None and found.st_uid != calls.owner):
        raise JournalError(f"{shown}: is not a file of this program's; move it away")


def _plain(text: str) -> str:
    """Text that SQLite can hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _signed(number: Optional[int]) -> Optional[int]:
    """SQLite's integers have a sign; inodes have none."""
    return None if number is None else number - 2**64 if number >= 2**63 else number


def _row(key: str, d: Before) -> tuple[object, ...]:
    xattrs = json.dumps({name: base64.b64encode(value).decode("ascii") for name, value in d.xattrs.items()})
    return (
        key, to_bytes(d.path), d.place, d.mode, d.uid, d.gid, d.atime_ns, d.mtime_ns, xattrs, d.left_ns,
        _signed(d.made), int(d.times),
    )  # fmt: skip


def _before(row: Sequence[Any]) -> Before:
    _, path, place, mode, uid, gid, atime, mtime, xattrs, left, made, times = row
    if not all(type(value) is int for value in (place, mode, uid, gid, atime, mtime)) or not 0 <= mode <= 0o7777:
        raise ValueError("a directory without attributes")
    if not all(value is None or type(value) is int for value in (left, made)):
        raise ValueError("a directory without attributes")
    try:
        decoded = {str(name): base64.b64decode(value, validate=True) for name, value in json.loads(xattrs).items()}
    except (AttributeError, binascii.Error):
        raise ValueError("a directory without attributes") from None
    if made is not None and made < 0:
        made += 2**64
    return Before(_path(path), place, mode, uid, gid, atime, mtime, decoded, left, made, bool(times))


def _path(raw: Any) -> str:
    path = from_bytes(raw) if isinstance(raw, bytes) else ""
    if not path or path.startswith("//") or normal_path(path) != path or "\0" in path:
        raise ValueError("a path that is not a whole one")
    return path


def _unpacked(data: Any) -> bytes:
    unpacker = zlib.decompressobj()
    found = unpacker.decompress(data, _LARGEST)
    if not unpacker.eof:
        raise ValueError("a piece of the plan is cut off")
    return found
