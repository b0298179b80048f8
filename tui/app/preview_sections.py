"""A verdict as sections of a list: what is in the way first, then what is lost, what goes, what stays, and the rest.

A part of a section is one of the verdict's own sequences and how one of its items is said; nothing is
made for an item before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Callable, NamedTuple, Optional

from tui.agent.records import Instance
from tui.app.lookup import Lookup
from tui.app.preview_effects import again, idle, overwritten_alike
from tui.app.words import size
from tui.forensics.marks import Mark
from tui.preview.records import (
    AttributeChange,
    Behavior,
    CleanupLine,
    Collision,
    Effects,
    Lost,
    Preview,
    Remaining,
    ScriptToRun,
    Verdict,
)


@dataclass(frozen=True)
class Section:
    """A kind of effect. ``letter`` is the key that shows it alone; ``counted``: its count is told even if it is 0."""

    letter: str
    label: str
    means: str
    style: str
    counted: bool = True


IN_THE_WAY = Section("I", "In the way", "what makes the deployment fail", "critical")
LOST = Section("L", "Lost", "content that no revision left on the instance holds", "critical")
POSSIBLE = Section("P", "Possible", "what the file system's order decides", "warning")
REMOVED = Section("R", "Removed", "what is gone afterwards", "removed")
REMAINS = Section("W", "Will remain", "what is left as it is, and why", "deployed")
CHANGED = Section("C", "Changed", "another content, type or link target", "changed")
ADDED = Section("A", "Added", "what was not there before", "added")
ATTRIBUTES = Section("M", "Mode or owner", "whose mode or owner changes", "info")
PUT_BACK = Section("B", "Put back", "removed by the cleanup, and installed again as it was", "dim", False)
IDLE = Section("X", "Not removed", "lines of the cleanup file that remove nothing", "dim", False)
SCRIPTS = Section("S", "Scripts", "scripts that run, and from which revision", "script", False)
NOTES = Section("N", "Notes", "what is not known, and what the AWS guide says", "place", False)

SECTIONS = (
    IN_THE_WAY, LOST, POSSIBLE, REMOVED, REMAINS, CHANGED, ADDED, ATTRIBUTES, PUT_BACK, IDLE, SCRIPTS, NOTES,
)  # fmt: skip
SECTIONS_OF_ALL = (LOST, POSSIBLE, REMOVED, CHANGED, ADDED, ATTRIBUTES)  # of what a whole chain comes to


class Row(NamedTuple):
    """One line of the list. ``text`` is the path, or a sentence; it and all but ``word`` may hold anything."""

    section: Section
    word: str
    text: str
    path: Optional[str] = None  # where it stands, in the program's form
    said: str = ""
    advice: str = ""
    right: str = ""
    item: object = None  # what it was made of


@dataclass(frozen=True)
class Part:
    """Items of one section that are said alike. ``text`` is what a filter looks at."""

    section: Section
    items: Sequence[Any]
    row: Callable[[Any], Row]
    text: Callable[[Any], str]


def parts_of(verdict: Verdict, lookup: Lookup) -> list[Part]:
    """The parts of one deployment's verdict that are not empty, in their order."""
    effects, instance = verdict.effects, lookup.examination.instance
    copied = set(verdict.overwritten)
    found = [
        Part(IN_THE_WAY, verdict.collisions, _collision, attrgetter("path")),
        Part(LOST, verdict.lost, _lost, attrgetter("path")),
        *_possible(verdict.possibly),
        _paths(REMOVED, "will be removed", effects.removed),
        Part(REMAINS, verdict.remains, lambda item: _remaining(item, lookup), attrgetter("path")),
        Part(CHANGED, effects.changed, lambda path: _changed(path, path in copied), str),
        _paths(CHANGED, "overwritten", overwritten_alike(verdict), "with the content that it has"),
        Part(CHANGED, verdict.written_through, _through, lambda pair: str(pair[0])),
        _paths(ADDED, "will be added", effects.added),
        Part(ATTRIBUTES, verdict.attributes, lambda change: _attributes(change, instance), attrgetter("path")),
        _paths(PUT_BACK, "is put back", again(verdict)),
        Part(IDLE, idle(verdict), _idle, attrgetter("path")),
        Part(SCRIPTS, verdict.scripts, _script, lambda script: _script(script).text),
        _sentences("pruned", [f"{name}: its revision goes at the download" for name in verdict.pruned]),
        _sentences("note", verdict.notes),
        _sentences("AWS guide", verdict.guide),
    ]
    return [part for part in found if part.items]


def parts_of_all(preview: Preview) -> list[Part]:
    """The parts of what a whole chain comes to that are not empty."""
    total = preview.total
    found = [
        Part(LOST, preview.lost, _lost, attrgetter("path")),
        *_possible(preview.possibly),
        _paths(REMOVED, "will be removed", total.removed),
        _paths(CHANGED, "will be changed", total.changed),
        _paths(ADDED, "will be added", total.added),
        _paths(ATTRIBUTES, "mode or owner", total.attributes),
    ]
    return [part for part in found if part.items]


@dataclass(frozen=True)
class Lists:
    """A preview and the parts of each of its lists: by step and behavior, and (None) of what all steps come to."""

    preview: Preview
    parts: Mapping[tuple[Optional[int], Behavior], Sequence[Part]]


def lists_of(preview: Preview, lookup: Lookup) -> Lists:
    """All lists of a preview; takes time by its length."""
    parts: dict[tuple[Optional[int], Behavior], Sequence[Part]] = {}
    for step, verdict in enumerate(preview.verdicts):
        parts[step, verdict.behavior] = parts_of(verdict, lookup)
    first = preview.verdicts[0].behavior
    for behavior, verdict in preview.by_behavior.items():
        if behavior is not first:
            parts[0, behavior] = parts_of(verdict, lookup)
    if len(preview.verdicts) > 1:
        parts[None, first] = parts_of_all(preview)
    return Lists(preview, parts)


def _possible(effects: Effects) -> Iterator[Part]:
    yield _paths(POSSIBLE, "may be removed", effects.removed)
    yield _paths(POSSIBLE, "may be changed", effects.changed)
    yield _paths(POSSIBLE, "may be added", effects.added)
    yield _paths(POSSIBLE, "mode or owner", effects.attributes, "may change")


def _paths(section: Section, word: str, paths: Sequence[str], said: str = "") -> Part:
    return Part(section, paths, lambda path: Row(section, word, path, path, said), str)


def _sentences(word: str, texts: Sequence[str]) -> Part:
    return Part(NOTES, texts, lambda text: Row(NOTES, word, text), str)


def _collision(item: Collision) -> Row:
    made = item.made_by
    said = "" if made is None else f"{made.mark.label}: {made.why}"
    return Row(IN_THE_WAY, "in the way", item.path, item.real or item.path, said, item.remedy, item=item)


def _lost(item: Lost) -> Row:
    word = "is lost" if item.sure else "may be lost"
    return Row(LOST, word, item.path, item.path, item.reason, right=size(item.size), item=item)


def _remaining(item: Remaining, lookup: Lookup) -> Row:
    said = f"{item.why.value}: {item.detail}" if item.detail else item.why.value
    mark = lookup.mark(item.path)
    if mark is not None and mark is not Mark.DEPLOYED:
        said += f", {mark.label}"
    return Row(REMAINS, "will remain", item.path, item.path, said, item=item)


def _changed(path: str, copied: bool) -> Row:
    return Row(CHANGED, "overwritten" if copied else "will be changed", path, path)


def _through(pair: tuple[str, str]) -> Row:
    path, real = pair
    return Row(CHANGED, "written through", path, real, "through a link", item=pair)


def _attributes(item: AttributeChange, instance: Instance) -> Row:
    pieces = []
    if item.mode is not None:
        pieces.append(f"mode {item.mode[0]:04o} \u2192 {item.mode[1]:04o}")
    for what, change, names in (("owner", item.uid, instance.users), ("group", item.gid, instance.group_names)):
        if change is not None:
            pieces.append(f"{what} {names.get(change[0], change[0])} \u2192 {names.get(change[1], change[1])}")
    if item.through is not None:
        pieces.append(f"through {instance.native(item.through)}")
    return Row(ATTRIBUTES, "mode or owner", item.path, item.path, ", ".join(pieces), item=item)


def _idle(item: CleanupLine) -> Row:
    said = f"line {item.line}: {item.action.value.replace('-', ' ')}"
    if item.detail:
        said += f", {item.detail}"
    return Row(IDLE, "is not removed", item.path, item.real or item.path, said, item=item)


def _script(item: ScriptToRun) -> Row:
    runas = f", as {item.runas}" if item.runas else ""
    said = f"from {item.revision}{runas}: {item.note or _there(item)}"
    word = "script missing" if item.exists is False else "script"
    return Row(SCRIPTS, word, f"{item.event} {item.location}", None, said, item=item)


def _there(item: ScriptToRun) -> str:
    if item.exists is None:
        return "it could not be looked at"
    return "it is there" if item.exists else "it is not there"
