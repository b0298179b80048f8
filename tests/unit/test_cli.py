"""The command line on fake terminals, engines and apps: what goes where, and every exit code."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Optional

import pytest

from tests.unit.report.examples import HOSTILE, SHOP, example, instance
from tui import __version__, arguments
from tui.agent.layout import NoAgent
from tui.cli import Exit, main
from tui.disk.root import Denied
from tui.disk.source import SourceError
from tui.fixture_chains import BundledChain
from tui.fixtures import FixtureError
from tui.forensics.marks import Finding, Severity
from tui.forensics.scan import Progress, Records, Snapshot
from tui.ports import Ports
from tui.preview.play import Playing
from tui.preview.records import Preview
from tui.system.open_files import Gathered


class Stream(io.TextIOWrapper):
    """A text stream that is a terminal or is not, over bytes in memory or over ``raw``."""

    def __init__(self, terminal: bool = False, raw: Optional[io.RawIOBase] = None, encoding: str = "utf-8") -> None:
        self.bytes = io.BytesIO()
        super().__init__(raw or self.bytes, encoding=encoding, newline="")  # type: ignore[arg-type]
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    @property
    def text(self) -> str:
        self.flush()
        return self.bytes.getvalue().decode("utf-8")


class Failing(io.RawIOBase):
    """A file that takes nothing."""

    def __init__(self, code: int) -> None:
        self.code = code

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        raise OSError(self.code, os.strerror(self.code))


@dataclass
class FakeRoot:
    label: str
    kind: str


@dataclass
class World:
    """Everything outside of the program, and what the program did with it."""

    terminal: bool = False
    scan_error: Optional[BaseException] = None
    final: bool = True
    findings: tuple[Finding, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)
    stdout: Optional[Stream] = None
    app_code: int = 0
    abandoned: int = 0
    opened: list[Optional[str]] = field(default_factory=list)
    options: list[Any] = field(default_factory=list)
    apps: list[tuple[Any, ...]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    columns: int = 100
    preview: Optional[Preview] = None
    candidates: dict[str, Any] = field(default_factory=dict)
    played: list[tuple[Any, ...]] = field(default_factory=list)
    chain: Optional[BundledChain] = None
    cleaning: Any = None

    def __post_init__(self) -> None:
        self.out = self.stdout or Stream(self.terminal)
        self.err = Stream(self.terminal)

    def abandon(self) -> None:
        self.abandoned += 1

    def open_source(self, text: Optional[str]) -> Any:
        self.opened.append(text)
        if text == "/missing":
            raise SourceError("/missing: no such directory; name another")
        return FakeRoot(text or "this machine", "directory" if text else "machine")

    def scan(self, root: Any, options: Any, cancelled: Any = None) -> Iterator[Any]:
        self.options.append(options)
        yield Progress("records", 0)
        if isinstance(self.scan_error, NoAgent):
            raise self.scan_error
        yield Records(instance())
        yield Progress("walk", 12345, None, "/srv/\x1b[2J")
        examination = example(findings=self.findings)
        yield Snapshot(replace(examination, final=False))
        if self.scan_error is not None:
            raise self.scan_error
        if self.final:
            yield Snapshot(examination)

    def play(self, root: Any, examination: Any, steps: Any, all_behaviors: bool) -> Iterator[Any]:
        self.played.append((root, steps, all_behaviors))
        yield Playing(0, len(steps), "cleanup")
        if self.preview is not None:
            yield self.preview

    def open_candidate(self, text: str, users: Any, groups: Any) -> Any:
        if text not in self.candidates:
            raise SourceError(f"{text}: no such file")
        return self.candidates[text]

    @contextlib.contextmanager
    def chain_unpacked(self, name: str) -> Iterator[Any]:
        yield self.chain
        self.removed.append(name)

    def run_app(self, *args: Any, **engine: Any) -> int:
        self.apps.append(args)
        return self.app_code

    @contextlib.contextmanager
    def unpacked(self, name: str) -> Iterator[Path]:
        if name == "nope":
            raise FixtureError("no example instance 'nope'; there are: a, b")
        yield Path("/tmp") / name
        self.removed.append(name)

    def run(self, *argv: str) -> int:
        ticks = iter(range(10**6))
        ports = Ports(
            stdin=Stream(self.terminal), stdout=self.out, stderr=self.err, environ=self.environ,
            columns=lambda: self.columns, clock=lambda: float(next(ticks)), now=lambda: 1764000000.0,
            abandon_stdout=self.abandon, open_source=self.open_source, scan=self.scan, processes=lambda layout: (),
            open_files=lambda wanted, cancelled: Gathered(), play=self.play, open_candidate=self.open_candidate,
            run_app=self.run_app, demo_names=lambda: [("guide-example", "the guide's \x1b"), ("b", "another")],
            demo_unpacked=self.unpacked, chain_names=lambda: ("bundled",), chain_unpacked=self.chain_unpacked,
            cleaning=self.cleaning,
        )  # fmt: skip
        return main(argv, ports=ports)


WARNING = Finding("w", Severity.WARNING, "a warning", "d", "a")
NOTE = Finding("i", Severity.INFO, "a note", "d", "a")


@pytest.mark.parametrize(
    ("world", "argv", "code"),
    [
        (World(), ["scan"], 0),
        (World(findings=(WARNING,)), ["scan"], 0),
        (World(findings=(WARNING, NOTE)), ["scan", "--exit-code"], 1),
        (World(findings=(replace(WARNING, severity=Severity.CRITICAL),)), ["scan", "--exit-code"], 1),
        (World(findings=(NOTE,)), ["scan", "--exit-code"], 0),
        (World(), ["scan", "/missing"], 2),
        (World(), ["scan", "--format", "xml"], 2),
        (World(), ["scan", "--form", "json"], 2),
        (World(), ["scan", "/a", "/b"], 2),
        (World(), ["scan", "--agent-root", ""], 2),
        (World(), ["scan", "--group-gone", "nobody"], 2),
        (World(), ["scan", "--group-gone", SHOP, "--group-gone", HOSTILE], 0),
        (World(scan_error=NoAgent("/x", ("/opt",))), ["scan", "/x"], 2),
        (World(scan_error=Denied("/srv", "permission denied")), ["scan"], 2),
        (World(scan_error=OSError(errno.EIO, "Input/output error", "/srv")), ["scan"], 2),
        (World(scan_error=MemoryError()), ["scan"], 2),
        (World(scan_error=ModuleNotFoundError("No module named 'x'", name="x")), ["scan"], 2),
        (World(scan_error=ValueError("odd\x1b")), ["scan"], 2),
        (World(scan_error=KeyboardInterrupt()), ["scan"], 130),
        (World(final=False), ["scan"], 2),
        (World(stdout=Stream(raw=Failing(errno.EPIPE))), ["scan"], 141),
        (World(stdout=Stream(raw=Failing(errno.ENOSPC))), ["scan"], 2),
        (World(stdout=Stream(raw=Failing(errno.ENOSPC))), ["--help"], 2),
        (World(), [], 2),
        (World(), ["--help"], 0),
        (World(), ["scan", "--help"], 0),
        (World(), ["preview", "--help"], 0),
        (World(), ["demo", "--help"], 0),
        (World(), ["--version"], 0),
        (World(), ["prewiev"], 2),
        (World(), ["--cross-mounts", "scan"], 2),
        (World(), ["demo"], 2),
        (World(), ["demo", "--list"], 0),
        (World(terminal=True), [], 0),
        (World(terminal=True), ["demo"], 0),
        (World(terminal=True), ["demo", "nope"], 2),
        (World(terminal=True, app_code=1), [], 2),
        (World(terminal=True, app_code=130), [], 130),
        (World(terminal=True, scan_error=NoAgent("/", ("/opt",))), ["/"], 2),
        (World(terminal=True, scan_error=KeyboardInterrupt()), ["scan"], 130),
    ],
)
def test_exit_codes(world: World, argv: list[str], code: int) -> None:
    assert world.run(*argv) == code
    if code == 2 and not world.apps:
        (line,) = world.err.text.replace("\r", "\n").strip().splitlines()[-1:]
        assert line.startswith("codedeploy-forensics: ")
        assert "Traceback" not in world.err.text
    if code and code != 1:
        assert world.stdout is not None or world.out.text == ""  # no half of a result
    assert "\x1b" not in world.err.text


def test_the_exit_codes_are_in_one_table() -> None:
    assert {code.value for code in Exit} == {0, 1, 2, 3, 4, 130, 141}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["prewiev"], f"neither a command nor a directory; commands are {', '.join(arguments.COMMANDS)} (see "),
        (["--cross-mounts", "scan"], "the command comes first"),
        (["scan", "--group-gone", "x"], f"there are: {SHOP}, "),
        (["scan", "--nope"], "unrecognized arguments: --nope (see codedeploy-forensics scan --help)"),
        (["scan", "/missing"], "/missing: no such directory"),
        (["scan", "--agent-config", ""], "argument --agent-config: may not be empty"),
        (["/srv"], "use: codedeploy-forensics scan /srv"),
        (["demo"], "codedeploy-forensics demo --list"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(argv: list[str], said: str) -> None:
    world = World()
    assert world.run(*argv) == Exit.UNUSABLE
    assert said in world.err.text
    assert world.err.text.count("\n") == 1


def test_a_hostile_word_is_shown_escaped() -> None:
    world = World()
    world.run("x\x1b]0;y\x07\n")
    shown = "x<U+001B>]0;y<U+0007><U+000A>" if os.name == "nt" else "x\\e]0;y\\x07\\n"
    assert world.err.text.startswith(f"codedeploy-forensics: {shown}: neither")


def test_a_fault_is_one_line_that_names_its_place() -> None:
    world = World(scan_error=ValueError("odd"))
    world.run("scan")
    assert "a fault in this program: ValueError at test_cli.py:" in world.err.text
    assert world.err.text.count("\n") == 1


def test_data_goes_to_standard_output_alone() -> None:
    world = World(findings=(WARNING,))
    world.run("scan", "--format", "json")
    assert json.loads(world.out.text)["schema"] == "codedeploy-forensics/scan/1"
    assert world.err.text == ""


@pytest.mark.parametrize(
    ("terminal", "argv", "start"),
    [
        (True, ["scan"], "/mnt/"),
        (False, ["scan"], "{\n"),
        (True, ["scan", "--format", "jsonl"], '{"path": '),
        (False, ["scan", "--format", "csv"], "path,type,"),
        (False, ["scan", "--format", "table"], "/mnt/"),
    ],
)
def test_a_table_is_for_terminals_and_json_for_programs(terminal: bool, argv: list[str], start: str) -> None:
    world = World(terminal)
    world.run(*argv)
    assert world.out.text.startswith(start)


def test_colours_need_a_terminal_that_wants_them() -> None:
    def colored(world: World) -> bool:
        world.run("scan", "--format", "table", "--paths")
        return "\x1b[" in world.out.text

    assert colored(World(terminal=True))
    assert not colored(World())
    assert not colored(World(terminal=True, environ={"NO_COLOR": "1"}))
    assert not colored(World(terminal=True, environ={"TERM": "dumb"}))


def test_progress_is_drawn_on_a_terminal_and_taken_away() -> None:
    world = World(terminal=True)
    world.run("scan", "--format", "json")
    assert "walking the target locations: 12,345" in world.err.text
    assert world.err.text.split("\r")[-2:] == [" " * len("walking the target locations: 12,345"), ""]
    quiet = World(terminal=True)
    quiet.run("scan", "--quiet")
    assert quiet.err.text == ""


def test_progress_is_gone_before_an_error_is_said() -> None:
    world = World(terminal=True, scan_error=Denied("/srv", "permission denied"))
    world.run("scan")
    assert world.err.text.split("\r")[-1] == "codedeploy-forensics: /srv: permission denied\n"


def test_the_options_reach_the_engine() -> None:
    world = World()
    world.run(
        "scan", "/x", "--agent-root", "/r", "--agent-config", "/c", "--cross-mounts", "--group-gone", SHOP
    )  # fmt: skip
    (options,) = world.options
    assert (options.agent_root, options.agent_config, options.cross_mounts) == ("/r", "/c", True)
    assert options.groups_gone == (SHOP,)
    assert (options.now, options.processes) == (None, None)  # another instance's: neither time nor processes
    assert world.opened == ["/x"]


def test_this_machine_has_a_time_of_day_and_processes() -> None:
    world = World()
    world.run("scan")
    assert world.opened == [None]
    assert world.options[0].now == 1764000000.0
    assert world.options[0].processes is not None


def test_a_command_word_is_a_command_and_a_directory_of_that_name_is_dot_slash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scan").mkdir()
    world = World(terminal=True)
    assert world.run("./scan") == Exit.DONE
    assert world.opened == ["./scan"]
    assert len(world.apps) == 1
    world = World(terminal=True)
    assert world.run("scan") == Exit.DONE
    assert world.apps == []


def test_the_app_is_given_the_engine_and_an_example_to_offer() -> None:
    world = World(terminal=True)
    world.run("/x", "--cross-mounts")
    ((root, options, scan, demo),) = world.apps
    assert (root.label, options.cross_mounts, scan) == ("/x", True, world.scan)
    with demo() as example_root:
        assert example_root.label == "guide-example (example)"
    assert world.removed == ["guide-example"]


def test_a_directory_without_an_agent_never_opens_the_app() -> None:
    world = World(terminal=True, scan_error=NoAgent("/x", ("/opt",)))
    assert world.run("/x") == Exit.UNUSABLE
    assert world.apps == []
    assert "no CodeDeploy agent found" in world.err.text
    here = World(terminal=True, scan_error=NoAgent("this machine", ("/opt",)))
    assert here.run() == Exit.DONE  # the app says so itself
    assert len(here.apps) == 1


def test_a_demo_runs_on_an_unpacked_example_that_is_removed_again() -> None:
    world = World(terminal=True)
    world.run("demo", "b")
    assert world.opened == [os.fspath(Path("/tmp/b"))]
    assert world.removed == ["b"]


def test_the_examples_are_listed() -> None:
    world = World()
    world.run("demo", "--list")
    assert world.out.text == "guide-example  the guide's \\e\nb              another\n"


def test_version() -> None:
    world = World()
    world.run("--version")
    assert world.out.text == f"codedeploy-forensics {__version__}\n"


@pytest.mark.parametrize("argv", [["--help"], ["scan", "--help"], ["preview", "--help"], ["demo", "--help"]])
def test_the_examples_of_a_help_are_understood(
    argv: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world = World()
    world.run(*argv)
    _, _, examples = world.out.text.partition("\nexamples:\n")
    lines = [shlex.split(line, comments=True) for line in examples.splitlines()]
    assert lines
    for program, *words in lines:
        assert program == arguments.PROGRAM
        arguments.parse(words)


def test_every_command_is_in_the_help() -> None:
    world = World()
    world.run("--help")
    for name in arguments.COMMANDS:
        assert f"\n  {name} " in world.out.text


def test_after_a_failed_write_nothing_more_is_written() -> None:
    world = World(stdout=Stream(raw=Failing(errno.EPIPE)))
    world.run("scan")
    assert world.abandoned == 1
    assert world.err.text == ""


def test_a_closed_standard_output_is_said() -> None:
    world = World()
    world.out = None  # type: ignore[assignment]
    assert world.run("scan") == Exit.UNUSABLE
    assert "standard output is closed" in world.err.text


def test_without_standard_error_nothing_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    world = World()
    world.err = None  # type: ignore[assignment]
    assert world.run("scan", "/missing") == Exit.UNUSABLE
    assert world.out.text + capsys.readouterr().out == ""


class Trickle(io.RawIOBase):
    """A file that takes a few bytes at a time, as a raw one may."""

    def __init__(self) -> None:
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.taken += bytes(data[:100])
        return len(data[:100])


def test_all_is_written_to_a_stream_that_takes_parts() -> None:
    trickle, world = Trickle(), World()
    World(stdout=Stream(raw=trickle)).run("scan")
    world.run("scan")
    assert trickle.taken.decode() == world.out.text


def test_a_table_keeps_to_a_terminals_encoding() -> None:
    out = Stream(terminal=True, encoding="ascii")
    World(terminal=True, stdout=out, environ={"NO_COLOR": "1"}).run("scan", "--paths")
    assert b"\\U0001f600" in out.bytes.getvalue()
    out = Stream(encoding="latin-1")
    World(stdout=out).run("scan", "--format", "csv")
    assert "e\U0001f600" in out.bytes.getvalue().decode("utf-8")
