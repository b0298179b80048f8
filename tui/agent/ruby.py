"""Ruby's way with text and numbers, where the agent's messages and rules depend on it (agent 1.8.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Optional

STRIPPED = " \t\n\v\f\r\0"  # what String#strip takes off, and nothing else
_SHOWN = 400  # characters of a value that a message repeats
_DEPTH = 6
_LEADING_INTEGER = re.compile(r"[ \t\n\v\f\r]*([-+]?[0-9](?:_?[0-9])*)")
_INTEGER = re.compile(
    r"([-+]?)(0[xX][0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB][01]+(?:_[01]+)*|0[oO]?[0-7]+(?:_[0-7]+)*"
    r"|0[dD]?[0-9]+(?:_[0-9]+)*|[0-9]+(?:_[0-9]+)*)\Z"
)
_MAX_DIGITS = 1000


@dataclass(frozen=True)
class RubyObject:
    """A YAML value that is neither text, number, list nor mapping in Ruby: a Symbol, a Date, a Time."""

    kind: str
    text: str


def strip(text: str) -> str:
    """``String#strip``."""
    return text.strip(STRIPPED)


def to_s(value: Any) -> str:
    """``to_s``, for messages: long values are cut."""
    if isinstance(value, str):
        return value
    if isinstance(value, RubyObject):
        return value.text
    return "" if value is None else inspect(value)


def inspect(value: Any) -> str:
    """``inspect`` as Ruby before 3.4 writes it; long values are cut."""
    return _inspect(value, 0)[:_SHOWN]


def _inspect(value: Any, depth: int) -> str:
    if depth > _DEPTH:
        return "..."
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**_MAX_DIGITS else "..."
    if isinstance(value, str):
        escaped = value[:_SHOWN].replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    if isinstance(value, RubyObject):
        return f":{value.text}" if value.kind == "Symbol" else value.text
    parts = []
    length = 0
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in items:
        text = _inspect(item, depth + 1)
        parts.append(f"{_inspect(key, depth + 1)}=>{text}" if isinstance(value, dict) else text)
        length += len(parts[-1])
        if length > _SHOWN:
            break
    return "{" + ", ".join(parts) + "}" if isinstance(value, dict) else "[" + ", ".join(parts) + "]"


def _float(value: float) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    text = repr(value)
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{int(exponent):+03d}"
    return text


def class_name(value: Any) -> str:
    """The name of a value's class."""
    names: dict[type, str] = {
        type(None): "NilClass",
        str: "String",
        int: "Integer",
        float: "Float",
        list: "Array",
        dict: "Hash",
    }
    if isinstance(value, bool):
        return "TrueClass" if value else "FalseClass"
    return value.kind if isinstance(value, RubyObject) else names[type(value)]


def no_method(method: str, value: Any) -> str:
    """The message of the NoMethodError for calling ``method`` on a value (Ruby before 3.4)."""
    return f"undefined method `{method}' for {inspect(value)}:{class_name(value)}"


def leading_integer(text: str) -> int:
    """``String#to_i``: the number that a text begins with, else 0."""
    match = _LEADING_INTEGER.match(text)
    return int(match[1].replace("_", "")[:_MAX_DIGITS]) if match else 0


def integer(text: str) -> Optional[int]:
    """``Integer(text)``: the whole text as a number, also octal, hexadecimal or binary; None where it raises."""
    match = _INTEGER.match(text.strip(" \t\n\v\f\r"))
    if match is None or len(text) > _MAX_DIGITS:
        return None
    digits = match[2].replace("_", "").lower()
    base = {"0x": 16, "0b": 2, "0o": 8, "0d": 10}.get(digits[:2])
    if base is None:
        base = 8 if digits.startswith("0") else 10
    else:
        digits = digits[2:]
    try:
        return int(match[1] + digits, base)
    except ValueError:
        return None
