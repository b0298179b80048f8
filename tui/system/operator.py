"""Who runs the program, on which host, and how that person stops it."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any, Callable, Optional

_NOBODY = 2**32 - 1  # what Linux says of a login that it does not know
_STOPPING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def who(environ: Mapping[str, str]) -> str:
    """The user, and the one behind ``sudo`` or ``su`` where that is another: ``root (alice)``."""
    user = _user(environ)
    behind = environ.get("SUDO_USER") or environ.get("DOAS_USER") or _logged_in()
    return f"{user} ({behind})" if behind and behind != user else user


def host() -> str:
    """This machine's name."""
    return platform.node() or "localhost"


def _user(environ: Mapping[str, str]) -> str:
    if not hasattr(os, "geteuid"):
        domain, name = environ.get("USERDOMAIN"), environ.get("USERNAME") or "unknown"
        return f"{domain}\\{name}" if domain else name
    return _name(os.geteuid())


def _name(uid: int) -> str:
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return f"uid {uid}"


def _logged_in() -> Optional[str]:
    """Who logged in at first, which Linux keeps through ``su``."""
    try:
        with open("/proc/self/loginuid", "rb") as file:
            uid = int(file.read(32))
    except (OSError, ValueError):
        return None
    return None if uid == _NOBODY else _name(uid)


@contextlib.contextmanager
def stop_on_signals(tell: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Whether the operator wants to stop: true from the first ctrl-c (or end of the session) on.

    ``tell`` is called then, from the signal's handler. A second one raises KeyboardInterrupt at once. What was
    ignored before (``nohup``) stays ignored.
    """
    asked = False

    def stop(number: int, frame: Optional[FrameType]) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        tell()

    before: dict[int, Any] = {}
    for number in (getattr(signal, name) for name in _STOPPING if hasattr(signal, name)):
        if signal.getsignal(number) != signal.SIG_IGN:
            with contextlib.suppress(ValueError, OSError):  # not the main thread: signals go elsewhere
                before[number] = signal.signal(number, stop)
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
