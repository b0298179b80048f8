"""A preview for people: outcomes and counts first, then what is in the way, lost, removed, what remains, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, NamedTuple, Optional, cast

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tui.agent.records import Instance
from tui.preview.records import Effects, Ending, Lost, Preview, Verdict
from tui.report.preview_page import INDENT, Page
from tui.report.preview_sections import BAD, BEHAVIOR_FROM, GOOD, WORSE, Sections
from tui.report.sink import Sink
from tui.report.text import grouped

_HEADINGS = ["in the\nway", "lost", "removed", "remain", "changed", "added", "mode or\nowner"]
_TOLD = {Ending.IN_INSTALL: "Install", Ending.IN_SCRIPT: "a script"}
_GAP = 2
_NARROWEST = 24  # columns that the first of the overview needs, else it turns into lines


class _Entry(NamedTuple):
    """One line of the overview."""

    name: str
    outcome: str
    style: str
    numbers: list[str]


def write(
    preview: Preview, instance: Instance, sink: Sink, paths: bool = False, width: int = 100, color: bool = False
) -> None:
    """Write tables that fit ``width`` columns; ``color`` allows a terminal's colours and nothing else does.

    Sections are cut to their first items unless ``paths`` is set. All text of the instance is made
    showable, and none of it is read as markup.
    """
    console = Console(
        file=cast("IO[str]", sink), width=width, force_terminal=color, no_color=not color,
        color_system="standard" if color else None, highlight=False, markup=False, emoji=False,
        legacy_windows=False,
    )  # fmt: skip
    page = Page(sink, console, color, paths)
    sections = Sections(page, instance)
    last = preview.verdicts[-1]
    page.folded(_head(instance, last))
    if len(preview.verdicts) > 1:
        _overview(console, sink, page, [*_steps(preview.verdicts, instance), _all_steps(preview)])
        for number, verdict in enumerate(preview.verdicts, 1):
            page.line()
            page.folded(f"Step {number}: {_deployment(verdict, instance)}", "bold")
            sections.verdict(verdict)
        sections.total(preview)
        return
    if preview.by_behavior:
        entries = [_entry(behavior.value, verdict) for behavior, verdict in preview.by_behavior.items()]
        _overview(console, sink, page, entries)
    page.line()
    page.folded(_deployment(last, instance), "bold")
    sections.verdict(last)


def _head(instance: Instance, verdict: Verdict) -> str:
    host = f" ({instance.hostname})" if instance.hostname else ""
    version = instance.version.text
    agent = f"agent {version}" if version else f"agent version unknown: version {verdict.version}'s rules"
    return instance.showable(f"{instance.label}{host}, {agent}")


def _deployment(verdict: Verdict, instance: Instance) -> str:
    where = f"{verdict.behavior.value} ({BEHAVIOR_FROM[verdict.behavior_from]})"
    return instance.showable(f"{verdict.revision} to group {verdict.group}, {where}")


def _steps(verdicts: Sequence[Verdict], instance: Instance) -> list[_Entry]:
    return [
        _entry(f"{number} {instance.showable(verdict.revision)} {verdict.behavior.value}", verdict)
        for number, verdict in enumerate(verdicts, 1)
    ]


def _entry(name: str, verdict: Verdict) -> _Entry:
    failure = verdict.failure
    outcome, style = "succeeds", GOOD
    if failure is not None:
        outcome, style = f"fails: {failure.phase.value}", BAD
    elif verdict.ending is not Ending.FORETOLD:
        outcome, style = f"{_TOLD[verdict.ending]} fails, as told", WORSE
    return _Entry(
        name, outcome, style,
        _numbers(len(verdict.collisions), verdict.lost, verdict.effects, len(verdict.remains)),
    )  # fmt: skip


def _all_steps(preview: Preview) -> _Entry:
    return _Entry("all steps", "", "", _numbers(None, preview.lost, preview.total, None))


def _numbers(in_the_way: Optional[int], lost: Sequence[Lost], effects: Effects, remain: Optional[int]) -> list[str]:
    counts = (
        in_the_way, len(lost), len(effects.removed), remain, len(effects.changed), len(effects.added),
        len(effects.attributes),
    )  # fmt: skip
    return ["" if count is None else grouped(count) for count in counts]


def _overview(console: Console, sink: Sink, page: Page, entries: Sequence[_Entry]) -> None:
    """Outcomes and numbers side by side; on a narrow terminal outcomes below the names, or a few lines for each."""
    columns = zip(_HEADINGS, *(entry.numbers for entry in entries))
    needed = sum(max(len(line) for cell in column for line in cell.split("\n")) + _GAP for column in columns)
    names = max(cell_len(entry.name) for entry in entries) + _GAP + max(len(entry.outcome) for entry in entries)
    page.line()
    if console.width - needed < _NARROWEST:
        for entry in entries:
            _lines(page, entry)
        return
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False)
    beside = console.width - needed >= names + _GAP
    table.add_column("", overflow="fold")
    if beside:
        table.add_column("", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True, vertical="bottom")
    for entry in entries:
        name, outcome = Text(entry.name), Text(entry.outcome, entry.style)
        if not beside and entry.outcome:
            name.append("\n  ").append_text(outcome)
        table.add_row(name, *([outcome] if beside else []), *entry.numbers)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        sink.write(line.rstrip(" ") + "\n")


def _lines(page: Page, entry: _Entry) -> None:
    page.folded(entry.name, "bold")
    if entry.outcome:
        page.folded(entry.outcome, entry.style, INDENT)
    named = zip((heading.replace("\n", " ") for heading in _HEADINGS), entry.numbers)
    page.folded(", ".join(f"{number} {name}" for name, number in named if number), indent=INDENT)
