"""Batch text as statements and words, as cmd.exe cuts them. Nothing here fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_REDIRECT = re.compile(r"([0-9]?)(>>|>|<)(?:&[0-9])?")

_BLANK = re.compile(r"[ \t@\r\n]*")


class Statement(NamedTuple):
    """One command as written, blocks in parentheses included. ``link`` is what stands before it."""

    text: str
    line: int
    link: str


class Words(NamedTuple):
    """A command's words, and its redirections as (operator, target)."""

    words: list[str]
    redirects: list[tuple[str, str]]


def statements(text: str, line: int = 1) -> Iterator[Statement]:
    """Commands up to line ends, ``&`` and ``|`` that stand in no quotes or parentheses."""
    start = i = depth = counted = 0
    quoted = False
    link = ""
    while i <= len(text):
        c = text[i] if i < len(text) else "\n"
        if c == "^" and not quoted:
            i += 3 if text.startswith("^\r\n", i) else 2
            continue
        if c == '"':
            quoted = not quoted
        elif c == "\n":
            quoted = False
        if not quoted and c == "(" and (depth or _opens(text, start, i)):
            depth += 1
        elif not quoted and c == ")" and depth:
            depth -= 1
        if i == len(text) or (not depth and not quoted and c in "\n&|" and text[max(i - 1, 0)] not in "><"):
            piece = text[start:i]
            if piece.strip():
                line += text.count("\n", counted, start + len(piece) - len(piece.lstrip()))
                counted = start + len(piece) - len(piece.lstrip())
                yield Statement(piece.strip(), line, link)
            link = c * 2 if text.startswith(c * 2, i) and c in "&|" else c
            i += len(link) - 1
            start = i + 1
        i += 1


def _opens(text: str, start: int, i: int) -> bool:
    """Whether a parenthesis there begins a block, and is no part of a command's text."""
    blank = _BLANK.match(text, start, i)
    first = blank.end() if blank else start
    head, tail = text[first : min(first + 4, i)].lower(), text[max(first, i - 5) : i].lower()
    return first == i or head.startswith(("if ", "for ", "if\t", "for\t")) or tail == "else "


def end_of_block(text: str, start: int) -> int:
    """The index of the ``)`` that closes the ``(`` at ``start``, or the text's length."""
    depth, quoted, i = 0, False, start
    while i < len(text):
        c = text[i]
        if c == "^":
            i += 1
        elif c == '"':
            quoted = not quoted
        elif c == "\n":
            quoted = False
        elif c == "(" and not quoted:
            depth += 1
        elif c == ")" and not quoted:
            depth -= 1
            if not depth:
                return i
        i += 1
    return len(text)


def words_of(text: str) -> Words:
    """A command's words without their quotes, and its redirections."""
    found: list[str] = []
    redirects: list[tuple[str, str]] = []
    operator = ""
    i = 0
    while i < len(text):
        c = text[i]
        if c in " \t\r\n,;=" and not (c == "=" and found):
            i += 1
            continue
        redirect = _REDIRECT.match(text, i)
        if redirect is not None:
            operator = "" if "&" in redirect[0] else redirect[2]
            i = redirect.end()
            continue
        word, i = _word(text, i)
        if operator:
            redirects.append((operator, word))
            operator = ""
        else:
            found.append(word)
    return Words(found, redirects)


def _word(text: str, i: int) -> tuple[str, int]:
    kept: list[str] = []
    quoted = False
    while i < len(text):
        c = text[i]
        if c == '"':
            quoted = not quoted
        elif c == "^" and not quoted:
            i += 1
            kept.append(text[i : i + 1])
        elif not quoted and c in " \t\r\n,;<>":
            break
        else:
            kept.append(c)
        i += 1
    return "".join(kept), i
