"""The words of the command that plans a cleanup and carries it out."""

from __future__ import annotations

from typing import Any, Protocol

from tui.arguments.parsing import PROGRAM, Parser, add_source, new_parser, not_empty
from tui.report import FORMATS

MARKS = ("deployed", "script-created", "orphaned", "unattributed")
CONFIDENCES = ("certain", "likely", "possible")
BEHAVIORS = ("DISALLOW", "OVERWRITE", "RETAIN")
EXPORTS = ("sh", "ps1", "json")
EXIT_CODES = (
    "exit codes:",
    "  0    done",
    "  1    with --exit-code: there is something to clean",
    "  2    usage, or something that cannot be read or written; standard error says why",
    "  3    refused by a safety rule: nothing was done",
    "  4    done in part: the rest is named, and the journal tells what",
    "  130  interrupted: what was done is printed, the rest is untouched",
    "",
)


class Options(Protocol):
    """A parser, or a group of its options."""

    def add_argument(self, *names: str, **more: Any) -> Any:
        """Add an option."""


def clean_parser() -> Parser:
    """The parser of ``clean``."""
    parser = new_parser(
        "clean",
        "A plan of what to move out of the way, with warnings, refusals and space. Nothing is changed without\n"
        "--execute; with it, what is planned goes to quarantine, from where undo puts it back.",
        [
            (f"{PROGRAM} clean --residue", "what scripts made and what was left behind"),
            (f"{PROGRAM} clean --residue --exclude '*.log' --execute", "move it to quarantine, after a question"),
            (f"{PROGRAM} clean --unblock app.zip --group ID", "what makes that deployment fail"),
            (f"{PROGRAM} clean --mark orphaned --below /srv/shop", "by mark and place"),
            (f"{PROGRAM} clean --path /srv/shop/old --execute --yes", "one directory, asking nothing"),
            (f"{PROGRAM} clean --uninstall ID --export sh", "a script to review and run"),
            (f"{PROGRAM} clean --residue --export json", "a plan to review and keep"),
            (f"{PROGRAM} clean --plan plan.json --execute", "carry a reviewed plan out"),
            (f"{PROGRAM} clean /mnt/volume --residue --execute --writable", "on a mounted volume"),
        ],
        before=EXIT_CODES,
        usage=f"{PROGRAM} clean [SOURCE] CHOICE [options] [--execute]",
    )
    add_source(parser)
    _add_choice(parser)
    _add_output(parser)
    _add_execution(parser)
    return parser


def _add_choice(parser: Parser) -> None:
    group = parser.add_argument_group("choice", "exactly one of these; --path, --paths-from count as one")
    add = group.add_argument
    add("--residue", action="store_true", help="what scripts made, and what is orphaned")
    what = "what makes a deployment of this revision fail (as preview --revision takes it)"
    add("--unblock", metavar="R", type=not_empty, help=what)
    what = "what the agent's own cleanup would remove for a deployment group"
    add("--uninstall", metavar="GROUP", type=not_empty, help=what)
    what = "the agent's records that nothing uses, or that are broken; of groups that are gone: --group-gone"
    add("--agent-records", action="store_true", help=what)
    add("--mark", metavar="M", choices=MARKS, action="append", help=f"paths with a mark: {', '.join(MARKS)}")
    what = "a path of the instance, a directory with all that is in it (may be repeated)"
    add("--path", metavar="PATH", type=not_empty, action="append", help=what)
    what = "such paths from a file, or - for standard input; separated by NUL, or a line each"
    add("--paths-from", metavar="FILE", type=not_empty, help=what)
    what = "a reviewed plan (--export json); what has changed since is refused"
    add("--plan", metavar="FILE", type=not_empty, help=what)
    narrow = parser.add_argument_group("which of them")
    add = narrow.add_argument
    what = "the deployment group, for --unblock (default: the only one), --residue and --mark"
    add("--group", metavar="ID", type=not_empty, help=what)
    what = "the deployment's option, for --unblock (default: DISALLOW); the appspec's own counts before it"
    add("--file-exists-behavior", metavar="B", type=str.upper, choices=BEHAVIORS, help=what)
    what = "only what lies here, for --residue and --mark (may be repeated)"
    add("--below", metavar="DIR", type=not_empty, action="append", default=[], help=what)
    what = "leave paths out: *.log by name, /srv/shop/** by path (may be repeated)"
    add("--exclude", metavar="GLOB", action="append", default=[], help=what)
    what = f"how sure a mark has to be, {', '.join(CONFIDENCES)} (default: likely for --residue, else possible)"
    add("--confidence", metavar="C", choices=CONFIDENCES, help=what)
    add("--widen", action="store_true", help="--confidence possible: weak evidence is enough")


def _add_output(parser: Parser) -> None:
    add = parser.add_argument_group("output").add_argument
    add("--format", choices=FORMATS, help="how to print (default: table on a terminal, json otherwise)")
    add("--export", choices=EXPORTS, help="write the plan itself: a shell or PowerShell script, or JSON for --plan")
    add("--exit-code", action="store_true", help="exit with 1 if there is something to clean")
    add("-q", "--quiet", action="store_true", help="show no progress")


def _add_execution(parser: Parser) -> None:
    group = parser.add_argument_group("carrying it out")
    add = group.add_argument
    add("--execute", action="store_true", help="carry the plan out; else it is only printed")
    add("--delete", action="store_true", help="plan to delete for good, not to move to quarantine: no undo")
    add_yes(group)
    add("--reason", metavar="TEXT", type=not_empty, help="recorded in the journal")
    add_force(group)
    add_writable(group)
    add_state_dir(group)


def add_force(group: Options) -> None:
    """How to go on although a deployment is in progress."""
    what = "go on although a deployment is in progress; the reason is recorded. No other rule has an override"
    group.add_argument("--force", metavar="REASON", type=not_empty, help=what)


def add_yes(group: Options) -> None:
    """How to answer beforehand."""
    group.add_argument("--yes", action="store_true", help="answer the question; required without a terminal")


def add_writable(group: Options) -> None:
    """What every command has that changes something."""
    what = "allow changes to a SOURCE that is not this machine"
    group.add_argument("--writable", action="store_true", help=what)


def add_state_dir(group: Options) -> None:
    """Where the journal is."""
    what = "where journal and quarantine are (default: /var/lib/codedeploy-forensics inside SOURCE)"
    group.add_argument("--state-dir", metavar="DIR", type=not_empty, help=what)
