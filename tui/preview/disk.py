"""The model of the disk that an Install event is played on: read lazily through Trees, changed in memory alone.

Paths are looked up as the kernel does: component by component, links followed and counted along the
whole path, ``..`` going to the directory that really is above.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from typing import Optional

from tui.disk.inventory import DIR, LINK, Inventory
from tui.disk.root import MAX_LINKS, NotThere, RootError
from tui.disk.tree import RootTree, Tree
from tui.paths import child_path, to_bytes
from tui.preview.entries import Changes
from tui.preview.entries import Dir as Dir
from tui.preview.entries import Entry as Entry
from tui.preview.entries import Found as Found
from tui.preview.entries import Item as Item
from tui.preview.entries import Named as Named
from tui.preview.entries import NoWay as NoWay
from tui.preview.loading import listed_entries, seen_entries, whole_directories
from tui.windows_paths import fold

LONGEST_NAME = 255  # bytes
LONGEST_PATH = 4095  # bytes, without the NUL
_SHORT_NAME = LONGEST_NAME // 4  # characters that are never more bytes than a name may have
_SHORT = LONGEST_PATH // 4  # characters that are never more bytes than a path may have
KNOWN = 200_000  # directories whose place is kept for the next look-up
SETGID = 0o2000


class Disk:
    """The instance's disk, with what was played on it.

    ``before`` holds for every path that was touched what stood there at first. Changes since a
    ``checkpoint`` can be taken back.
    """

    def __init__(self, tree: Tree, windows: bool = False, inventory: Optional[Inventory] = None) -> None:
        """``tree`` is the whole instance's; what ``inventory`` has seen of it is not read again."""
        self.tree = tree
        self.windows = windows
        self.top = Dir("/", None, 0o755, 0, 0, tree, "/")
        self.before: dict[str, Optional[Item]] = {}
        self.unread: dict[str, str] = {}  # what could not be read, and why
        self._inventory = inventory
        self._rows = {} if inventory is None else whole_directories(inventory)
        self._known: dict[str, tuple[Dir, int]] = {}
        self._undo: Optional[Changes] = None

    # -- looking ------------------------------------------------------------------------------

    def entries(self, directory: Dir) -> dict[str, Entry]:
        """What stands in a directory, by name (on Windows by its folded form)."""
        children = directory.children
        return self._load(directory) if children is None else children

    def get(self, directory: Dir, name: str) -> Optional[Entry]:
        """What stands under a name in a directory, as itself."""
        children = directory.children
        if children is None:
            children = self._load(directory)
        return children.get(fold(name) if self.windows else name)

    def find(self, path: str, follow: bool = True) -> Found:
        """Where a path leads; its last name need not be there. Raises NoWay."""
        if len(path) > _SHORT and len(to_bytes(path)) > LONGEST_PATH:
            raise NoWay(errno.ENAMETOOLONG)
        if not path:
            raise NoWay(errno.ENOENT)
        head, _, name = path.rpartition("/")
        if name in ("", ".", ".."):
            directory, _ = self._directory(path)
            return Found(directory, "", directory)
        directory, links = self._known.get(head) or self._directory(head)
        if directory.children is not None and not self.windows and len(name) <= _SHORT_NAME:
            entry = directory.children.get(name)
            if entry is None or not follow or entry.kind != LINK:
                return Found(directory, name, entry)
        return self._last(directory, name, links, follow)

    def exists(self, path: str) -> bool:
        """Whether a path leads to something, links followed (``File.exist?``)."""
        try:
            return self.find(path).entry is not None
        except NoWay:
            return False

    def is_directory(self, path: str) -> bool:
        """Whether a path leads to a directory, links followed (``File.directory?``)."""
        try:
            return isinstance(self.find(path).entry, Dir)
        except NoWay:
            return False

    def links(self, path: str) -> int:
        """How many links are followed on the way to a directory; 0 where there is none."""
        try:
            return self._directory(path.rstrip("/") or "/")[1]
        except NoWay:
            return 0

    def named(self, directory: Dir) -> Iterator[tuple[str, Entry]]:
        """The entries of a directory by their own names, in byte order where they were read."""
        entries = self.entries(directory)
        spelled = directory.spelled  # known once they are read
        for key, entry in entries.items():
            yield (key if spelled is None else spelled[key]), entry

    def step(self, directory: Dir, name: str, links: int) -> tuple[Dir, int]:
        """The directory under a name, links followed and counted. Raises NoWay."""
        if name in ("", "."):
            return directory, links
        if name == "..":
            return directory.above or directory, links
        entry = self.get(directory, name)
        if isinstance(entry, Dir):
            return entry, links
        if entry is None:
            raise NoWay(errno.ENAMETOOLONG if too_long(name) else errno.ENOENT)
        if entry.kind != LINK:
            raise NoWay(errno.ENOTDIR)
        return self._through(directory, name, entry, links)

    def follow(self, directory: Dir, name: str, links: int) -> Optional[Entry]:
        """What a name leads to, links followed and counted; None where it leads nowhere."""
        entry = self.get(directory, name)
        if entry is None or entry.kind != LINK:
            return entry
        try:
            return self._last(directory, name, links, True).entry
        except NoWay:
            return None

    def text(self, directory: Dir, name: str, link: Item) -> str:
        """A symbolic link's text."""
        if link.target is None:
            tree, where = self.place(link, child_path(directory.real or directory.path, name))
            try:
                link.target = tree.read_link(where)
            except RootError as error:
                self.unread.setdefault(child_path(directory.path, name), error.reason)
                link.target = ""
        return link.target

    def place(self, item: Item, path: str) -> tuple[Tree, str]:
        """``(tree, path in it)`` where the content of what stands at ``path`` is to be read."""
        home = item.home
        if home is None or home.tree is None:
            return self.tree, path
        return home.tree, child_path(home.real, item.name or path.rpartition("/")[2])

    def copied(self, item: Item, place: str, name: str) -> Item:
        """A copy under ``name`` of the file that stands at ``place``: the same record, where that says it all."""
        content = item.name or place.rpartition("/")[2]
        kept = None if content == name else content
        if item.home is not None and item.links == 1 and item.name == kept:
            return item
        home = item.home or self.find(place, follow=False).dir
        return Item(item.kind, item.mode, item.uid, item.gid, item.size, home, None, kept)

    def on_instance(self, tree: Tree, path: str) -> Optional[str]:
        """A tree's path as one of the instance; None where the tree is elsewhere."""
        own = isinstance(tree, RootTree) and isinstance(self.tree, RootTree) and tree.root is self.tree.root
        return tree.place(path) if own and isinstance(tree, RootTree) else None

    def now(self, path: str) -> tuple[Optional[Entry], Optional[Dir], str]:
        """``(what stands at a path without links, its directory, its name)``; None where it is not there."""
        try:
            found = self.find(path, follow=False)
        except NoWay:
            return None, None, ""
        return found.entry, found.dir, found.name

    def _load(self, directory: Dir) -> dict[str, Entry]:
        tree, inventory = directory.tree, self._inventory
        assert tree is not None
        own = tree is self.tree
        row = self._rows.get(directory.real) if own else None
        found: dict[str, Entry] = {}
        if row is not None and inventory is not None:
            found = seen_entries(directory, inventory, row, tree)
        else:
            try:
                found = listed_entries(directory, tree.list(directory.real), own)
            except RootError as error:
                if not isinstance(error, NotThere):
                    self.unread[directory.path] = error.reason
        if self.windows:
            directory.spelled = {fold(name): name for name in found}
            found = {fold(name): entry for name, entry in found.items()}
        directory.children = found
        return found

    def _directory(self, path: str) -> tuple[Dir, int]:
        """A directory and the links on the way. Raises NoWay."""
        known = self._known.get(path)
        if known is not None:
            return known
        if path[:1] not in ("", "/"):
            raise NoWay(errno.ENOENT)  # relative
        at, todo = path, []
        while known is None:
            at, _, name = at.rpartition("/")
            todo.append(name)
            known = self._known.get(at) if at else (self.top, 0)
        directory, links = known
        while todo:
            name = todo.pop()
            directory, links = self.step(directory, name, links)
            at = f"{at}/{name}"
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[at] = directory, links
        return directory, links

    def _through(self, directory: Dir, name: str, link: Item, links: int) -> tuple[Dir, int]:
        """The directory that a link leads to. Raises NoWay."""
        links = self._counted(links)
        text = self._target(directory, name, link)
        at = self.top if text.startswith("/") else directory
        for part in text.split("/"):
            at, links = self.step(at, part, links)
        return at, links

    def _last(self, directory: Dir, name: str, links: int, follow: bool) -> Found:
        while True:
            entry = self.get(directory, name)
            if entry is None and too_long(name):
                raise NoWay(errno.ENAMETOOLONG)
            if entry is None or not follow or entry.kind != LINK or isinstance(entry, Dir):
                return Found(directory, self._spelled(directory, name), entry)
            links = self._counted(links)
            text = self._target(directory, name, entry)
            at = self.top if text.startswith("/") else directory
            *parts, name = text.split("/")
            for part in parts:
                at, links = self.step(at, part, links)
            if name in ("", ".", ".."):
                at, links = self.step(at, name, links)
                return Found(at, "", at)
            directory = at

    def _target(self, directory: Dir, name: str, link: Item) -> str:
        text = self.text(directory, name, link)
        if not text:
            raise NoWay(errno.ENOENT)
        if not self.windows:
            return text
        text = text.replace("\\", "/")
        return "/" + text if text[1:2] == ":" else text

    @staticmethod
    def _counted(links: int) -> int:
        if links >= MAX_LINKS:
            raise NoWay(errno.ELOOP)
        return links + 1

    # -- changing -----------------------------------------------------------------------------

    def put(self, directory: Dir, name: str, entry: Entry) -> None:
        """Let something stand under a name, in place of what stood there."""
        self._set(directory, name, entry)

    def remove(self, directory: Dir, name: str) -> None:
        """Take away what stands under a name."""
        self._set(directory, name, None)

    def make(self, directory: Dir, name: str, mode: int, uid: int, gid: int) -> Dir:
        """Make a directory."""
        if directory.mode & SETGID and not self.windows:
            mode, gid = mode | SETGID, directory.gid
        made = Dir(child_path(directory.path, name), directory, mode, uid, gid)
        made.device = directory.device
        self._set(directory, name, made)
        return made

    def share(self, path: str, other: str) -> None:
        """Let another name of a file say what was written or changed in place under ``path``."""
        entry, (directory, name, there) = self.now(path)[0], self.find(other, follow=False)
        if isinstance(entry, Named) and there is not None:
            self._set(directory, name, Named(self.copied(entry, path, name), entry.inode, entry.links))

    def mount(self, path: str, tree: Tree) -> Dir:
        """Let a tree stand at an absolute path, its directories made where they are missing, beside the journal."""
        directory = self.top
        names = [name for name in path.split("/") if name]
        for depth, name in enumerate(names):
            try:
                below, _ = self.step(directory, name, 0)
            except NoWay:
                below = Dir(child_path(directory.path, name), directory, 0o755, 0, 0)
                self._quietly(directory, name, below)
            if depth == len(names) - 1:
                below = Dir(child_path(directory.path, name), directory, 0o755, 0, 0, tree, "/")
                self._quietly(directory, name, below)
            directory = below
        return directory

    def set_attributes(self, found: Found, mode: int, uid: int, gid: int) -> None:
        """Change mode and owner of something that is there."""
        entry = found.entry
        if isinstance(entry, Dir):
            self._journal(entry.path, entry.item())
            if self._undo is not None:
                self._undo.add(entry, "", (entry.mode, entry.uid, entry.gid))
            entry.mode, entry.uid, entry.gid = mode, uid, gid
        elif entry is not None:
            self._set(found.dir, found.name, entry.with_attributes(mode, uid, gid))

    def _quietly(self, directory: Dir, name: str, entry: Entry) -> None:
        key = fold(name) if self.windows else name
        self.entries(directory)[key] = entry
        if self.windows:
            directory.spelled = directory.spelled or {}
            directory.spelled[key] = name
        self._known.clear()

    def _set(self, directory: Dir, name: str, entry: Optional[Entry]) -> None:
        children = self.entries(directory)
        key = fold(name) if self.windows else name
        old = children.get(key)
        if isinstance(old, Item) and old.kind == LINK:
            self.text(directory, name, old)  # while it is known where to read it
        spelled = name if directory.spelled is None else self._spelled(directory, name)
        self._journal(sys.intern(child_path(directory.path, spelled)), old.item() if isinstance(old, Dir) else old)
        if self._undo is not None:
            self._undo.add(directory, key, old)
        if entry is None:
            children.pop(key, None)
        else:
            children[key] = entry
            if self.windows:
                directory.spelled = directory.spelled or {}
                directory.spelled.setdefault(key, name)
        if old is not None and old.kind in (DIR, LINK):
            self._known.clear()

    def _spelled(self, directory: Dir, name: str) -> str:
        """A name as the disk has or had it, on Windows, where another letter case is the same name."""
        return name if directory.spelled is None else directory.spelled.get(fold(name), name)

    def _journal(self, path: str, item: Optional[Item]) -> None:
        self.before.setdefault(path, item)

    def checkpoint(self) -> int:
        """A place in the journal to come back to with ``back_to``; changes are kept for that from the first one on."""
        if self._undo is None:
            self._undo = Changes()
        return len(self._undo)

    def back_to(self, checkpoint: int) -> None:
        """Take back all changes since a checkpoint."""
        for directory, key, old in self._undo.taken_back(checkpoint) if self._undo is not None else ():
            if isinstance(old, tuple):
                directory.mode, directory.uid, directory.gid = old
                continue
            children = self.entries(directory)
            if old is None:
                children.pop(key, None)
            else:
                children[key] = old
        self._known.clear()

    def settle(self) -> None:
        """Nothing before this is taken back any more."""
        self._undo = None


def too_long(name: str) -> bool:
    """Whether a name is longer than a file system takes."""
    return len(name) * 4 > LONGEST_NAME and len(to_bytes(name)) > LONGEST_NAME


def numbered(start: int = 1) -> Iterator[str]:
    """Ids for deployments to come, which no real one has."""
    while True:
        yield f"d-NEXT{start:05d}"
        start += 1
