"""Numbers, times and sizes as the screens say them, and pieces of text that fit a width."""

from __future__ import annotations

import re
import shlex
import stat
from datetime import datetime, timedelta
from typing import Optional

from rich.cells import cell_len, set_cell_size

from tui import windows_paths
from tui.agent.records import Instance
from tui.disk.inventory import DIR, FILE, LINK
from tui.paths import showable, to_bytes

Piece = tuple[str, str]  # text fit for a terminal, and the name of its style
Line = list[Piece]

_EPOCH = datetime(1970, 1, 1)
_SPANS = ((365 * 86400, "year"), (30 * 86400, "month"), (86400, "day"))
_PLAIN_WINDOWS = re.compile(r"[A-Za-z0-9_.:\\-]+")
_TYPE_BITS = {FILE: stat.S_IFREG, DIR: stat.S_IFDIR, LINK: stat.S_IFLNK}


def cells(line: Line) -> int:
    """How wide a line is."""
    return sum(cell_len(text) for text, _ in line)


def number(count: int) -> str:
    """A count, its digits in threes."""
    return f"{count:,}"


def short(count: int) -> str:
    """A count in at most five cells: ``1204``, ``12k``, ``3.1m``."""
    if count < 10_000:
        return str(count)
    return f"{count / 1000:.0f}k" if count < 999_500 else f"{count / 1e6:.1f}m"


def counted(count: int, one: str, many: Optional[str] = None) -> str:
    """A count with its noun: ``1 file``, ``1,204 files``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size(count: int) -> str:
    """Bytes in binary units, at most six cells: ``819``, ``2.1K``, ``3.9M`` (K is 1,024 bytes)."""
    if abs(count) < 1000:
        return str(count)
    value = float(count)
    for unit in "KMGTP":
        value /= 1024
        if abs(value) < 99.95:
            return f"{value:.1f}{unit}"
        if abs(value) < 999.5:
            return f"{value:.0f}{unit}"
    return f"{value / 1024:.1f}E"


def span(seconds: float) -> str:
    """A length of time in one unit: ``42 s``, ``5 min``, ``2 h``, ``9 days``, ``7 months``."""
    seconds = max(0, seconds)
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds // 60:.0f} min"
    if seconds < 2 * 86400:
        return f"{seconds // 3600:.0f} h"
    for length, unit in _SPANS:
        if seconds >= 2 * length or unit == "day":
            return f"{seconds // length:.0f} {unit}s"
    raise AssertionError("days are the last unit")


def ago(then: float, now: float) -> str:
    """A time relative to now."""
    return f"{span(now - then)} ago" if then <= now else f"in {span(then - now)}"


def exact_time(nanoseconds: int) -> str:
    """A time to the millisecond, in UTC; a number of seconds where no calendar has it."""
    try:
        when = _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return f"{nanoseconds // 10**9} s since 1970"
    return f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03d} UTC"


def mode_text(kind: int, mode: int) -> str:
    """Permission bits as ``ls`` shows them and in octal."""
    return f"{stat.filemode(_TYPE_BITS.get(kind, 0) | mode)} ({mode:04o})"


def fit(text: str, width: int, keep_end: bool = False) -> str:
    """Text of exactly ``width`` cells: padded, or cut at its end (or start) where an ellipsis then stands."""
    if width <= 0:
        return ""
    if len(text) > 4 * width:  # a cut by characters first spares measuring a name of any length
        text = text[-4 * width :] if keep_end else text[: 4 * width]
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    if not keep_end:
        return set_cell_size(set_cell_size(text, width - 1).rstrip(" ") + "\u2026", width)
    start = max(0, len(text) - width)
    while cell_len(text[start:]) > width - 1:
        start += 1
    return set_cell_size("\u2026" + text[start:], width)


def cut(text: str, width: int) -> str:
    """Text of at most ``width`` cells."""
    return fit(text, min(width, cell_len(text[: width + 1])))


def shown(name: str, instance: Optional[Instance] = None) -> str:
    """A name or path made showable, a space at either end too, which nobody would see."""
    inner = showable(name) if instance is None else _native(name, instance)
    core = inner.strip(" ")
    if core == inner:
        return inner
    before = len(inner) - len(inner.lstrip(" "))
    space = "\\x20" if instance is None or not instance.windows else windows_paths.escaped(" ")
    return space * before + core + space * (len(inner) - len(core) - before if core else 0)


def _native(name: str, instance: Instance) -> str:
    if name.startswith("/"):
        return instance.showable_path(name)
    return instance.showable_path(f"/{name}").lstrip("/")  # as part of a path: the slashes in it are told apart


def shell_word(path: str, instance: Optional[Instance] = None) -> str:
    """A path to paste: as it is where a shell takes it so, else quoted; exact, and without control characters.

    A Windows path is quoted for PowerShell.
    """
    if instance is not None and instance.windows:
        return _powershell_word(instance.native(path))
    if path.isprintable():
        return shlex.quote(path)
    return "$'" + "".join(_ansi_c(byte) for byte in to_bytes(path)) + "'"


def _powershell_word(path: str) -> str:
    if _PLAIN_WINDOWS.fullmatch(path):
        return path
    text = path if path.isprintable() else windows_paths.showable_windows(path)
    return "'" + text.replace("'", "''") + "'"


def _ansi_c(byte: int) -> str:
    plain = 0x20 <= byte < 0x7F and byte not in b"\\'"
    return chr(byte) if plain else f"\\x{byte:02x}"
