"""The net difference between two moments: what is removed, added, changed, or has another mode or owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Callable, NamedTuple, Optional

from tui.disk.compare import DIFFERENT, SAME
from tui.disk.contents import compare_all
from tui.disk.inventory import DIR, FILE, LINK, NO_ROW, Inventory
from tui.disk.tree import Tree
from tui.paths import path_key
from tui.preview.disk import Disk, Entry, Item
from tui.preview.records import AttributeChange, Effects

REMOVED, ADDED, CHANGED, ATTRIBUTES = range(1, 5)
_BATCH = 20_480  # files compared together: enough for two processes, little enough to hold

Pair = tuple[Tree, str, Tree, str]


class Net(NamedTuple):
    """What became of paths: one of the numbers above a path, and every change of mode, owner or owning group."""

    kinds: dict[str, int]
    attributes: dict[str, AttributeChange]
    unread: list[str]  # paths whose content could not be compared; they are taken as changed
    others: dict[str, str]  # another name of a file that was changed in place -> the path it was changed under


class Comparer:
    """Compares the model with an earlier moment.

    ``known`` tells, where that follows from the examination, whether the file of a row holds the same as
    another file of the instance. Contents compared before are remembered while ``remember`` is set.
    """

    def __init__(
        self,
        disk: Disk,
        inventory: Inventory,
        outside: tuple[str, ...],
        known: Callable[[int, Callable[[], Optional[str]]], Optional[bool]],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """``outside``: directories that do not count, the agent's own."""
        self._disk = disk
        self._inventory = inventory
        self._outside = tuple(path.rstrip("/") + "/" for path in outside)
        self._known = known
        self._cancelled = cancelled
        self._remembered: dict[str, tuple[Item, Item, int]] = {}
        self._names: Optional[dict[tuple[int, int], list[str]]] = None
        self.remember = False

    def net(self, before: Mapping[str, Optional[Item]]) -> Net:
        """The difference to what ``before`` says that stood at each touched path."""
        net = Net({}, {}, [], {})
        batch: list[tuple[str, Item, Item]] = []
        for path, old in before.items():
            new = self._disk.now(path)[0]
            if new is old or path.startswith(self._outside):
                continue
            if old is None or new is None:
                net.kinds[path] = ADDED if old is None else REMOVED
                continue
            if old.kind != new.kind:
                net.kinds[path] = CHANGED
            elif isinstance(new, Item) and new.kind == FILE and (old.home is not new.home or old.name != new.name):
                if old.size == new.size:
                    batch.append((path, old, new))
                    if len(batch) >= _BATCH:
                        self._compare(net, batch)
                    continue
                net.kinds[path] = CHANGED
            elif isinstance(new, Item) and new.kind == LINK and old.target != new.target:
                net.kinds[path] = CHANGED
            self._attributes(net, path, old, new)
        self._compare(net, batch)
        self._other_names(net, before)
        return net

    def _compare(self, net: Net, batch: list[tuple[str, Item, Item]]) -> None:
        """Compare files of the same size; ``batch`` is empty afterwards."""
        codes = [self._code(path, old, new) for path, old, new in batch]
        asked = [k for k, code in enumerate(codes) if code is None]
        for k, found in zip(asked, compare_all([self._pair(*batch[k]) for k in asked], self._cancelled)):
            codes[k] = found
        for (path, old, new), code in zip(batch, codes):
            if code is None:
                continue  # nobody waits for the result any more
            if self.remember:
                self._remembered[path] = old, new, code
            if code != SAME:
                net.kinds[path] = CHANGED
            if code not in (SAME, DIFFERENT):
                net.unread.append(path)
            self._attributes(net, path, old, new)
        batch.clear()

    def _code(self, path: str, old: Item, new: Item) -> Optional[int]:
        """What is known without reading."""
        remembered = self._remembered.get(path)
        if remembered is not None:
            then, copy, code = remembered
            if then is old and copy.home is new.home and copy.name == new.name:
                return code
        if old.row == NO_ROW:
            return None
        same = self._known(old.row, lambda: self._disk.on_instance(*self._disk.place(new, path)))
        return None if same is None else SAME if same else DIFFERENT

    def _pair(self, path: str, old: Item, new: Item) -> Pair:
        return (*self._disk.place(old, path), *self._disk.place(new, path))

    def _attributes(self, net: Net, path: str, old: Item, new: Entry) -> None:
        if self._disk.windows or old.kind != new.kind:
            return
        mode = (old.mode, new.mode) if old.mode != new.mode and old.kind != LINK else None
        uid = (old.uid, new.uid) if old.uid != new.uid else None
        gid = (old.gid, new.gid) if old.gid != new.gid else None
        if mode is None and uid is None and gid is None:
            return
        net.attributes[path] = AttributeChange(path, mode, uid, gid)
        if path not in net.kinds and (mode is not None or uid is not None):
            net.kinds[path] = ATTRIBUTES

    def _other_names(self, net: Net, before: Mapping[str, Optional[Item]]) -> None:
        """Let what was written or changed in place under one name of a file count for its other names, too."""
        for path in [path for path, kind in net.kinds.items() if kind in (CHANGED, ATTRIBUTES)]:
            old = before[path]
            if old is None or old.links < 2:
                continue
            new, directory, _ = self._disk.now(path)
            if directory is None or not isinstance(new, Item) or new.inode != old.inode:
                continue
            for other in self._hard_links().get((directory.device, old.inode), ()):
                if other not in before:
                    net.others[other] = path
                    net.kinds[other] = net.kinds[path]
                    if path in net.attributes:
                        net.attributes[other] = net.attributes[path]._replace(path=other, through=path)

    def _hard_links(self) -> dict[tuple[int, int], list[str]]:
        """All known names of files that have several, by device and inode."""
        if self._names is None:
            inventory, names = self._inventory, dict[tuple[int, int], list[str]]()
            rows = sorted(row for row in inventory.links if inventory.type[row] != DIR)
            for row, path in inventory.paths(rows):
                device = inventory.devices[inventory.device[row]]
                names.setdefault((device, inventory.inode[row]), []).append(path)
            self._names = names
        return self._names


def in_order(paths: Iterable[str]) -> list[str]:
    """Paths in tree order."""
    return sorted(paths, key=path_key)


def effects_of(kinds: Mapping[str, int]) -> Effects:
    """The four lists."""
    by_kind: dict[int, list[str]] = {REMOVED: [], ADDED: [], CHANGED: [], ATTRIBUTES: []}
    for path, kind in kinds.items():
        by_kind[kind].append(path)
    return Effects(*(in_order(by_kind[kind]) for kind in (REMOVED, ADDED, CHANGED, ATTRIBUTES)))


def certain_and_possible(without: Mapping[str, int], with_all: Mapping[str, int]) -> tuple[Effects, Effects]:
    """What is so whether or not the instructions that may be reached are carried out, and what else can be."""
    certain = {path: kind for path, kind in without.items() if with_all.get(path) == kind}
    lists: Sequence[set[str]] = (set(), set(), set(), set())
    for kinds in (without, with_all):
        for path, kind in kinds.items():
            if path not in certain:
                lists[kind - REMOVED].add(path)
    return effects_of(certain), Effects(*(in_order(paths) for paths in lists))
