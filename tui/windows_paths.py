"""Windows paths, as records write them, as the program holds them, and as an operator reads them.

Inside the program every path is absolute and has forward slashes; on a Windows instance the drive is
its first name: ``C:\\temp\\a.txt`` is held as ``/C:/temp/a.txt``. Names keep their letter case; NTFS
compares them without it.
"""

from __future__ import annotations

import re
from typing import Optional

from tui.paths import showable

_DRIVE = re.compile(r"([A-Za-z]):(?=/|\Z)")
_LONG = ("//?/", "//./", "/??/")  # \\?\ and its kin: the path that follows is meant as it stands


def inside(written: str) -> Optional[str]:
    """A path as a record writes it, in the program's form; None where it is relative or on another machine.

    Slashes of both kinds, doubled and trailing ones, ``.`` and ``..`` (which stays at the drive's top)
    are taken as Windows takes them, and the drive's letter is made a capital. ``C:temp`` and ``\\temp``
    depend on a working directory and so are relative.
    """
    text = written.replace("\\", "/")
    if text.startswith(_LONG):
        text = text[4:]
    drive = _DRIVE.match(text)
    if drive is None:
        return None
    parts: list[str] = []
    for part in text[2:].split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join([f"/{drive[1].upper()}:", *parts])


def native(path: str) -> str:
    """A path in the program's form as Windows shows it; text that is not one comes back as it is."""
    if not path.startswith("/"):
        return path
    drive = _DRIVE.match(path, 1)
    if drive is None:
        return path
    rest = path[3:].replace("/", "\\")
    return drive[0] + (rest or "\\")


def fold(path: str) -> str:
    """A key under which names that NTFS takes for the same are equal: each character's simple upper case.

    Characters whose upper case is longer than one character stay (``\N{LATIN SMALL LETTER SHARP S}``).
    """
    if path.isascii():
        return path.upper()
    return "".join(upper if len(upper := character.upper()) == 1 else character for character in path)


_AMBIGUOUS = re.compile(r"<(?=U\+[0-9A-F]{4,6}>)")  # in a text: what an escape looks like


class _Escapes(dict[int, str]):
    """A ``str.translate`` table that is filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = character == "\\" or showable(character) == character
        shown = self[code] = character if plain else escaped(character)
        return shown


_ESCAPES = _Escapes()


def escaped(character: str) -> str:
    """A character as ``showable_windows`` writes one that is not to reach a terminal: ``<U+202E>``."""
    return f"<U+{ord(character):04X}>"


def showable_windows(text: str) -> str:
    """Text with Windows paths in it, made safe for a terminal and reversible: ``tui.paths.showable``'s neighbour.

    Backslashes stand as they are, since they are what paths have. The characters that ``showable``
    escapes are written ``<U+202E>``, which no Windows name can have in it; where a text has that
    itself, its ``<`` is ``<U+003C>``.
    """
    if text.isascii() and text.isprintable() and "<" not in text:
        return text
    return _AMBIGUOUS.sub(escaped("<"), text).translate(_ESCAPES)


def showable_path(path: str) -> str:
    """A path in the program's form, native and safe for a terminal.

    A backslash inside a name, which only a disk that another system wrote can have, is ``<U+005C>``.
    """
    shown = showable_windows(path)
    return native(shown.replace("\\", escaped("\\"))) if path.startswith("/") else shown
