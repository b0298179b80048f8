"""PowerShell read by a grammar of its own, for tests: what a script says, and what its words come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

tree_sitter = pytest.importorskip("tree_sitter")
grammar = pytest.importorskip("tree_sitter_powershell")
PARSER = tree_sitter.Parser(tree_sitter.Language(grammar.language()))


def parsed(script: bytes) -> Any:
    """The script's root node. Fails where anything in it is not PowerShell."""
    root = PARSER.parse(script).root_node
    wrong = [node for node in nodes(root) if node.is_error or node.is_missing]
    assert not wrong and not root.has_error, [(node.start_point, node.text[:80]) for node in wrong]
    return root


def nodes(node: Any) -> Iterator[Any]:
    """A node and all below it, in the order of the text."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(node.children)


def statements(root: Any) -> list[Any]:
    """What the script does at its top: comments left out."""
    (listed,) = [node for node in root.children if node.type == "statement_list"]
    return [node for node in listed.children if node.is_named and node.type != "comment"]


def command(statement: Any) -> tuple[str, list[str]]:
    """The name and the arguments of a statement that is one command; the name is empty where it is something else."""
    node = _alone(statement)
    if node.type != "command":
        return "", []
    name, *rest = [child for child in node.children if child.type != "comment"]
    assert name.type == "command_name" and len(rest) <= 1
    words = [child for child in rest[0].children if child.type != "command_argument_sep"] if rest else []
    return _text(name), [value(word) for word in words]


def value(node: Any) -> str:
    """What an expression of literals comes to; a number as it is written. Fails for anything that does something.

    Units of UTF-16 stand for themselves.
    """
    node = _alone(node)
    if node.type == "verbatim_string_characters":
        return _text(node)[1:-1].replace("''", "'")
    if node.type in ("decimal_integer_literal", "hexadecimal_integer_literal"):
        return _text(node)
    if node.type == "parenthesized_expression":
        opening, inner, closing = node.children
        assert (opening.type, closing.type) == ("(", ")")
        return value(inner)
    if node.type == "expression_with_unary_operator":
        sign, operand = node.children
        assert sign.type == "-join", node.text
        return "".join(map(value, _listed(operand)))
    if node.type == "cast_expression":
        kind, operand = node.children
        assert kind.text == b"[char]", node.text
        return chr(int(value(operand), 16))
    raise AssertionError(f"{node.type}: {node.text!r}")


def _listed(node: Any) -> list[Any]:
    """The elements of a list in parentheses."""
    node = _alone(node)
    assert node.type == "parenthesized_expression", node.text
    inner = _alone(node.children[1])
    if inner.type != "array_literal_expression":
        return [inner]
    return [child for child in inner.children if child.type != ","]


def _alone(node: Any) -> Any:
    """Down to what is not just one thing in another."""
    while node.child_count == 1:
        node = node.children[0]
    return node


def _text(node: Any) -> str:
    return str(node.text.decode("ascii"))
