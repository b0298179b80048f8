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
from typing import TYPE_CHECKING, Any, BinaryIO, Callable, Optional

from tui.arguments import DEFAULT_DEMO, PROGRAM, Asked, Refused, parse
from tui.commands.common import UNFOLDED, CutOff, Exit, PipeClosed, Unsafe, check_groups, print_text, scan_options
from tui.paths import showable
from tui.ports import Ports, real_ports
from tui.windows_paths import showable_windows

if TYPE_CHECKING:  # imported when a command is run, so that help and a wrong command line are quick
    import argparse

    from tui.agent.records import Instance
    from tui.app.cleaning import CleanPorts
    from tui.disk.root import Root
    from tui.forensics.scan import ScanOptions
    from tui.preview.records import Preview

    _Opened = list[tuple[Root, argparse.Namespace]]


def main(argv: Optional[Sequence[str]] = None, *, ports: Optional[Ports] = None) -> int:
    """Run the program and give its exit code. Raises nothing; an error is one line on standard error."""
    ports = ports or real_ports()
    try:
        return int(_run(sys.argv[1:] if argv is None else argv, ports))
    except KeyboardInterrupt:
        ports.abandon_stdout()
        _complain(ports, "interrupted")
        return int(Exit.INTERRUPTED)
    except PipeClosed:
        return int(Exit.PIPE_CLOSED)
    except Exception as error:
        _complain(ports, _line(error))
        return int(_code(error))


def _run(argv: Sequence[str], ports: Ports) -> int:
    try:
        command, args = parse(argv)
    except Asked as asked:
        print_text(ports, str(asked))
        return Exit.DONE
    if command == "scan":
        from tui.commands import scan

        return scan.run(args, ports)
    if command == "preview":
        from tui.commands import preview

        return preview.run(args, ports)
    if command == "clean":
        from tui.commands import clean

        return clean.run(args, ports)
    if command == "undo":
        from tui.commands import undo

        return undo.run(args, ports)
    if command == "journal":
        from tui.commands import journal

        return journal.run(args, ports)
    if command == "demo":
        return _demo(args, ports)
    return _app(args, ports)


def _code(error: Exception) -> Exit:
    if isinstance(error, Unsafe):
        return Exit.REFUSED
    return Exit.PARTLY if isinstance(error, CutOff) else Exit.UNUSABLE


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
    if isinstance(error, _preview_errors()):
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


def _preview_errors() -> tuple[type[Exception], ...]:
    from tui.disk.bundle import BundleError
    from tui.disk.candidate import CandidateError
    from tui.preview.instructions import Endless
    from tui.preview.revision import NoRevision

    return BundleError, CandidateError, Endless, NoRevision


def _app(args: argparse.Namespace, ports: Ports) -> int:
    from tui.forensics.scan import Records

    _need_terminal(ports, "the app needs a terminal; without one use: " + f"{PROGRAM} scan {args.source or ''}".strip())
    root = ports.open_source(args.source)
    options = scan_options(args, root, ports)
    if root.kind != "machine" or options.groups_gone:
        # No agent, or a group that is none: better said in the shell than by an app with nothing in it.
        for event in ports.scan(root, options):
            if isinstance(event, Records):
                check_groups(args.group_gone, [group.id for group in event.instance.groups])
                break
    opened = [(root, args)]
    return _run_app(ports, root, options, opened, lambda: _example(DEFAULT_DEMO, ports, opened))


def _run_app(
    ports: Ports, root: Root, options: ScanOptions, opened: _Opened, demo: Optional[Callable[[], Any]] = None
) -> int:
    """Run the app. It gives 1 after a crash, which is not what 1 means to the shell.

    ``opened``: what was asked for of each Root that the app may show.
    """
    from tui.commands.in_app import clean_ports
    from tui.report.output import Screen
    from tui.report.preview_output import write_preview

    def write(preview: Preview, instance: Instance, format_name: str, stream: BinaryIO) -> None:
        write_preview(preview, instance, format_name, stream, Screen(UNFOLDED, False, "utf-8"), paths=True)

    def cleans(shown: Root) -> CleanPorts:
        return clean_ports(next(args for of, args in opened if of is shown), ports, shown)

    engine = {
        "play": ports.play, "open_candidate": ports.open_candidate, "write_preview": write, "cleans": cleans,
    }  # fmt: skip
    code = ports.run_app(root, options, ports.scan, demo, **engine)
    return code if code in (Exit.DONE, Exit.INTERRUPTED) else Exit.UNUSABLE


@contextlib.contextmanager
def _example(name: str, ports: Ports, opened: _Opened) -> Iterator[Root]:
    """A bundled example instance, unpacked for as long as the context is open: it may be cleaned up."""
    from argparse import Namespace

    with ports.demo_unpacked(name) as directory:
        root = ports.open_source(os.fspath(directory))
        root.label = f"{name} (example)"
        opened.append((root, Namespace(source=os.fspath(directory), writable=True, state_dir=None, group_gone=[])))
        yield root


def _need_terminal(ports: Ports, line: str) -> None:
    if not (ports.on_terminal(ports.stdin) and ports.on_terminal(ports.stdout)):
        raise Refused(line)


def _demo(args: argparse.Namespace, ports: Ports) -> int:
    from tui.forensics.scan import ScanOptions

    if args.list:
        names = ports.demo_names()
        width = max((len(name) for name, _ in names), default=0)
        print_text(ports, "".join(f"{showable(name):<{width}}  {showable(shows)}\n" for name, shows in names))
        return Exit.DONE
    line = f"the app needs a terminal; {PROGRAM} demo --list names the examples, {PROGRAM} scan needs no terminal"
    _need_terminal(ports, line)
    opened: _Opened = []
    with _example(args.name, ports, opened) as root:
        return _run_app(ports, root, ScanOptions(), opened)
