"""The parts of a shell script."""

from __future__ import annotations

from typing import NamedTuple, Optional, Union


class Redirect(NamedTuple):
    """``<``, ``>`` and their kin; ``body`` is a here-document's text, ``literal`` one that is not expanded."""

    operator: str
    word: str
    body: Optional[str] = None
    literal: bool = False
    fd: str = ""


class Simple(NamedTuple):
    """A command with its assignments and redirections, all as written."""

    assigns: tuple[str, ...]
    words: tuple[str, ...]
    redirects: tuple[Redirect, ...]
    line: int


class Block(NamedTuple):
    """Commands in a row: ``links`` has what stands before each of them (``;``, ``&&``, ``||``, ``|``)."""

    commands: tuple[Node, ...]
    links: tuple[str, ...]


class Group(NamedTuple):
    """``{ … }``, or ``( … )`` where ``apart``."""

    body: Block
    apart: bool
    redirects: tuple[Redirect, ...]
    line: int


class If(NamedTuple):
    """``branches`` are (condition, commands); the condition of ``else`` is None."""

    branches: tuple[tuple[Optional[Block], Block], ...]
    redirects: tuple[Redirect, ...]
    line: int


class Loop(NamedTuple):
    """``while``, ``until``, and ``for ((…))`` as ``steps``: its three expressions."""

    condition: Optional[Block]
    until: bool
    body: Block
    steps: tuple[str, ...]
    redirects: tuple[Redirect, ...]
    line: int


class For(NamedTuple):
    """``for NAME in WORDS``; None: over the arguments."""

    name: str
    words: Optional[tuple[str, ...]]
    body: Block
    redirects: tuple[Redirect, ...]
    line: int


class Case(NamedTuple):
    """``branches`` are (patterns, commands)."""

    word: str
    branches: tuple[tuple[tuple[str, ...], Block], ...]
    redirects: tuple[Redirect, ...]
    line: int


class Function(NamedTuple):
    """A function's definition."""

    name: str
    body: Node
    line: int


class Arithmetic(NamedTuple):
    """``((…))``."""

    text: str
    line: int


Node = Union[Simple, Group, If, Loop, For, Case, Function, Arithmetic]

EMPTY = Block((), ())
