"""File names between bytes, text and the screen.

Inside the program a path is a ``str`` decoded with the file-system encoding and
``surrogateescape``, as :func:`os.fsdecode` does on Linux, so that every byte string a
Linux file system can hold survives the round trip. On Windows, where names are 16-bit
units, the bytes are UTF-8 with the same escapes, and half a character (which NTFS allows)
is the three bytes that it would have.
"""

from __future__ import annotations

import codecs
import os
import re
from typing import Callable, Optional

_HALVES = re.compile("([\ud800-\udc7f\udd00-\udfff]+)")  # half a character, and no byte that was escaped
_HALF_AS_BYTES = re.compile(rb"\xed(?:[\xa0-\xb1\xb4-\xbf][\x80-\xbf])")


def _keep_halves(error: UnicodeError) -> tuple[str, int]:
    """A decoder's error handler: half a character by its three bytes, any other byte escaped."""
    assert isinstance(error, UnicodeDecodeError)
    at = error.start
    half = _HALF_AS_BYTES.match(error.object, at)
    if half is None:
        return chr(0xDC00 + error.object[at]), at + 1
    return half[0].decode("utf-8", "surrogatepass"), at + 3


codecs.register_error("tui-halves", _keep_halves)


def windows_from_bytes(raw: bytes) -> str:
    """The program's form of a path on Windows. Any bytes come back from ``windows_to_bytes`` as they were."""
    return raw.decode("utf-8", "tui-halves")


def windows_to_bytes(path: str) -> bytes:
    """The bytes of a path on Windows, where no text fails."""
    if path.isascii():
        return path.encode("ascii")
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        pieces = _HALVES.split(path)  # every second one is such halves
        return b"".join(
            piece.encode("utf-8", "surrogatepass" if i % 2 else "surrogateescape") for i, piece in enumerate(pieces)
        )


# The program's form of a path read as bytes from a record or a directory.
from_bytes: Callable[[bytes], str] = os.fsdecode if os.name == "posix" else windows_from_bytes
# The bytes of a path, as the file system holds them. Raises UnicodeEncodeError on Linux for what no name can be.
to_bytes: Callable[[str], bytes] = os.fsencode if os.name == "posix" else windows_to_bytes


def path_key(path: str) -> bytes:
    """Sort key that puts paths into tree order: a directory, all it holds, then its next sibling."""
    return to_bytes(path).replace(b"/", b"\0")


# Control characters of the C0 and C1 sets, and the marks that reorder or hide text in a terminal:
# soft hyphen, Arabic letter mark, zero-width and directional marks, line and paragraph
# separators, embeddings, isolates, the byte order mark, interlinear and tag characters.
_HIDDEN = frozenset(
    code
    for first, last in (
        (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F),
        (0x2028, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
    )
    for code in range(first, last + 1)
)  # fmt: skip
_NAMED = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r", 0x1B: "\\e"}


class _Escapes(dict[int, Optional[str]]):
    """A ``str.translate`` table that is filled as characters are met."""

    def __missing__(self, code: int) -> str:
        if 0xDC80 <= code <= 0xDCFF:
            shown = f"\\x{code - 0xDC00:02x}"
        elif 0xD800 <= code <= 0xDFFF:
            shown = f"\\u{code:04x}"
        elif code in _NAMED:
            shown = _NAMED[code]
        elif code in _HIDDEN:
            shown = f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
        elif code == 0x5C:
            shown = "\\\\"
        else:
            shown = chr(code)
        self[code] = shown
        return shown


_ESCAPES = _Escapes()


def showable(text: str) -> str:
    """Text of unknown origin, made safe for a terminal and reversible.

    Control, bidirectional, zero-width and undecodable characters become backslash escapes
    (``\\x1b`` as ``\\e``, a byte that is not UTF-8 as ``\\xff``), and a backslash is doubled, so that
    two names never look alike. It says nothing about markup: give the result to
    ``rich.text.Text`` or ``textual.content.Content``, never to a markup parser.
    """
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return text.translate(_ESCAPES)


def split(path: str) -> tuple[str, str]:
    """A path's directory and name, as ``posixpath.split`` gives them for an absolute path."""
    head, _, tail = path.rpartition("/")
    return head or "/", tail


def child_path(directory: str, name: str) -> str:
    """The path of a name in a directory."""
    return directory + name if directory == "/" else f"{directory}/{name}"


def normal_path(path: str) -> Optional[str]:
    """An absolute path without ``.``, ``..``, doubled and trailing ``/`` (File.expand_path); None if relative."""
    if not path.startswith("/"):
        return None
    if "//" not in path and "/." not in path and (path == "/" or path[-1] != "/"):
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)
