"""The files of a revision, as its scripts can use them: looked at a bounded number of times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Optional

from tui.disk.inventory import DIR, FILE, LINK
from tui.disk.root import NotThere, Root, RootError
from tui.forensics.scripts.archives import member_names
from tui.forensics.scripts.values import MAX_VALUES, known, pattern_of

MAX_READS = 2_000  # looks at the disk a script
MAX_TREE = 5_000  # entries of a directory that a script copies whole
MAX_ARCHIVES = 4  # that are listed a script
TEXT_LIMIT = 512 * 1024  # bytes of a script that are read


class Revision:
    """A revision left on the instance. ``placed`` says where the agent put its files: (destination, source).

    ``unread`` holds the files that a script runs or reads and that could not be read, with the reason.
    """

    def __init__(self, root: Root, archive: str, placed: Sequence[tuple[str, str]] = ()) -> None:
        self.root = root
        self.archive = archive
        self.placed = sorted(placed, key=lambda pair: -len(pair[0]))
        self.unread: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._looks = MAX_READS
        self._kinds: dict[str, int] = {}
        self._members: dict[str, Optional[list[str]]] = {}
        self._listed: dict[str, dict[str, int]] = {}

    def _may_look(self) -> bool:
        self._looks -= 1
        return self._looks >= 0

    def own(self, path: str) -> Optional[str]:
        """The revision's file that a path of the instance is, or is a copy of; None where it is neither."""
        if path == self.archive or path.startswith(self.archive + "/"):
            return path
        for destination, source in self.placed:
            if path == destination or path.startswith(destination.rstrip("/") + "/"):
                return source + path[len(destination.rstrip("/")) :]
        return None

    def kind(self, path: str) -> Optional[int]:
        """The type (``tui.disk.inventory``) of a file of the revision; None where there is none."""
        own = self.own(path)
        if own is None or not known(own):
            return None
        if own not in self._kinds and self._may_look():
            try:
                stat = self.root.stat(own)
            except RootError as error:
                stat = None
                if not isinstance(error, NotThere):
                    self._refused[own] = error.reason
            self._kinds[own] = stat.type if stat is not None else -1
        found = self._kinds.get(own, -1)
        return found if found >= 0 else None

    def entries(self, path: str) -> dict[str, int]:
        """Name and type of each entry of a directory of the revision."""
        own = self.own(path)
        if own is None or not known(own):
            return {}
        if own not in self._listed:
            try:
                listed = self.root.list(own) if self._may_look() else []
            except RootError:
                listed = []
            self._listed[own] = {name: stat.type for name, stat in listed[: 4 * MAX_TREE]}
        return self._listed[own]

    def tree(self, path: str) -> Optional[list[tuple[str, int]]]:
        """All below a directory of the revision, by path relative to it; None where it is more than can be told."""
        found: list[tuple[str, int]] = []
        waiting = [("", path)]
        while waiting:
            above, directory = waiting.pop()
            if not self._looks:
                return None
            for name, kind in self.entries(directory).items():
                found.append((above + name, kind))
                if kind == DIR:
                    waiting.append((f"{above}{name}/", f"{directory}/{name}"))
            if len(found) > MAX_TREE or self._looks < 0:
                return None
        return found

    def matching(self, path: str) -> Optional[list[str]]:
        """The paths that a pattern of names stands for in the revision; None where it does not lie in one."""
        names = path.split("/")
        fixed = 0
        while fixed < len(names) and known(names[fixed]):
            fixed += 1
        base = "/".join(names[:fixed])
        if self.own(base) is None or self.kind(base) != DIR:
            return None
        found = [base]
        for name in names[fixed:]:
            test: Optional[re.Pattern[str]] = pattern_of(name)
            found = [f"{directory}/{entry}" for directory in found for entry in self._fits(directory, name, test)]
            if len(found) > 4 * MAX_VALUES:
                return None
        return sorted(found)

    def _fits(self, directory: str, name: str, test: Optional[re.Pattern[str]]) -> Iterator[str]:
        for entry in self.entries(directory):
            if test is not None and test.fullmatch(entry) and (name[:1] == "." or not entry.startswith(".")):
                yield entry

    def members(self, path: str) -> Optional[list[str]]:
        """The names in an archive of the revision; None where they cannot be told. A few archives only."""
        own = self.own(path)
        if own is None or not known(own):
            return None
        if own not in self._members:
            self._members[own] = member_names(self.root, own) if len(self._members) < MAX_ARCHIVES else None
        return self._members[own]

    def text(self, path: str) -> Optional[bytes]:
        """The bytes of a regular file of the revision, up to a bound; None where there is none."""
        own = self.own(path)
        if own is None or not known(own):
            return None
        kind = self.kind(path)
        if own in self._refused:
            self.unread[own] = self._refused[own]
        if kind not in (FILE, LINK) or not self._may_look():
            return None
        try:
            return self.root.read(own, TEXT_LIMIT).data
        except RootError as error:
            if not isinstance(error, NotThere):
                self.unread[own] = error.reason
            return None
