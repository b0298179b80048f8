"""The keys that every list answers, those that work everywhere, and those of the files and of previews.

Plain keys first: function keys and many ctrl keys are swallowed by tmux, RDP clients and editors.
Every binding has an id, so that a keymap can move it.
"""

from __future__ import annotations

from textual.binding import Binding

from tui.app.preview_sections import SECTIONS, Section
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


PREVIEW = Binding(
    "p", "preview", "Preview", tooltip="What the next deployment of the group would do", id="screen.preview"
)

PREVIEW_KEYS = [
    Binding(
        "tab",
        "behavior(1)",
        "Behavior",
        key_display="Tab",
        tooltip="The next file-exists behavior",
        id="preview.behavior",
    ),
    Binding(
        "shift+tab",
        "behavior(-1)",
        "Behavior before",
        False,
        "S-Tab",
        tooltip="The file-exists behavior before",
        id="preview.behavior_back",
    ),
    Binding("r", "revision", "Revision", tooltip="Choose another revision", id="preview.revision"),
    Binding(
        "b",
        "rollback",
        "Rollback",
        tooltip="Play this deployment, then it fails in a script, then the last successful one again",
        id="preview.rollback",
    ),
    Binding("c", "chain", "Chain", tooltip="Put several deployments in a row together", id="preview.chain"),
    Binding(
        "right,full_stop,l",
        "step(1)",
        "Next step",
        key_display="\u2192",
        tooltip="The next deployment of the chain; after the last, all together (also . and l)",
        id="preview.step",
    ),
    Binding(
        "left,comma,h",
        "step(-1)",
        "Step before",
        False,
        "\u2190",
        tooltip="The deployment of the chain before this one (also , and h)",
        id="preview.step_back",
    ),
    Binding("w", "write", "Write", tooltip="Write the verdict to a file", id="preview.write"),
    Binding("slash", "filter", "Filter", key_display="/", tooltip="Type parts of paths", id="preview.filter"),
    Binding("a", "all", "All", False, tooltip="Show all: take filter and sections away", id="preview.all"),
    Binding("e", "evidence", "Evidence", tooltip="Whose the path is, and where that is written", id="preview.evidence"),
    Binding("i", "detail", "Detail", False, tooltip="All about the line: into it, then away", id="preview.detail"),
    Binding(
        "y",
        "copy",
        "Copy",
        False,
        tooltip="Copy the path, quoted for a shell where it needs to be",
        id="preview.copy",
    ),
]


def _section_key(section: Section) -> Binding:
    return Binding(
        section.letter,
        f"section({section.letter!r})",
        f"Only {section.label}",
        False,
        tooltip=f"Only {section.label}: {section.means}",
        id=f"preview.section_{section.letter}",
    )


SECTION_KEYS = [_section_key(section) for section in SECTIONS]


def distinct(bindings: list[Binding]) -> list[Binding]:
    """One binding for each id: keys that do the same are told together."""
    found: dict[str, Binding] = {}
    for binding in bindings:
        found.setdefault(binding.id or binding.action, binding)
    return list(found.values())
