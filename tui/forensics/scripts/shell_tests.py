"""Conditions of a shell script that its text alone decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Optional

from tui.forensics.scripts.shell_nodes import Simple
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.shell_words import Words
from tui.forensics.scripts.values import DEEP, STAR, Values, known, pattern_of

_NUMBERS = {"-eq": (0,), "-ne": (-1, 1), "-lt": (-1,), "-le": (-1, 0), "-gt": (1,), "-ge": (0, 1)}


def truth(command: Simple, state: State, words: Words) -> Optional[bool]:
    """Whether a test holds; None where its text does not tell."""
    if not command.words:
        return None
    verb = command.words[0]
    if verb in ("true", ":", "false"):
        return verb != "false"
    if verb not in ("[", "test", "[["):
        return None
    raw = [word for word in command.words[1:] if word not in ("]", "]]")]
    if not 1 < len(raw) < 5:
        return None
    negated = raw[0] == "!"
    raw = raw[1:] if negated else raw
    values = [words.text(word, state) for word in raw]
    if any(len(value) != 1 for value in values):
        return None
    found = _holds([value[0] for value in values], raw)
    return None if found is None else found != negated


def _holds(words: list[str], raw: list[str]) -> Optional[bool]:
    if len(words) == 2 and words[0] in ("-z", "-n") and known(words[1]):
        return (words[1] == "") == (words[0] == "-z")
    if len(words) != 3:
        return None
    left, operator, right = words
    if not known(left):
        return None
    if operator in ("=", "==", "!="):
        same = (_shape(right).fullmatch(left) is not None) if STAR in right else left == right if known(right) else None
        return None if same is None else same == (operator != "!=")
    if (
        operator in _NUMBERS
        and left.lstrip("-").isdecimal()
        and right.lstrip("-").isdecimal()
        and len(left + right) < 30
    ):
        a, b = int(left), int(right)
        return (a > b) - (a < b) in _NUMBERS[operator]
    return None


def _shape(pattern: str) -> re.Pattern[str]:
    return pattern_of(pattern.replace(STAR, DEEP))


def fits(subject: Values, patterns: Sequence[str], state: State, words: Words) -> Optional[bool]:
    """Whether one of a ``case`` branch's patterns fits; None where that is not known."""
    if len(subject) != 1 or not known(subject[0]):
        return None
    unsure = False
    for raw in patterns:
        for pattern in words.text(raw, state):
            if known(pattern):
                if pattern == subject[0]:
                    return True
            elif set(pattern) == {STAR}:
                return True
            elif pattern.count(STAR) == 1 and known(pattern.replace(STAR, "")):
                if _shape(pattern).fullmatch(subject[0]):
                    return True
            else:
                unsure = True
    return None if unsure else False
