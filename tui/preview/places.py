"""Paths as each version of the agent takes them from the appspec: joined, normalised, made absolute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from tui import windows_paths
from tui.paths import normal_path

ROOT_HOME = "/root"


class Places:
    """How sources and destinations become paths.

    ``cwd`` is the agent's working directory, from where version 1 takes relative destinations;
    ``doubts`` collects what was taken for granted on the way.
    """

    def __init__(
        self, version: int, windows: bool = False, cwd: Optional[str] = None, homes: Optional[Mapping[str, str]] = None
    ) -> None:
        """``homes``: users' home directories, where they are known."""
        self._homes = homes or {}
        self.version = version
        self.windows = windows
        self._cwd = cwd
        self.doubts: dict[str, None] = {}

    def source(self, archive: str, written: str) -> str:
        """A mapping's source in an archive."""
        if self.windows:
            return windows_paths.inside(f"{archive[1:]}/{written}") or archive
        if self.version == 2:
            return f"{archive}/{written.lstrip('/')}"
        return join(archive, written)

    def destination(self, written: str) -> str:
        """A destination as the agent asks whether it exists."""
        if self.windows:
            inside = windows_paths.inside(written)
            if inside is None:
                self._doubt(written)
            return inside or windows_paths.inside(f"C:/{written}") or written
        if self.version == 1:
            return written
        if "..." in written.split("/"):
            self.doubts.setdefault(f"{written}: version 2 is taken to read ... as ../..; that was not seen")
        return _cleaned(written)

    def file_in(self, destination: str, source: str) -> str:
        """The destination of a source that is a file."""
        return join(destination, base_name(source))

    def looked_up(self, destination: str) -> str:
        """A destination as the system takes it: one that is relative starts at the working directory."""
        if destination.startswith("/") or not destination:
            return destination
        self._doubt(destination)
        if self.version == 2:
            return "/" + destination
        return join(self._cwd or "/", destination)

    def settled(self, destination: str) -> str:
        """A destination as instructions, install.json and the cleanup file have it."""
        if self.windows:
            return destination
        if destination.startswith("~"):
            user, _, rest = destination[1:].partition("/")
            home = self._homes.get(user or "root", ROOT_HOME)
            self.doubts.setdefault(f"{destination}: the home directory is taken for {home}")
            return normal_path(f"{home}/{rest}") or destination
        if self.version == 2:
            return destination
        if not destination.startswith("/"):
            destination = self.looked_up(destination) or self._cwd or "/"
        return _expanded(destination)

    def unknown_user(self, destination: str) -> Optional[str]:
        """The user in ``~user`` whom the instance does not have."""
        if not destination.startswith("~") or self.windows:
            return None
        user = destination[1:].partition("/")[0]
        return user if user not in ("", "root") and user not in self._homes else None

    def parents(self, destination: str) -> list[str]:
        """The directories above a destination, the nearest first, ``/`` and ``.`` left out."""
        found = []
        above = dir_name(destination)
        while above not in (".", "/", ""):
            if self.windows and above.count("/") < 2:
                break  # a drive
            found.append(above)
            above = dir_name(above)
        return found

    def start(self, destination: str) -> Optional[str]:
        """The first name of a relative destination, which version 2 cannot make; None where there is no such thing."""
        if self.version == 1 or self.windows or destination.startswith(("/", "~")):
            return None
        return destination.partition("/")[0]

    def _doubt(self, written: str) -> None:
        if self.version == 2 and not self.windows:
            return
        start = self._cwd or ("C:\\" if self.windows else "/")
        known = "is" if self._cwd else "is not known and taken for"
        self.doubts.setdefault(f"{written} is relative: the agent's working directory {known} {start}")


def join(head: str, tail: str) -> str:
    """``File.join`` of two: one slash where they meet."""
    if tail.startswith("/"):
        return head.rstrip("/") + tail
    return head + tail if head.endswith("/") else f"{head}/{tail}"


def base_name(path: str) -> str:
    """``File.basename``."""
    return path.rstrip("/").rpartition("/")[2] or "/"


def dir_name(path: str) -> str:
    """``File.dirname``."""
    if path.startswith("/"):
        path = "/" + path.strip("/")
    head, slash, _ = path.rstrip("/").rpartition("/")
    return head.rstrip("/") or "/" if slash or not path else "."


def _expanded(path: str) -> str:
    """``File.expand_path`` of an absolute path: all slashes at its start stay, unless ``..`` leads back to them."""
    if not path.startswith("//"):
        return normal_path(path) or path
    start, parts = path[: len(path) - len(path.lstrip("/"))], list[str]()
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
            start = start if parts else "/"
        elif part not in ("", ".", ".."):
            parts.append(part)
    return start + "/".join(parts)


def _cleaned(written: str) -> str:
    """A destination as version 2 normalises it: not made absolute, a slash at the end kept, ``...`` for ``../..``."""
    parts: list[str] = []
    absolute = written.startswith("/")
    for part in written.split("/"):
        if part in ("..", "..."):
            for _ in range(len(part) - 1):
                if parts and parts[-1] != "..":
                    parts.pop()
                elif not absolute:
                    parts.append("..")
        elif part not in ("", "."):
            parts.append(part)
    text = "/".join(parts)
    if absolute:
        text = "/" + text
    return text + "/" if written.endswith("/") and text not in ("", "/") else text or "."
