"""What is said of a cleanup while it runs, when it has ended, and in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from tui.agent.records import Instance
from tui.app.words import Line, ago, counted, exact_time, fit, number, size, span
from tui.cleanup.records import Did, Entry, Result, State, StepResult
from tui.cleanup.session import UNFINISHED, CleanProgress
from tui.paths import showable

_SOON = 0.5  # seconds before which a rate says nothing
_BAR = 22  # cells
_DONE = (Did.MOVED, Did.DELETED, Did.RESTORED, Did.PUT_BACK)
_WORDS = {Did.RESTORED: "put right", Did.SKIPPED: "not done", Did.PENDING: "not done"}
_STYLES = {Did.FAILED: "critical", Did.CONFLICT: "critical", Did.SKIPPED: "warning", Did.PENDING: "warning"}
_STATES = {
    State.PLANNED: "cut off",
    State.RUNNING: "cut off",
    State.UNDOING: "undo cut off",
    State.DONE: "done",
    State.STOPPED: "stopped",
    State.PARTLY: "partly",
    State.UNDONE: "undone",
    State.PARTLY_UNDONE: "partly undone",
    State.PURGED: "purged",
}


class Meter:
    """How far it is, how fast, how long still."""

    def __init__(self) -> None:
        self._doing = ""
        self._since = 0.0
        self._first = 0

    def line(self, progress: CleanProgress, now: float) -> Line:
        """A bar and numbers. ``now``: seconds, only ever forward."""
        if progress.doing != self._doing:
            self._doing, self._since, self._first = progress.doing, now, progress.done
        full = _BAR * progress.done // max(1, progress.total)
        words = f"  {number(progress.done)}/{number(progress.total)}  {size(progress.bytes)}"
        return [
            ("\u2588" * full, "deployed"),
            ("\u2591" * (_BAR - full), "dim"),
            (f"  {progress.doing}", "bold"),
            (words + self._rate(progress, now - self._since), ""),
        ]

    def _rate(self, progress: CleanProgress, took: float) -> str:
        done = progress.done - self._first
        if took < _SOON or done <= 0:
            return ""
        rate = done / took
        return f"  {number(round(rate))}/s  {span((progress.total - progress.done) / rate)} left"


def result_lines(result: Result) -> list[Line]:
    """What was done and what was not, in numbers."""
    done, missed = result.of(*_DONE), [one for one in result.results if one.did not in _DONE]
    counts = {did: sum(one.did is did for one in done) for did in _DONE}
    what = ", ".join(f"{number(count)} {did_word(did)}" for did, count in counts.items() if count) or "Nothing was done"
    lines: list[Line] = [[("\u2713 " if not missed else "! ", "deployed" if not missed else "warning"), (what, "bold")]]
    lines[0].append((f", {weight(result.bytes)}", ""))
    if missed:
        words = f"  {counted(len(missed), 'path')} not: the reasons are below"
        lines[0].append((words, "critical" if result.of(Did.FAILED, Did.CONFLICT) else "warning"))
    lines.append([(f"Cleanup {showable(result.id)}: {_STATES[result.state]}", "dim")])
    return lines


def in_order(results: Sequence[StepResult]) -> list[StepResult]:
    """What was not done first, then what there is something to say of."""
    return sorted(results, key=lambda one: (one.did in _DONE, not one.reason))


def did_word(did: Did) -> str:
    """What became of a step, in a word."""
    return _WORDS.get(did, did.value)


def step_line(one: StepResult, instance: Optional[Instance], width: int) -> Line:
    """What became of a step: word, path, reason."""
    path = native(one.path, instance)
    reason = say(one.reason, instance)
    room = width - 11 if not reason else max(30, (width - 13) // 2)
    line: Line = [(f"{did_word(one.did):<10} ", _STYLES.get(one.did, "")), (fit(path, room, keep_end=True), "")]
    return [*line, ("  ", ""), (fit(reason, max(0, width - 13 - room)), "dim")] if reason else line


def step_detail(one: StepResult, instance: Optional[Instance]) -> list[Line]:
    """All about what became of a step."""
    held = "; what was there is in quarantine" if one.held else ""
    lines: list[Line] = [[(native(one.path, instance), "bold")], [(did_word(one.did) + held, _STYLES.get(one.did, ""))]]
    return [*lines, [(say(one.reason, instance), "")]] if one.reason else lines


def is_cut_off(entry: Entry) -> bool:
    """Whether a cleanup, or its undo, did not come to its end."""
    return entry.state in UNFINISHED


def ordered_entries(entries: Sequence[Entry]) -> list[Entry]:
    """Those that were cut off first, then the last one first."""
    return sorted(entries, key=lambda entry: not is_cut_off(entry))


def entry_line(entry: Entry, instance: Optional[Instance], now: float, width: int) -> Line:
    """A cleanup of the journal: when, how it ended, how many, how much, of what, by whom."""
    cut_off = is_cut_off(entry)
    state = _STATES[entry.state]
    count = f"{number(entry.done)}/{number(entry.steps)}" if entry.done != entry.steps else number(entry.steps)
    head = f"{ago(entry.started, now):<14} "
    words = f"{state:<14}"
    amount = f"{count:>11}  {size(entry.bytes):>6}  "
    rest = max(0, width - 2 - len(head) - len(words) - len(amount))
    what = entry.chosen_by + (f" - {entry.reason}" if entry.reason else "")
    style = "critical" if cut_off else "dim" if entry.state in (State.UNDONE, State.PURGED) else ""
    return [
        ("\u2717 " if cut_off else "  ", style),
        (head, style),
        (words, style),
        (amount, style),
        (fit(say(f"{entry.who}: {what}", instance), rest), style or "dim"),
    ]


def entry_lines(entry: Entry, instance: Optional[Instance], now: float) -> list[Line]:
    """All about a cleanup of the journal."""
    when = exact_time(int(entry.started * 10**9))
    lines: list[Line] = [
        [(f"Cleanup {showable(entry.id)}: ", "bold"), (_STATES[entry.state], "critical" if is_cut_off(entry) else "")],
        [(f"{when} ({ago(entry.started, now)}), by {say(entry.who, instance)} on {say(entry.host, instance)}", "dim")],
        [(say(entry.chosen_by, instance), "")],
    ]
    if entry.reason:
        lines.append([(f"Reason: {say(entry.reason, instance)}", "")])
    return lines


def weight(count: int) -> str:
    """Bytes, with their unit also where they are few."""
    return counted(count, "byte") if abs(count) < 1000 else f"{size(count)}iB"


def say(text: str, instance: Optional[Instance]) -> str:
    """A text fit for a terminal."""
    return showable(text) if instance is None else instance.showable(text)


def native(path: str, instance: Optional[Instance]) -> str:
    """A path fit for a terminal."""
    return showable(path) if instance is None else instance.showable_path(path)
