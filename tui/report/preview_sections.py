"""The sections of a preview's table: what is wrong first, then what goes, what stays, and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from tui.agent.records import Instance
from tui.preview.records import (
    Action,
    AttributeChange,
    CleanupLine,
    Collision,
    Effects,
    Ending,
    Lost,
    MadeBy,
    Phase,
    Preview,
    Remaining,
    ScriptToRun,
    Verdict,
)
from tui.report.preview_page import INDENT, Page
from tui.report.text import binary_size, counted, grouped

BAD, WORSE, GOOD = "bold red", "bold yellow", "bold green"
BEHAVIOR_FROM = {"appspec": "as its appspec says", "option": "the deployment's option", "default": "the default"}
_FAILS_AT = {
    Phase.DOWNLOAD: "at DownloadBundle, so that it never comes to its Install event",
    Phase.APPSPEC: "in its Install event, at the appspec, before anything is removed",
    Phase.CLEANUP: "in its Install event, in the cleanup",
    Phase.INSTRUCTIONS: "in its Install event, before anything is copied",
    Phase.INSTALL: "in its Install event, while it copies",
}
_FAILS_AS_TOLD = {
    Ending.IN_INSTALL: "FAILS in its Install event, as told, with all files in place",
    Ending.IN_SCRIPT: "FAILS in a script, as told",
}
_EFFECTS = ("removed", "added", "changed", "attributes")
_EFFECT_WORDS = {"attributes": "mode or owner"}
_IDLE = (Action.NOT_LISTED_WHOLE, Action.NOT_REACHED, Action.SKIPPED, Action.UNKNOWN)


def outcome_line(verdict: Verdict) -> tuple[str, str]:
    """The outcome as a sentence, and its style."""
    failure = verdict.failure
    gone = counted(sum(line.action is Action.REMOVED for line in verdict.cleanup), "path")
    if failure is None:
        line = _FAILS_AS_TOLD.get(verdict.ending, "SUCCEEDS")
        style = WORSE if verdict.ending in _FAILS_AS_TOLD else GOOD
        return f"{line}: its cleanup removes {gone}, and {_counted_copies(verdict)}", style
    line = f"FAILS {_FAILS_AT[failure.phase]}"
    if failure.phase in (Phase.CLEANUP, Phase.INSTRUCTIONS, Phase.INSTALL):
        line += f"; its cleanup has then removed {gone}"
    return (line if failure.sure else f"{line} (not for certain: see the notes)"), BAD


def _counted_copies(verdict: Verdict) -> str:
    return f"its Install event carries out {counted(verdict.instructions, 'instruction')}"


def counts_line(verdict: Verdict) -> str:
    """How many paths each section has."""
    effects = verdict.effects
    numbers = (
        ("in the way", len(verdict.collisions)),
        ("lost for good", len(verdict.lost)),
        ("removed", len(effects.removed)),
        ("remain", len(verdict.remains)),
        ("changed", len(effects.changed)),
        ("added", len(effects.added)),
        ("mode or owner", len(effects.attributes)),
        ("possible", len(verdict.possibly)),
    )
    return ", ".join(f"{grouped(number)} {name}" for name, number in numbers if number or name != "possible")


class Sections:
    """Writes the sections of one instance's verdicts."""

    def __init__(self, page: Page, instance: Instance) -> None:
        self._page = page
        self._say = instance.showable
        self._path = instance.showable_path
        self._instance = instance

    def verdict(self, verdict: Verdict) -> None:
        """All that is told of one deployment; what is empty is left out."""
        page = self._page
        line, style = outcome_line(verdict)
        page.folded(line, style)
        if verdict.failure is not None:
            page.folded(self._say(verdict.failure.message), indent=INDENT)
        page.folded(counts_line(verdict))
        page.section("In the way", verdict.collisions, self._collision, BAD)
        page.section("Lost for good", verdict.lost, self._lost, BAD)
        page.paths("Will be removed", verdict.effects.removed, self._path)
        page.section("Will remain", verdict.remains, self._remaining)
        page.section("Cleanup lines that remove nothing", _idle(verdict.cleanup), self._idle)
        self._changes(verdict.effects)
        page.section("Mode or owner", verdict.attributes, self._attributes)
        page.section("Written through a link", verdict.written_through, self._through)
        self._possible(verdict.possibly)
        page.section("Scripts", verdict.scripts, self._script)
        page.sentences("Revisions that its download deletes", map(self._say, verdict.pruned))
        page.sentences("Notes", map(self._say, verdict.notes))
        page.sentences("Where the AWS guide tells another story", map(self._say, verdict.guide))

    def total(self, preview: Preview) -> None:
        """What all steps come to."""
        page, total = self._page, preview.total
        page.section("Lost for good, after all steps", preview.lost, self._lost, BAD)
        page.paths("Removed, after all steps", total.removed, self._path)
        page.paths("Changed, after all steps", total.changed, self._path)
        page.paths("Added, after all steps", total.added, self._path)
        page.paths("Mode or owner, after all steps", total.attributes, self._path)
        self._possible(preview.possibly)

    def _changes(self, effects: Effects) -> None:
        self._page.paths("Will be changed", effects.changed, self._path)
        self._page.paths("Will be added", effects.added, self._path)

    def _possible(self, effects: Effects) -> None:
        for name in _EFFECTS:
            title = f"Possible, as the file system's order decides: {_EFFECT_WORDS.get(name, name)}"
            self._page.paths(title, getattr(effects, name), self._path)

    def _collision(self, item: Collision) -> None:
        page = self._page
        page.line(self._path(item.path) if item.path else "(no path)", indent=INDENT)
        if item.real is not None:
            page.line(f"really {self._path(item.real)}", indent=INDENT * 3)
        if "already exists at this location" not in item.message:
            page.folded(self._say(item.message), indent=INDENT * 3)
        if item.made_by is not None:
            page.folded(self._maker(item.made_by), indent=INDENT * 3)
        page.folded(f"-> {self._say(item.remedy)}", indent=INDENT * 3)

    def _lost(self, item: Lost) -> None:
        page = self._page
        page.line(f"{self._path(item.path)}  {binary_size(item.size)}", indent=INDENT)
        page.folded(self._say(item.reason), indent=INDENT * 3)
        if item.made_by is not None:
            page.folded(self._maker(item.made_by), indent=INDENT * 3)

    def _maker(self, made_by: MadeBy) -> str:
        source = "" if made_by.source is None else f" ({self._instance.showable_source(made_by.source)})"
        return f"{made_by.mark.label}, {made_by.confidence.label}: {self._say(made_by.why)}{source}"

    def _remaining(self, item: Remaining) -> None:
        detail = f": {self._say(item.detail)}" if item.detail else ""
        self._page.item(self._path(item.path), f"{item.why.value}{detail}")

    def _idle(self, line: CleanupLine) -> None:
        detail = f": {self._say(line.detail)}" if line.detail else ""
        self._page.item(self._path(line.path), f"line {grouped(line.line)}, {line.action.value}{detail}")

    def _attributes(self, change: AttributeChange) -> None:
        told = [] if change.mode is None else ["mode {:04o} -> {:04o}".format(*change.mode)]
        users, groups = self._instance.users, self._instance.group_names
        for word, pair, names in (("owner", change.uid, users), ("group", change.gid, groups)):
            if pair is not None:
                before, after = (self._say(names.get(number, str(number))) for number in pair)
                told.append(f"{word} {before} -> {after}")
        if change.through is not None:
            told.append(f"through {self._path(change.through)}")
        self._page.item(self._path(change.path), ", ".join(told))

    def _through(self, pair: tuple[str, str]) -> None:
        self._page.item(self._path(pair[0]), f"-> {self._path(pair[1])}")

    def _script(self, script: ScriptToRun) -> None:
        page = self._page
        runas = f" as {self._say(script.runas)}" if script.runas else ""
        line = f"{self._say(script.event)}  {self._say(script.location)}  from {self._say(script.revision)}{runas}"
        state = _script_state(script)
        page.folded(line, indent=INDENT)
        if state:
            page.folded(self._say(state), WORSE if script.exists is not True else "", INDENT * 3)


def _script_state(script: ScriptToRun) -> Optional[str]:
    if script.note:
        return script.note
    return "it could not be looked at" if script.exists is None else None


def _idle(cleanup: Sequence[CleanupLine]) -> list[CleanupLine]:
    return [line for line in cleanup if line.action in _IDLE]
