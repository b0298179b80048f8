"""The command line's words: commands, options, help and examples."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Callable, Protocol

from tui import __version__
from tui.arguments.clean import add_state_dir, add_writable, clean_parser
from tui.arguments.journal import JournalParser, undo_parser
from tui.arguments.parsing import PROGRAM, Asked, Parser, Refused, Show, add_source, new_parser, not_empty
from tui.report import FORMATS

__all__ = ("COMMANDS", "DEFAULT_DEMO", "PROGRAM", "Asked", "Refused", "parse")
DEFAULT_DEMO = "guide-example"


def _app_parser() -> Parser:
    parser = new_parser(
        "",
        "What AWS CodeDeploy deployments left on an instance, in a terminal app.\n"
        "Nothing on the instance is changed but by a cleanup, planned and confirmed there.",
        [
            (PROGRAM, "this machine"),
            (f"{PROGRAM} /mnt/volume", "an instance's root volume, mounted"),
            (f"{PROGRAM} /mnt/volume --writable", "the same, which may be cleaned up"),
            (f"{PROGRAM} demo", "an example instance, to look around"),
            (f"{PROGRAM} scan --format json", "the same facts without a screen"),
        ],
        usage=f"{PROGRAM} [options] [SOURCE]\n       {PROGRAM} COMMAND [options] ...",
        before=(
            "commands (COMMAND --help tells more; a directory of such a name is ./scan):",
            *(f"  {name:<7}  {what}" for name, (what, _) in COMMANDS.items()), "",
        ),
    )  # fmt: skip
    add_source(parser)
    add_writable(parser)
    add_state_dir(parser)
    parser.add_argument("--version", action=Show, const=f"{PROGRAM} {__version__}\n", help="show the version")
    return parser


def _scan_parser() -> Parser:
    parser = new_parser(
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
    add_source(parser)
    add = parser.add_argument
    add("--format", choices=FORMATS, help="how to print (default: table on a terminal, json otherwise)")
    add("--paths", action="store_true", help="list every path in table and json; jsonl and csv always do")
    add("--exit-code", action="store_true", help="exit with 1 if there is a warning or a critical finding")
    add("-q", "--quiet", action="store_true", help="show no progress")
    return parser


def _preview_parser() -> Parser:
    parser = new_parser(
        "preview",
        "What the next deployment, or several in a row, would do: removed, kept, in the way, lost. The agent's\n"
        "Install event is played on a model; nothing on the instance is changed, and no script runs.",
        [
            (f"{PROGRAM} preview --group ID", "the last completed Install's revision once more"),
            (f"{PROGRAM} preview /mnt/volume --group ID --revision app.zip", "a new bundle, on a mounted volume"),
            (f"{PROGRAM} preview --revision d-ABC12DEF3 --all-behaviors", "a rollback, with each file-exists behavior"),
            (f"{PROGRAM} preview --steps steps.yml", "a chain: a deployment, then its rollback"),
            (f"{PROGRAM} preview --steps guide-chain", "the AWS guide's three deployments, on its own instance"),
        ],
        before=(
            "a steps file (YAML or JSON), its paths starting from its own directory:",
            "  group: ID                          # optional, for steps that name none",
            "  file-exists-behavior: RETAIN       # likewise",
            "  steps:                             # at most 100",
            "    - revision: app-2.zip            # as --revision takes it; last-successful is the",
            "      outcome: fails-in-script       # last completed Install at that point of the chain;",
            "    - revision: d-ABC12DEF3          # or fails-in-install, or succeeds: as foretold",
            "      file-exists-behavior: DISALLOW",
            "",
            "exit codes:",
            "  0    done",
            "  1    with --exit-code: a deployment fails by itself, not as a steps file tells it to,",
            "       or something would be lost",
            "  2    usage, or something that cannot be read or written; standard error says why",
            "  130  interrupted",
            "",
        ),
    )
    add_source(parser)
    add = parser.add_argument
    what = "the deployment group (default: the only one there is); new stands for one that was never deployed here"
    add("--group", metavar="ID", type=not_empty, help=what)
    what = (
        "what to deploy: a directory or bundle (tar, tgz, zip) of this machine, a deployment id left on the instance, "
        "or last-successful (default)"
    )
    add("--revision", metavar="R", type=not_empty, help=what)
    behaviors = ("DISALLOW", "OVERWRITE", "RETAIN")
    what = "the deployment's option (default: DISALLOW); the appspec's own counts before it"
    add("--file-exists-behavior", metavar="B", type=str.upper, choices=behaviors, help=what)
    add("--all-behaviors", action="store_true", help="play it with DISALLOW, OVERWRITE and RETAIN, side by side")
    what = "several deployments in a row, from a YAML file, or a bundled example by its name"
    add("--steps", metavar="FILE", type=not_empty, help=what)
    add("--format", choices=FORMATS, help="how to print (default: table on a terminal, json otherwise)")
    add("--paths", action="store_true", help="list every path in the table, not only a section's first ones")
    add("--exit-code", action="store_true", help="exit with 1 if a deployment fails or something would be lost")
    add("-q", "--quiet", action="store_true", help="show no progress")
    return parser


def _demo_parser() -> Parser:
    parser = new_parser(
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


class Parsing(Protocol):
    """A command's parser."""

    def parse_args(self, argv: Sequence[str], /) -> argparse.Namespace:
        """The arguments. Raises Refused and Asked."""


COMMANDS: dict[str, tuple[str, Callable[[], Parsing]]] = {
    "scan": ("marks, counts and findings, without a screen", _scan_parser),
    "preview": ("what the next deployment would do", _preview_parser),
    "clean": ("a plan of what to move out of the way; --execute carries it out", clean_parser),
    "undo": ("put back what a cleanup moved", undo_parser),
    "journal": ("the cleanups that were carried out; recover and purge them", JournalParser),
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
