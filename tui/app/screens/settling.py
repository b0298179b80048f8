"""The way to finish what was cut off, or to roll it back: asked for first, from wherever it is shown."""

from __future__ import annotations

from typing import Optional

from tui.app.cleaning import recovering
from tui.app.screens.cleaning import Running, RunScreen
from tui.app.screens.confirm import ConfirmScreen
from tui.app.screens.working import WorkingScreen
from tui.app.words import Line, counted
from tui.cleanup.phrase import phrase
from tui.cleanup.records import Entry, State
from tui.paths import showable


def settle(screen: WorkingScreen, entry: Entry, finish: bool) -> None:
    """Ask whether a cleanup is to be finished, or rolled back, and show how that goes."""
    ports, instance = screen.ports, screen.forensics.state.instance
    host = ports.host(instance)

    def answered(typed: Optional[bool]) -> None:
        if typed:
            verb = "Finishing" if finish else "Rolling back"
            running = Running(f"{verb} {showable(entry.id)} on {host}", recovering(ports, instance, entry.id, finish))
            screen.app.push_screen(RunScreen(ports, running))
        elif typed is not None:
            screen.say("Not confirmed: nothing was done")

    title = "Finish what was cut off" if finish else "Roll back what was cut off"
    dialog = ConfirmScreen(title, _lines(entry, finish, host), phrase(entry.steps, host))
    screen.app.push_screen(dialog, answered)


def _lines(entry: Entry, finish: bool, host: str) -> list[Line]:
    undo = entry.state is State.UNDOING
    if undo:
        what = (
            "go on putting back" if finish else "leave it as it is: what is put back stays, the rest is in quarantine"
        )
    else:
        what = "go on with what it had not come to" if finish else "put back what it moved"
    subject = "The undo of cleanup" if undo else "Cleanup"
    first = f"{subject} {showable(entry.id)}, {counted(entry.steps, 'path')}, on {host}"
    return [[(first, "bold")], [(f"was cut off: {what}.", "")]]
