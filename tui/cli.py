# ruff: noqa: E402 - one line has to run before the imports
"""The command line: parse, call the engine, hand to the reports or the app. The one owner of exit codes."""

from __future__ import annotations

import sys

# Before anything else of the program is imported: it may be installed on the file system that it
# inspects, and then nothing may appear there, compiled modules neither.
sys.dont_write_bytecode = True

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any, BinaryIO, Callable, Optional

from tui.arguments import DEFAULT_DEMO, PROGRAM, Asked, Refused, parse
from tui.paths import showable
from tui.ports import Ports, real_ports
from tui.windows_paths import showable_windows

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
    FOUND = 1  # with --exit-code: a warning or a critical finding
    UNUSABLE = 2  # usage, unreadable or hostile input, output that cannot be written
    INTERRUPTED = 130  # 128 + SIGINT
    PIPE_CLOSED = 141  # 128 + SIGPIPE, what a shell shows for a program whose reader went away


class _PipeClosed(Exception):
    """Whoever read standard output has gone, as ``head`` does."""


def main(argv: Optional[Sequence[str]] = None, *, ports: Optional[Ports] = None) -> int:
    """Run the program and give its exit code. Raises nothing; an error is one line on standard error."""
    ports = ports or real_ports()
    try:
        return int(_run(sys.argv[1:] if argv is None else argv, ports))
    except KeyboardInterrupt:
        ports.abandon_stdout()
        _complain(ports, "interrupted")
        return int(Exit.INTERRUPTED)
    except _PipeClosed:
        return int(Exit.PIPE_CLOSED)
    except Exception as error:
        _complain(ports, _line(error))
        return int(Exit.UNUSABLE)


def _run(argv: Sequence[str], ports: Ports) -> int:
    try:
        command, args = parse(argv)
    except Asked as asked:
        _print(ports, str(asked))
        return Exit.DONE
    if command == "scan":
        return _scan(args, ports)
    if command == "demo":
        return _demo(args, ports)
    return _app(args, ports)


def _complain(ports: Ports, line: str) -> None:
    if ports.stderr is None:
        return
    with contextlib.suppress(OSError, ValueError):
        shown = showable_windows(line) if os.name == "nt" else showable(line)
        print(f"{PROGRAM}: {shown}", file=ports.stderr, flush=True)


def _line(error: Exception) -> str:
    """What to print of an error: what, where and what to do; never a traceback."""
    if isinstance(error, Refused):
        return str(error)

    from tui.agent.layout import NoAgent
    from tui.disk.root import RootError
    from tui.disk.source import SourceError
    from tui.fixtures import FixtureError

    if isinstance(error, (NoAgent, RootError, SourceError, FixtureError)):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory"
    if isinstance(error, ModuleNotFoundError):
        return f"the Python module {error.name} is missing; install {PROGRAM} anew"
    if isinstance(error, OSError):
        where = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        return where + (error.strerror or type(error).__name__)
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    where = "" if step is None else f" at {os.path.basename(step.tb_frame.f_code.co_filename)}:{step.tb_lineno}"
    return f"a fault in this program: {type(error).__name__}{where}: {error}; please report it"


@contextlib.contextmanager
def _output(ports: Ports) -> Iterator[BinaryIO]:
    """Standard output, for bytes. Raises _PipeClosed, and Refused where it cannot be written."""
    if ports.stdout is None:
        raise Refused("standard output is closed")
    try:
        yield ports.stdout.buffer
    except BrokenPipeError:
        ports.abandon_stdout()
        raise _PipeClosed() from None
    except OSError as error:
        ports.abandon_stdout()
        raise Refused(f"standard output: {error.strerror or error}; what was written is not whole") from None


def _print(ports: Ports, text: str) -> None:
    from tui.report.output import write_text

    with _output(ports) as stream:
        write_text(text, stream, ports.stdout.encoding if ports.stdout else None)


def _options(args: argparse.Namespace, root: Root, ports: Ports) -> ScanOptions:
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


def _scan(args: argparse.Namespace, ports: Ports) -> int:
    from tui.forensics.marks import Severity
    from tui.report.output import write_scan

    examination = _examined(args, ports)
    terminal = ports.on_terminal(ports.stdout)
    with _output(ports) as stream:
        write_scan(examination, args.format or ("table" if terminal else "json"), stream, _screen(ports), args.paths)
    to_do = any(finding.severity <= Severity.WARNING for finding in examination.findings)
    return Exit.FOUND if args.exit_code and to_do else Exit.DONE


def _screen(ports: Ports) -> Screen:
    from tui.report.output import Screen

    terminal = ports.on_terminal(ports.stdout)
    color = terminal and not ports.environ.get("NO_COLOR") and ports.environ.get("TERM") != "dumb"
    encoding = (ports.stdout and ports.stdout.encoding) or "utf-8"
    return Screen(ports.columns() if terminal else UNFOLDED, color, encoding)


def _examined(args: argparse.Namespace, ports: Ports) -> Examination:
    """The final examination of SOURCE, with progress on a terminal on the way. Raises Refused and what a scan does."""
    from tui.forensics.scan import Progress, Records
    from tui.report.progress import ProgressLine

    root = ports.open_source(args.source)
    shown = ports.stderr if not args.quiet and ports.on_terminal(ports.stderr) else None
    line = ProgressLine(shown, ports.clock)
    final: Optional[Examination] = None
    try:
        for event in ports.scan(root, replace(_options(args, root, ports), snapshots=False)):
            if isinstance(event, Progress):
                line.show(event)
            elif isinstance(event, Records):
                _check_groups(args.group_gone, [group.id for group in event.instance.groups])
            elif event.examination.final:
                final = event.examination
    finally:
        line.clear()
    if final is None:
        raise Refused("the scan ended before it was complete; nothing is printed")
    return final


def _check_groups(gone: Sequence[str], groups: list[str]) -> None:
    for group in gone:
        if group not in groups:
            known = ", ".join(groups) or "none"
            raise Refused(f"--group-gone {group}: no deployment group of that id; there are: {known}")


def _app(args: argparse.Namespace, ports: Ports) -> int:
    from tui.forensics.scan import Records

    _need_terminal(ports, "the app needs a terminal; without one use: " + f"{PROGRAM} scan {args.source or ''}".strip())
    root = ports.open_source(args.source)
    options = _options(args, root, ports)
    if root.kind != "machine" or options.groups_gone:
        # No agent, or a group that is none: better said in the shell than by an app with nothing in it.
        for event in ports.scan(root, options):
            if isinstance(event, Records):
                _check_groups(args.group_gone, [group.id for group in event.instance.groups])
                break
    return _run_app(ports, root, options, lambda: _example(DEFAULT_DEMO, ports))


def _run_app(ports: Ports, root: Root, options: ScanOptions, demo: Optional[Callable[[], Any]] = None) -> int:
    """Run the app. It gives 1 after a crash, which is not what 1 means to the shell."""
    code = ports.run_app(root, options, ports.scan, demo)
    return code if code in (Exit.DONE, Exit.INTERRUPTED) else Exit.UNUSABLE


@contextlib.contextmanager
def _example(name: str, ports: Ports) -> Iterator[Root]:
    """A bundled example instance, unpacked for as long as the context is open."""
    with ports.demo_unpacked(name) as directory:
        root = ports.open_source(os.fspath(directory))
        root.label = f"{name} (example)"
        yield root


def _need_terminal(ports: Ports, line: str) -> None:
    if not (ports.on_terminal(ports.stdin) and ports.on_terminal(ports.stdout)):
        raise Refused(line)


def _demo(args: argparse.Namespace, ports: Ports) -> int:
    from tui.forensics.scan import ScanOptions

    if args.list:
        names = ports.demo_names()
        width = max((len(name) for name, _ in names), default=0)
        _print(ports, "".join(f"{showable(name):<{width}}  {showable(shows)}\n" for name, shows in names))
        return Exit.DONE
    line = f"the app needs a terminal; {PROGRAM} demo --list names the examples, {PROGRAM} scan needs no terminal"
    _need_terminal(ports, line)
    with _example(args.name, ports) as root:
        return _run_app(ports, root, ScanOptions())
