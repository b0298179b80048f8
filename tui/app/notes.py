"""What could not be read or looked into, and what that means for the marks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from tui.agent.records import Instance, LogFile, Problem
from tui.app.words import Line, counted, fit, shown
from tui.disk.inventory import Note
from tui.forensics.examination import Examination

# By a note's code: what was met, and what follows.
_NOTES = {
    "unreadable": (
        "Directories that could not be read",
        "What lies in them has no mark and is in no count, and deployed paths there were not compared.",
    ),
    "mount": (
        "Other file systems that were not entered",
        "What lies in them has no mark and is in no count. --cross-mounts looks into them.",
    ),
    "vanished": (
        "Paths that went while they were looked at",
        "Something changes files now. What is shown of them is what was there before, or nothing.",
    ),
    "swapped": (
        "Directories that were replaced while they were looked at",
        "What lies in them was not looked through. Scan again when it is quiet.",
    ),
    "limit": ("Places deeper or larger than is looked through", "What lies beyond has no mark and is in no count."),
    "cancelled": ("Where the scan was stopped", "What comes after has no mark and is in no count."),
}
_OTHER_NOTE = "Nothing is known of what lies there."

# What in a problem's code tells that something was not read, or not understood, in whole or in part.
_UNREAD = ("unreadable", "incomplete", "not-understood", "not-utf8", "not-text", "cut-off", "missing", "error")

# By the beginning of a problem's code: what may be wrong with marks because of it.
_MEANS = {
    "cleanup": "Paths that the file lists may be shown as orphaned or unattributed though they are deployed.",
    "plan": "Deployed paths may lack their revision to be compared with; what only it names is unattributed.",
    "log": "Scripts that ran may be missing: what they made may be shown as unattributed.",
    "pointer": "Which revision was installed last is taken from other records, or not known.",
    "appspec": "What this revision puts where is not known: files of it may be shown as unattributed.",
    "config": "The agent's own defaults are used in its place; the agent may keep its records elsewhere.",
    "root-dir": "There are no records: no path can be told to be deployed.",
}
_MEANS_OTHER = "What it says, if anything, is missing from the marks."


def unread_problems(instance: Instance) -> Iterator[Problem]:
    """The problems with records that were not read, or not understood, in whole or in part; each once."""
    seen = set()
    for problem in _problems(instance):
        key = (problem.code, problem.path, problem.line)
        if key not in seen and any(problem.code.endswith(end) for end in _UNREAD):
            seen.add(key)
            yield problem


def _problems(instance: Instance) -> Iterator[Problem]:
    yield from instance.problems
    yield from instance.config.problems
    for log in logs(instance):
        yield from log.problems
    for group in instance.groups:
        yield from group.problems
        for record in (group.cleanup, group.plan, group.last_successful, group.most_recent):
            yield from record.problems if record is not None else ()
        for deployment in group.deployments:
            yield from deployment.problems
            yield from deployment.appspec.problems if deployment.appspec is not None else ()


def logs(instance: Instance) -> Iterator[LogFile]:
    """All logs that scripts' output went to."""
    yield from instance.logs
    for group in instance.groups:
        for deployment in group.deployments:
            if deployment.log is not None:
                yield deployment.log


def note_lines(examination: Examination, width: int) -> list[Line]:
    """All of it in lines of at most ``width`` cells, under a heading a kind."""
    instance = examination.instance
    found = [*_of_walk(examination, width), *_of_records(instance, width), *_unknown(instance, width)]
    return found[1:] if found else [[("All that the marks rest on could be read.", "deployed")]]


def _head(text: str, means: str, width: int) -> list[Line]:
    return [[], [(text, "heading")], *([(line, "dim")] for line in textwrap.wrap(means, max(10, width)))]


def _of_walk(examination: Examination, width: int) -> Iterator[Line]:
    by_code: dict[str, list[Note]] = {}
    for note in examination.inventory.notes:
        by_code.setdefault(note.code, []).append(note)
    instance = examination.instance
    for code, notes in by_code.items():
        title, means = _NOTES.get(code, (code, _OTHER_NOTE))
        yield from _head(f"{instance.showable(title)}: {counted(len(notes), 'place')}", means, width)
        for note in notes:
            detail = f"  {instance.showable(note.detail)}" if note.detail else ""
            yield [("  ", ""), (shown(note.path, instance), "place"), (detail, "dim")]


def _of_records(instance: Instance, width: int) -> Iterator[Line]:
    by_meaning: dict[str, list[Problem]] = {}
    for problem in unread_problems(instance):
        fitting = (means for start, means in _MEANS.items() if problem.code.startswith(start))
        by_meaning.setdefault(next(fitting, _MEANS_OTHER), []).append(problem)
    for means, problems in by_meaning.items():
        yield from _head(f"Records not read as a whole: {counted(len(problems), 'problem')}", means, width)
        for problem in problems:
            line = f":{problem.line}" if problem.line is not None else ""
            yield [("  ", ""), (fit(shown(problem.path, instance) + line, width - 2, keep_end=True).rstrip(), "place")]
            for text in textwrap.wrap(instance.showable(problem.message), max(10, width - 4)):
                yield [("    ", ""), (text, "")]


def _unknown(instance: Instance, width: int) -> Iterator[Line]:
    if instance.version.text is None:
        rules = f"The rules of version {instance.version.rules} are used. The other version removes otherwise."
        yield from _head("The agent's version is not known", rules, width)
    zoneless = [log for log in logs(instance) if log.utc_offset is None and log.runs]
    if zoneless and not any(log.utc_offset is not None for log in logs(instance)):
        means = "Their times are local. Which files were written while a script ran rests on when the logs were."
        yield from _head(f"Logs that name no time zone: {counted(len(zoneless), 'log')}", means, width)
        for log in zoneless:
            yield [("  ", ""), (fit(shown(log.path, instance), width - 2, keep_end=True).rstrip(), "place")]
    if instance.processes is None:
        means = "Whether an agent runs, or a deployment goes on, can be told on the machine itself alone."
        yield from _head("Running processes were not looked at", means, width)
