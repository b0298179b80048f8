"""Which of the paths in a package database are asked for, and where they really stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from tui.agent.reading import usable
from tui.disk.inventory import DIR, LINK
from tui.disk.root import Root, RootError
from tui.paths import from_bytes, normal_path, split

_CACHED = 200_000  # directories whose answer is kept
_LOOKED_AT = ("/", "/usr", "/var")  # where distributions have links to directories: /bin, /var/run


def directory_links(root: Root) -> dict[str, str]:
    """Links to directories at the places where distributions have them, and where they lead: ``/bin``, ``/usr/bin``."""
    found: dict[str, str] = {}
    for top in _LOOKED_AT:
        try:
            entries = root.list(top)
        except (RootError, OSError):
            continue
        for name, stat in entries:
            path = f"{top.rstrip('/')}/{name}"
            if stat.type != LINK:
                continue
            try:
                real = root.real_path(path)
                there = root.stat(real)
            except (RootError, OSError):
                continue
            if there is not None and there.type == DIR and real != path:
                found[path] = real
    return found


class Places:
    """The paths at and below the given ones. A path of a database that leads through a link is its real place."""

    def __init__(self, root: Root, below: Iterable[str]) -> None:
        self.wanted = frozenset(path for path in below if usable(path))
        self._above = frozenset(split(path)[0] for path in self.wanted)
        self._links = directory_links(root) if self.wanted else {}
        self._known: dict[bytes, Optional[tuple[str, bool]]] = {}

    def real(self, path: str) -> str:
        """A path with the links of the system's own directories resolved."""
        for _ in range(4):
            second = path.find("/", 1)
            third = path.find("/", second + 1) if second > 0 else -1
            for end in (second, third):
                target = self._links.get(path[:end]) if end > 0 else None
                if target is not None:
                    path = target.rstrip("/") + path[end:]
                    break
            else:
                return path
        return path

    def directory(self, raw: bytes) -> Optional[tuple[str, bool]]:
        """A directory of a database, without its last slash: its real place, and whether all in it is asked for.

        None where nothing in it is.
        """
        if raw in self._known:
            return self._known[raw]
        answer = self._directory(raw)
        if len(self._known) < _CACHED:
            self._known[raw] = answer
        return answer

    def _directory(self, raw: bytes) -> Optional[tuple[str, bool]]:
        written = normal_path(from_bytes(raw) or "/")
        if written is None or "\0" in written:
            return None
        path = self.real(written.rstrip("/") + "/x")[:-2]
        if self._whole(path):
            return path, True
        return (path, False) if (path or "/") in self._above else None

    def _whole(self, path: str) -> bool:
        while path:
            if path in self.wanted:
                return True
            path = path.rpartition("/")[0]
        return "/" in self.wanted

    def place(self, directory: bytes, name: bytes) -> Optional[str]:
        """Where a file of a database really stands; None where it is not asked for."""
        found = self.directory(directory)
        if found is None or not name or name in (b".", b".."):
            return None
        path = f"{found[0]}/{from_bytes(name)}"
        return path if found[1] or path in self.wanted else None
