"""Listed paths that are reached through a link: where they really lead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

from tui.disk.inventory import DIR, Inventory
from tui.disk.root import MAX_LINKS, Looped, NotThere, Root, RootError
from tui.forensics.removal import OUTSIDE
from tui.forensics.targets import directories_of, directory_of
from tui.paths import normal_path


class ViaLink(NamedTuple):
    """A listed path and the place it is reached at.

    ``moved``: the link stands where the agent was told to install, or is younger than the record. So
    nothing of the deployment stands at the listed path itself any more: what there was has been moved
    away. A link further up that was there before is just the way to the place.
    """

    path: str
    real: str
    link: str
    moved: bool


class Links:
    """Resolves the directories of listed paths, each once."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self._directories: dict[str, tuple[Optional[str], Optional[str], float]] = {}

    def _directory(self, path: str) -> tuple[Optional[str], Optional[str], float]:
        """``(real path, the first link in it, that link's mtime)``; None where it leads nowhere."""
        known = self._directories.get(path)
        if known is None:
            known = self._directories[path] = self._look(path)
        return known

    def _look(self, path: str) -> tuple[Optional[str], Optional[str], float]:
        try:
            real = self.root.real_path(path)
        except RootError:
            return None, None, 0.0
        if real == path:
            return real, None, 0.0
        above = ""
        for part in path.strip("/").split("/"):
            above += "/" + part
            try:
                if self.root.real_path(above) != above:
                    stat = self.root.stat(above, follow=False)
                    return real, above, stat.mtime if stat is not None else 0.0
            except RootError:
                break
        return real, path, 0.0

    def through(self, directories: Iterable[str]) -> set[str]:
        """Those of some directories that are reached through a link."""
        return {directory for directory in directories if self._directory(directory)[1] is not None}

    def resolve(self, path: str, recorded: float, destinations: set[str]) -> Optional[ViaLink]:
        """Where a listed path leads, if through a link. ``recorded``: the cleanup file's mtime, in seconds."""
        real, link, made = self._directory(directory_of(path))
        if real is None or link is None:
            return None
        return ViaLink(
            path, real.rstrip("/") + "/" + path.rpartition("/")[2], link, made > recorded or _within(link, destinations)
        )


def _within(path: str, directories: set[str]) -> bool:
    while path != "/":
        if path in directories:
            return True
        path = directory_of(path)
    return False


def resolve_all(root: Root, paths: Sequence[str], recorded: float, destinations: set[str]) -> list[ViaLink]:
    """All of a cleanup file's paths that are reached through a link.

    ``recorded`` is the file's mtime, in seconds; ``destinations`` are those of the group's appspecs.
    """
    links = Links(root)
    above = directories_of(paths)
    directories = links.through(above)
    if not directories:
        return []
    into = {directory_of(path) for path in paths if path not in above}  # directories that files were put into
    places = destinations | {directory for directory in into if directory in directories}
    found = (links.resolve(path, recorded, places) for path in paths if directory_of(path) in directories)
    return [via for via in found if via is not None]


def leads_to_directory(root: Root, path: str) -> bool:
    """Whether a path is a directory, or a link to one."""
    try:
        stat = root.stat(path)
    except RootError:
        return False
    return stat is not None and stat.type == DIR


def link_ways(root: Root, inventory: Inventory, rows: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """For each of some links the rows it leads through and to; none where it leads nowhere.

    What is there and has no row is ``OUTSIDE``.
    """
    if not rows:
        return {}
    index = {path: row for row, path in inventory.paths()}
    return {row: _way(root, inventory, index, path) for row, path in inventory.paths(rows)}


def _way(root: Root, inventory: Inventory, index: dict[str, int], path: str) -> tuple[int, ...]:
    try:
        real = root.real_path(path)
    except (NotThere, Looped):
        return ()
    except RootError:
        return (OUTSIDE,)
    through = []
    here: Optional[str] = path
    for _ in range(MAX_LINKS):
        text = inventory.targets.get(index.get(here, OUTSIDE)) if here is not None else None
        if text is None:
            break
        here = normal_path(text if text.startswith("/") else f"{directory_of(here or path)}/{text}")
        through.append(index.get(here or "", OUTSIDE))
    return (*through, index.get(real, OUTSIDE))
