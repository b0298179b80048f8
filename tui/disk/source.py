"""What the operator names on the command line, opened as a Root."""

from __future__ import annotations

import os
from typing import Optional

from tui.disk.root import Root
from tui.paths import showable


class SourceError(Exception):
    """A SOURCE that cannot be examined. ``str()`` is the one line to print: what, where and what to do."""


_WANTED = "name the directory that holds the instance's root file system"
_DENIED = "permission denied; run as root or as a user who may look into it"


def open_source(text: Optional[str]) -> Root:
    """Open this machine (None), or a directory taken as the root of an instance's file system.

    Raises SourceError.
    """
    if os.name != "posix":
        raise SourceError("this machine: examining an instance on Windows is not supported yet")
    from tui.disk.posix import PosixRoot

    if text == "":
        raise SourceError(f"SOURCE is empty; {_WANTED}, or leave it out for this machine")
    shown = showable(text or "/")
    try:
        root = PosixRoot("/", "this machine", "machine") if text is None else PosixRoot(text, text)
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
