"""What the operator names on the command line, opened as a Root."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Optional, Union

from tui.disk.inventory import DIR
from tui.disk.root import Root, RootError
from tui.disk.windows_view import WindowsView
from tui.paths import showable
from tui.windows_paths import showable_windows

if TYPE_CHECKING:
    from tui.disk.portable import PortableRoot
    from tui.disk.posix import PosixRoot


class SourceError(Exception):
    """A SOURCE that cannot be examined. ``str()`` is the one line to print: what, where and what to do."""


_WINDOWS = os.name == "nt"
_WANTED = "name the directory that holds the instance's root file system"
_DENIED = "permission denied; run as root or as a user who may look into it"

# A directory that stands for a drive: C, c:, C$ (a share), drive_c (Wine), disk-c, c_drive and the like.
_DRIVE = re.compile(r"(?:(?:drive|disk)[_-]?)?([A-Za-z])(?:[:$]|[_-]?(?:drive|disk))?", re.IGNORECASE)
# What only a Linux system has at its top, whatever else somebody put there.
_LINUX = (
    "/etc/passwd",
    "/etc/os-release",
    "/etc/codedeploy-agent",
    "/opt/codedeploy-agent",
    "/usr/bin",
    "/var/lib",
    "/proc/self",
)
_AGENT = ("ProgramData", "Amazon", "CodeDeploy")


def open_source(text: Optional[str]) -> Root:
    """Open this machine (None), or a directory taken as the root of an instance's file system.

    A directory that holds the drives of a Windows instance, or is its drive C: (a mounted volume), is
    opened as that. Raises SourceError.
    """
    if text == "":
        raise SourceError(f"SOURCE is empty; {_WANTED}, or leave it out for this machine")
    root = _open(text)
    if text is None:
        return WindowsView(root, {name: f"/{name}" for name, _ in root.list("/")}) if _WINDOWS else root
    drives = windows_drives(root)
    return root if drives is None else WindowsView(root, drives)


def _open(text: Optional[str]) -> Root:
    shown = (showable_windows if _WINDOWS else showable)(text or "/")
    try:
        root: Union[PortableRoot, PosixRoot] = _portable(text) if _WINDOWS else _posix(text)
    except FileNotFoundError:
        raise SourceError(f"{shown}: no such directory; {_WANTED}") from None
    except NotADirectoryError:
        raise SourceError(f"{shown}: not a directory; {_WANTED}") from None
    except PermissionError:
        raise SourceError(f"{shown}: {_DENIED}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{shown}: {reason.lower()}; {_WANTED}") from None
    if not root.searchable():
        root.close()
        raise SourceError(f"{shown}: {_DENIED}")
    return root


def _posix(text: Optional[str]) -> PosixRoot:
    from tui.disk.posix import PosixRoot

    return PosixRoot("/", "this machine", "machine") if text is None else PosixRoot(text, text)


def _portable(text: Optional[str]) -> PortableRoot:
    """On Windows: all drives of this machine's own disks, or a directory."""
    from tui.disk.portable import PortableRoot
    from tui.disk.win32 import fixed_drives

    if text is not None:
        return PortableRoot(text, text)
    return PortableRoot({drive: drive + "\\" for drive in fixed_drives()}, "this machine", "machine")


def windows_drives(root: Root) -> Optional[dict[str, str]]:
    """The drives of a Windows instance that a Root of platform linux holds: ``C:`` -> directory; None if it is none.

    Either directories at the top are drives, one of which has the agent's directory or ``Windows`` in
    it, or the top is drive C: itself: it has the agent's directory, or ``Windows`` and ``ProgramData``.
    What has a Linux system's files at its top is none, and what cannot be listed neither.
    """
    try:
        if any(root.stat(path, follow=False) is not None for path in _LINUX):
            return None
        entries = [(name, stat.type) for name, stat in root.list("/")]
    except RootError:
        return None
    if _has(root, "/", _AGENT) or (_has(root, "/", ("Windows",)) and _has(root, "/", ("ProgramData",))):
        return {"C:": "/"}
    found: dict[str, list[str]] = {}
    for name, kind in entries:
        drive = _DRIVE.fullmatch(name)
        if drive is not None and kind == DIR:
            found.setdefault(drive[1].upper() + ":", []).append("/" + name)
    telling = {
        top for tops in found.values() for top in tops if _has(root, top, _AGENT) or _has(root, top, ("Windows",))
    }
    if not telling:
        return None
    return {drive: min(tops, key=lambda top: top not in telling) for drive, tops in found.items()}


def _has(root: Root, directory: str, names: tuple[str, ...]) -> bool:
    """Whether directories of these names, in whatever letter case, stand one in the other."""
    if not names:
        return True
    return any(_has(root, below, names[1:]) for below in _directories(root, directory, names[0]))


def _directories(root: Root, directory: str, name: str) -> Iterator[str]:
    try:
        entries = root.list(directory)
    except RootError:
        return
    for found, stat in entries:
        if found.lower() == name.lower() and stat.type == DIR:
            yield f"{directory.rstrip('/')}/{found}"
