"""A preview: how the next deployment ends, what is in its way, what is lost, what goes and what stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Callable, ClassVar, Optional

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Static

from tui.app import filter as filters
from tui.app.clean_keys import UNBLOCK
from tui.app.cleaning import UNBLOCK as UNBLOCKING
from tui.app.cleaning import Choice
from tui.app.keys import PREVIEW_KEYS, SECTION_KEYS
from tui.app.palette import safe, text_of
from tui.app.preview_detail import row_detail
from tui.app.preview_rows import Terms
from tui.app.preview_sections import SECTIONS, Lists, Section
from tui.app.preview_words import behaviors, count_lines, heading, problem_lines, strip_line, verdict_lines
from tui.app.previewing import PreviewPorts, StepChoice
from tui.app.revisions import revision_choices
from tui.app.saving import default_name, keep
from tui.app.screens.base import BACK
from tui.app.screens.chain import ChainScreen
from tui.app.screens.evidence import EvidenceScreen
from tui.app.screens.playing import PlayingScreen
from tui.app.screens.revision_choice import RevisionScreen
from tui.app.screens.save import SaveScreen
from tui.app.shown import Shown
from tui.app.widgets.bars import Bar
from tui.app.widgets.detail_pane import DetailPane
from tui.app.widgets.filter_input import FilterInput
from tui.app.widgets.filter_line import FilterLine
from tui.app.widgets.line_list import LineList
from tui.app.widgets.preview_list import PreviewList
from tui.app.words import cells, shell_word
from tui.forensics.examination import Examination

_AT_ONCE = 50_000  # lines that are filtered with every key; more wait until typing pauses
_WIDE = 110  # cells, from which on the detail has its place beside the list
_TALL = 20  # lines, from which on there is room for it below
_LEAST_HEADING = 34  # cells of group and revision beside the behaviors


class PreviewScreen(PlayingScreen):
    """What was shown stays, dimmed, while something else is played."""

    BINDINGS: ClassVar[list[BindingType]] = [UNBLOCK, *PREVIEW_KEYS, BACK, *SECTION_KEYS]

    def __init__(self, examination: Examination, ports: PreviewPorts, choices: Sequence[StepChoice]) -> None:
        super().__init__(examination, ports)
        self.shown: Optional[Shown] = None
        self._choices = tuple(choices)  # of what is shown or, at first, is to be
        self._detail: Optional[bool] = None  # None: shown where there is room
        self._on_path = False
        self._only: frozenset[Section] = frozenset()
        self._terms: Terms = ()

    def body(self) -> ComposeResult:
        """What comes of it in a few lines, then all of it."""
        yield Bar(id="preview-head")
        yield Bar(id="preview-strip")
        yield Static(id="preview-verdict")
        yield Static(id="preview-counts")
        yield FilterLine(self._filter, self._quick, "part of a path, -part")
        with Container(id="preview-body"):
            yield PreviewList(id="preview-list")
            yield DetailPane(id="preview-detail")

    def on_mount(self) -> None:
        super().on_mount()
        self._list.focus()
        self._arrange()
        self.play(self._choices)

    @property
    def _list(self) -> PreviewList:
        return self.query_one(PreviewList)

    # What is shown

    def played(self, lists: Lists, choices: Sequence[StepChoice]) -> None:
        """Show another preview, as the one before was shown."""
        before = self.shown
        self._choices = tuple(choices)
        self.shown = Shown(lists, choices)
        self.shown.like(before)
        self._list.touched = False
        self._turn(lambda: None)

    def changed(self) -> None:
        """All lines above the list."""
        self.set_class(self.is_playing, "-stale")
        shown = self.shown
        if shown is None:
            self._show_nothing()
        else:
            self._show_verdict(shown)
        self.show_state(self.forensics.state)
        self.refresh_bindings()

    def _show_nothing(self) -> None:
        group = self.examination.instance.showable(self._choices[0].group)
        self.query_one("#preview-head", Bar).show([(group, "bold")])
        self.query_one("#preview-strip").display = False
        hint = [[], [("r", "key"), (" chooses another revision.", "")]]
        lines = problem_lines(self.problem, hint) if self.problem else [[(self.progress, "dim")]]
        self.query_one("#preview-verdict", Static).update(text_of(lines))

    def _show_verdict(self, shown: Shown) -> None:
        width, instance = self.size.width, self.examination.instance
        head, strip = self.query_one("#preview-head", Bar), self.query_one("#preview-strip", Bar)
        right = behaviors(shown)
        room = width - cells(right) - 2
        narrow = room < _LEAST_HEADING and not shown.is_chain
        head.show(heading(shown, instance, width if narrow else room), [] if narrow else right)
        strip.display = shown.is_chain or narrow
        strip.show(right if narrow else strip_line(shown, instance, width))
        self.query_one("#preview-verdict", Static).update(text_of(verdict_lines(shown, instance)))
        counts = count_lines(shown.rows.counts(), self._only, width)
        self.query_one("#preview-counts", Static).update(text_of(counts))

    def _turn(self, change: Callable[[], object]) -> None:
        """Show other lines in the list; a cursor that was moved keeps to its path, where that is among them."""
        row = self._list.row if self._list.touched else None
        change()
        if self.shown is not None:
            self.shown.rows.show(self._only, self._terms)
            self._list.show(self.shown.rows, self.examination.instance, row)
            self._show_detail()
        self.changed()

    def on_resize(self) -> None:
        self._arrange()
        self.changed()

    def _arrange(self) -> None:
        wide = self.size.width >= _WIDE
        self.set_class(wide, "-wide")
        room = wide or self.size.height >= _TALL
        self.query_one(DetailPane).display = room if self._detail is None else self._detail
        self.call_after_refresh(self._show_detail)

    @on(LineList.Moved)
    def _moved(self) -> None:
        self._show_detail()
        row = self._list.row
        if self._on_path != (row is not None and row.path is not None):  # the keys' line is sent again only then
            self._on_path = not self._on_path
            self.refresh_bindings()

    def _show_detail(self) -> None:
        pane, row = self.query_one(DetailPane), self._list.row
        if pane.display:
            pane.show(row_detail(row, self.lookup) if row is not None else [])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """Grey out what has nothing to work on."""
        shown = self.shown
        if action == "step":
            return shown is not None and shown.is_chain and (shown.has_step(int(str(parameters[0]))) or None)
        if action == "behavior":
            return (shown is not None and shown.verdict is not None) or None
        if action == "revision":
            return shown is None or shown.verdict is not None or None
        if action == "rollback":
            return (shown is not None and not shown.is_chain) or None
        if action == "unblock":
            return self.forensics.can_clean() and ((shown is not None and not shown.is_chain) or None)
        if action == "write":
            return self.ports.write is not None and (shown is not None or None)
        if action in ("files", "evidence", "copy"):
            row = self._list.row if self.is_mounted else None
            return (row is not None and row.path is not None) or None
        if action == "all":
            return bool(self._only or self._terms) or None
        return shown is not None or None if action in ("filter", "section", "detail") else True

    # Which part of it

    def action_behavior(self, direction: int) -> None:
        """Another file-exists behavior: of a single deployment at once; a chain is played again."""
        shown = self.shown
        if shown is None:
            return
        if shown.decided is not None:
            self.say(f"The appspec says {shown.decided.value}: the deployment's option changes nothing")
        elif shown.is_chain:
            self.play(shown.with_behavior(direction))
        else:
            self._turn(lambda: shown.turn(direction))

    def action_step(self, direction: int) -> None:
        """Another deployment of the chain."""
        if self.shown is not None:
            shown = self.shown
            self._turn(lambda: shown.step(direction))

    def _quick(self) -> bool:
        return self.shown is None or self.shown.rows.total <= _AT_ONCE

    def _filter(self, text: str) -> None:
        """Put a filter in force. Raises FilterError."""
        wanted = filters.parse(text)
        if wanted.values or wanted.groups or wanted.findings:
            raise filters.FilterError("here a filter is parts of paths alone; sections have keys")
        windows = self.examination.instance.windows
        terms = tuple((filters.slashed(part) if windows else part, negated) for part, negated in wanted.texts)
        self._refilter(self._only, terms)

    def _refilter(self, only: frozenset[Section], terms: Terms) -> None:
        self._only, self._terms = only, terms
        if self.shown is not None:
            rows, files = self.shown.rows, self._list
            number, line = rows.number(files.cursor), files.screen_line
            rows.show(only, terms)
            files.refilter(number, line)
        self.changed()

    @on(FilterInput.Left)
    def _typed_all(self) -> None:
        self._list.focus()

    def action_filter(self) -> None:
        """Go to the filter's line."""
        self.query_one(FilterLine).begin()

    def action_all(self) -> None:
        """Take the filter and the choice of sections away."""
        self._only = frozenset()
        self.query_one(FilterLine).put("")

    def action_section(self, letter: str) -> None:
        """Have one section more, or less, shown alone."""
        self._refilter(self._only ^ {section for section in SECTIONS if section.letter == letter}, self._terms)

    def action_detail(self) -> None:
        """Into the detail, and out of it and away."""
        pane = self.query_one(DetailPane)
        if pane.display and not pane.has_focus:
            pane.focus()
            return
        self._list.focus()
        self._detail = not pane.display
        self._arrange()

    # Other deployments

    def action_revision(self) -> None:
        """Choose another revision for the deployment that is shown."""
        instance, at = self.examination.instance, self.shown.position if self.shown is not None else 0
        steps = list(self._choices if self.shown is None else self.shown.asked())
        group = steps[at].group

        def wanted(text: str) -> None:
            self.play([*steps[:at], replace(steps[at], revision=text), *steps[at + 1 :]], dialog)

        choices = revision_choices(instance, instance.group(group), self.forensics.now())
        dialog = RevisionScreen(f"Revision for {instance.showable(group)}", choices, instance, wanted)
        self.app.push_screen(dialog, self.left)

    def action_rollback(self) -> None:
        """Play an automatic rollback."""
        if self.shown is not None:
            self.play(self.shown.rollback())

    def action_chain(self) -> None:
        """Put a chain together."""
        steps = self._choices if self.shown is None else self.shown.asked()
        instance = self.examination.instance
        dialog = ChainScreen(steps, instance, self.forensics.now(), lambda chosen: self.play(chosen, dialog))
        self.app.push_screen(dialog, self.left)

    # One line

    def _inventory_row(self) -> Optional[int]:
        """The row of the path under the cursor; says so where there is none."""
        row = self._list.row
        found = self.lookup.row(row.path) if row is not None and row.path is not None else None
        if found is None:
            self.say("That path is not among the files looked through")
        return found

    def action_files(self) -> None:
        """Show the path under the cursor among the files."""
        found = self._inventory_row()
        if found is not None:
            self.forensics.open_files(path=self.examination.inventory.path(found))

    def action_evidence(self) -> None:
        """The evidence for the path under the cursor."""
        found = self._inventory_row()
        if found is not None:
            self.app.push_screen(EvidenceScreen(self.examination, found, self.ports.root))

    def action_copy(self) -> None:
        """The path, to the clipboard of the terminal the operator sits at (OSC 52)."""
        row = self._list.row
        if row is not None and row.path is not None:
            word = shell_word(row.path, self.examination.instance)
            self.app.copy_to_clipboard(word)
            self.say(f"Copied, if the terminal lets it: {word}")

    def action_unblock(self) -> None:
        """Plan to move away what makes this very deployment fail."""
        if self.shown is not None:
            step = self.shown.asked()[0]
            self.forensics.open_clean(Choice(UNBLOCKING, step.group, (), step.revision, step.behavior))

    def action_write(self) -> None:
        """Write the preview to a file."""
        if self.shown is None:
            return
        preview, instance = self.shown.kept(), self.examination.instance
        name = default_name(preview.verdicts[0].group, self.forensics.now())

        def written(path: Optional[str]) -> None:
            if path is not None:
                self.say(f"Written: {safe(path)}")

        self.app.push_screen(SaveScreen(name, lambda text: keep(text, preview, instance, self.ports)), written)

    def action_back(self) -> None:
        """Back to the list, or to the screen before."""
        if self.query_one(DetailPane).has_focus:
            self._list.focus()
        else:
            self.app.pop_screen()
