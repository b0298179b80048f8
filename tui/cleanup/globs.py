"""Globs that leave paths out of a choice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Callable

from tui.windows_paths import fold

MOST = 1000  # globs of one choice
LONGEST = 4096  # characters of one


class BadGlob(Exception):
    """A glob that cannot be used; ``str()`` is the line to print."""


def matcher(globs: Iterable[str], windows: bool = False) -> Callable[[str], bool]:
    """Whether a path is one that the globs name, or lies in one.

    ``*`` and ``?`` do not go over a slash, ``**`` does, and ``**/`` is also no directory at all. ``[ab]`` and
    ``[!ab]`` are sets, a backslash takes the character after it as it is (on Windows it is a slash). A glob goes by
    the whole path where it begins with a slash, else by the end of one, anywhere: ``cache`` and ``app/cache`` both
    name ``/srv/app/cache``. On Windows letter case does not count, and ``C:/`` and ``/C:/`` are the same. Raises
    BadGlob.
    """
    patterns = [_pattern(glob, windows) for glob in globs]
    if len(patterns) > MOST:
        raise BadGlob(f"more than {MOST} globs to leave out; give fewer")
    if not patterns:
        return lambda path: False
    whole = re.compile("|".join(patterns), re.DOTALL)
    if windows:
        return lambda path: whole.match(fold(path)) is not None
    return lambda path: whole.match(path) is not None


def _pattern(glob: str, windows: bool) -> str:
    if not glob or len(glob) > LONGEST or "\0" in glob:
        raise BadGlob("a glob to leave out is empty, too long or has a NUL in it")
    if windows:
        glob = fold(glob.replace("\\", "/"))
        glob = "/" + glob if glob[1:2] == ":" else glob
    if ".." in glob.split("/"):
        raise BadGlob(f"a glob to leave out has .. in it, which is no file's name: {glob}")
    glob = _plain(glob)
    if glob == "/":
        return ".*"
    start = "" if glob.startswith("/") else ".*/"
    return f"(?:{start}{_translated(glob, windows)}(?:/.*)?\\Z)"


def _plain(glob: str) -> str:
    """A glob without what makes no difference in a path: ``.``, slashes too many, one at the end."""
    parts = glob.split("/")
    kept = [part for part in parts if part not in ("", ".")]
    return ("/" if parts[0] == "" else "") + "/".join(kept) or "/"


def _translated(glob: str, windows: bool) -> str:
    out, i = [], 0
    while i < len(glob):
        character = glob[i]
        i += 1
        if character == "*":
            if glob.startswith("*", i):
                alone = glob[: i - 1].endswith("/") or i == 1
                while glob.startswith("*", i):
                    i += 1
                if alone and glob.startswith("/", i):
                    i += 1
                    out.append("(?:.*/)?")
                else:
                    out.append(".*")
            else:
                out.append("[^/]*")
        elif character == "?":
            out.append("[^/]")
        elif character == "[":
            stop = glob.find("]", i + (2 if glob.startswith(("!", "^"), i) else 1))
            if stop < 0:
                out.append("\\[")
                continue
            out.append(_set(glob[i:stop]))
            i = stop + 1
        elif character == "\\" and not windows and i < len(glob):
            out.append(re.escape(glob[i]))
            i += 1
        else:
            out.append(re.escape(character))
    return "".join(out)


def _set(text: str) -> str:
    negated = text[0] in "!^"
    members = re.sub(r"([\\\[\]^&~|])", r"\\\1", text[1:] if negated else text)
    pattern = f"[^/{members}]" if negated else f"(?!/)[{members}]"
    try:
        re.compile(pattern)
    except re.error:
        raise BadGlob(f"a glob to leave out has a set that is none: [{text}]") from None
    return pattern
