"""Brace expansion, and what ``${name%pattern}`` and its kin leave of a value."""

from __future__ import annotations

import re
from typing import Optional

from tui.forensics.scripts.effects import base_name, parent
from tui.forensics.scripts.shell_lexer import end_of
from tui.forensics.scripts.values import DEEP, FOUND, MAX_LENGTH, MAX_VALUES, STAR, known

_RANGE = re.compile(r"(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])(?:\.\.(-?\d{1,4}))?\Z")
_MAX_TRIES = 40  # opening braces of one word that are looked at
MAX_BRACES = 200  # words that one word with braces becomes


def trim(value: str, pattern: str, kind: str) -> str:
    """``${value%pattern}`` and its kin, for patterns with at most one ``*``."""
    value = value.replace(FOUND, "")
    if kind[0] == "%" and pattern == "/" + STAR and kind == "%":
        return parent(value) if "/" in value else value
    if kind == "##" and pattern == STAR + "/":
        name = base_name(value)
        return name if not value.endswith("/") else ""
    pieces = pattern.split(STAR)
    if not all(map(known, pieces)) or len(pieces) > 2:
        return DEEP
    head, tail = pieces[0], pieces[-1] if len(pieces) == 2 else ""
    greedy = len(kind) == 2
    if kind[0] == "%":
        if not known(value[-max(len(head + tail), 1) :]) or (len(pieces) == 2 and not known(value)):
            return DEEP
        if len(pieces) == 1:
            return value[: len(value) - len(head)] if head and value.endswith(head) else value
        if not value.endswith(tail):
            return value
        end = len(value) - len(tail)
        cut = value.find(head, 0, end) if greedy else value.rfind(head, 0, end)
        return value[:cut] if cut >= 0 else value
    if not known(value[: len(head) or 1]) or (len(pieces) == 2 and not known(value)):
        return DEEP
    if not value.startswith(head):
        return value
    if len(pieces) == 1:
        return value[len(head) :]
    cut = value.rfind(tail, len(head)) if greedy else value.find(tail, len(head))
    return value[cut + len(tail) :] if cut >= 0 else value


def braces(raw: str) -> list[str]:
    """Brace expansion: ``a{b,c}`` and ``{1..3}``, quotes and ``${`` left alone."""
    if "{" not in raw or len(raw) > MAX_LENGTH:
        return [raw]
    done: list[str] = []
    waiting = [raw]
    while waiting:
        word = waiting.pop(0)
        if len(done) + len(waiting) >= MAX_BRACES:
            return [raw]
        choices = _first_braces(word)
        if choices is None:
            done.append(word)
        else:
            waiting[:0] = choices
    return done


def _first_braces(word: str) -> Optional[list[str]]:
    i, tries = 0, 0
    while i < len(word) and tries < _MAX_TRIES:
        c = word[i]
        if c == "{":
            tries += 1
            cuts = _cuts(word, i)
            if cuts is not None:
                before, after = word[:i], word[cuts[-1] + 1 :]
                items = [word[a + 1 : b] for a, b in zip([i, *cuts], cuts)]
                if len(items) == 1:
                    items = _range(items[0])
                if items:
                    return [before + item + after for item in items]
            i += 1
        elif c in "'\"\\`$":
            i = end_of(word, i)
        else:
            i += 1
    return None


def _cuts(word: str, start: int) -> Optional[list[int]]:
    """Where the commas and the end of ``{…}`` are."""
    cuts: list[int] = []
    depth, i = 0, start + 1
    while i < len(word):
        c = word[i]
        if c in "'\"\\`$":
            i = end_of(word, i)
            continue
        if c == "{":
            depth += 1
        elif c == "}":
            if not depth:
                return [*cuts, i]
            depth -= 1
        elif c == "," and not depth:
            cuts.append(i)
        i += 1
    return None


def _range(text: str) -> list[str]:
    found = _RANGE.match(text)
    if found is None or found[1].lstrip("-").isdigit() != found[2].lstrip("-").isdigit():
        return []
    if not found[1].lstrip("-").isdigit():
        first, last = ord(found[1]), ord(found[2])
    else:
        first, last = int(found[1]), int(found[2])
    step = abs(int(found[3] or 1)) or 1
    if abs(last - first) // step >= MAX_VALUES:
        return []
    numbers = range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
    if not found[1].lstrip("-").isdigit():
        return [chr(n) for n in numbers]
    width = max(len(found[1]), len(found[2])) if re.match(r"-?0\d", found[1]) or re.match(r"-?0\d", found[2]) else 0
    return [str(n).zfill(width) for n in numbers]
