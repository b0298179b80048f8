"""The command line's words: commands, options, help and examples."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any, Callable, NoReturn, Optional

from tui import __version__
from tui.report import FORMATS

PROGRAM = "codedeploy-forensics"
DEFAULT_DEMO = "guide-example"


class Refused(Exception):
    """The program cannot do what was asked; ``str()`` is the line to print."""


class Asked(Exception):
    """``--help`` or ``--version``: ``str()`` is the text to print."""


class _Parser(argparse.ArgumentParser):
    """An argument parser that prints nothing and ends nothing: it raises."""

    def error(self, message: str) -> NoReturn:
        raise Refused(f"{message} (see {self.prog} --help)")


class _Show(argparse.Action):
    """An option that asks for a text in place of the program's work: ``const``, or the help."""

    def __init__(self, option_strings: Sequence[str], dest: str, const: Optional[str] = None, help: str = "") -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, const=const, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        raise Asked(self.const or parser.format_help())


def _parser(command: str, description: str, examples: Sequence[tuple[str, str]], **more: Any) -> _Parser:
    width = max(len(line) for line, _ in examples)
    lines = [f"  {line:<{width}}  # {what}" for line, what in examples]
    parser = _Parser(
        prog=f"{PROGRAM} {command}".strip(), description=description, add_help=False, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join([*more.pop("before", ()), "examples:", *lines]), **more,
    )  # fmt: skip
    parser.add_argument("-h", "--help", action=_Show, help="show this help")
    return parser


def _not_empty(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("may not be empty")
    return text


def _add_source(parser: _Parser) -> None:
    add = parser.add_argument
    what = "directory that holds an instance's root file system, such as a mounted volume (default: this machine)"
    add("source", metavar="SOURCE", nargs="?", help=what)
    what = "the agent's root_dir, inside SOURCE, where it is an unusual one"
    add("--agent-root", metavar="DIR", type=_not_empty, help=what)
    what = "the agent's config file, inside SOURCE, where it is an unusual one"
    add("--agent-config", metavar="FILE", type=_not_empty, help=what)
    what = "look into other file systems mounted below the target locations too"
    add("--cross-mounts", action="store_true", help=what)
    what = "take a deployment group for gone: what it left is orphaned (may be repeated)"
    add("--group-gone", metavar="ID", type=_not_empty, action="append", default=[], help=what)


def _app_parser() -> _Parser:
    parser = _parser(
        "",
        "What AWS CodeDeploy deployments left on an instance, in a terminal app.\nNothing on the instance is changed.",
        [
            (PROGRAM, "this machine"),
            (f"{PROGRAM} /mnt/volume", "an instance's root volume, mounted"),
            (f"{PROGRAM} demo", "an example instance, to look around"),
            (f"{PROGRAM} scan --format json", "the same facts without a screen"),
        ],
        usage=f"{PROGRAM} [options] [SOURCE]\n       {PROGRAM} COMMAND [options] ...",
        before=(
            "commands (COMMAND --help tells more; a directory of such a name is ./scan):",
            *(f"  {name:<6}  {what}" for name, (what, _) in COMMANDS.items()), "",
        ),
    )  # fmt: skip
    _add_source(parser)
    parser.add_argument("--version", action=_Show, const=f"{PROGRAM} {__version__}\n", help="show the version")
    return parser


def _scan_parser() -> _Parser:
    parser = _parser(
        "scan",
        "Marks, counts and findings of an instance, without a screen. Data goes to standard output,\n"
        "all else to standard error. Nothing on the instance is changed.",
        [
            (f"{PROGRAM} scan", "this machine"),
            (f"{PROGRAM} scan /mnt/volume --paths", "a mounted volume, every path listed"),
            (f"{PROGRAM} scan --format jsonl", "one JSON object a path, in path order"),
            (f"{PROGRAM} scan --exit-code --quiet", "for monitoring: 1 if something is to be done"),
        ],
        before=(
            "exit codes:",
            "  0    done",
            "  1    with --exit-code: there is a warning or a critical finding",
            "  2    usage, or something that cannot be read or written; standard error says why",
            "  130  interrupted",
            "",
        ),
    )
    _add_source(parser)
    add = parser.add_argument
    add("--format", choices=FORMATS, help="how to print (default: table on a terminal, json otherwise)")
    add("--paths", action="store_true", help="list every path in table and json; jsonl and csv always do")
    add("--exit-code", action="store_true", help="exit with 1 if there is a warning or a critical finding")
    add("-q", "--quiet", action="store_true", help="show no progress")
    return parser


def _demo_parser() -> _Parser:
    parser = _parser(
        "demo",
        "The app on an example instance that comes with the program, in a temporary directory.",
        [
            (f"{PROGRAM} demo", f"the example {DEFAULT_DEMO}"),
            (f"{PROGRAM} demo --list", "the examples there are"),
        ],
    )
    parser.add_argument(
        "name", metavar="NAME", nargs="?", default=DEFAULT_DEMO, help=f"which example (default: {DEFAULT_DEMO})"
    )
    parser.add_argument("--list", action="store_true", help="list the examples and end")
    return parser


COMMANDS: dict[str, tuple[str, Callable[[], _Parser]]] = {
    "scan": ("marks, counts and findings, without a screen", _scan_parser),
    "demo": ("the app on an example instance", _demo_parser),
}


def parse(argv: Sequence[str]) -> tuple[str, argparse.Namespace]:
    """The command (``""``: the app) and its arguments. Raises Refused; ``Asked`` for help and version."""
    if argv and argv[0] in COMMANDS:
        return argv[0], COMMANDS[argv[0]][1]().parse_args(argv[1:])
    args = _app_parser().parse_args(argv)
    word = args.source
    if word in COMMANDS:
        raise Refused(f"the command comes first: {PROGRAM} {word} ... (a directory of that name is ./{word})")
    if word and os.path.basename(word) == word and not os.path.lexists(word):
        commands = ", ".join(COMMANDS)
        raise Refused(f"{word}: neither a command nor a directory; commands are {commands} (see {PROGRAM} --help)")
    return "", args
