"""YAML as the agent sees it: parsed by libyaml, resolved by the rules of Ruby's Psych, with line numbers.

PyYAML reads some plain words differently (``:symbol``, ``yEs``, ``1_000``, ``0o17``), so only its parser
is used and scalars are resolved here. The parser's events are put together without recursion, and depth
and number of nodes are bounded, so that no input can exhaust the stack or the memory.
"""

from __future__ import annotations

import re
from typing import Any, Optional

from tui.agent.ruby import RubyObject, inspect

MAX_DEPTH = 100
MAX_NODES = 200_000
_MAX_DIGITS = 1000

_NULL = re.compile(r"(?:~|null)\Z", re.IGNORECASE)
_TRUE = re.compile(r"(?:yes|true|on)\Z", re.IGNORECASE)
_FALSE = re.compile(r"(?:no|false|off)\Z", re.IGNORECASE)
_TIME = re.compile(
    r"-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?"
    r"(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?\Z"
)
_DATE = re.compile(r"\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)\Z")
_INTEGER = re.compile(
    r"(?:[-+]?0b[0-1_,]+|[-+]?0[0-7_,]+|[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)|[-+]?0x[0-9a-fA-F_,]+)\Z"
)
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?\Z")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}(\.[0-9_]*)?\Z", re.ASCII)
_SPECIAL = {".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}
_PLAIN_TAGS = tuple("tag:yaml.org,2002:" + name for name in ("int", "float", "bool", "null"))


class YamlError(Exception):
    """YAML that the agent cannot read: ``str()`` is Psych's message, ``line`` is 1-based where it is known."""

    def __init__(self, message: str, line: Optional[int] = None) -> None:
        super().__init__(message)
        self.line = line


class Octal(int):
    """A number that was written in base 8, as ``written``: a mode without quotes, which is meant as it looks."""

    written: str = ""


class Node:
    """A YAML value and the line it begins in. A sequence holds Nodes, a mapping (key, value) Nodes by key."""

    __slots__ = ("line", "value")

    def __init__(self, value: Any, line: int) -> None:
        self.value = value
        self.line = line

    def get(self, key: str) -> Optional[Node]:
        """The value of a mapping's key; None where it has none."""
        pair = self.value.get(key)
        return pair[1] if pair else None

    def plain(self) -> Any:
        """The value as lists, dicts and scalars; what lies deeper than 8 levels, or beyond 300 values, is left out."""
        return _plain(self, [300], 0)


def _plain(node: Node, budget: list[int], depth: int) -> Any:
    budget[0] -= 1
    if depth > 8 or budget[0] < 0:
        return None
    if isinstance(node.value, list):
        return [_plain(item, budget, depth + 1) for item in node.value[: max(budget[0], 0)]]
    if isinstance(node.value, dict):
        return {key: _plain(pair[1], budget, depth + 1) for key, pair in node.value.items() if budget[0] > 0}
    return node.value


def load_first(data: bytes) -> Optional[Node]:
    """The first document of a YAML text, as ``YAML.load`` gives it; None where there is none.

    Raises YamlError for what libyaml does not parse, for undefined aliases, and beyond the bounds.
    """
    import yaml

    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # read as UTF-8, whatever it says
        raise YamlError("(<unknown>): invalid leading UTF-8 octet at line 1 column 1", 1)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Composer(yaml).compose(yaml.parse(data, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark or error.problem_mark
        words = " ".join(part for part in (error.problem, error.context) if part)
        where = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise YamlError(f"(<unknown>): {words}{where}", line) from error
    except yaml.reader.ReaderError as error:
        what = "control characters are not allowed" if "control" in str(error) else str(error).splitlines()[0]
        raise YamlError(f"(<unknown>): {what} at line 1 column 1") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        text = str(error).splitlines() or ["not YAML"]
        raise YamlError(f"(<unknown>): {text[0]}") from error


def newer_refuses(top: Node) -> Optional[tuple[int, str]]:
    """What Psych 4 (Ruby 3.1) and newer do not load, where older ones do: the line, and ``an alias`` or the like."""
    seen, todo = set[int](), [top]
    found: list[tuple[int, str]] = []
    while todo:
        node = todo.pop()
        if id(node) in seen:
            found.append((node.line, "an alias"))
            continue
        seen.add(id(node))
        if isinstance(node.value, list):
            todo += node.value
        elif isinstance(node.value, dict):
            todo += [item for pair in node.value.values() for item in pair]
        elif isinstance(node.value, RubyObject) and node.value.kind != "Symbol":
            found.append((node.line, f"a {node.value.kind.lower()} without quotes"))
    return min(found, default=None)


class _Composer:
    """Puts the events of one document together."""

    def __init__(self, yaml: Any) -> None:
        self._yaml = yaml
        self._anchors: dict[str, Node] = {}
        self._open: list[tuple[Node, list[Node]]] = []  # collections not yet closed, with a mapping's loose nodes
        self._nodes = 0
        self._top: Optional[Node] = None

    def compose(self, events: Any) -> Optional[Node]:
        yaml = self._yaml
        for event in events:
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.ScalarEvent):
                self._add(Node(self._scalar(event), line), event.anchor)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                node = Node({} if isinstance(event, yaml.MappingStartEvent) else [], line)
                self._add(node, event.anchor)
                self._open.append((node, []))
                if len(self._open) > MAX_DEPTH:
                    raise YamlError(f"nested deeper than {MAX_DEPTH} levels", line)
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in self._anchors:
                    raise YamlError(f"Unknown alias: {event.anchor}", line)
                self._add(self._anchors[event.anchor], None)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self._open.pop()
            elif isinstance(event, yaml.DocumentEndEvent):
                break
        return self._top

    def _add(self, node: Node, anchor: Optional[str]) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise YamlError(f"more than {MAX_NODES} values", node.line)
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self._top = node
            return
        parent, loose = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif not loose:
            loose.append(node)
        else:
            self._pair(parent, loose.pop(), node)

    def _pair(self, parent: Node, key: Node, value: Node) -> None:
        if key.value == "<<":
            merged = value.value if isinstance(value.value, list) else [value]
            for source in reversed(merged):
                if isinstance(source.value, dict) and source is not parent:
                    self._nodes += len(source.value)
                    parent.value.update(source.value)
            if self._nodes > MAX_NODES:
                raise YamlError(f"more than {MAX_NODES} values", value.line)
            return
        name = key.value
        if isinstance(name, (list, dict)):
            name = inspect(key.plain())
        parent.value[name] = (key, value)

    def _scalar(self, event: Any) -> Any:
        plain = event.tag is None and not event.style
        return resolve(event.value) if plain or event.tag in _PLAIN_TAGS else event.value


def resolve(text: str) -> Any:
    """What a plain scalar stands for (Psych's ScalarScanner): None, bool, int, float, text or a RubyObject."""
    if not text or _NULL.match(text):
        return None
    if _TRUE.match(text):
        return True
    if _FALSE.match(text):
        return False
    if text[0] == ":" and len(text) > 1:
        name = text[1:]
        quoted = len(name) > 1 and name[0] in "\"'" and name[-1] == name[0]
        return RubyObject("Symbol", name[1:-1] if quoted else name)
    if text[0] not in "+-.0123456789":
        return text
    if _DATE.match(text):
        return RubyObject("Date", text)
    if _TIME.match(text):
        return RubyObject("Time", text)
    return _number(text)


def _number(text: str) -> Any:
    if text.lower() in _SPECIAL:
        return _SPECIAL[text.lower()]
    digits = text.replace(",", "").replace("_", "")
    if len(digits) > _MAX_DIGITS:
        return text
    if _INTEGER.match(text):
        return _integer(digits, text)
    if _FLOAT.match(text) and any(char.isdigit() for char in text):
        return float(digits)
    if _BASE_60.match(text):
        return _base_60(digits)
    return text


def _integer(digits: str, text: str) -> Any:
    sign, bare = (digits[0], digits[1:]) if digits[0] in "+-" else ("", digits)
    base = {"0x": 16, "0b": 2}.get(bare[:2].lower(), 8 if len(bare) > 1 and bare[0] == "0" else 10)
    try:
        value = int(sign + (bare[2:] if base in (16, 2) else bare), base)
    except ValueError:
        return text
    if base == 8:
        value = Octal(value)
        value.written = text
    return value


def _base_60(digits: str) -> Any:
    """Hours, minutes and seconds as Psych 4 adds them up: two parts count as the first two, the sign for the first."""
    parts = digits.split(":")
    kind = float if "." in digits else int
    return sum(kind(part) * 60 ** (2 - at) for at, part in enumerate(parts))
