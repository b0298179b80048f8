"""The journal: the cleanups so far, and the way back."""

from __future__ import annotations

from typing import Any, ClassVar, Optional

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from tui.app.clean_keys import JOURNAL_KEYS
from tui.app.clean_words import is_cut_off, ordered_entries
from tui.app.cleaning import CleanPorts, Kept, listing
from tui.app.palette import text_of
from tui.app.screens.base import BACK
from tui.app.screens.settling import settle
from tui.app.screens.undo import EntryScreen
from tui.app.screens.working import WorkingScreen
from tui.app.widgets.bars import Bar
from tui.app.widgets.line_list import LineList
from tui.app.widgets.plan_list import EntryList
from tui.app.words import Line, counted
from tui.paths import showable


class JournalScreen(WorkingScreen):
    """What was cut off stands on top, in red."""

    BINDINGS: ClassVar[list[BindingType]] = [*JOURNAL_KEYS, BACK]

    def __init__(self, ports: CleanPorts) -> None:
        super().__init__(ports)
        self.kept: Optional[Kept] = None

    def body(self) -> ComposeResult:
        """The cleanups, and what is to be known of them."""
        yield Bar(id="journal-head")
        yield Static(id="journal-notes")
        yield EntryList(id="journal-list")

    def on_mount(self) -> None:
        super().on_mount()
        self._list.focus()

    @property
    def _list(self) -> EntryList:
        return self.query_one(EntryList)

    def on_screen_resume(self) -> None:
        """Read anew: a cleanup may have been undone meanwhile."""
        super().on_screen_resume()
        self.begin(listing(self.ports), "Reading the journal\u2026")

    def worked(self, result: Any) -> None:
        """Show the cleanups."""
        self.kept = result
        self._list.show(ordered_entries(result.entries), self.forensics.state.instance, self.forensics.now())

    def changed(self) -> None:
        """What stands above the list."""
        kept = self.kept
        words = "" if kept is None else f": {counted(len(kept.entries), 'cleanup')}"
        self.query_one("#journal-head", Bar).show([(f"Journal{words}", "heading")])
        lines: list[Line] = []
        cut = [entry for entry in kept.entries if is_cut_off(entry)] if kept is not None else []
        if cut:
            lines.append(
                [(f"\u2717 {counted(len(cut), 'cleanup')} cut off or still running: ", "critical"),
                 ("F", "key"), (" finishes it, ", ""), ("B", "key"), (" rolls it back", "")]
            )  # fmt: skip
        if kept is not None and kept.unlisted:
            names = ", ".join(showable(key) for key in kept.unlisted[:3])
            lines.append([(f"! in quarantine, and not in the journal: {names}", "warning")])
        if kept is not None:
            lines.append([("Quarantine is freed on the command line: journal purge", "dim")])
        if self.ports.why_not:
            lines.append([(f"Nothing can be put back: {self.ports.why_not}", "warning")])
        self.query_one("#journal-notes", Static).update(text_of(lines))
        self.query_one("#journal-notes").display = bool(lines)
        super().changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """Only what was cut off can be settled."""
        if action == "settle":
            entry = self._list.entry if self.is_mounted else None
            return not self.ports.why_not and (entry is not None and is_cut_off(entry))
        return True

    @on(LineList.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    def action_choose(self) -> None:
        """Show the steps of the cleanup under the cursor."""
        entry = self._list.entry
        if entry is not None:
            self.app.push_screen(EntryScreen(self.ports, entry))

    def action_settle(self, finish: bool) -> None:
        """Finish what was cut off, or roll it back."""
        entry = self._list.entry
        if entry is not None:
            settle(self, entry, finish)

    def action_back(self) -> None:
        """Back to the screen before."""
        self.app.pop_screen()
