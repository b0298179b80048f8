"""The Install event of each version, done for real: plain, after the facts, and without a line of the engine.

Destinations are the instance's paths; all is done below a directory, ``top``, which stands for its root.
"""

from __future__ import annotations

import errno
import os
import random
import stat
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Optional

MOST = 150  # instructions, beyond which a revision walks in circles for too long
_CALLS = {
    "mkdir": "dir_s_mkdir",
    "rmdir": "dir_s_rmdir",
    "open": "rb_sysopen",
    "symlink": "syserr_fail2_in",
    "chmod": "apply2files",
}


class TooMany(Exception):
    """More instructions than are worth their time."""


class Failed(Exception):
    """The event fails: in which phase, and with which of the agent's messages."""

    def __init__(self, phase: str, message: str) -> None:
        super().__init__(phase, message)
        self.phase = phase
        self.message = message


class Spec(NamedTuple):
    """An appspec: sources and destinations, and permissions as ``(object, pattern, mode, types)``."""

    files: Sequence[tuple[str, str]]
    permissions: Sequence[tuple[str, str, int, Sequence[str]]] = ()


class Install:
    """One group's Install events by version 1 on the instance below ``top``. ``lines`` is its cleanup file."""

    def __init__(self, top: str, lines: Optional[Sequence[str]], seed: Optional[int] = None) -> None:
        """``seed`` shuffles the order of names in directories; None: files come first, else it is the bytes'."""
        self.top = top
        self.lines = lines
        self._order = None if seed is None else random.Random(seed)

    def run(self, archive: str, spec: Spec, behavior: str) -> None:
        """Do it. Raises Failed."""
        for line in reversed(self.lines or ()):
            self._remove(line)
        self.lines = None
        self.copies: dict[str, str] = {}
        self.makes: list[str] = []
        self.commands: list[tuple[str, str, Any]] = []
        for source, destination in spec.files:
            self._map(f"{archive}/{source}", destination, behavior)
        self._permit(spec)
        self.lines = done = []
        for command, path, value in self.commands:
            getattr(self, f"_do_{command}")(path, value, done)

    def _real(self, path: str) -> str:
        return self.top + path

    def _fail(self, phase: str, call: str, path: str, error: OSError) -> Failed:
        return Failed(phase, f"{error.strerror} @ {_CALLS[call]} - {path}")

    def _gone(self, real: str) -> bool:
        """Whether a line is passed over."""
        return not os.path.lexists(real)

    # -- the cleanup ----------------------------------------------------------------------

    def _remove(self, path: str) -> None:
        real = self._real(path)
        if self._gone(real):
            return
        if os.path.islink(real) or not os.path.isdir(real):
            os.unlink(real)
            return
        try:
            os.rmdir(real)
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise self._fail("cleanup", "rmdir", path.rstrip("/"), error) from None

    # -- the instructions -----------------------------------------------------------------

    def _map(self, source: str, destination: str, behavior: str) -> None:
        if os.path.isdir(self._real(source)):
            self._parents(destination)
            self._directory(source, destination, behavior)
        else:
            path = f"{destination}/{source.rpartition('/')[2]}"
            self._parents(path)
            self._copy(source, path, behavior)

    def _parents(self, destination: str) -> None:
        missing = []
        above = destination.rpartition("/")[0]
        while above and not os.path.exists(self._real(above)):
            missing.append(above)
            above = above.rpartition("/")[0]
        for path in reversed(missing):
            self._mkdir(path)

    def _directory(self, source: str, destination: str, behavior: str) -> None:
        if not os.path.isdir(self._real(destination)):
            self._mkdir(destination)
        names = sorted(os.listdir(self._real(source)))
        names.sort(key=lambda name: os.path.isdir(self._real(f"{source}/{name}")))
        if self._order is not None:
            self._order.shuffle(names)
        for name in names:
            into = self._directory if os.path.isdir(self._real(f"{source}/{name}")) else self._copy
            into(f"{source}/{name}", f"{destination}/{name}", behavior)

    def _copy(self, source: str, destination: str, behavior: str) -> None:
        if os.path.exists(self._real(destination)):
            if behavior == "DISALLOW":
                raise Failed("instructions", "…already exists at this location: " + destination)
            if behavior == "RETAIN":
                return
        if destination in self.copies or destination in self.makes:
            raise Failed("instructions", "…the same destination: " + destination)
        self.copies[destination] = source
        self._add("copy", destination, source)

    def _mkdir(self, path: str) -> None:
        if path in self.copies:
            raise Failed("instructions", "…the same destination: " + path)
        if path not in self.makes:
            self.makes.append(path)
            self._add("mkdir", path, None)

    def _add(self, command: str, path: str, value: Any) -> None:
        self.commands.append((command, path, value))
        if len(self.commands) > MOST:
            raise TooMany

    def _permit(self, spec: Spec) -> None:
        permitted = set()
        for place, pattern, mode, types in spec.permissions:
            if place in self.copies:
                matched = [place] if "file" in types else []
                if matched and pattern != "**":
                    raise Failed("instructions", "…with an invalid pattern: " + place)
            elif place in self.makes or os.path.isdir(self._real(place)):
                matched = [path for path in self.copies if "file" in types and _matches(place, pattern, path)]
                matched += [path for path in self.makes if "directory" in types and _matches(place, pattern, path)]
            else:
                matched = []
            for path in matched:
                if path in permitted:
                    raise Failed("instructions", "…is specified more than once: " + path)
                permitted.add(path)
                self._add("chmod", path, mode)

    # -- carrying them out ----------------------------------------------------------------

    def _do_mkdir(self, path: str, value: Any, done: list[str]) -> None:
        try:
            os.mkdir(self._real(path))
        except OSError as error:
            raise self._fail("install", "mkdir", path, error) from None
        os.chmod(self._real(path), 0o755)
        done.append(path)

    def _do_copy(self, path: str, source: str, done: list[str]) -> None:
        done.append(path)
        real, origin = self._real(path), self._real(source)
        if os.path.islink(origin):
            target = os.readlink(origin)
            path = self._for_link(path, target)
            try:
                os.symlink(target, self._real(path))
            except OSError as error:
                raise self._fail("install", "symlink", path, error) from None
            return
        path = self._for_file(path)
        real = self._real(path)
        if os.path.exists(origin) and os.path.exists(real) and os.path.samefile(origin, real):
            raise Failed("install", f"same file: {source} and {path}")
        try:
            with open(origin, "rb") as read, open(real, "wb") as write:
                write.write(read.read())
        except OSError as error:
            at = path if error.filename == real else source
            raise self._fail("install", "open", at, error) from None
        os.chmod(real, stat.S_IMODE(os.stat(origin).st_mode))

    def _for_link(self, path: str, target: str) -> str:
        """Where a link is made: in a directory that is there."""
        return f"{path}/{os.path.basename(target)}" if os.path.isdir(self._real(path)) else path

    def _for_file(self, path: str) -> str:
        """Where a file is written: in a directory that is there."""
        return f"{path}/{path.rpartition('/')[2]}" if os.path.isdir(self._real(path)) else path

    def _do_chmod(self, path: str, mode: int, done: list[str]) -> None:
        try:
            os.chmod(self._real(path), mode)
        except OSError as error:
            raise self._fail("install", "chmod", path, error) from None


class Install2(Install):
    """The same by version 2."""

    def _fail(self, phase: str, call: str, path: str, error: OSError) -> Failed:
        return Failed(phase, f"{error.strerror} (os error {error.errno}): {path}")

    def _gone(self, real: str) -> bool:
        return not os.path.exists(real)  # through links, so that a dangling one stays

    def _for_link(self, path: str, target: str) -> str:
        return path

    def _for_file(self, path: str) -> str:
        """A link gives way to the file; a directory does not."""
        if os.path.islink(self._real(path)):
            os.unlink(self._real(path))
        return path


def _matches(place: str, pattern: str, path: str) -> bool:
    if not path.startswith(place + "/"):
        return False
    name = path[len(place) + 1 :]
    return pattern == "**" or ("/" not in name and (pattern == "*" or name == pattern))


State = tuple[str, int, int, str]  # kind, mode, owner, content


def states(top: str, without: str) -> dict[str, State]:
    """What stands below ``top``, less the directory ``without``, by the instance's path."""
    found: dict[str, State] = {}
    for directory, below, files in os.walk(top):
        if directory == top + without:
            below.clear()
            continue
        for name in below + files:
            place = os.path.join(directory, name)
            status, text = os.lstat(place), ""
            if stat.S_ISLNK(status.st_mode):
                text = os.readlink(place)
            elif stat.S_ISREG(status.st_mode):
                with open(place, "rb") as file:
                    text = file.read().decode("latin-1")
            mode = 0 if stat.S_ISLNK(status.st_mode) else stat.S_IMODE(status.st_mode)
            found[place[len(top) :]] = (str(stat.S_IFMT(status.st_mode)), mode, status.st_uid, text)
    return found


def difference(before: Mapping[str, State], after: Mapping[str, State]) -> dict[str, set[str]]:
    """The net difference, as a preview tells it; empty lists left out."""
    both = before.keys() & after.keys()
    lists = {
        "removed": before.keys() - after.keys(),
        "added": after.keys() - before.keys(),
        "changed": {path for path in both if before[path][::3] != after[path][::3]},
        "attributes": {path for path in both if before[path][::3] == after[path][::3] and before[path] != after[path]},
    }
    return {kind: set(paths) for kind, paths in lists.items() if paths}
