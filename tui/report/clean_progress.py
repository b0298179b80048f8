"""The progress of a cleanup or an undo as one line of a terminal: how many, how fast, how long still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional, TextIO

from tui.forensics.scan import Progress
from tui.report.progress import ProgressLine
from tui.report.text import binary_size, grouped

if TYPE_CHECKING:
    from tui.cleanup.session import CleanProgress

SOON = 0.5  # seconds before which a rate says nothing


class CleanLine:
    """Draws progress over what was drawn before. Shows no path, as ``ProgressLine`` does not."""

    def __init__(self, stream: Optional[TextIO], clock: Callable[[], float]) -> None:
        """``stream`` is a terminal; None shows nothing. ``clock`` gives seconds."""
        self._line = ProgressLine(stream, clock)
        self._clock = clock
        self._doing = ""
        self._since = 0.0
        self._first = 0

    def show(self, progress: CleanProgress) -> None:
        """Draw where it is time to."""
        now = self._clock()
        if progress.doing != self._doing:
            self._doing, self._since, self._first = progress.doing, now, progress.done
        text = f"{progress.doing}: {grouped(progress.done)} of {grouped(progress.total)}, {binary_size(progress.bytes)}"
        self._line.show(Progress(text + self._rate(progress, now - self._since), 0))

    def clear(self) -> None:
        """Leave an empty line with the cursor at its start."""
        self._line.clear()

    def _rate(self, progress: CleanProgress, seconds: float) -> str:
        done = progress.done - self._first
        if seconds < SOON or done <= 0:
            return ""
        rate = done / seconds
        return f", {rate:,.0f}/s, {_time(max(progress.total - progress.done, 0) / rate)} left"


def _time(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
