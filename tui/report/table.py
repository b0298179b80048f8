"""A scan for people: what is wrong first, then groups, marks and states, and the paths where asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Callable, Optional, cast

from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from tui.agent.records import Deployment, Group, Instance
from tui.forensics.examination import Examination
from tui.forensics.marks import Finding, Mark, Severity, State
from tui.report.document import worst_first
from tui.report.rows import PathRow, path_rows
from tui.report.sink import Sink
from tui.report.tally import Tally, tallies
from tui.report.text import binary_size, counted, grouped

WIDE = 100  # columns from which on marks and states are words in the listings, not letters
NAME = 36  # columns that a group's id is given before its table turns into blocks of lines: those of a UUID
SHOWN_PATHS = 3  # of a finding
GAP = "  "

_MARK_STYLES = {mark.label: style for mark, style in zip(Mark, ("green", "cyan", "yellow", "none"))}
_SEVERITY_STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold"}
_WORD_HEADINGS = [*(mark.label for mark in Mark), "revisions kept"]
_LETTER_HEADINGS = [*(mark.letter for mark in Mark), "revisions kept"]
_LETTERS = {mark.label: mark.letter for mark in Mark}
_SIGNS = {state.label: state.sign for state in State}


def write(examination: Examination, sink: Sink, paths: bool = False, width: int = WIDE, color: bool = False) -> None:
    """Write tables that fit ``width`` columns; ``color`` allows a terminal's colours and nothing else does.

    All text of the instance is made showable, and none of it is read as markup.
    """
    console = Console(
        file=cast("IO[str]", sink), width=width, force_terminal=color, no_color=not color,
        color_system="standard" if color else None, highlight=False, markup=False, emoji=False,
        legacy_windows=False,
    )  # fmt: skip
    whole, by_group = tallies(examination)
    with console.capture() as captured:
        _head(console, examination.instance)
        _findings(console, examination)
        _groups(console, examination, by_group, width)
        _marks(console, whole)
        console.print()
        if not paths:
            note = "--paths lists them as rows, --format json or csv for programs."
            console.print(Text(f"{counted(whole.paths, 'path')} looked at; {note}", style="dim"))
    for line in captured.get().splitlines():
        sink.write(line.rstrip(" ") + "\n")
    if paths:
        _paths(examination, sink, width, color)


def _say(instance: Instance, text: str, style: str = "") -> Text:
    return Text(instance.showable(text), style=style, overflow="fold")


def _head(console: Console, instance: Instance) -> None:
    host = f" ({instance.hostname})" if instance.hostname else ""
    console.print(_say(instance, f"{instance.label}{host}, {_agent(instance)}{_running(instance)}"))
    config = instance.native(instance.config.path) if instance.config.path else "none, defaults are used"
    console.print(_say(instance, f"root_dir {instance.native(instance.layout.root_dir)}, config {config}"))
    for ongoing in instance.ongoing:
        line = f"deployment {ongoing.deployment_id} is recorded as running a lifecycle event now"
        console.print(_say(instance, line, "bold yellow"))


def _agent(instance: Instance) -> str:
    version = instance.version
    return f"agent {version.text}" if version.text else f"agent version unknown: version {version.rules}'s rules"


def _running(instance: Instance) -> str:
    if instance.agents is None:
        return ""
    pids = ", ".join(str(process.pid) for process in instance.agents)
    if len(instance.agents) > 1:
        return f", {len(instance.agents)} agents at once (pids {pids})"
    return f", running (pid {pids})" if pids else ", not running"


def _findings(console: Console, examination: Examination) -> None:
    findings = worst_first(examination)
    console.print()
    console.print(Text("Findings" if findings else "Findings: none", style="bold"))
    several = len(examination.instance.groups) > 1
    for finding in findings:
        entry = Table.grid(padding=(0, 2, 0, 0))
        entry.add_column(no_wrap=True, width=8)
        entry.add_column(overflow="fold")
        severity = Text(finding.severity.label, style=_SEVERITY_STYLES[finding.severity])
        first, *others = _finding_lines(finding, several, examination.instance)
        entry.add_row(severity, first)
        for line in others:
            entry.add_row("", line)
        console.print(entry)


def _finding_lines(finding: Finding, with_group: bool, instance: Instance) -> list[Text]:
    count = max(finding.count, len(finding.paths))
    concerned = f" ({counted(count, 'path')})" if count else ""
    lines = [_say(instance, finding.title + concerned, "bold")]
    if with_group and finding.group is not None:
        lines.append(_say(instance, f"group {finding.group}"))
    if finding.detail:
        lines.append(_say(instance, finding.detail))
    if finding.advice:
        lines.append(_say(instance, f"-> {finding.advice}"))
    shown = finding.paths[:SHOWN_PATHS]
    lines += [Text(GAP + instance.showable_path(path), "dim", overflow="fold") for path in shown]
    if shown and count > len(shown):
        lines.append(_say(instance, f"{GAP}and {grouped(count - len(shown))} more", "dim"))
    return lines


def _groups(console: Console, examination: Examination, by_group: list[Tally], width: int) -> None:
    instance = examination.instance
    groups = instance.groups
    console.print()
    console.print(Text("Deployment groups, with files by mark" if groups else "Deployment groups: none", style="bold"))
    if not groups:
        return
    rows = [
        [*(grouped(tally.files[mark]) for mark in Mark), _kept(examination, group)]
        for group, tally in zip(groups, by_group)
    ]
    headings = _headings([group.id for group in groups], rows, width)
    if headings is None:
        for group, row in zip(groups, rows):
            numbers = [f"{heading} {cell}" for heading, cell in zip(_LETTER_HEADINGS, row)]
            for line in (group.id, GAP + _last_install(group), GAP + GAP.join(numbers)):
                console.print(_say(instance, line))
        return
    table = _table("group", headings)
    for group, row in zip(groups, rows):
        name = _say(instance, group.id).append("\n").append_text(_say(instance, GAP + _last_install(group), "dim"))
        table.add_row(name, *row)
    console.print(table)


def _headings(names: Sequence[str], rows: list[list[str]], width: int) -> Optional[list[str]]:
    """The headings of the groups' numbers: words where the ids stay whole beside them, else letters.

    None where even beside letters an id would be broken.
    """
    wanted = min(max(map(len, names)), NAME)
    for headings in (_WORD_HEADINGS, _LETTER_HEADINGS):
        columns = [max(map(len, column)) + len(GAP) for column in zip(headings, *rows)]
        if width - sum(columns) - len(GAP) >= wanted:
            return headings
    return None


def _table(first: str, numbers: list[str]) -> Table:
    """A table without lines: one column of names, then columns of numbers that are never cut for a name."""
    table = Table(box=None, padding=(0, len(GAP), 0, 0), pad_edge=False)
    table.add_column(first, overflow="fold")
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _last_install(group: Group) -> str:
    pointer = group.last_successful
    if pointer is None:
        return "no completed Install recorded"
    gone = "" if pointer.exists else " (gone)"
    return f"last completed Install {pointer.deployment_id or pointer.target}{gone}"


def _kept(examination: Examination, group: Group) -> str:
    size = sum(_size(examination, deployment) for deployment in group.deployments)
    return f"{grouped(len(group.deployments))}, {binary_size(size)}"


def _size(examination: Examination, deployment: Deployment) -> int:
    """Bytes that a deployment's bundle, archive and logs take."""
    _, archive = examination.revision_sizes.get(deployment.path, (0, 0))
    return archive + (deployment.bundle_size or 0) + deployment.log_size


def _marks(console: Console, whole: Tally) -> None:
    table = _table("mark", ["files", "dirs", "size"])
    for mark in Mark:
        name = Text(f"{mark.letter} {mark.label}", style=_MARK_STYLES[mark.label])
        table.add_row(
            name, grouped(whole.files[mark]), grouped(whole.directories[mark]), binary_size(whole.bytes[mark])
        )
    console.print()
    console.print(table)
    states = [
        f"{grouped(whole.state_paths[s])} {s.label}" for s in State if s is not State.NONE and whole.state_paths[s]
    ]
    if states:
        console.print(Text(f"deployed paths by state: {', '.join(states)}", overflow="fold"))


def _paths(examination: Examination, sink: Sink, width: int, color: bool) -> None:
    """The paths, a line each, written past rich, which would take minutes for a few hundred thousand."""
    wide = width >= WIDE
    show = examination.instance.showable
    sink.write(_HEADINGS[wide] + "\n")
    for row in path_rows(examination, with_evidence=False):
        mark, rest = _path_line(row, wide, show)
        if color:
            mark = Style.parse(_MARK_STYLES[row.mark]).render(mark)
        sink.write(f"{mark}{rest}\n")


_HEADINGS = {
    True: f"{'mark':<14}  {'state':<10}  {'type':<6}  {'size':>10}  {'next':<7}  path",
    False: f"{'mark':<5} {'type':<6} {'size':>10} {'next':<7} path",
}


def _path_line(row: PathRow, wide: bool, show: Callable[[str], str]) -> tuple[str, str]:
    size: Optional[str] = None if row.size is None or row.type == "dir" else binary_size(row.size)
    path = show(row.path)
    if wide:
        rest = f"  {row.state or '':<10}  {row.type:<6}  {size or '':>10}  {row.next:<7}  {path}"
        return f"{row.mark:<14}", rest
    rest = f" {_SIGNS[row.state]:<3} {row.type:<6} {size or '':>10} {row.next:<7} {path}"
    return _LETTERS[row.mark], rest
