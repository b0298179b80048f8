"""The words of the commands that go by the journal: what was cleaned, putting it back, freeing it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Callable

from tui.arguments.clean import add_force, add_state_dir, add_writable, add_yes
from tui.arguments.parsing import PROGRAM, Parser, Refused, WordsParser, add_agent, new_parser, not_empty
from tui.report import FORMATS

_UNITS = {"h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_AGE = re.compile(r"(\d{1,6})([hdw])\Z", re.ASCII)
_WORDS = (
    "SOURCE and ID are told apart by their form: an id is like 20260131-142530-0a1b2c, and a directory of\n"
    "such a name is ./20260131-142530-0a1b2c."
)
_CODES = (
    "exit codes:",
    "  0    done",
    "  2    usage, or something that cannot be read or written; standard error says why",
)
_REFUSED = "  3    refused by a safety rule: nothing was done"
_PARTLY = "  4    done in part: the rest is named"
_STOPPED = "  130  interrupted: what was done is printed"


def undo_parser() -> Parser:
    """The parser of ``undo``."""
    parser = new_parser(
        "undo",
        "Put back what a cleanup moved to quarantine: the last one that holds anything, if no ID is given.\n"
        "Nothing that stands there now is overwritten: such conflicts are named, and the rest goes on.\n" + _WORDS,
        [
            (f"{PROGRAM} undo", "the last cleanup of this machine"),
            (f"{PROGRAM} undo 20260131-142530-0a1b2c --dry-run", "what would be put back, and conflicts"),
            (f"{PROGRAM} undo --path /srv/shop/old.js", "that path alone"),
            (f"{PROGRAM} undo /mnt/volume --writable", "on a mounted volume"),
        ],
        before=(*_CODES, _REFUSED, _PARTLY, _STOPPED, ""),
        usage=f"{PROGRAM} undo [SOURCE] [ID] [options]",
        kind=WordsParser,
    )
    _add_words(parser)
    add = parser.add_argument
    what = "put back this path and what lies below it, and nothing else (may be repeated)"
    add("--path", metavar="PATH", type=not_empty, action="append", help=what)
    what = "such paths from a file, or - for standard input; separated by NUL, or a line each"
    add("--paths-from", metavar="FILE", type=not_empty, help=what)
    add("--dry-run", action="store_true", help="say what would be put back, and do nothing")
    add_force(parser)
    add_writable(parser)
    add_state_dir(parser)
    add_agent(parser)
    _add_format(parser)
    return parser


class JournalParser:
    """The parsers of ``journal`` and of its words ``show``, ``recover`` and ``purge``."""

    def parse_args(self, argv: Sequence[str]) -> argparse.Namespace:
        """The arguments, with the word in ``action`` (``list``: none). Raises Refused and Asked."""
        word = argv[0] if argv else ""
        if word in ACTIONS:
            return ACTIONS[word]().parse_args(argv[1:], argparse.Namespace(action=word))
        args = _list_parser().parse_args(argv, argparse.Namespace(action="list"))
        for other in args.words:
            if other in ACTIONS:
                line = f"{PROGRAM} journal {other} ..."
                raise Refused(f"the word comes first: {line} (a directory of that name is ./{other})")
        return args


def _list_parser() -> Parser:
    parser = new_parser(
        "journal",
        "The cleanups that were carried out, the last one first.",
        [
            (f"{PROGRAM} journal", "the cleanups of this machine"),
            (f"{PROGRAM} journal /mnt/volume --format json", "those of a mounted volume"),
            (f"{PROGRAM} journal show 20260131-142530-0a1b2c", "what became of each path"),
            (f"{PROGRAM} journal recover --roll-back", "after a crash: put back what was done"),
            (f"{PROGRAM} journal purge --older-than 30d", "free the space of old ones"),
        ],
        before=(
            "words (WORD --help tells more; a directory of such a name is ./show):",
            "  show     one cleanup, and what became of each of its paths",
            "  recover  finish a cleanup or undo that was cut off, or roll it back",
            "  purge    delete what is in quarantine for good, by id or age",
            "",
            *_CODES,
            "",
        ),
        usage=f"{PROGRAM} journal [SOURCE] [options]\n       {PROGRAM} journal WORD [SOURCE] ...",
        kind=WordsParser,
    )
    parser.add_argument("words", metavar="SOURCE", nargs="*", help=argparse.SUPPRESS)
    add_state_dir(parser)
    _add_format(parser)
    return parser


def _show_parser() -> Parser:
    parser = new_parser(
        "journal show",
        "One cleanup, the last one if no ID is given, and what became of each of its paths.\n" + _WORDS,
        [
            (f"{PROGRAM} journal show", "the last one"),
            (f"{PROGRAM} journal show 20260131-142530-0a1b2c --format csv", "for a spreadsheet"),
        ],
        before=(*_CODES, ""),
        usage=f"{PROGRAM} journal show [SOURCE] [ID] [options]",
        kind=WordsParser,
    )
    _add_words(parser)
    add_state_dir(parser)
    _add_format(parser)
    return parser


def _recover_parser() -> Parser:
    parser = new_parser(
        "journal recover",
        "After a cleanup or an undo was cut off (a crash, a power cut, a kill), at whatever moment: go on with\n"
        "it, or put back what it did. Without either, what became of each path is only told.\n" + _WORDS,
        [
            (f"{PROGRAM} journal recover", "what was cut off, and where it stands"),
            (f"{PROGRAM} journal recover --finish", "go on where it was"),
            (f"{PROGRAM} journal recover --roll-back", "put back what was done"),
        ],
        before=(*_CODES, _REFUSED, _PARTLY, _STOPPED, ""),
        usage=f"{PROGRAM} journal recover [SOURCE] [ID] [--finish | --roll-back] [options]",
        kind=WordsParser,
    )
    _add_words(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--finish", action="store_true", help="take the rest of the plan, or put back the rest")
    how.add_argument("--roll-back", action="store_true", help="put back what was done; what was deleted stays so")
    add_force(parser)
    add_writable(parser)
    add_state_dir(parser)
    add_agent(parser)
    _add_format(parser)
    return parser


def _purge_parser() -> Parser:
    parser = new_parser(
        "journal purge",
        "Delete for good what cleanups hold in quarantine: what was freed cannot be put back. The journal keeps\n"
        "their entries.\n" + _WORDS,
        [
            (f"{PROGRAM} journal purge 20260131-142530-0a1b2c", "one cleanup's, after a question"),
            (f"{PROGRAM} journal purge --older-than 30d --yes", "of those that ended 30 days ago, or longer"),
        ],
        before=(*_CODES, _REFUSED, _PARTLY, _STOPPED, ""),
        usage=f"{PROGRAM} journal purge [SOURCE] (ID ... | --older-than AGE) [options]",
        kind=WordsParser,
    )
    _add_words(parser)
    what = "those that ended so long ago: 12h, 30d, 8w"
    parser.add_argument("--older-than", metavar="AGE", type=_age, help=what)
    add_yes(parser)
    add_writable(parser)
    add_state_dir(parser)
    _add_format(parser)
    return parser


ACTIONS: dict[str, Callable[[], Parser]] = {
    "show": _show_parser, "recover": _recover_parser, "purge": _purge_parser,
}  # fmt: skip


def _add_words(parser: Parser) -> None:
    parser.add_argument("words", metavar="SOURCE or ID", nargs="*", help=argparse.SUPPRESS)


def _add_format(parser: Parser) -> None:
    what = "how to print (default: table on a terminal, json otherwise)"
    parser.add_argument("--format", choices=FORMATS, help=what)
    parser.add_argument("-q", "--quiet", action="store_true", help="show no progress")


def _age(text: str) -> float:
    """Seconds. Raises ArgumentTypeError."""
    found = _AGE.match(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text}: not an age; give hours, days or weeks, such as 12h, 30d or 8w")
    return int(found[1]) * _UNITS[found[2]]
