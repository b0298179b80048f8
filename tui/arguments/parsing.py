"""What all commands' parsers are made of: one that raises instead of printing, and options that several have."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn, Optional

PROGRAM = "codedeploy-forensics"


class Refused(Exception):
    """The program cannot do what was asked; ``str()`` is the line to print."""


class Asked(Exception):
    """``--help`` or ``--version``: ``str()`` is the text to print."""


class Parser(argparse.ArgumentParser):
    """An argument parser that prints nothing and ends nothing: it raises."""

    def error(self, message: str) -> NoReturn:
        raise Refused(f"{message} (see {self.prog} --help)")


class WordsParser(Parser):
    """One whose words may stand anywhere between its options."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        return self.parse_intermixed_args(args, namespace)


class Show(argparse.Action):
    """An option that asks for a text in place of the program's work: ``const``, or the help."""

    def __init__(self, option_strings: Sequence[str], dest: str, const: Optional[str] = None, help: str = "") -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, const=const, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        raise Asked(self.const or parser.format_help())


def new_parser(command: str, description: str, examples: Sequence[tuple[str, str]], **more: Any) -> Parser:
    """A command's parser. ``before``: lines of the help that come before the examples; ``kind``: the parser's class."""
    width = max(len(line) for line, _ in examples)
    lines = [f"  {line:<{width}}  # {what}" for line, what in examples]
    parser = more.pop("kind", Parser)(
        prog=f"{PROGRAM} {command}".strip(), description=description, add_help=False, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join([*more.pop("before", ()), "examples:", *lines]), **more,
    )  # fmt: skip
    parser.add_argument("-h", "--help", action=Show, help="show this help")
    assert isinstance(parser, Parser)
    return parser


def not_empty(text: str) -> str:
    """The type of an option that says something."""
    if not text:
        raise argparse.ArgumentTypeError("may not be empty")
    return text


def add_source(parser: Parser) -> None:
    """SOURCE, and how to look at it."""
    add = parser.add_argument
    what = "directory that holds an instance's root file system, such as a mounted volume (default: this machine)"
    add("source", metavar="SOURCE", nargs="?", help=what)
    add_agent(parser)
    what = "look into other file systems mounted below the target locations too"
    add("--cross-mounts", action="store_true", help=what)
    what = "take a deployment group for gone: what it left is orphaned (may be repeated)"
    add("--group-gone", metavar="ID", type=not_empty, action="append", default=[], help=what)


def add_agent(parser: Parser) -> None:
    """Where the agent is."""
    what = "the agent's root_dir, inside SOURCE, where it is an unusual one"
    parser.add_argument("--agent-root", metavar="DIR", type=not_empty, help=what)
    what = "the agent's config file, inside SOURCE, where it is an unusual one"
    parser.add_argument("--agent-config", metavar="FILE", type=not_empty, help=what)
