"""Pieces of a preview's JSON, made as they are written: a list of 100,000 paths is never held as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Callable, Optional

from tui.report.text import exact

_AT_ONCE = 500  # items that are put together before they are handed on

Native = Callable[[str], str]  # a path in the form that the instance's operator knows


class Items:
    """A list of a document whose items are JSON texts. It can be written again and again."""

    def __init__(self, make: Callable[[], Iterable[str]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[str]:
        return iter(self._make())


def member(name: str, text: Optional[str]) -> str:
    """The member of a text; with ``_b64`` beside it where the text is not UTF-8."""
    if text is None:
        return f'"{name}": null'
    if text.isascii():
        return f'"{name}": {quoted(text)}'
    return ", ".join(f'"{key}": {quoted(value or "")}' for key, value in exact(name, text).items())


def number(name: str, value: Optional[float]) -> str:
    """The member of a number, a truth value or nothing."""
    if value is None:
        return f'"{name}": null'
    return f'"{name}": {str(value).lower()}'


def object_of(*members: str) -> str:
    """A JSON object on one line; an empty member is left out."""
    return "{" + ", ".join(filter(None, members)) + "}"


def path_list(name: str, paths: Sequence[str], native: Native) -> dict[str, Items]:
    """The members of a list of paths: ``name``, and ``name_b64`` where one of them is not UTF-8.

    ``name_b64`` is as long as the list: base64 for such a path, null for one that is exact as it stands.
    """
    found = {name: Items(lambda: (_text(path, native) for path in paths))}
    if any(not path.isascii() and "b64" in _exact(path, native) for path in paths):
        found[name + "_b64"] = Items(lambda: (_bytes(path, native) for path in paths))
    return found


def _exact(path: str, native: Native) -> Mapping[str, Optional[str]]:
    found = exact("path", native(path))
    return {"text": found["path"], **({"b64": found["path_b64"]} if "path_b64" in found else {})}


def _text(path: str, native: Native) -> str:
    shown = native(path)
    return quoted(shown) if shown.isascii() else quoted(_exact(path, native)["text"] or "")


def _bytes(path: str, native: Native) -> str:
    code = None if path.isascii() else _exact(path, native).get("b64")
    return "null" if code is None else quoted(code)


def pieces(value: Any, indent: str = "") -> Iterator[str]:
    """The JSON text of nested dicts with Items and small values in them: a member a line, an item a line."""
    if isinstance(value, Items):
        yield from _in_lines(iter(value), indent)
    elif isinstance(value, dict):
        yield from _nested("{", [(f'"{name}": ', below) for name, below in value.items()], "}", indent)
    elif isinstance(value, list):
        yield from _nested("[", [("", below) for below in value], "]", indent)
    elif isinstance(value, str):
        yield quoted(value)
    else:
        yield "null" if value is None else str(value).lower()


def _in_lines(items: Iterator[str], indent: str) -> Iterator[str]:
    between = f",\n{indent}  "
    some = list(islice(items, _AT_ONCE))
    if not some:
        yield "[]"
        return
    yield f"[\n{indent}  "
    while some:
        yield between.join(some)
        some = list(islice(items, _AT_ONCE))
        if some:
            yield between
    yield f"\n{indent}]"


def _nested(opening: str, items: Sequence[tuple[str, Any]], closing: str, indent: str) -> Iterator[str]:
    between = f"{opening}\n{indent}  "
    for start, below in items:
        yield between + start
        yield from pieces(below, indent + "  ")
        between = f",\n{indent}  "
    yield f"\n{indent}{closing}" if items else opening + closing
