"""Shell arithmetic on whole numbers, as far as a text tells them."""

from __future__ import annotations

import operator
import re
from typing import Callable, Optional

_TOKEN = re.compile(r"\s*(\d+|\$?\{?[A-Za-z_]\w*\}?|<=|>=|==|!=|&&|\|\||[-+*/%()<>!])")
_LEVELS: dict[str, tuple[int, Callable[[int, int], int]]] = {
    "||": (1, lambda a, b: int(bool(a or b))),
    "&&": (2, lambda a, b: int(bool(a and b))),
    "==": (3, lambda a, b: int(a == b)),
    "!=": (3, lambda a, b: int(a != b)),
    "<": (4, lambda a, b: int(a < b)),
    ">": (4, lambda a, b: int(a > b)),
    "<=": (4, lambda a, b: int(a <= b)),
    ">=": (4, lambda a, b: int(a >= b)),
    "+": (5, operator.add),
    "-": (5, operator.sub),
    "*": (6, operator.mul),
    "/": (6, lambda a, b: int(a / b)),
    "%": (6, lambda a, b: a - b * int(a / b)),
}
_LARGEST = 1 << 40  # beyond it, nothing is told
MAX_TOKENS = 60


class _Unknown(Exception):
    pass


def evaluate(text: str, lookup: Callable[[str], Optional[str]]) -> Optional[int]:
    """The value of an arithmetic expression; None where it is not known or not understood.

    ``lookup`` gives a variable's text, None where that is not known.
    """
    tokens: list[str] = []
    at = 0
    stripped = text.strip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if found is None or len(tokens) >= MAX_TOKENS:
            return None
        tokens.append(found[1])
        at = found.end()
    try:
        value, rest = _expression(tokens, 0, 0, lookup)
    except (_Unknown, ZeroDivisionError, IndexError):
        return None
    return value if rest == len(tokens) else None


def _expression(tokens: list[str], at: int, level: int, lookup: Callable[[str], Optional[str]]) -> tuple[int, int]:
    left, at = _operand(tokens, at, lookup)
    while at < len(tokens) and tokens[at] in _LEVELS and _LEVELS[tokens[at]][0] > level:
        rank, operation = _LEVELS[tokens[at]]
        right, at = _expression(tokens, at + 1, rank, lookup)
        left = operation(left, right)
        if abs(left) > _LARGEST:
            raise _Unknown
    return left, at


def _operand(tokens: list[str], at: int, lookup: Callable[[str], Optional[str]]) -> tuple[int, int]:
    token = tokens[at]
    if token == "(":
        value, at = _expression(tokens, at + 1, 0, lookup)
        if tokens[at] != ")":
            raise _Unknown
        return value, at + 1
    if token in ("-", "+", "!"):
        value, at = _operand(tokens, at + 1, lookup)
        return {"-": -value, "+": value, "!": int(not value)}[token], at
    text: Optional[str] = token if token[0].isdigit() else lookup(token.strip("${}"))
    if text is None or not re.fullmatch(r"-?[0-9]{1,12}", text):
        raise _Unknown
    return int(text), at + 1
