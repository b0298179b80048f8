"""What holds for all tests of the app."""

from __future__ import annotations

from textual import _wait

# The pilot waits after every key until the process was idle for so long; what takes longer has ``drive.until``.
_wait.SLEEP_GRANULARITY = 0.008  # seconds: less than half of Textual's, which made a third of the tests' time
_wait.SLEEP_IDLE = 0.001  # of them that may be busy
