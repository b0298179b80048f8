"""The keys that every list answers, those that work everywhere, and those of the files.

Plain keys first: function keys and many ctrl keys are swallowed by tmux, RDP clients and editors.
Every binding has an id, so that a keymap can move it.
"""

from __future__ import annotations

from textual.binding import Binding

from tui.forensics.marks import Mark

LIST_KEYS = [
    Binding("up,k", "move(-1)", "Up", False, "\u2191 k", tooltip="Go one line up", id="list.up"),
    Binding("down,j", "move(1)", "Down", False, "\u2193 j", tooltip="Go one line down", id="list.down"),
    Binding("pageup,ctrl+b", "page(-1)", "Page up", False, "PgUp", tooltip="Go one page up", id="list.page_up"),
    Binding("pagedown,ctrl+f", "page(1)", "Page down", False, "PgDn", tooltip="Go one page down", id="list.page_down"),
    Binding("home,g", "first", "First", False, "Home g", tooltip="Go to the first line", id="list.first"),
    Binding("end,G", "last", "Last", False, "End G", tooltip="Go to the last line", id="list.last"),
]

APP_KEYS = [
    Binding(
        "question_mark", "help", "Help", True, "?", tooltip="Keys that work here, letters and signs", id="app.help"
    ),
    Binding("q", "quit", "Quit", tooltip="Leave at once, also while a scan runs", id="app.quit"),
    Binding(
        "ctrl+c",
        "interrupt",
        "Interrupt",
        False,
        "^c",
        priority=True,
        tooltip="Leave at once, with exit code 130",
        id="app.interrupt",
    ),
    Binding("r", "rescan", "Rescan", False, tooltip="Scan again", id="app.rescan"),
]

FOCUS_KEYS = [
    Binding("tab", "app.focus_next", "Next part", False, "Tab", tooltip="Go to the screen's next part", id="app.next"),
    Binding(
        "shift+tab",
        "app.focus_previous",
        "Previous part",
        False,
        "S-Tab",
        tooltip="Go to the screen's previous part",
        id="app.previous",
    ),
]

FILES_KEYS = [
    Binding("slash", "filter", "Filter", key_display="/", tooltip="Type a filter", id="files.filter"),
    Binding("a", "all", "All", tooltip="Show all: take the filter away", id="files.all"),
    Binding("v", "view", "View", tooltip="Change between tree and flat list", id="files.view"),
    Binding("d", "diff", "Diff", tooltip="What differs from the file's revision", id="files.diff"),
    Binding("e", "evidence", "Evidence", tooltip="The evidence, and where it is written", id="files.evidence"),
    Binding("i", "detail", "Detail", tooltip="Show or hide all about the path under the cursor", id="files.detail"),
    Binding("s", "sort", "Sort", tooltip="Sort by path, size, mtime, mark or state, in turn", id="files.sort"),
    Binding("y", "copy", "Copy", tooltip="Copy the path, quoted for a shell where it needs to be", id="files.copy"),
]


def _mark_key(mark: Mark) -> Binding:
    return Binding(
        mark.letter,
        f"mark({int(mark)})",
        f"Only {mark.label}",
        False,
        tooltip=f"Show {mark.label} paths alone, or together with other marks chosen so",
        id=f"files.mark_{mark.letter}",
    )


MARK_KEYS = [_mark_key(mark) for mark in Mark]


def distinct(bindings: list[Binding]) -> list[Binding]:
    """One binding for each id: keys that do the same are told together."""
    found: dict[str, Binding] = {}
    for binding in bindings:
        found.setdefault(binding.id or binding.action, binding)
    return list(found.values())
