"""Windows paths, as records write them, as the program holds them, and as an operator reads them.

Inside the program every path is absolute and has forward slashes; on a Windows instance the drive is
its first name: ``C:\\temp\\a.txt`` is held as ``/C:/temp/a.txt``. Names keep their letter case; NTFS
compares them without it.
"""

from __future__ import annotations

import re
from typing import Optional

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
