"""PowerShell text as statements. Nothing here fails: what is not closed ends with the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tui.forensics.scripts.values import MAX_WORDS

MAX_QUOTING = 30  # levels of quotes and parentheses inside one another
_SPACE = re.compile(r"(?:[ \t\f\v\r]|`\r?\n)+")
_PLAIN = re.compile(r"[^\s'\"`$@#(){}\[\];|,<>=&+]+")
_BARE = re.compile(r"[A-Za-z][\w-]*")
_CLOSES = {"(": ")", "{": "}", "[": "]"}


class Word(NamedTuple):
    """A piece of a statement as written. ``kind``: word, block (``{…}`` without its braces) or op."""

    kind: str
    text: str
    line: int
    glued: bool  # nothing stands between it and the piece before


def end_of(text: str, i: int, depth: int = 0) -> int:
    """The index after the quote, here-string, comment or bracket that begins at ``i``."""
    if depth > MAX_QUOTING:
        return len(text)
    c = text[i]
    if text.startswith(("@'", '@"'), i):
        end = text.find("\n" + text[i + 1] + "@", i)
        return len(text) if end < 0 else end + 3
    if c == "'":
        return _after(text.find("'", i + 1), text)
    if c == '"':
        i += 1
        while i < len(text) and text[i] != '"':
            i = end_of(text, i + 1, depth + 1) if text.startswith("$(", i) else i + (2 if text[i] == "`" else 1)
        return min(i + 1, len(text))
    if c == "`":
        return min(i + 2, len(text))
    if text.startswith("<#", i):
        end = text.find("#>", i)
        return len(text) if end < 0 else end + 2
    if c == "#":
        end = text.find("\n", i)
        return len(text) if end < 0 else end
    if c in _CLOSES:
        return _end_of_bracket(text, i, depth)
    return i + 1


def _after(found: int, text: str) -> int:
    return len(text) if found < 0 else found + 1


def _end_of_bracket(text: str, i: int, depth: int) -> int:
    close = _CLOSES[text[i]]
    i += 1
    while i < len(text):
        c = text[i]
        if c == close:
            return i + 1
        comment = c == "#" and text[i - 1] in " \t\n;({"
        if c in "'\"`({[" or comment or text.startswith(("@'", '@"', "<#"), i):
            i = end_of(text, i, depth + 1)
        else:
            i += 1
    return len(text)


def statements(text: str, line: int = 1) -> Iterator[list[Word]]:
    """Statements in order, each as its pieces; ``|`` is a piece, line ends and ``;`` are not."""
    found: list[Word] = []
    i, counted, end = 0, 0, -1
    while i < len(text):
        space = _SPACE.match(text, i)
        if space is not None:
            i = space.end()
            continue
        c = text[i]
        line += text.count("\n", counted, i)
        counted = i
        if c in "\n;":
            i += 1
            if found and not (c == "\n" and found[-1].text in ("|", ",", "=", "+", "-and", "-or", "-f")):
                yield found
                found = []
            continue
        if text.startswith("<#", i) or (c == "#" and end != i):
            i = end_of(text, i)
            continue
        start = i
        kind, i = _piece(text, i)
        if len(found) >= MAX_WORDS:
            continue
        piece = text[start + 1 : i - 1 if text[i - 1 : i] == "}" else i] if kind == "block" else text[start:i]
        found.append(Word(kind, piece, line, start == end))
        end = i
    if found:
        yield found


def _piece(text: str, i: int) -> tuple[str, int]:
    c = text[i]
    if c == "{":
        return "block", end_of(text, i)
    if c == "@" and text[i + 1 : i + 2] == "{":
        return "word", end_of(text, i + 1)
    operator = re.compile(r"\d?>>|[2-6*]>&1|[2-6*]?>|\+=|&&|\|\||[|,=&+]").match(text, i)
    if operator is not None:
        return "op", operator.end()
    start = i
    while i < len(text):
        plain = _PLAIN.match(text, i)
        if plain is not None:
            i = plain.end()
            continue
        c = text[i]
        if c == "(" and _BARE.fullmatch(text, start, i):
            break
        if c in "'\"`([" or text.startswith(("@'", '@"', "@("), i):
            i = end_of(text, i + 1 if text.startswith("@(", i) else i)
        elif text.startswith(("$(", "${"), i):
            i = end_of(text, i + 1)
        elif c in "$@" or (c in "=+#" and i > start):
            i += 1
        else:
            break
    return "word", max(i, start + 1)
