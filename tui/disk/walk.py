"""The walk: directory trees into an Inventory, in tree order."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any, Callable, Optional

from tui.disk.access import Access, Swapped
from tui.disk.block import KINDS, Block
from tui.disk.inventory import DIR, LINK, NO_ROW, Inventory, Note
from tui.disk.root import WalkProgress, WalkRequest
from tui.disk.tops import Top, as_parts, plan_tops
from tui.paths import child_path, to_bytes

BLOCK = 2048  # entries of one directory that are looked at together
MAX_DEPTH = 10_000  # levels
MAX_ENTRIES = 20_000_000  # rows: about two gigabytes
_PROGRESS = 0.1  # seconds between two reports
_SNAPSHOT = 1.0  # seconds between two snapshots, at least
_FIRST, _FACTOR = 1_000, 4  # rows of the first snapshot, and how many times more the next one has

_VANISHED = (errno.ENOENT, errno.ESTALE)
_REPLACED = (errno.ENOTDIR, errno.ELOOP)


class _Full(Exception):
    """The walk ends here: cancelled, or more entries than it holds. ``args`` are a Note's code and detail."""


class _Frame:
    """A directory the walk is in: names not looked at yet, and a block that was, part of it in the Inventory."""

    __slots__ = ("at", "block", "device", "dirs", "names", "row")

    def __init__(self, row: int, device: int, names: list[str]) -> None:
        self.row = row
        self.device = device
        self.names = names
        self.at = 0  # names that went into blocks
        self.block: Optional[Block] = None
        self.dirs: list[int] = []  # directories of the block that are still to be entered, last first


class _Walker:
    def __init__(self, disk: Access, request: WalkRequest, cancelled: Callable[[], bool]) -> None:
        self.disk = disk
        self.cancelled = cancelled
        self.cross = request.cross_mounts
        self.inventory = Inventory()
        self.parents = disk.parents()
        self.todo = plan_tops([*((path, False) for path in request.singles), *((path, True) for path in request.trees)])
        self.chain = disk.chain()
        self.frames: list[_Frame] = []
        self.inner: list[tuple[str, bool]] = []  # what else was asked for below the tree that is walked
        self.aside: list[tuple[str, bool]] = []  # of those, what the walk of the tree does not come to
        self.report_at = self.snapshot_at = 0.0
        self.snapshot_rows = _FIRST

    def run(self) -> Iterator[WalkProgress | Inventory]:
        inventory = self.inventory
        try:
            while self.todo:
                top = self.todo.pop(0)
                yield from self._tick(lambda path=top.path: path)  # type: ignore[misc]
                if self._begin(top):
                    yield from self._tree()
                self.todo[:0] = plan_tops(self.aside)
                self.aside = []
        except _Full as full:
            inventory.close_open()
            code, detail = full.args
            inventory.notes.append(Note(code, self._where() if self.frames else top.path, detail))
        finally:
            self.close()
        yield inventory

    def close(self) -> None:
        self.chain.close()
        self.parents.close()

    def _where(self) -> str:
        return self.inventory.path(self.frames[-1].row)

    def _tick(self, where: Callable[[], str]) -> Iterator[WalkProgress | Inventory]:
        """Once a directory: stop if that is asked for, tell how far it is."""
        if self.cancelled():
            raise _Full("cancelled", "")
        now = time.monotonic()
        if now >= self.report_at:
            self.report_at = now + _PROGRESS
            yield WalkProgress(len(self.inventory), where())
        if len(self.inventory) >= self.snapshot_rows and now >= self.snapshot_at:
            self.snapshot_at = now + _SNAPSHOT
            self.snapshot_rows = len(self.inventory) * _FACTOR
            yield self.inventory.snapshot()

    def _note(self, path: str, error: OSError) -> None:
        number = error.errno
        if isinstance(error, Swapped) or (number in _REPLACED):
            note = Note("swapped", path)
        elif number in _VANISHED:
            note = Note("vanished", path)
        else:
            note = Note("unreadable", path, (error.strerror or str(error)).lower())
        self.inventory.notes.append(note)

    def _begin(self, top: Top) -> bool:
        """Add a top's row; whether there is a directory to walk below it, which the chain then is in."""
        self.inner = top.inner
        parts = as_parts(top.path)
        try:
            above = self.parents.at(parts[:-1])
            name = parts[-1] if parts else "."
            found = self.disk.stat(name, above)
            kind = KINDS[found.st_mode >> 12]
            block = Block(self.inventory, [top.path], [found])
            if kind == LINK:
                block.targets.append((0, self.disk.read_link(name, above)))
        except OSError as error:
            # What is not there, or only through a link, has no row.
            if error.errno not in (*_VANISHED, *_REPLACED, errno.ENAMETOOLONG):
                self._note(top.path, error)
            self.aside += self.inner
            return False
        except ValueError:
            return False  # a NUL in the path, or text that no file name can be
        block.emit(self.inventory, 1, NO_ROW)
        if kind == DIR and top.tree:
            self.chain = self.disk.chain(parts[:-1])
            return self._enter(name, len(self.inventory) - 1)
        self.aside += self.inner
        return False

    def _tree(self) -> Iterator[WalkProgress | Inventory]:
        inventory, frames = self.inventory, self.frames
        while frames:
            frame = frames[-1]
            if frame.dirs:
                self._next_dir(frame)
            elif frame.at < len(frame.names):
                yield from self._tick(self._where)
                self._next_block(frame)
            else:
                if frame.block is not None:
                    frame.block.emit(inventory, len(frame.block), frame.row)
                inventory.close(frame.row)
                frames.pop()
                self.chain.leave()

    def _next_block(self, frame: _Frame) -> None:
        if frame.block is not None:
            frame.block.emit(self.inventory, len(frame.block), frame.row)
            frame.block = None
        if len(self.inventory) >= MAX_ENTRIES:
            raise _Full("limit", f"more than {MAX_ENTRIES} entries")
        names = frame.names[frame.at : frame.at + BLOCK]
        frame.at += BLOCK
        if frame.at >= len(frame.names):
            frame.names = []
        try:
            here = self.chain.here()
        except OSError as error:
            self._note(self._where(), error)
            self._skip(frame.row)
            frame.names = []
            return
        names, stats, failed = self.disk.stats(names, here)
        for name, reason in failed:
            self._note(child_path(self._where(), name), reason)
        if not names:
            return
        frame.block = block = Block(self.inventory, names, stats)
        block.read_links(self.disk, here)
        frame.dirs = block.directories()

    def _next_dir(self, frame: _Frame) -> None:
        """Add rows up to the block's next directory, and go into that."""
        block, inventory = frame.block, self.inventory
        assert block is not None
        index = frame.dirs.pop()
        block.emit(inventory, index + 1, frame.row)
        name = block.names[index]
        row = len(inventory) - 1
        if inventory.device[row] != frame.device and not self.cross and not self._wanted(row):
            inventory.notes.append(Note("mount", inventory.path(row)))
            self._skip(row)
        elif len(self.frames) >= MAX_DEPTH:
            inventory.notes.append(Note("limit", inventory.path(row), f"more than {MAX_DEPTH} levels"))
            self._skip(row)
        else:
            self._enter(name, row)

    def _enter(self, name: str, row: int) -> bool:
        inventory = self.inventory
        device = inventory.device[row]
        try:
            here = self.chain.enter(name, (inventory.devices[device], inventory.inode[row]))
        except OSError as error:
            self._note(inventory.path(row), error)
            self._skip(row)
            return False
        self.frames.append(_Frame(row, device, self._names(here, row)))
        return True

    def _names(self, here: Any, row: int) -> list[str]:
        """A directory's names in byte order."""
        names: list[str] = []
        try:
            with self.disk.names(here) as entries:
                while True:
                    some = list(islice(entries, BLOCK))
                    names += some
                    if len(some) < BLOCK:
                        break
                    if self.cancelled():
                        raise _Full("cancelled", "")
                    if len(names) > MAX_ENTRIES:
                        raise _Full("limit", f"more than {MAX_ENTRIES} entries")
        except OSError as error:
            self._note(self.inventory.path(row), error)
        names.sort()
        # Text and bytes sort alike but for names with bytes that are not UTF-8.
        if not "".join(names).isascii():
            names.sort(key=to_bytes)
        return names

    def _wanted(self, row: int) -> bool:
        """Whether a directory on another file system was asked for by its own path."""
        return bool(self.inner) and (self.inventory.path(row), True) in self.inner

    def _skip(self, row: int) -> None:
        """What was asked for below a directory that is not entered is looked for by its own path."""
        if self.inner:
            below = child_path(self.inventory.path(row), "")
            self.aside += [inner for inner in self.inner if inner[0].startswith(below)]


def walk(disk: Access, request: WalkRequest, cancelled: Callable[[], bool]) -> Iterator[WalkProgress | Inventory]:
    """Walk what is asked for below a Root's top: see ``tui.disk.root.Root.walk``."""
    walker = _Walker(disk, request, cancelled)
    try:
        yield from walker.run()
    finally:
        walker.close()
