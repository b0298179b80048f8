"""What commands share: exit codes, standard output, the scan of SOURCE."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING, BinaryIO, Optional

from tui.arguments import Refused
from tui.ports import Ports

if TYPE_CHECKING:  # imported when a command is run, so that help and a wrong command line are quick
    import argparse

    from tui.disk.root import Root
    from tui.forensics.examination import Examination
    from tui.forensics.scan import ScanOptions
    from tui.report.output import Screen

UNFOLDED = 100  # columns of a table that goes to no terminal


class Exit(IntEnum):
    """What the shell is told. All exit codes are here."""

    DONE = 0
    FOUND = 1  # with --exit-code: something to act on
    UNUSABLE = 2  # usage, unreadable or hostile input, output that cannot be written
    REFUSED = 3  # by a safety rule: nothing was done
    PARTLY = 4  # done in part
    INTERRUPTED = 130  # 128 + SIGINT
    PIPE_CLOSED = 141  # 128 + SIGPIPE, what a shell shows for a program whose reader went away


class Unsafe(Refused):
    """A safety rule says no, and nothing was done; ``str()`` is the line to print."""


class CutOff(Refused):
    """Something was begun and not ended; ``str()`` is the line to print."""


class PipeClosed(Exception):
    """Whoever read standard output has gone, as ``head`` does."""


@contextlib.contextmanager
def output(ports: Ports) -> Iterator[BinaryIO]:
    """Standard output, for bytes. Raises PipeClosed, and Refused where it cannot be written."""
    if ports.stdout is None:
        raise Refused("standard output is closed")
    try:
        yield ports.stdout.buffer
    except BrokenPipeError:
        ports.abandon_stdout()
        raise PipeClosed() from None
    except OSError as error:
        ports.abandon_stdout()
        raise Refused(f"standard output: {error.strerror or error}; what was written is not whole") from None


def print_text(ports: Ports, text: str) -> None:
    """Write a text for people to standard output. Raises what ``output`` does."""
    from tui.report.output import write_text

    with output(ports) as stream:
        write_text(text, stream, ports.stdout.encoding if ports.stdout else None)


def scan_options(args: argparse.Namespace, root: Root, ports: Ports) -> ScanOptions:
    """How to scan. Only on this machine is the time of day the instance's, and are its processes here."""
    from tui.forensics.scan import ScanOptions

    here = root.kind == "machine"
    return ScanOptions(
        agent_root=args.agent_root,
        agent_config=args.agent_config,
        cross_mounts=args.cross_mounts,
        program_data=(ports.environ.get("PROGRAMDATA") if here else None) or ScanOptions.program_data,
        groups_gone=tuple(args.group_gone),
        now=ports.now() if here else None,
        processes=ports.processes if here else None,
        open_files=ports.open_files if here else None,
    )


def screen(ports: Ports) -> Screen:
    """What is known of the terminal that a table goes to."""
    from tui.report.output import Screen

    terminal = ports.on_terminal(ports.stdout)
    color = terminal and not ports.environ.get("NO_COLOR") and ports.environ.get("TERM") != "dumb"
    encoding = (ports.stdout and ports.stdout.encoding) or "utf-8"
    return Screen(ports.columns() if terminal else UNFOLDED, color, encoding)


def examined(args: argparse.Namespace, ports: Ports, root: Root, verify: bool = True) -> Examination:
    """The final examination of SOURCE, with progress on a terminal on the way. Raises Refused and what a scan does.

    ``verify``: see ``tui.forensics.scan.ScanOptions``.
    """
    from tui.forensics.scan import Progress, Records
    from tui.report.progress import ProgressLine

    shown = ports.stderr if not args.quiet and ports.on_terminal(ports.stderr) else None
    line = ProgressLine(shown, ports.clock)
    final: Optional[Examination] = None
    try:
        for event in ports.scan(root, replace(scan_options(args, root, ports), snapshots=False, verify=verify)):
            if isinstance(event, Progress):
                line.show(event)
            elif isinstance(event, Records):
                check_groups(args.group_gone, [group.id for group in event.instance.groups])
            elif event.examination.final:
                final = event.examination
    finally:
        line.clear()
    if final is None:
        raise Refused("the scan ended before it was complete; nothing is printed")
    return final


def check_groups(gone: Sequence[str], groups: list[str]) -> None:
    """Raise Refused where a group that is declared gone is none of the instance's."""
    for group in gone:
        if group not in groups:
            known = ", ".join(groups) or "none"
            raise Refused(f"--group-gone {group}: no deployment group of that id; there are: {known}")
