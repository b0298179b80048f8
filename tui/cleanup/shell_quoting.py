"""Any file name as a literal of a POSIX shell or of PowerShell. Scripts are ASCII alone, whatever the names are.

So no terminal, editor or code page comes between what is reviewed and what is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui.windows_paths import escaped

_PLAIN = re.compile(rb"[ -~]*\Z")
_PLAIN_TEXT = re.compile(r"[ -~]*\Z")
_OCTAL = re.compile(rb"[^A-Za-z0-9/._,:=@+ -]")
_PIECES = re.compile(r"[ -~]+|[^ -~]", re.DOTALL)
_HALF = 0x10000


def sh_assign(variable: str, value: bytes) -> bytes:
    """A line that gives a variable any bytes without a NUL: ``p='/srv/a b'``.

    What has more in it than printable ASCII is written in octal and put together by ``printf``; the dot at its end,
    which is taken away again, keeps the line ends that a substitution would drop. Raises ValueError for a NUL.
    """
    if b"\0" in value:
        raise ValueError("no file name has a NUL in it")
    name = variable.encode("ascii")
    if _PLAIN.match(value):
        return name + b"=" + sh_quote(value)
    octal = sh_octal(b"." + value + b".")  # a dot in front, so that no value is taken for an option
    return name + b"=$(printf '" + octal + b"') " + name + b"=${" + name + b"#.} " + name + b"=${" + name + b"%.}"


def sh_quote(value: bytes) -> bytes:
    """Printable ASCII as one word in single quotes. Raises ValueError for anything else."""
    if not _PLAIN.match(value):
        raise ValueError("only printable ASCII is quoted")
    return b"'" + value.replace(b"'", b"'\\''") + b"'"


def sh_octal(value: bytes) -> bytes:
    """Bytes as the format of a ``printf`` in single quotes: all that is not plain as three octal digits."""
    return _OCTAL.sub(lambda found: b"\\%03o" % found[0][0], value)


def ps_quote(text: str) -> str:
    """Text as a PowerShell expression, ASCII alone: ``'a b'``, or ``(-join ('it', ([char]0x2019), 's'))``.

    PowerShell takes U+2018, U+2019, U+201A and U+201B for the single quote too; here none is ever in a literal.
    Characters beyond the first plane, and half characters, which NTFS allows, are written unit by unit. Nothing is
    nested, however long the text is: PowerShell gives up on expressions that are some thousands deep. Raises
    ValueError for a NUL.
    """
    if "\0" in text:
        raise ValueError("no file name has a NUL in it")
    if _PLAIN_TEXT.match(text):
        return _ps_literal(text)
    return f"(-join ({', '.join(_ps_pieces(text))}))"


def _ps_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _ps_pieces(text: str) -> Iterator[str]:
    for piece in _PIECES.findall(text):
        if " " <= piece[0] <= "~":
            yield _ps_literal(piece)
        else:
            code = ord(piece)
            units = (code,) if code < _HALF else (0xD800 + (code - _HALF >> 10), 0xDC00 + (code - _HALF & 0x3FF))
            yield from (f"([char]0x{unit:04X})" for unit in units)


def comment(text: str) -> str:
    """Text of unknown origin for a comment of one line: ASCII, control characters and others as ``<U+202E>``."""
    return "".join(character if " " <= character <= "~" else escaped(character) for character in text)
