"""How Ruby takes an appspec apart: what ``[]`` and ``each`` give, or fail with, on YAML of any shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from tui.agent import ruby
from tui.agent.psych import Node


class Invalid(Exception):
    """What the agent refuses: ``str()`` is its message, ``line`` the 1-based line to blame."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def member(node: Node, key: str) -> Optional[Node]:
    """``value[key]``: of text it is the key itself where the text contains it. Raises Invalid."""
    value = node.value
    if isinstance(value, dict):
        return node.get(key)
    if isinstance(value, str):
        return Node(key, node.line) if key in value else None
    if isinstance(value, (list, int)) and not isinstance(value, bool):
        raise Invalid("no implicit conversion of String into Integer", node.line)
    raise Invalid(ruby.no_method("[]", node.plain()), node.line)


class Budget:
    """How many entries may still be looked at: aliases make few bytes name very many."""

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._left = entries

    def each(self, node: Node) -> Iterator[Node]:
        """``value.each``: a mapping gives its pairs, each as a list of two. Raises Invalid."""
        value = node.value
        if not isinstance(value, (list, dict)):
            raise Invalid(ruby.no_method("each", node.plain()), node.line)
        items = value if isinstance(value, list) else (Node([key, item], key.line) for key, item in value.values())
        for item in items:
            self._left -= 1
            if self._left < 0:
                raise Invalid(f"more than {self._entries} entries, not read further", node.line)
            yield item
