"""What the program has to do with outside of itself, built in one place, so that tests can pass other things."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional, TextIO

if TYPE_CHECKING:  # imported when first used, so that help and a wrong command line are quick
    from tui.agent.records import AgentProcess, Layout
    from tui.disk.root import Root
    from tui.forensics.scan import ScanEvent
    from tui.system.open_files import Gathered


@dataclass(frozen=True)
class Ports:
    """Streams, times, the engine, the app and the examples."""

    stdin: Optional[TextIO]
    stdout: Optional[TextIO]
    stderr: Optional[TextIO]
    environ: Mapping[str, str]
    columns: Callable[[], int]  # of the terminal
    clock: Callable[[], float]  # seconds, only ever forward
    now: Callable[[], float]  # seconds since 1970
    abandon_stdout: Callable[[], None]  # so that what is still buffered is not written when the program ends
    open_source: Callable[[Optional[str]], Root]
    scan: Callable[..., Iterator[ScanEvent]]  # as tui.forensics.scan.scan
    processes: Callable[[Layout], tuple[AgentProcess, ...]]
    open_files: Callable[[Callable[[str], bool], Callable[[], bool]], Gathered]
    run_app: Callable[..., int]  # as tui.app.run
    demo_names: Callable[[], Sequence[tuple[str, str]]]
    demo_unpacked: Callable[[str], contextlib.AbstractContextManager[os.PathLike[str]]]

    def on_terminal(self, stream: Optional[TextIO]) -> bool:
        """Whether a stream is there and is a terminal."""
        try:
            return stream is not None and stream.isatty()
        except ValueError:  # closed
            return False


def real_ports() -> Ports:
    """This process's streams, this machine, the real engine; each part is imported when it is first used."""

    def open_source(text: Optional[str]) -> Root:
        from tui.disk.source import open_source

        return open_source(text)

    def scan(*args: Any, **options: Any) -> Iterator[ScanEvent]:
        from tui.forensics.scan import scan

        return scan(*args, **options)

    def processes(layout: Layout) -> tuple[AgentProcess, ...]:
        from tui.agent.processes import agent_processes

        return agent_processes(layout)

    def open_files(wanted: Callable[[str], bool], cancelled: Callable[[], bool]) -> Gathered:
        from tui.system.open_files import gather_open_files

        return gather_open_files(wanted, cancelled=cancelled)

    def run_app(*args: Any, **options: Any) -> int:
        from tui.app import run

        return run(*args, **options)

    def demo_names() -> Sequence[tuple[str, str]]:
        from tui.fixtures import names

        return names()

    def demo_unpacked(name: str) -> contextlib.AbstractContextManager[os.PathLike[str]]:
        from tui.fixtures import unpacked

        return unpacked(name)

    return Ports(
        sys.stdin, sys.stdout, sys.stderr, os.environ, _columns, time.monotonic, time.time, _abandon_stdout,
        open_source, scan, processes, open_files, run_app, demo_names, demo_unpacked,
    )  # fmt: skip


def _columns() -> int:
    import shutil

    return shutil.get_terminal_size().columns


def _abandon_stdout() -> None:
    """Send what Python still holds of standard output nowhere, or it complains of it at the end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
