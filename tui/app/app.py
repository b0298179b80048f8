"""The app: owns the scan and its state, and hands that to the screens."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Callable, ClassVar, Optional

from textual.app import App
from textual.binding import BindingType
from textual.message import Message

from tui.app.cleaning import Choice, CleanPorts, News, Work, listing
from tui.app.keys import APP_KEYS
from tui.app.previewing import PreviewPorts, StepChoice
from tui.app.scanning import Scanner, ScanSource, Update
from tui.app.screens.base import ScanScreen
from tui.app.screens.files import FilesScreen
from tui.app.screens.help import HelpScreen
from tui.app.screens.instance import InstanceScreen
from tui.app.screens.notes import NotesScreen
from tui.app.screens.preview import PreviewScreen
from tui.app.state import ScanState
from tui.app.widgets.bars import usable
from tui.paths import showable

WANTS_DEMO = "demo"


class ForensicsApp(App[str]):
    """Run it with ``run()``; it gives WANTS_DEMO where the operator asks for the example instance."""

    CSS_PATH = "styles.tcss"
    TITLE = "codedeploy-forensics"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = list(APP_KEYS)

    @dataclass
    class Scanned(Message):
        """News of a scan."""

        update: Update

    @dataclass
    class Read(Message):
        """What the journal says."""

        news: News

    def __init__(
        self,
        source: ScanSource,
        offers_demo: bool = False,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
        previews: Optional[PreviewPorts] = None,
        cleans: Optional[CleanPorts] = None,
    ) -> None:
        super().__init__(ansi_color=True)  # the terminal's own colours, whatever they are; none with NO_COLOR
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self.source = source
        self.offers_demo = offers_demo
        self.previews = previews  # None: nothing is previewed
        self.cleans = cleans  # None: nothing is cleaned up
        self.now = now
        self._clock = clock
        self._scanner: Optional[Scanner] = None
        self.state = ScanState(source.label, source.kind, windows=source.windows)
        if cleans is not None and not cleans.why_not:
            self.state = replace(self.state, changeable=True)
        self._files: Optional[FilesScreen] = None
        self._leaving = False

    def get_default_screen(self) -> InstanceScreen:
        """The instance comes first."""
        return InstanceScreen()

    def on_mount(self) -> None:
        self.action_rescan()

    # The scan

    def action_rescan(self) -> None:
        """Scan, and drop a scan that runs. What is on the screen stays until there is something newer."""
        if self._scanner is not None:
            self._scanner.cancel()
        generation = self.state.generation + 1
        self.state = self.state.begun(generation, self._clock())
        self._scanner = Scanner(self.source, generation, self._post, self._clock)
        self._scanner.start()
        self._show_state()

    def _post(self, update: Update) -> None:
        """Called on the scan's thread."""
        with contextlib.suppress(RuntimeError):  # the app has ended meanwhile
            self.post_message(self.Scanned(update))

    def on_forensics_app_scanned(self, message: Scanned) -> None:
        """Take what is new; the scan goes on when it is shown."""
        state = self.state.updated(message.update)
        if state is not self.state:
            self.state = state
            self._show_state()
            if message.update.finished:
                self.look_into_journal()
        if self._scanner is not None:
            self.call_after_refresh(self._scanner.taken)

    def look_into_journal(self) -> None:
        """Find out whether a cleanup was cut off; where that cannot be told, the journal itself tells why."""
        if self.cleans is not None:
            Work(listing(self.cleans), self._post_read, self.state.instance).start()

    def _post_read(self, news: News) -> None:
        """Called on a thread."""
        with contextlib.suppress(RuntimeError):
            self.post_message(self.Read(news))

    def on_forensics_app_read(self, message: Read) -> None:
        """Say what was cut off."""
        if message.news.failure is None:
            self.state = replace(self.state, cut_off=message.news.result.cut_off)
            self._show_state()

    def _show_state(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ScanScreen) and screen.is_mounted and screen.children:  # none while the app ends
                screen.show_state(self.state)

    # The screens

    def open_files(self, terms: Optional[str] = None, path: Optional[str] = None) -> None:
        """Open the files screen, with another filter or with the cursor on a path.

        There is one that keeps its place; where it is below what is open now, another one is opened.
        """
        if self._files is None:
            self._files = FilesScreen()
            self.install_screen(self._files, "files")
        files = FilesScreen() if self._files in self.screen_stack else self._files
        self.push_screen(files)
        files.call_after_refresh(files.open_at, terms, path)

    def open_notes(self) -> None:
        """Open the notes, once there is something to note."""
        if self.state.examination is not None:
            self.push_screen(NotesScreen(self.state.examination))

    def can_preview(self, group_id: Optional[str]) -> Optional[bool]:
        """Whether a group's next deployment can be foretold: False never, None not yet or not of this."""
        if self.previews is None:
            return False
        examination = self.state.examination
        return (group_id is not None and examination is not None and examination.final) or None

    def open_preview(self, group_id: Optional[str]) -> None:
        """Foretell the next deployment of a group: the last completed Install's revision once more."""
        examination = self.state.examination
        if group_id is not None and examination is not None and self.previews is not None:
            self.push_screen(PreviewScreen(examination, self.previews, [StepChoice(group_id)]))

    def can_clean(self) -> Optional[bool]:
        """Whether a cleanup can be planned: False never, None not yet."""
        if self.cleans is None:
            return False
        examination = self.state.examination
        return (examination is not None and examination.final) or None

    def open_clean(self, choice: Choice) -> None:
        """Plan a cleanup."""
        from tui.app.screens.clean import CleanScreen  # the engine is imported when it is first used

        examination = self.state.examination
        if examination is not None and self.cleans is not None:
            self.push_screen(CleanScreen(examination, self.cleans, choice))

    def open_clean_menu(self, group_id: Optional[str]) -> None:
        """Ask what to clean up, of a group or of all, and plan that."""
        from tui.app.screens.clean_menu import CleanMenu

        def chosen(choice: Optional[Choice]) -> None:
            if choice is not None:
                self.open_clean(choice)

        if self.state.instance is not None and self.can_clean():
            self.push_screen(CleanMenu(group_id, self.state.instance), chosen)

    def open_journal(self) -> None:
        """Show the cleanups so far."""
        from tui.app.screens.journal import JournalScreen

        if self.cleans is not None:
            self.push_screen(JournalScreen(self.cleans))

    def action_help(self) -> None:
        """What works here and now."""
        keys = [(self.get_key_display(binding), binding) for binding in usable(self.screen)]
        self.push_screen(HelpScreen(keys, self.state.windows))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> Optional[bool]:
        """No help on the help, and no new scan below a dialog."""
        if action in ("help", "rescan") and self.screen_stack and self.screen.is_modal:
            return action == "help" and not isinstance(self.screen, HelpScreen)
        return True

    # The end

    async def action_quit(self) -> None:
        """Leave, whatever runs."""
        self._leave(0)

    def action_interrupt(self) -> None:
        """Leave as ctrl+c does everywhere."""
        self._leave(130)

    def leave_for_demo(self) -> None:
        """Leave with the wish to have the example instance opened."""
        self._leave(0, WANTS_DEMO)

    def _leave(self, code: int, wish: Optional[str] = None) -> None:
        """What changes the instance is stopped first, between two paths; asked for twice, it is not waited for."""
        running = next((s for s in self.screen_stack if isinstance(s, ScanScreen) and s.is_changing), None)
        if running is not None and not self._leaving:
            self._leaving = True
            running.leave(lambda: self._leave(code, wish))
            return
        if self._scanner is not None:
            self._scanner.cancel()
        self.exit(wish, return_code=code)

    def _fatal_error(self) -> None:
        """A crash: one line in place of the traceback, which only developers' tools ask for."""
        if "debug" in self.features:
            super()._fatal_error()
            return
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        if self._exception is None or "debug" in self.features:
            super()._print_error_renderables()
        else:
            self.error_console.out(_fault(self._exception), highlight=False)  # never wrapped: one line


def _fault(error: Optional[BaseException]) -> str:
    """The one line that tells of a crash."""
    step = error.__traceback__ if error is not None else None
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = "" if step is None else f" at {PurePath(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"
    reason = showable(f"{type(error).__name__}{where}: {error}")
    return f"codedeploy-forensics: a fault in this program: {reason}; please report it"
