"""What stands at a path now, and whether it still is what a plan saw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Optional

from tui.cleanup.records import Seen
from tui.disk.inventory import DIR, LINK
from tui.disk.root import NotThere, Root, RootError, Stat
from tui.paths import child_path, split

LIST_FROM = 16  # paths of one directory from which on it is listed whole, instead of asked for one by one
DIGEST_UP_TO = 64 << 20  # bytes of a file that is read whole while a plan is made
_CHUNK = 1 << 20


class Looked(NamedTuple):
    """What came of a look at a path: ``seen``, or the code and reason why it may not be acted on."""

    seen: Optional[Seen]
    code: str = ""
    reason: str = ""


class Looker:
    """Looks at many paths, directory by directory. A path counts only as it really is: no link on the way."""

    def __init__(self, root: Root) -> None:
        forget = getattr(root, "forget", None)
        if forget is not None:
            forget()  # what was looked up before may have been replaced
        self._root = root
        self._entries: dict[str, int] = {}  # directory -> how many entries it has

    def look(self, paths: Iterable[str]) -> Iterator[tuple[str, Looked]]:
        """Each of some paths; those of one directory together."""
        directories: dict[str, list[str]] = {}
        for path in paths:
            head, _, name = path.rpartition("/")
            directories.setdefault(head or "/", []).append(name)
        for directory, names in directories.items():
            wrong = self._through_link(directory)
            if wrong is not None:
                for name in names:
                    yield child_path(directory, name), wrong
                continue
            yield from self._in(directory, names)

    def entries(self, directory: str) -> Optional[int]:
        """How many entries a directory has; None where it cannot be listed."""
        known = self._entries.get(directory)
        if known is None:
            try:
                known = self._entries[directory] = len(self._root.list(directory))
            except RootError:
                return None
        return known

    def device(self, directory: str) -> Optional[int]:
        """The file system that a directory is on."""
        try:
            stat = self._root.stat(directory, follow=False)
        except RootError:
            return None
        return None if stat is None else stat.device

    def _through_link(self, directory: str) -> Optional[Looked]:
        try:
            real = self._root.real_path(directory)
        except NotThere:
            return Looked(None, "absent", "the directory it stood in is not there any more")
        except RootError as error:
            return Looked(None, "unreadable", f"its directory cannot be looked at: {error.reason}")
        if real == directory:
            return None
        return Looked(None, "through-link", f"a link stands on the way to it, which leads to {real}")

    def _in(self, directory: str, names: list[str]) -> Iterator[tuple[str, Looked]]:
        stats: Optional[dict[str, Stat]] = None
        if len(names) >= LIST_FROM or self._root.platform == "windows":
            # On Windows a name that no listing has may still lead somewhere: a short name, one with a dot at its end.
            try:
                stats = dict(self._root.list(directory))
                self._entries[directory] = len(stats)
            except RootError as error:
                for name in names:
                    yield child_path(directory, name), Looked(None, "unreadable", error.reason)
                return
        for name in names:
            path = child_path(directory, name)
            try:
                stat = stats.get(name) if stats is not None else self._root.stat(path, follow=False)
                target = self._root.read_link(path) if stat is not None and stat.type == LINK else None
            except NotThere:
                stat = None
            except RootError as error:
                yield path, Looked(None, "unreadable", f"it cannot be looked at: {error.reason}")
                continue
            if stat is None:
                yield path, Looked(None, "absent", "nothing is there any more")
            else:
                yield path, Looked(seen_of(stat, target))


def seen_of(stat: Stat, target: Optional[str] = None, digest: Optional[str] = None) -> Seen:
    """A Root's answer as what a plan keeps."""
    return Seen(
        stat.type, stat.device, stat.inode, stat.mode, stat.uid, stat.gid, stat.size, stat.mtime_ns, stat.ctime_ns,
        stat.links, target, digest,
    )  # fmt: skip


def differs(planned: Seen, now: Seen) -> Optional[str]:
    """In what a thing is not what was planned; None where it is the same.

    Of a directory the entries are not compared: they go before it does. The time of the last change of
    attributes is compared only where the thing has one name, since each other name that goes changes it.
    """
    if planned.kind != now.kind:
        return "it is another type of file now"
    if (planned.device, planned.inode) != (now.device, now.inode):
        return "another file stands in its place now"
    if (planned.mode, planned.uid, planned.gid) != (now.mode, now.uid, now.gid):
        return "its mode or owner has changed"
    if planned.kind == DIR:
        return None
    if planned.target != now.target:
        return "the link leads elsewhere now"
    if planned.size != now.size or planned.mtime_ns != now.mtime_ns:
        return "it was written to since"
    if planned.links == 1 and now.links == 1 and planned.ctime_ns != now.ctime_ns:
        return "it was changed since"
    if planned.digest is not None and now.digest is not None and planned.digest != now.digest:
        return "its content has changed"
    return None


def digest_at(root: Root, path: str, size: int) -> Optional[str]:
    """The SHA-256 of a regular file in hex; None where it is too large to be read now, or cannot be read."""
    if size > DIGEST_UP_TO:
        return None
    total = hashlib.sha256()
    try:
        with root.open(path) as stream:
            left = DIGEST_UP_TO
            while left > 0:
                chunk = stream.read(min(_CHUNK, left))
                if not chunk:
                    return total.hexdigest()
                total.update(chunk)
                left -= len(chunk)
            return total.hexdigest() if not stream.read(1) else None
    except (RootError, OSError):
        return None


def directory_of(path: str) -> str:
    """The directory a path stands in."""
    return split(path)[0]
