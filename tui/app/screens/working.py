"""A screen on which a cleanup is planned, carried out or looked up, by a thread that never waits for it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, Optional

from textual.message import Message

from tui.app.cleaning import CleanPorts, News, Todo, Work
from tui.app.palette import safe
from tui.app.screens.base import ScanScreen
from tui.app.state import ScanState
from tui.app.words import Line
from tui.cleanup.session import CleanProgress


class WorkingScreen(ScanScreen):
    """``work`` is what is being done; ``problem`` why the last thing did not come to be."""

    @dataclass
    class Worked(Message):
        """News of the work."""

        news: News

    def __init__(self, ports: CleanPorts) -> None:
        super().__init__()
        self.ports = ports
        self.work: Optional[Work] = None
        self.problem = ""
        self.doing = ""

    def begin(self, todo: Todo, doing: str, lasting: bool = False) -> None:
        """Do something, in place of what is being done."""
        self.forget()
        self.problem, self.doing = "", doing
        instance = self.forensics.state.instance
        self.work = Work(todo, self._post, instance, lasting, self.ports.clock)
        self.work.start()
        self.changed()

    def _post(self, news: News) -> None:
        """Called on the work's thread."""
        with contextlib.suppress(RuntimeError):  # the app has ended meanwhile
            self.post_message(self.Worked(news))

    def forget(self) -> None:
        """Stop what is being done, and take no more news of it."""
        if self.work is not None:
            self.work.stop()
            self.work = None

    def on_unmount(self) -> None:
        self.forget()

    def on_working_screen_worked(self, message: Worked) -> None:
        """Take what is new."""
        news = message.news
        if news.work is not self.work:
            return
        if news.progress is not None:
            self.progressed(news.progress)
            self.app.call_after_refresh(news.work.taken)
        if news.ended:
            self.work = None
            self.problem = news.failure or ""
            if news.failure is None:
                self.worked(news.result)
            self.changed()

    def progressed(self, progress: CleanProgress) -> None:
        """Show how far it is."""

    def worked(self, result: Any) -> None:
        """Take what came of it."""
        raise NotImplementedError

    def changed(self) -> None:
        """Something began or ended."""
        self.show_state(self.forensics.state)
        self.refresh_bindings()

    def status_line(self, state: ScanState) -> Line:
        """What is being done, or why there is nothing; else the scan's line."""
        if self.work is not None:
            return [(self.doing, "bold")]
        if self.problem:
            return [(f"\u2717 {safe(self.problem)}", "critical")]
        return super().status_line(state)
