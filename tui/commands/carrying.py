"""A cleanup, an undo or a recovery while it runs: progress, a stop that is safe, and how it ended."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from tui.arguments import PROGRAM, Refused
from tui.commands.common import CutOff, Exit, Unsafe
from tui.ports import Ports

if TYPE_CHECKING:
    import argparse

    from tui.cleanup.records import Result
    from tui.cleanup.session import CleanProgress, Terms
    from tui.cleanup.state_dir import Site

FORCE = "--force REASON goes on all the same"
_STOPPING = b"\nstopping after this path; ctrl-c once more leaves at once\n"


@dataclass
class Ended:
    """How it ended. ``seconds``: how long it took; ``interrupted``: the operator stopped it."""

    last: Any  # Result or Purged
    seconds: float
    interrupted: bool


@contextlib.contextmanager
def terms(ports: Ports, looking: Any = None) -> Iterator[Terms]:
    """On what terms it runs: a first ctrl-c stops it between two paths, a second one leaves at once.

    ``looking``: who tells of a deployment in progress (``tui.cleanup.watch.DeploymentWatch``). Raises Refused where
    nobody could be told what was done.
    """
    from tui.cleanup.session import Terms

    if ports.stdout is None:
        raise Refused("standard output is closed, so nobody could be told what was done; nothing was done")

    def tell() -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):  # from a signal's handler: past all buffers
            if ports.stderr is not None:
                os.write(ports.stderr.fileno(), _STOPPING)

    with ports.cleaning.interrupts(tell) as stop:
        if looking is None:
            yield Terms(ports.now, ports.clock, stop=stop)
        else:
            yield Terms(ports.now, ports.clock, looking.ask, stop, forced=looking.forced)


@contextlib.contextmanager
def telling(args: argparse.Namespace, key: str) -> Iterator[None]:
    """Where what was done cannot be printed, say where it is kept. Raises Refused."""
    try:
        yield
    except Refused as error:
        kept = again(args, "journal", "show", key)
        raise Refused(f"{error}; what was done is in the journal: {kept}") from None


def run_to_end(
    events: Iterable[Union[CleanProgress, Result, Any]], args: argparse.Namespace, ports: Ports, on: Terms, site: Site
) -> Ended:
    """See it through. Raises Unsafe where a guard said no and nothing was begun, Refused, KeyboardInterrupt."""
    from tui.cleanup.session import CleanProgress, Halted, InProgress
    from tui.cleanup.state_dir import Busy, CleanupError
    from tui.report.clean_progress import CleanLine

    shown = ports.stderr if not args.quiet and ports.on_terminal(ports.stderr) else None
    line, began, last, started = CleanLine(shown, ports.clock), ports.clock(), None, False
    try:
        for event in events:
            started = True
            if isinstance(event, CleanProgress):
                line.show(event)
            else:
                last = event
    except InProgress as error:
        raise Unsafe(f"{error} ({FORCE})") from None
    except (Halted, Busy) as error:
        raise Unsafe(_with_advice(str(error), args)) from None
    except (CleanupError, OSError) as error:
        if started and unfinished(site):
            raise CutOff(_cut_off(str(error), args)) from None
        raise Refused(_with_advice(str(error), args)) from None
    except KeyboardInterrupt:
        line.clear()
        if started and ports.stderr is not None:
            print(_cut_off("left in the middle", args), file=ports.stderr, flush=True)
        raise
    finally:
        line.clear()
    assert last is not None
    return Ended(last, ports.clock() - began, on.stop())


def unfinished(site: Site) -> bool:
    """Whether something is open in the journal, as far as that can be told."""
    from tui.cleanup.history import entries
    from tui.cleanup.session import UNFINISHED
    from tui.cleanup.state_dir import CleanupError

    try:
        return any(entry.state in UNFINISHED for entry in entries(site))
    except CleanupError:
        return True


def code_of(ended: Ended, short: bool = False, rolled_back: bool = False) -> Exit:
    """The exit code of a cleanup, an undo or a recovery. ``short``: something asked for was refused before.

    ``rolled_back``: what was not come to is as it should be, and what was deleted for good is not.
    """
    from tui.cleanup.records import Did
    from tui.report.clean_rows import not_come_to

    result = ended.last
    missed = result.of(Did.SKIPPED, Did.FAILED, Did.CONFLICT, Did.PENDING, Did.PURGED)
    if ended.interrupted and any(map(not_come_to, missed)):
        return Exit.INTERRUPTED
    if rolled_back:
        missed = result.of(Did.FAILED, Did.CONFLICT, Did.PENDING, Did.DELETED)
    if not missed and not short:
        return Exit.DONE
    if missed and len(missed) == len(result.results) and all(map(not_come_to, missed)):
        return Exit.REFUSED
    return Exit.PARTLY


def again(args: argparse.Namespace, *words: str) -> str:
    """A command line of this program for the same SOURCE."""
    more = [] if args.source is None else [_quoted(args.source)]
    if args.source is not None and words[0] != "journal":
        more.append("--writable")
    if args.state_dir is not None:
        more += ["--state-dir", _quoted(args.state_dir)]
    return " ".join([PROGRAM, *words, *more])


def recover_line(args: argparse.Namespace) -> str:
    """How to settle what was cut off."""
    line = again(args, "journal", "recover")
    return f"{line}{' --writable' if args.source is not None else ''} --finish (or --roll-back)"


def _quoted(text: str) -> str:
    return shlex.quote(text) if text.isprintable() else "..."


def _with_advice(text: str, args: argparse.Namespace) -> str:
    return f"{text}; {recover_line(args)} does it" if "was cut off" in text else text


def unread(error: Exception, args: argparse.Namespace) -> str:
    """The line for a journal that cannot be read. Cut off while it was written, it is read by what may also write."""
    if "readonly" not in str(error):
        return str(error)
    line = again(args, "journal", "recover") + (" --writable" if args.source is not None else "")
    return f"{error}; it may have been cut off while it was written: {line} mends it"


def _cut_off(text: str, args: argparse.Namespace) -> str:
    return f"{text}; what was begun is in the journal: {recover_line(args)} settles it"
