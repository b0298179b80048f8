"""What the preview screen says above its list, in lines: which deployment, how it ends, how many paths."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rich.cells import cell_len

from tui.agent.records import Instance
from tui.app.palette import safe
from tui.app.preview_effects import taken
from tui.app.preview_sections import Section
from tui.app.previewing import OPENING, Doing, StepChoice
from tui.app.revisions import is_last, step_revision
from tui.app.shown import Shown
from tui.app.words import Line, cells, counted, cut, fit, number
from tui.preview.records import Behavior, Ending, Failure, Phase, Verdict

_WIDEST_NAME = 48  # cells of a revision in a list of steps
_LEAST_GROUP = 9  # cells of a group's id that tell it from others
ALL_TOGETHER = "all together"
_DOING = {OPENING: "opening the revision", "cleanup": "the cleanup", "install": "the Install event"}


def sign(verdict: Verdict) -> Line:
    """How a deployment ends, as a sign: a cross, or a tick; a ``!`` where something would be lost."""
    ends: Line = [("\u2713", "deployed")] if verdict.outcome == "succeeds" else [("\u2717", "critical")]
    return [*ends, ("!", "warning")] if verdict.lost else ends


def heading(shown: Shown, instance: Instance, width: int) -> Line:
    """Group and revision; what is known of the revision gives way first, then the group."""
    if shown.verdict is None:
        return [(f"{counted(len(shown.choices), 'deployment')}, all together", "bold")]
    choice = shown.choices[shown.position]
    group, name = instance.showable(choice.group), instance.showable(shown.verdict.revision)
    last = is_last(instance.group(choice.group), choice.revision, shown.verdict.revision)
    for note in (" (last completed Install)", " (last Install)", "") if last else ("",):
        room = width - cell_len(name) - cell_len(note) - 3
        if room >= min(cell_len(group), _LEAST_GROUP):
            break
    group = cut(group, max(_LEAST_GROUP, room))
    room = width - cell_len(group) - 3
    name = name if cell_len(name) <= room else fit(name, room, keep_end=True)
    return [(group, "bold"), (" \u00b7 ", "dim"), (name, "bold"), (note, "")]


def behaviors(shown: Shown) -> Line:
    """The file-exists behaviors, each with how the deployment ends; the one that is shown in brackets."""
    verdict = shown.verdict
    if verdict is None:
        return []
    if shown.decided is not None:
        name = verdict.behavior.value
        return [*sign(verdict), (f" [{name}]", "bold"), (f": the appspec says {name}", "")]
    if shown.is_chain:
        return [*sign(verdict), (f" [{verdict.behavior.value}]", "bold")]
    line: Line = []
    for behavior in Behavior:
        line += [("  ", "")] if line else []
        here = behavior is shown.behavior
        line += [*sign(shown.of(behavior)), (" ", "")]
        line.append((f"[{behavior.value}]", "bold") if here else (behavior.value, ""))
    return line


def verdict_lines(shown: Shown, instance: Instance) -> list[Line]:
    """How it ends, and on a failure the agent's own message and the path."""
    verdict = shown.verdict
    if verdict is None:
        return [_together(shown)]
    failure, lines = verdict.failure, [_ends(verdict)]
    if failure is not None:
        message = instance.showable(failure.message)
        said: Line = [("  \u201c", "dim"), (message, ""), ("\u201d", "dim")]
        path = instance.showable_path(failure.path) if failure.path else ""
        if path and path not in message:
            said += [("  ", ""), (path, "place")]
        lines.append(said)
    missing = [script for script in verdict.scripts if script.exists is False]
    if missing:
        first = f"! {missing[0].event} fails: its script {missing[0].location} is not there"
        more = f" (and {counted(len(missing) - 1, 'other script')} neither)" if len(missing) > 1 else ""
        lines.append([(instance.showable(first) + more, "warning")])
    return lines


def _ends(verdict: Verdict) -> Line:
    lost = _losing(len(verdict.lost))
    if verdict.failure is not None:
        return [("\u2717 ", "critical"), (_fails(verdict, verdict.failure), "critical"), (lost, "warning")]
    if verdict.ending is Ending.IN_INSTALL:
        return [("\u2717 fails in the Install event, as it is told to", "critical"), (lost, "warning")]
    if verdict.ending is Ending.IN_SCRIPT:
        text = "\u2717 fails in a script, as it is told to, after its Install event has succeeded"
        return [(text, "critical"), (lost, "warning")]
    return [("\u2713 succeeds", "deployed"), (lost, "warning")]


def _losing(count: int) -> str:
    return f", and {counted(count, 'file')} would be lost for good" if count else ""


def _fails(verdict: Verdict, failure: Failure) -> str:
    fails = "FAILS" if failure.sure else "may FAIL"
    count = taken(verdict)
    removed = f"the cleanup has removed {counted(count, 'path')}"
    if failure.phase is Phase.DOWNLOAD:
        return f"{fails} in DownloadBundle: it does not come to its Install event"
    if failure.phase is Phase.APPSPEC:
        return f"{fails} in the Install event, before anything is removed"
    if failure.phase is Phase.CLEANUP:
        return f"{fails} in the Install event, in its cleanup" + (f", when {removed}" if count else "")
    copies = "" if failure.phase is Phase.INSTRUCTIONS else ", while it copies"
    after = f", after {removed}" if count else "; its cleanup removes nothing"
    return f"{fails} in the Install event{copies}{after}"


def _together(shown: Shown) -> Line:
    outcomes = [verdict.outcome for verdict in shown.preview.verdicts]
    failing = outcomes.count("fails")
    style = "critical" if failing else "deployed"
    ends = f"{number(failing)} of {counted(len(outcomes), 'deployment')} fail" if failing else "\u2713 all succeed"
    return [(ends, style), (_losing(len(shown.preview.lost)), "warning")]


def count_lines(counts: Mapping[Section, int], only: Collection[Section], width: int) -> list[Line]:
    """How many lines each section has, with the key that shows it alone; as many in a line as fit."""
    lines: list[Line] = [[]]
    room = width
    for section, count in counts.items():
        if not count and not section.counted:
            continue
        words = f" {section.label} {number(count)}"
        pieces: Line = [(section.letter, "key"), (words, section.style if count else "dim")]
        if section in only:
            pieces = [("[", "bold"), *pieces, ("]", "bold")]
        length = cells(pieces) + 2
        if length - 2 > room and lines[-1]:
            lines.append([])
            room = width
        lines[-1] += [*pieces, ("  ", "")]
        room -= length
    return lines


def strip_line(shown: Shown, instance: Instance, width: int) -> Line:
    """The steps of a chain with how each ends; the one that is shown in brackets and always in sight."""
    items = [_step_pieces(n, verdict, instance) for n, verdict in enumerate(shown.preview.verdicts)]
    items.append([(ALL_TOGETHER, "")])
    at = shown.position
    items[at] = [("[", "bold"), *((text, style or "bold") for text, style in items[at]), ("]", "bold")]
    first, last, between = at, at, 3
    room = width - cells(items[at]) - 2 * 4
    while first > 0 or last < len(items) - 1:
        wider = [n for n in (last + 1, first - 1) if 0 <= n < len(items)]
        fitting = [n for n in wider if cells(items[n]) + between <= room]
        if not fitting:
            break
        first, last = min(first, fitting[0]), max(last, fitting[0])
        room -= cells(items[fitting[0]]) + between
    line: Line = [("\u2026 \u203a ", "dim")] if first else []
    for n in range(first, last + 1):
        line += [*([(" \u203a ", "dim")] if n > first else []), *items[n]]
    return [*line, *([(" \u203a \u2026", "dim")] if last < len(items) - 1 else [])]


def _step_pieces(at: int, verdict: Verdict, instance: Instance) -> Line:
    revision = fit(instance.showable(verdict.revision), 14, keep_end=True).rstrip()
    return [(f"{at + 1} ", ""), *sign(verdict), (f" {revision} {verdict.behavior.value}", "")]


def playing_words(doing: Doing | None) -> str:
    """How far a preview is."""
    if doing is None:
        return "Playing\u2026"
    step = f"deployment {number(doing.step + 1)} of {number(doing.steps)}, " if doing.steps > 1 else ""
    return safe(f"Playing: {step}{_DOING.get(doing.what, doing.what)}")


def step_line(choice: StepChoice, at: int, instance: Instance, several: bool, width: int) -> Line:
    """One deployment of a chain that is being put together."""
    behavior = (choice.behavior or Behavior.DISALLOW).value
    end: Line = [
        (f"{behavior:<9}  ", ""),
        (f"{choice.ending.value:<18}", "" if choice.ending is Ending.FORETOLD else "warning"),
    ]
    name = step_revision(instance, instance.group(choice.group), choice.revision)
    group = f"{fit(instance.showable(choice.group), 12)}  " if several else ""
    room = min(_WIDEST_NAME, width - 4 - cell_len(group) - cells(end) - 2)
    return [
        (f"{at + 1:>2}  ", "dim"),
        (group, ""),
        (fit(name, room, keep_end=len(name) > room > 30), "bold"),
        ("  ", ""),
        *end,
    ]


def problem_lines(text: str, hints: Sequence[Line]) -> list[Line]:
    """Why there is no preview."""
    return [[("\u2717 ", "critical"), (safe(text), "critical")], *hints]
