"""The program's start, as ``codedeploy-forensics`` and as ``python -m tui``: an interruption is never a traceback."""

from __future__ import annotations

import sys

# As in tui.cli, for what is imported before that: nothing may appear beside the program.
sys.dont_write_bytecode = True


def main() -> int:
    """Run the program and give its exit code. Ctrl-C ends it with one line while it is still being imported, too."""
    sys.unraisablehook = _unraisable
    try:
        import signal

        from tui.cli import main as run

        code = run()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left is Python's own end
        return code
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("codedeploy-forensics: interrupted", file=sys.stderr)
        return 130


def _unraisable(happened: sys.UnraisableHookArgs) -> None:
    """Ctrl-C while something is let go of, where Python can only print and forget it: it interrupts after that."""
    if issubclass(happened.exc_type, KeyboardInterrupt):
        import _thread
        import threading

        threading.Timer(0.01, _thread.interrupt_main).start()  # at once it would end here again
    else:
        sys.__unraisablehook__(happened)


if __name__ == "__main__":
    sys.exit(main())
