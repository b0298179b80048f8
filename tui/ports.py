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
    from tui.cleanup.calls import Calls
    from tui.cleanup.in_use import InUse
    from tui.disk.candidate import Candidate
    from tui.disk.root import Root
    from tui.fixture_chains import BundledChain
    from tui.forensics.scan import ScanEvent
    from tui.preview.play import PlayEvent
    from tui.preview.revision import OpenCandidate
    from tui.system.open_files import Gathered


@dataclass(frozen=True)
class Cleaning:
    """What a cleanup has to do with outside of the instance."""

    calls: Callable[[], Calls]  # every call that changes something
    who: Callable[[], str]
    host: Callable[[], str]
    running_scripts: Callable[[Layout], Sequence[str]]  # as tui.cleanup.watch.running_scripts
    in_use: Callable[..., InUse]  # as tui.cleanup.in_use.gather_in_use
    # As tui.system.operator.stop_on_signals: takes what to call when the operator wants to stop, gives whether that is.
    interrupts: Callable[[Callable[[], None]], contextlib.AbstractContextManager[Callable[[], bool]]]


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
    play: Callable[..., Iterator[PlayEvent]]  # as tui.preview.play.play
    open_candidate: OpenCandidate  # as tui.disk.candidate.open_candidate
    run_app: Callable[..., int]  # as tui.app.run
    demo_names: Callable[[], Sequence[tuple[str, str]]]
    demo_unpacked: Callable[[str], contextlib.AbstractContextManager[os.PathLike[str]]]
    chain_names: Callable[[], Sequence[str]]  # of the bundled chains of deployments
    chain_unpacked: Callable[[str], contextlib.AbstractContextManager[BundledChain]]
    cleaning: Cleaning

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

    def play(*args: Any, **options: Any) -> Iterator[PlayEvent]:
        from tui.preview.play import play

        return play(*args, **options)

    def open_candidate(text: str, users: Mapping[str, int], groups: Mapping[str, int]) -> Candidate:
        from tui.disk.candidate import open_candidate

        return open_candidate(text, users, groups)

    def run_app(*args: Any, **options: Any) -> int:
        from tui.app import run

        return run(*args, **options)

    def demo_names() -> Sequence[tuple[str, str]]:
        from tui.fixtures import names

        return names()

    def demo_unpacked(name: str) -> contextlib.AbstractContextManager[os.PathLike[str]]:
        from tui.fixtures import unpacked

        return unpacked(name)

    def chain_names() -> Sequence[str]:
        from tui.fixture_chains import chain_names

        return chain_names()

    def chain_unpacked(name: str) -> contextlib.AbstractContextManager[BundledChain]:
        from tui.fixture_chains import bundled_chain

        return bundled_chain(name)

    return Ports(
        sys.stdin, sys.stdout, sys.stderr, os.environ, _columns, time.monotonic, time.time, _abandon_stdout,
        open_source, scan, processes, open_files, play, open_candidate, run_app, demo_names, demo_unpacked,
        chain_names, chain_unpacked, _real_cleaning(),
    )  # fmt: skip


def _real_cleaning() -> Cleaning:
    def calls() -> Calls:
        from tui.cleanup.calls import real_calls

        return real_calls()

    def who() -> str:
        from tui.system.operator import who

        return who(os.environ)

    def host() -> str:
        from tui.system.operator import host

        return host()

    def running_scripts(layout: Layout) -> Sequence[str]:
        from tui.cleanup.watch import running_scripts

        return running_scripts(layout)

    def in_use(*args: Any, **options: Any) -> InUse:
        from tui.cleanup.in_use import gather_in_use

        return gather_in_use(*args, **options)

    def interrupts(tell: Callable[[], None]) -> contextlib.AbstractContextManager[Callable[[], bool]]:
        from tui.system.operator import stop_on_signals

        return stop_on_signals(tell)

    return Cleaning(calls, who, host, running_scripts, in_use, interrupts)


def _columns() -> int:
    import shutil

    return shutil.get_terminal_size().columns


def _abandon_stdout() -> None:
    """Send what Python still holds of standard output nowhere, or it complains of it at the end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
