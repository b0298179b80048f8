"""The keys of cleaning up: choosing, the plan, what runs, the journal."""

from __future__ import annotations

from textual.binding import Binding

CLEAN = Binding("x", "clean", "Clean up", tooltip="Plan a cleanup; nothing is changed by that", id="screen.clean")
JOURNAL = Binding("J", "journal", "Journal", tooltip="Cleanups so far, and taking them back", id="screen.journal")
UNBLOCK = Binding(
    "u", "unblock", "Unblock", tooltip="Plan to move away what makes this very deployment fail", id="preview.unblock"
)

TICK_KEYS = [
    Binding(
        "space",
        "tick",
        "Mark",
        key_display="Space",
        tooltip="Choose the path for a cleanup, or not; a directory with all of it that is shown",
        id="files.tick",
    ),
    Binding("X", "untick", "Unmark all", False, tooltip="Choose nothing for a cleanup", id="files.untick"),
]

PLAN_KEYS = [
    Binding("x", "carry_out", "Carry out", tooltip="Carry the plan out; asks first", id="clean.carry_out"),
    Binding(
        "w", "possible", "Possible", tooltip="Leave out, or take in, what only weak evidence speaks for",
        id="clean.possible",
    ),
    Binding("E", "export", "Export", tooltip="Write the plan to a file: JSON, sh or PowerShell", id="clean.export"),
    Binding(
        "d", "delete", "For good", tooltip="Plan to delete for good, or to move to quarantine again", id="clean.delete"
    ),
    Binding("i", "detail", "Detail", False, tooltip="All about the line: into it, and out of it", id="clean.detail"),
]  # fmt: skip

RUN_KEYS = [
    Binding("s", "stop", "Stop", tooltip="Stop between two paths; the rest stays untouched", id="run.stop"),
    Binding("u", "undo", "Undo", tooltip="Put back what was moved; asks first", id="run.undo"),
]

JOURNAL_KEYS = [
    Binding("F", "settle(True)", "Finish", tooltip="Finish what was cut off; asks first", id="journal.finish"),
    Binding(
        "B", "settle(False)", "Roll back", tooltip="Roll back what was cut off; asks first", id="journal.roll_back"
    ),
]

ENTRY_KEYS = [
    Binding("space", "tick", "Mark", key_display="Space", tooltip="Choose the step, or not", id="entry.tick"),
    Binding("u", "undo", "Undo", tooltip="Put back what is chosen, or all; asks first", id="entry.undo"),
    *JOURNAL_KEYS,
]
