"""The program's own directories: journal and quarantine, private to who runs it, never through a link."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Optional

from tui.cleanup.calls import Calls, Handle
from tui.cleanup.protected import QUARANTINE, STATE_DIRS, STATE_NAME
from tui.cleanup.ways import Ways
from tui.paths import showable

PARTIAL = "partial"


class CleanupError(Exception):
    """A cleanup that cannot go on; ``str()`` is the line to print: what, where, what to do."""


class StateError(CleanupError):
    """The state directory cannot be used."""


class Busy(CleanupError):
    """Another cleanup, undo or purge is running."""


@dataclass
class Site:
    """Where a cleanup works: trusted directories, opened once, and what is below them."""

    calls: Calls
    tops: Mapping[str, Handle]  # "" -> the directory that "/" is; on a Windows instance "C:" and so on
    ways: Ways
    state: str  # path inside SOURCE of the state directory
    apart: Optional[str] = None  # --state-dir: the machine's own path, which is used instead
    _opened: list[Handle] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The state directory, safe for a terminal."""
        return showable(self.apart if self.apart is not None else self.state)


@contextmanager
def open_site(
    calls: Calls, tops: Mapping[str, str], state: Optional[str] = None, apart: Optional[str] = None
) -> Iterator[Site]:
    """Open a SOURCE to be changed. ``tops``: ``{"": "/mnt/volume"}`` or ``{"C:": "C:\\\\"}``, this machine's paths.

    ``state``: the state directory's path inside SOURCE, where it is not the usual one; ``apart``: the operator's own,
    a path of this machine. Raises CleanupError.
    """
    opened: dict[str, Handle] = {}
    try:
        try:
            for name, place in tops.items():
                opened[name] = calls.open_top(place)
            ways = Ways(calls, opened)
        except OSError as error:
            raise CleanupError(f"{showable(place)}: cannot be opened to be changed: {told(error)}") from None
        usual = STATE_DIRS["linux" if "" in tops else "windows"]
        site = Site(calls, opened, ways, usual if state is None else state, apart)
        try:
            yield site
        finally:
            ways.close()
    finally:
        for handle in opened.values():
            calls.close(handle)


def told(error: OSError) -> str:
    """Why the system refuses, in one clause."""
    code = getattr(error, "winerror", None)
    if code in (32, 33):
        return "in use by another program"
    if error.errno == errno.EBUSY:
        return "in use by the system (a mount point, maybe)"
    if error.errno == errno.ENOSPC:
        return "no space left on its file system"
    if error.errno == errno.EROFS:
        return "its file system is mounted read-only"
    if error.errno == errno.EPERM and hasattr(os, "geteuid") and os.geteuid() == 0:
        return "not permitted, not even to root: it or its directory is immutable or append-only, maybe (see lsattr)"
    return showable((error.strerror or str(error)).lower())


def open_state(site: Site, make: bool) -> Optional[Handle]:
    """The state directory, open; None where there is none and none is to be made. Raises StateError.

    The caller closes it. It belongs to who runs the program and nobody else may look into it: where that is not so
    it is made so if it is theirs, and refused if it is another's.
    """
    calls = site.calls
    try:
        if site.apart is not None:
            head, name = os.path.split(os.path.abspath(site.apart))  # noqa: PTH100 - links stay
            above = calls.open_top(head)
            try:
                return _private(calls, name, above, make, site.shown)
            finally:
                calls.close(above)
        head, _, name = site.state.rpartition("/")
        if make:
            _make_above(site, head)
        try:
            way = site.ways.at(head or "/")
        except FileNotFoundError:
            return None
        return _private(calls, name, way.handle, make, site.shown)
    except OSError as error:
        raise StateError(
            f"{site.shown}: the state directory cannot be {'made' if make else 'opened'}: {told(error)}; "
            "name another place with --state-dir"
        ) from None


def open_place(site: Site, path: str, make: bool) -> Optional[Handle]:
    """The state directory of another file system: ``path`` ends in its name. Raises OSError, StateError."""
    head, _, name = path.rpartition("/")
    if name != STATE_NAME:
        raise StateError(f"{showable(path)}: is no directory of this program's; the journal was changed")
    try:
        return _private(site.calls, name, site.ways.at(head or "/").handle, make, showable(path))
    except FileNotFoundError:
        return None


def below(calls: Calls, name: str, here: Handle, make: bool) -> Optional[Handle]:
    """One of the directories in a state directory; None where there is none and none is to be made. Raises OSError."""
    try:
        return calls.open_dir(name, here)
    except FileNotFoundError:
        if not make:
            return None
    calls.mkdir(name, here)
    return calls.open_dir(name, here)


def device_of(site: Site) -> Optional[int]:
    """The file system that the state directory is on, or would be; None where that cannot be told."""
    try:
        if site.apart is not None:
            place = os.path.abspath(site.apart)  # noqa: PTH100
            while True:
                try:
                    handle = site.calls.open_top(place)
                except FileNotFoundError:
                    place = os.path.dirname(place)
                    continue
                try:
                    return site.calls.look(".", handle).st_dev
                finally:
                    site.calls.close(handle)
        path = site.state
        while True:
            try:
                return site.calls.look(".", site.ways.at(path).handle).st_dev
            except FileNotFoundError:
                path = path.rpartition("/")[0] or "/"
    except OSError:
        return None


def _make_above(site: Site, path: str) -> None:
    """Make the directories that the state directory stands in, as a package would."""
    head, _, name = path.rpartition("/")
    if not name:
        return
    try:
        site.ways.at(path)
    except FileNotFoundError:
        _make_above(site, head)
        site.calls.mkdir(name, site.ways.at(head or "/").handle, 0o755)


def _private(calls: Calls, name: str, above: Handle, make: bool, shown: str) -> Optional[Handle]:
    try:
        handle = calls.open_dir(name, above)
    except FileNotFoundError:
        if not make:
            return None
        calls.mkdir(name, above)
        calls.sync(above)
        handle = calls.open_dir(name, above)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise StateError(
                f"{shown}: is a link or no directory; remove it, or name another with --state-dir"
            ) from None
        raise
    try:
        found = calls.look(".", handle)
        if calls.owner is not None and found.st_uid != calls.owner:
            raise StateError(
                f"{shown}: belongs to user {found.st_uid}; run as that user, or name another with --state-dir"
            )
        if make and calls.owner is not None and stat.S_IMODE(found.st_mode) & 0o077:
            calls.set_mode(handle, 0o700)
        for name in (QUARANTINE, PARTIAL):
            _check_owner(calls, name, handle, f"{shown}/{name}")
    except BaseException:
        calls.close(handle)
        raise
    return handle


def _check_owner(calls: Calls, name: str, here: Handle, shown: str) -> None:
    """Raise StateError for a directory that another user put there while the one above let others write in it."""
    try:
        found = calls.look(name, here)
    except FileNotFoundError:
        return
    if calls.owner is not None and (found.st_uid != calls.owner or not stat.S_ISDIR(found.st_mode)):
        raise StateError(f"{shown}: is not a directory of this program's; look at it and move it away")
