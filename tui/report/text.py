"""Texts and numbers as reports show them: exact in JSON, safe and readable for people."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any, Optional

from tui.paths import to_bytes

_SURROGATES = re.compile("[\ud800-\udfff]+")


def sentence(text: str) -> str:
    """Text that JSON can hold: U+FFFD where it has a byte that is not UTF-8, or half a character."""
    if text.isascii():
        return text
    return _SURROGATES.sub("\ufffd", text)


def exact(name: str, text: Optional[str]) -> dict[str, Optional[str]]:
    """The members ``name`` and, where the text is not UTF-8, ``name_b64`` with its bytes in base64.

    For paths, and for ids that are names of directories. A text that is no file name on this system
    (half a character from a JSON record) has no bytes to give and keeps U+FFFD alone.
    """
    if text is None or text.isascii():
        return {name: text}
    try:
        raw = to_bytes(text)
    except UnicodeEncodeError:
        return {name: sentence(text)}
    try:
        return {name: raw.decode("utf-8")}
    except UnicodeDecodeError:
        return {name: raw.decode("utf-8", "replace"), name + "_b64": base64.b64encode(raw).decode("ascii")}


def exact_list(name: str, texts: Sequence[str]) -> dict[str, Any]:
    """The member ``name``, a list, and where one of its texts is not UTF-8, ``name_b64``.

    ``name_b64`` is as long as the list: base64 for such a text, null for one that is exact as it stands.
    """
    members = [exact("text", text) for text in texts]
    result: dict[str, Any] = {name: [member["text"] for member in members]}
    coded: list[Optional[str]] = [member.get("text_b64") for member in members]
    if any(code is not None for code in coded):
        result[name + "_b64"] = coded
    return result


def grouped(number: int) -> str:
    """A count with its digits in groups of three: ``12,345``."""
    return f"{number:,}"


def binary_size(size: int) -> str:
    """A number of bytes in binary units: ``512 B``, ``2.1 KiB``, ``1,012 MiB``."""
    value, units = float(size), ("B", "KiB", "MiB", "GiB", "TiB")
    unit = 0
    while value >= 1023.95 and unit < len(units) - 1:
        value, unit = value / 1024, unit + 1
    return f"{size:,} B" if unit == 0 else f"{value:,.1f} {units[unit]}"


def counted(number: int, one: str, many: Optional[str] = None) -> str:
    """A number with its noun: ``1 path``, ``31 paths``."""
    return f"{grouped(number)} {one if number == 1 else many or one + 's'}"
