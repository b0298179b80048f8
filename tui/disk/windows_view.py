"""The Root of a Windows instance, on whatever Root its drives are directories of."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Callable, Optional, TypeVar

from tui.disk.compare import content_equal
from tui.disk.folding import Folders
from tui.disk.inventory import Inventory
from tui.disk.measure import Measurement
from tui.disk.renamed import joined, renamed
from tui.disk.root import Content, NotThere, Root, RootError, Stat, WalkProgress, WalkRequest
from tui.disk.tops import clean_path

T = TypeVar("T")


class WindowsView:
    """A Root of platform windows: paths are ``/C:/temp/a.txt``, names have no letter case, answers the disk's.

    See ``tui.disk.root.Root``. Where two names differ by letter case alone, which a file system of
    Linux allows, the one that was asked for exactly is taken, else the first in byte order. A link's
    text is taken as Windows takes it; one that names another machine, a drive that is not here or a
    volume by its id leads nowhere. The inner Root is this one's from now on and closed with it.
    """

    def __init__(self, inner: Root, drives: Mapping[str, str], label: Optional[str] = None) -> None:
        """``drives``: ``C:`` and the like, with the inner Root's directory of each."""
        self.label = inner.label if label is None else label
        self.kind = inner.kind
        self.platform = "windows"
        self._inner = inner
        self._folders = Folders(inner, drives)
        self._lock = threading.RLock()

    def __enter__(self) -> WindowsView:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what the inner Root holds open. Look-ups raise Unusable from now on."""
        with self._lock:
            self._folders.forget()
            self._inner.close()

    def forget(self) -> None:
        """Look every directory up anew from now on."""
        with self._lock:
            self._folders.forget()

    def spelling(self, path: str) -> str:
        """A path with the letter case that its names have on disk, as far as they are there.

        What is not there is spelled as it first was asked for. Links on the way are looked through
        for the names behind them, and stay in the path.
        """
        with self._lock:
            try:
                return self._folders.spelling(path)
            except RootError:
                return path

    def stat(self, path: str, follow: bool = True) -> Optional[Stat]:
        """What is at a path; None where nothing is. Raises Denied, Looped, Unusable."""
        try:
            return self._at(path, follow, lambda inner: self._inner.stat(inner, False))
        except NotThere:
            return None

    def real_path(self, path: str, follow_last: bool = True) -> str:
        """Where a path really leads, links resolved. Raises NotThere, Denied, Looped, Unusable."""
        with self._lock:
            real = self._folders.locate(path, follow_last).path
        if self.stat(real, False) is None:
            raise NotThere(path, "no such file or directory")
        return real

    def read(self, path: str, limit: int) -> Content:
        """The first ``limit`` bytes of a regular file. Never waits on a pipe or device. Raises RootError."""
        return self._at(path, True, lambda inner: self._inner.read(inner, limit))

    def open(self, path: str) -> BinaryIO:
        """A regular file to read from, unbuffered, seekable. Raises RootError."""
        return self._at(path, True, self._inner.open)

    def list(self, path: str) -> builtins.list[tuple[str, Stat]]:
        """The entries of a directory (reached through links) by name in byte order; the drives at the top.

        Raises RootError.
        """
        if clean_path(path) != "/" or not path.startswith("/"):
            return self._at(path, True, self._inner.list)
        drives = ((name, self._inner.stat(at)) for name, at in self._folders.drives.items())
        return [(name, stat) for name, stat in sorted(drives) if stat is not None]

    def read_link(self, path: str) -> str:
        """The text of a symbolic link or junction, as it stands on disk. Raises RootError."""
        return self._at(path, False, self._inner.read_link)

    def birth_ns(self, path: str) -> Optional[int]:
        """When a path (itself, not what it links to) was made; None where the platform does not tell."""
        try:
            return self._at(path, False, self._inner.birth_ns)
        except RootError:
            return None

    def same_content(self, a: str, b: str) -> bool:
        """Whether two regular files hold the same bytes now. Raises RootError."""
        return content_equal(self, a, b)

    def measure(self, directories: Sequence[str]) -> Measurement:
        """Begin to count what lies below directories; the caller sees it through and closes it."""
        return Measurement(self.walk, directories)

    def walk(
        self, request: WalkRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[WalkProgress | Inventory]:
        """Walk; yields progress a few times a second, Inventories that are ``partial`` and one that is not last."""
        done: builtins.list[Inventory] = []
        rows = 0
        for drive, inner_request in self._requests(request):
            for event in self._inner.walk(inner_request, cancelled):
                if isinstance(event, WalkProgress):
                    yield WalkProgress(event.entries + rows, self._outside(drive, event.where))
                    continue
                here = renamed(event, lambda path, drive=drive: self._outside(drive, path))  # type: ignore[misc]
                if event.partial:
                    yield joined([*done, here])
                else:
                    done.append(here)
                    rows += len(here)
        yield joined(done) if done else Inventory()

    def compare(
        self,
        inventory: Inventory,
        rows: Sequence[int],
        source: Callable[[int], Optional[str]],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[tuple[int, bytes]]:
        """Compare rows (ascending) with their revision's file ``source(row)``; yields ``(rows done, results)``.

        See ``tui.disk.compare`` for the codes. Ends early once ``cancelled()`` is true.
        """

        def inner_source(row: int) -> Optional[str]:
            path = source(row)
            return None if path is None else self._inner_source(path)

        return self._inner.compare(renamed(inventory, self._inside), rows, inner_source, cancelled)

    def _at(self, path: str, follow: bool, look: Callable[[str], T]) -> T:
        """What the inner Root tells of one of this Root's paths; errors name the latter."""
        try:
            return look(self._where(path, follow))
        except RootError as inner:
            error = type(inner)(path, inner.reason)
        raise error  # here, where it does not hold the other one with all its frames

    def _where(self, path: str, follow: bool) -> str:
        with self._lock:
            inner = self._folders.locate(path, follow).inner or "/"
        return inner + "/" if inner != "/" and path.endswith("/") else inner

    def _inner_source(self, path: str) -> str:
        try:
            return self._where(path, False)
        except RootError:  # the inner Root gives its own verdict
            return self._inside(self.spelling(path))

    def _inside(self, path: str) -> str:
        """The inner Root's path of one that is walked: no link is looked through."""
        names = clean_path(path).split("/", 2)
        top = self._folders.drives.get(names[1].upper())
        if top is None:
            return "/\0"  # nothing can be there
        return f"{top.rstrip('/')}/{names[2]}" if len(names) > 2 else top

    def _outside(self, drive: str, inner: str) -> str:
        rest = inner[len(self._folders.drives[drive].rstrip("/")) :].rstrip("/")
        return f"/{drive}{rest}"

    def _requests(self, request: WalkRequest) -> Iterator[tuple[str, WalkRequest]]:
        """What to walk of each drive, in the order of the drives."""
        asked = [[self.spelling(clean_path(path)) for path in paths] for paths in (request.trees, request.singles)]
        for drive, top in sorted(self._folders.drives.items()):
            trees, singles = (
                [
                    top if path == "/" else self._inside(path)
                    for path in paths
                    if f"{path}/".startswith(("//", f"/{drive}/"))
                ]
                for paths in asked
            )
            if trees or singles:
                yield drive, WalkRequest(trees, singles, request.cross_mounts)
