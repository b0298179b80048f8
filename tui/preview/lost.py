"""What would be lost: content that a deployment destroys and that no revision left on the instance holds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Callable, Optional

from tui.disk.inventory import FILE, LINK, NO_ROW
from tui.disk.root import RootError
from tui.disk.tree import Tree, sized_files
from tui.forensics.examination import Examination
from tui.forensics.marks import Mark, State
from tui.paths import child_path
from tui.preview.attribution import Attribution
from tui.preview.disk import Dir, Disk, Item
from tui.preview.effects import CHANGED, REMOVED, in_order
from tui.preview.records import Lost

_CHUNK = 1 << 20

Held = tuple[Tree, Optional[Dir]]  # a revision, and where the model has it


class Archives:
    """The files of the revisions left on the instance, to be searched by content."""

    def __init__(
        self,
        trees: Iterable[Tree],
        sizes: Collection[int],
        cancelled: Callable[[], bool],
        files: Callable[[Tree, Collection[int], Callable[[], bool]], Iterator[tuple[Optional[str], int]]] = sized_files,
    ) -> None:
        """``sizes``: those of the files that will be asked for; ``files`` finds them in a tree, as ``sized_files``."""
        self._digests: dict[int, set[bytes]] = {}
        self._files: dict[int, list[tuple[Tree, str]]] = {}
        self.whole = True
        for tree in trees:
            for path, size in files(tree, sizes, cancelled):
                if path is None:
                    self.whole = False
                else:
                    self._files.setdefault(size, []).append((tree, path))

    def hold(self, size: int, digest: bytes) -> bool:
        """Whether a file of that size (bytes) and SHA-256 is in one of them."""
        known = self._digests.get(size)
        if known is None:
            found = [digest_of(tree, path) for tree, path in self._files.get(size, ())]
            self.whole = self.whole and None not in found
            known = self._digests[size] = {one for one in found if one is not None}
        return digest in known


def digest_of(tree: Tree, path: str) -> Optional[bytes]:
    """A regular file's SHA-256; None where it cannot be read."""
    try:
        known = tree.digest(path)
        if known is not None:
            return known
        total = hashlib.sha256()
        with tree.open(path) as file:
            while True:
                chunk = file.read(_CHUNK)
                if not chunk:
                    return total.digest()
                total.update(chunk)
    except (RootError, OSError):
        return None


class Losses:
    """Finds what of the instance's own content a deployment would destroy for good."""

    def __init__(
        self, disk: Disk, examination: Examination, attribution: Attribution, cancelled: Callable[[], bool]
    ) -> None:
        self._cancelled = cancelled
        self._disk = disk
        self._examination = examination
        self._attribution = attribution

    def find(
        self,
        kinds: Mapping[str, int],
        before: Mapping[str, Optional[Item]],
        held: Callable[[], Iterable[Held]],
        gone: Iterable[str],
    ) -> list[Lost]:
        """What of ``before`` is lost, in tree order.

        ``kinds``: what became of paths; ``held``: the revisions left; ``gone``: the directories of those
        that are deleted on the way.
        """
        destroyed = self._destroyed(kinds, before)
        self._examination.settle((item.row for item in destroyed.values() if item.row != NO_ROW), self._cancelled)
        without = tuple(path.rstrip("/") + "/" for path in gone)
        unsafe = {path: i for path, i in destroyed.items() if not self._is_in_its_revision(i.row, without)}
        if not unsafe:
            return []
        rows = self._attribution.rows(path for path, item in unsafe.items() if item.row == NO_ROW)
        self._examination.settle(rows.values(), self._cancelled)
        tops = dict(held())
        sizes = {item.size for item in unsafe.values() if item.kind == FILE}
        archives = Archives(tops, sizes, self._cancelled, lambda tree, *of_it: self._files(tree, tops[tree], *of_it))
        found = []
        for path in in_order(unsafe):
            item = unsafe[path]
            row = rows.get(path) if item.row == NO_ROW else item.row
            found.append(self._judge(path, item, row, archives))
        return [lost for lost in found if lost is not None]

    def _files(
        self, tree: Tree, top: Optional[Dir], sizes: Collection[int], cancelled: Callable[[], bool]
    ) -> Iterator[tuple[Optional[str], int]]:
        """``sized_files`` of a tree, less what was written over; what the model has of it is not read again."""
        if top is None:
            yield from sized_files(tree, sizes, cancelled)
        todo = [] if top is None else [top]
        while todo:
            directory = todo.pop()
            if directory.children is None or directory.path in self._disk.unread:
                yield from sized_files(tree, sizes, cancelled, directory.real)
                continue
            for name, entry in self._disk.named(directory):
                if isinstance(entry, Dir):
                    todo += [entry] if entry.tree is tree else []
                elif entry.kind == FILE and entry.size in sizes and entry.home is directory and entry.name is None:
                    yield child_path(directory.real, name), entry.size

    def _destroyed(self, kinds: Mapping[str, int], before: Mapping[str, Optional[Item]]) -> dict[str, Item]:
        """What stood on disk itself and stands there no more; a file with a name left elsewhere is not destroyed."""
        found: dict[str, Item] = {}
        names: dict[int, int] = {}
        for path, kind in kinds.items():
            item = before.get(path)
            if item is None or item.home is not None or kind not in (REMOVED, CHANGED) or item.kind not in (FILE, LINK):
                continue
            found[path] = item
            if item.links > 1:
                new = self._disk.now(path)[0]
                in_place = isinstance(new, Item) and new.inode == item.inode
                names[item.inode] = item.links if in_place else names.get(item.inode, 0) + 1
        return {path: i for path, i in found.items() if i.links < 2 or names[i.inode] >= i.links}

    def _is_in_its_revision(self, row: int, gone: tuple[str, ...]) -> bool:
        e = self._examination
        if row == NO_ROW or e.state[row] != State.INTACT:
            return False
        source = e.source_of(row)
        return source is not None and not source.startswith(gone)

    def _judge(self, path: str, item: Item, row: Optional[int], archives: Archives) -> Optional[Lost]:
        made_by = None if row is None else self._attribution.made_by(row)
        state = State.NONE if row is None else State(self._examination.state[row])
        if item.kind == LINK:
            if state == State.MODIFIED or made_by is None or made_by.mark != Mark.DEPLOYED:
                return Lost(path, "the link's target is written nowhere else", 0, made_by)
            return None
        if item.size == 0:
            return None  # there is no content
        digest = digest_of(self._disk.tree, path)
        if digest is not None and archives.hold(item.size, digest):
            return None
        sure = digest is not None and archives.whole
        reason = _reason(state, made_by.mark if made_by is not None else None)
        if not sure:
            reason += "; it could not be compared with all of the revisions that are left"
        return Lost(path, reason, item.size, made_by, sure)


def _reason(state: State, mark: Optional[Mark]) -> str:
    if state == State.MODIFIED:
        return "modified since it was deployed, and no revision left on the instance has this content"
    if state in (State.UNVERIFIED, State.INTACT):
        return "its revision is gone, or goes with this deployment, and no other one has this content"
    if mark == Mark.SCRIPT_CREATED:
        return "made by a script: no revision left on the instance has this content"
    return "no revision left on the instance has this content"
