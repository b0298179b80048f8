"""By which rules an instance's records are read: its agent's version, and how its system writes paths."""

from __future__ import annotations

from typing import Callable, Optional

from tui import windows_paths
from tui.disk.root import Root
from tui.paths import normal_path

_HEADS = 50_000  # directories whose place is kept for the next path


class Rules:
    """The rules for one instance.

    ``version`` is 1 or 2, ``sure`` False where nothing on disk tells which; ``user`` is the agent's
    effective user id (None: not known, and on Windows not asked). Long records are left unread once
    ``cancelled()`` is true.
    """

    def __init__(
        self,
        root: Root,
        version: int = 1,
        sure: bool = True,
        user: Optional[int] = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.cancelled = cancelled
        self.version = version
        self.sure = sure
        self.windows = root.platform == "windows"
        self.platform = root.platform
        self.user = None if self.windows else user
        self._root = root
        self._heads: dict[str, Optional[str]] = {}

    def place(self, written: str) -> Optional[str]:
        """A path as a record writes it, absolute, normal and in the disk's spelling; None where it is relative."""
        if not self.windows:
            return normal_path(written)
        path = self._inside(written)
        return None if path is None else self._root.spelling(path)

    def _inside(self, written: str) -> Optional[str]:
        text = written.replace("\\", "/")
        head, _, name = text.rpartition("/")
        if not head or name in ("", ".", ".."):
            return windows_paths.inside(text)
        if head not in self._heads:
            if len(self._heads) >= _HEADS:
                self._heads.clear()
            self._heads[head] = windows_paths.inside(head + "/")
        above = self._heads[head]
        return windows_paths.inside(text) if above is None else f"{above}/{name}"

    def planned(self, written: str) -> str:
        """A path of install.json, in the form in which other records name it.

        Version 1 writes absolute, normal paths, which stay as they are. On Linux version 2 takes a
        relative one from ``/`` and may leave a ``/`` at the end.
        """
        if self.windows:
            return self.place(written) or written
        if self.version == 1 or not written or (written[0] == "/" and written[-1] != "/"):
            return written
        return normal_path("/" + written) or written
