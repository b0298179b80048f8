"""Texts with unknown pieces in them, and the bounds that keep any script's evaluation small.

A value is a plain ``str`` in which single high surrogates, which no script can hold, stand for what is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice, product

ANY = "\ud800"  # a piece of a name: no "/" in it
DEEP = "\ud801"  # anything, which may hold "/"
STAR = "\ud802"  # an active * of the script's own
ONE = "\ud803"  # an active ? or [..]
BREAK = "\ud804"  # where a shell splits a word into several
FOUND = "\ud805"  # at a value's end: it names something that is there already
UNKNOWN = frozenset([ANY, DEEP, STAR, ONE])
_ANY_MARK = re.compile("[\ud800-\ud803]")
_WIDE = re.compile("[\ud800-\ud802]*[\ud800-\ud802][\ud800-\ud802]+")

MAX_VALUES = 64  # that a variable or a word can have
MAX_LENGTH = 4096  # characters of a value
MAX_STEPS = 20_000  # statements evaluated a script
MAX_WORD = 32_768  # characters of a word as written; a longer one is not looked into
MAX_WORDS = 2_000  # of one command
MAX_TOKENS = 60_000  # of a text; what comes after them is not followed
MAX_EFFECTS = 20_000  # paths told a script
MAX_NESTING = 40  # of evaluation: blocks, calls, substitutions, scripts that call scripts

Values = tuple[str, ...]


class Spent(Exception):
    """The budget of a script is used up: what was found until then stands."""


class Budget:
    """Counts what an evaluation does, and ends it by ``Spent``; ``nesting`` is the present depth."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.steps = steps
        self.nesting = 0

    def step(self, cost: int = 1) -> None:
        """One more statement, or ``cost`` of them."""
        self.steps -= cost
        if self.steps < 0:
            raise Spent

    @property
    def deep(self) -> bool:
        """Whether nothing more may be nested."""
        return self.nesting >= MAX_NESTING


def clean(text: str) -> str:
    """A script's text without what stands for unknown pieces here."""
    return re.sub("[\ud800-\udbff]", "\ufffd", text)


def known(text: str) -> bool:
    """Whether a value has no unknown piece."""
    return _ANY_MARK.search(text) is None


def unique(values: Iterable[str]) -> Values:
    """Values without repeats, in order, at most ``MAX_VALUES``; those too long become unknown."""
    kept: dict[str, None] = {}
    for value in values:
        kept.setdefault(squeeze(value))
        if len(kept) > MAX_VALUES:
            return (DEEP,)
    return tuple(kept)


def squeeze(value: str) -> str:
    """A value with runs of unknown pieces made one; unknown as a whole where it is too long."""
    if len(value) > MAX_LENGTH:
        return DEEP
    if known(value):
        return value
    return _WIDE.sub(lambda run: DEEP if DEEP in run[0] else ANY, value)


def joined(pieces: Sequence[Values]) -> Values:
    """All that pieces with several values each can be together: other names than those that were found."""
    if sum(piece != ("",) for piece in pieces) > 1:
        pieces = [tuple(value.replace(FOUND, "") for value in piece) for piece in pieces]
    number = 1
    for piece in pieces:
        number *= len(piece)
    if number == 1:
        return (squeeze("".join([piece[0] for piece in pieces])),)
    if number <= MAX_VALUES:
        return unique("".join(choice) for choice in product(*pieces))
    return (squeeze("".join(piece[0] if len(piece) == 1 else blur(piece) for piece in pieces)),)


def combined(pieces: Sequence[Values]) -> Iterator[tuple[str, ...]]:
    """Words with several values each as command lines, the first ``MAX_VALUES`` of them."""
    return islice(product(*pieces), MAX_VALUES)


def blur(values: Values) -> str:
    """One unknown piece for several values."""
    return DEEP if any("/" in value or "\\" in value or DEEP in value for value in values) else ANY


def pattern_of(text: str, ignore_case: bool = False) -> re.Pattern[str]:
    """The expression that a path with unknown pieces stands for.

    Only one piece that may hold ``/`` is kept (the text between the first and the last becomes part
    of it), and names are matched piece by piece without going back, so that no text takes long.
    """
    first, last = text.find(DEEP), text.rfind(DEEP)
    body = _names(text if first == last else text[: first + 1] + text[last + 1 :])
    return re.compile(body, (re.I if ignore_case else 0) | re.S)


def _names(text: str) -> str:
    numbers = count(1)
    return "/".join(_name(name, numbers) for name in text.split("/"))


def _name(name: str, numbers: Iterator[int]) -> str:
    if name in (ANY, STAR):
        return "[^/]+"
    pieces = re.split("[\ud800\ud802]+", name)
    literals = ["".join({ONE: "[^/]", DEEP: ".*"}.get(c) or re.escape(c) for c in piece) for piece in pieces]
    parts = literals[:1]
    for i, literal in enumerate(literals[1:], 1):
        if i == len(pieces) - 1 or DEEP in pieces[i]:
            parts.append("[^/]*" + literal)
        else:  # the nearest place that fits is as good as any later one: no way back
            n = next(numbers)
            parts.append(f"(?=(?P<p{n}>[^/]*?{literal}))(?P=p{n})")
    return "".join(parts)
