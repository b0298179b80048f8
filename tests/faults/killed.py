"""A process that is really killed: ``python -m tests.faults.killed clean|undo TOP CALL before|after``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.faults.faulty import Faulty
from tests.faults.runs import clean, undone
from tests.faults.trees import plan_for
from tui.cleanup.calls import real_calls


def main() -> int:
    what, top, at, mode = sys.argv[1:5]
    calls = Faulty(real_calls(), int(at), mode)
    calls.die = lambda: os.kill(os.getpid(), signal.SIGKILL)
    if what == "clean":
        clean(calls, Path(top), plan_for(Path(top)))
    else:
        undone(calls, Path(top))
    return 0


if __name__ == "__main__":
    sys.exit(main())
