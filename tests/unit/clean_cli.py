"""The commands that clean, run whole on real instances, with fake terminals, times and processes."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, Optional

import pytest

from tests.faults.faulty import BEFORE, Faulty, Killed
from tests.unit.cleanup_plan.planning import APP, small_site
from tests.unit.preview.building import ROOT_DIR
from tests.unit.test_cli import Failing, Stream
from tui.cleanup.calls import real_calls
from tui.cleanup.in_use import InUse
from tui.cli import main
from tui.ports import Cleaning, real_ports

NOW = 1_900_000_000.0
HOST = "web-1"
CACHE = f"{APP}/cache"
MADE = f"{APP}/made.txt"  # what a script made
STATE = "var/lib/codedeploy-forensics"
EXECUTE = ("--execute", "--writable", "--yes")


@dataclass
class Run:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass
class Cli:
    """The program on an instance below a directory, which may be taken for this machine."""

    top: Path
    here: bool = False  # SOURCE is left out, and the directory is this machine
    terminal: bool = False
    typed: str = ""
    calls: Callable[[], Any] = real_calls
    scripts: Sequence[str] = ()
    in_use: InUse = field(default_factory=InUse)
    stop_after: Optional[int] = None  # so many times the operator's wish to stop is asked for before it is there
    now: float = NOW
    scanned: int = 0
    untold: Optional[str] = None  # standard output is "closed", or "full"
    slow: bool = False  # so much time passes that guards are asked before every path

    def __call__(self, command: str, *argv: str) -> Run:
        """Run a command on the instance."""
        words = command.split()
        source = [] if self.here else [str(self.top)]
        return self.run(*words, *source, *argv)

    def run(self, *argv: str) -> Run:
        """Run a command line as it stands."""
        out, err, stdin = Stream(self.terminal), Stream(self.terminal), Stream(self.terminal)
        there = out if self.untold is None else None if self.untold == "closed" else Stream(raw=Failing(errno.ENOSPC))
        stdin.bytes.write(self.typed.encode())
        stdin.bytes.seek(0)
        ticks = iter(range(10**9))
        real = real_ports()
        ports = replace(
            real, stdin=stdin, stdout=there, stderr=err, environ={"NO_COLOR": "1"}, columns=lambda: 100,
            clock=lambda: next(ticks) / (1 if self.slow else 100), now=lambda: self.now, abandon_stdout=lambda: None,
            open_source=lambda text: self._open(real.open_source, text), scan=self._scan(real.scan),
            processes=lambda layout: (), cleaning=self._cleaning(),
        )  # fmt: skip
        code = main(argv, ports=ports)
        return Run(code, out.text, err.text)

    def _open(self, really: Any, text: Optional[str]) -> Any:
        root = really(str(self.top) if text is None else text)
        if text is None:
            root.label, root.kind = "this machine", "machine"
        return root

    def _scan(self, really: Any) -> Any:
        def scan(*args: Any, **options: Any) -> Iterator[Any]:
            self.scanned += 1
            yield from really(*args, **options)

        return scan

    def _cleaning(self) -> Cleaning:
        return Cleaning(
            self.calls, lambda: "root (alice)", lambda: HOST, lambda layout: self.scripts,
            lambda wanted, **options: self.in_use, self._interrupts,
        )  # fmt: skip

    @contextlib.contextmanager
    def _interrupts(self, tell: Callable[[], None]) -> Iterator[Callable[[], bool]]:
        asked = 0

        def stop() -> bool:
            nonlocal asked
            asked += 1
            if self.stop_after is not None and asked == self.stop_after + 1:
                tell()
            return self.stop_after is not None and asked > self.stop_after

        yield stop


def site(tmp_path: Path, **more: Any) -> Cli:
    """A small instance: one deployed file, what a script made, and what nobody knows."""
    files = {MADE: "made\n", f"{APP}/cache/a": "a", f"{APP}/cache/b": "b", f"{APP}/upload": "u"}
    return Cli(small_site(tmp_path, dict(files)).top, **more)


def paths(objects: Sequence[Any]) -> list[str]:
    """The paths of a document's list."""
    return [one["path"] for one in objects]


def ongoing(cli: Cli, age: float) -> None:
    """A deployment whose tracking file is so many seconds old."""
    directory = cli.top / ROOT_DIR[1:] / "ongoing-deployment"
    directory.mkdir(exist_ok=True)
    (directory / "d-NOW000001").write_text("command")
    os.utime(directory / "d-NOW000001", (NOW - age, NOW - age))


def lines(text: str) -> list[str]:
    """The lines of what was said, those that were drawn over each other too."""
    return [line for line in text.replace("\r", "\n").splitlines() if line.strip()]


def cleaned(cli: Cli, *named: str) -> str:
    """Clean some paths, the cache where none is named; the cleanup's id."""
    words = [word for path in named or (CACHE,) for word in ("--path", path)]
    run = cli("clean", *words, *EXECUTE)
    assert run.code == 0, run
    return str(run.document["id"])


def killed(cli: Cli, command: str, *argv: str, at: str, nth: int = 0) -> None:
    """Run a command whose process ends before the ``nth`` call of a name."""

    class Ending(Faulty):
        def hit(self, name: str, do: Any, spoil: Any = None) -> Any:
            if name == at and not self.dead:
                if self.left == 0:
                    self.at, self.mode = len(self.made), BEFORE
                self.left -= 1
            return super().hit(name, do, spoil)

    ending = Ending(real_calls())
    ending.left = nth  # type: ignore[attr-defined]
    cli.calls = lambda: ending
    with pytest.raises(Killed):
        cli(command, *argv)
    cli.calls = real_calls
