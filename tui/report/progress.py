"""The progress of a scan, as one line of a terminal that is taken away at the end."""

from __future__ import annotations

from typing import Callable, Optional, TextIO

from tui.forensics.scan import Progress
from tui.report.text import grouped

_DOING = {
    "records": "reading the agent's records",
    "walk": "walking the target locations",
    "evidence": "asking who else knows of the files",
    "compare": "comparing with the revisions",
    "marks": "looking for evidence",
    "revisions": "measuring the revisions",
}
INTERVAL = 0.1  # seconds between two drawings


class ProgressLine:
    """Draws progress a few times a second. Shows no path: none can then be too wide or hostile."""

    def __init__(self, stream: Optional[TextIO], clock: Callable[[], float]) -> None:
        """``stream`` is a terminal; None shows nothing. ``clock`` gives seconds."""
        self._stream = stream
        self._clock = clock
        self._next = 0.0
        self._width = 0

    def show(self, progress: Progress) -> None:
        """Draw over what was drawn before, where it is time to."""
        now = self._clock()
        if self._stream is None or now < self._next:
            return
        self._next = now + INTERVAL
        text = _DOING.get(progress.stage, progress.stage)
        if progress.total is not None:
            text += f": {grouped(progress.done)} of {grouped(progress.total)}"
        elif progress.done:
            text += f": {grouped(progress.done)}"
        self._draw("\r" + text.ljust(self._width))
        self._width = len(text)

    def clear(self) -> None:
        """Leave an empty line with the cursor at its start."""
        if self._width:
            self._draw(f"\r{' ' * self._width}\r")
            self._width = 0

    def _draw(self, text: str) -> None:
        """A terminal that has gone away ends the drawing, not the scan."""
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None
