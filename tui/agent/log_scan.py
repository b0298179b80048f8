"""Finding the runs of lifecycle scripts in a log, whatever the scripts printed between.

Only the few entries that begin an event or a script are taken apart; output is passed over at the
speed of a search for bytes. Memory holds one block, however long the log or a line of it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Callable, Optional, Protocol

from tui.agent.failed_scripts import one_line, script_in
from tui.agent.log_records import Failure
from tui.agent.log_times import header_offset
from tui.agent.reading import chunks, never, unreadable, usable
from tui.agent.records import LogFile, Problem, ScriptRun
from tui.disk.root import NotThere, Root, RootError, Stat
from tui.paths import from_bytes

LIMIT = 2 << 30  # bytes
MAX_RUNS = 100_000
MAX_FAILURES = 1000
EVENT, SCRIPT = b"LifecycleEvent - ", b"Script - "
_MAX_LINE = 8 << 20  # bytes of a line kept whole
_OVERLAP = 16 << 10  # bytes of a longer line kept for the entry that may follow it,
_HEAD = 28  # and bytes of its beginning: "2026-11-23 06:07:36 [stdout]"
_BLANK = (b"\n", b"\r\n")
_LINES_BACK = 100  # lines looked at for the time of the last output


@dataclass(frozen=True)
class Entry:
    """A line that begins an event or a script: where it starts in the block, when, for which deployment.

    ``resolution`` is the time's, in seconds, where it is not the format's; ``failed`` names the event
    where the line says that it failed.
    """

    start: int
    time: float
    deployment_id: Optional[str]
    resolution: Optional[float] = None
    failed: Optional[str] = None


class Format(Protocol):
    """What a kind of log looks like."""

    resolution: float  # seconds
    words: tuple[bytes, ...]  # what is searched for: an entry holds one of them
    blank_ends: bool  # whether an empty line ends an event

    def entry(self, block: bytes, line: int, at: int) -> Optional[Entry]:
        """The entry whose word stands at ``at``, in the line that begins at ``line``; None where it is output."""

    def time(self, block: bytes, line: int) -> Optional[float]:
        """The time of the line that begins at ``line``; None where it has none."""

    def written(self, block: bytes, line: int) -> Optional[float]:
        """When that line was written to this log, where it tells that beside the time."""


@dataclass
class Run:
    """A run while its output is still being passed over."""

    deployment_id: Optional[str]
    event: Optional[str]  # None: the event began in an older part of the log
    location: str
    start: float
    line: int
    last: float
    resolution: float
    until: Optional[float] = None
    lines: int = 0


@dataclass
class Scan:
    """What a log holds; ``lead`` and ``lead_last`` are output before its first entry."""

    path: str
    format: Format
    deployment_id: Optional[str] = None
    stat: Optional[Stat] = None
    runs: list[Run] = field(default_factory=list)
    utc_offset: Optional[int] = None
    lead: int = 0
    lead_last: Optional[float] = None
    first: Optional[float] = None  # time of the first entry
    event: Optional[str] = None  # the last one that began
    last_entry: Optional[float] = None
    complete: bool = True
    cut_off: bool = False
    problems: list[Problem] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    _current: Optional[Run] = None
    _line: int = 1

    def read(self, root: Root, cancelled: Callable[[], bool] = never) -> bool:
        """Scan the log at ``path``; False where there is none. Ends early, incomplete, once ``cancelled()`` is true."""
        if not usable(self.path):
            return False
        try:
            self.stat = root.stat(self.path)
            if self.stat is None:
                return False
            with root.open(self.path) as stream:
                self._read(stream, cancelled)
        except NotThere:
            return False
        except RootError as error:
            self._stop(unreadable(self.path, error.reason))
        except OSError as error:
            self._stop(unreadable(self.path, error.strerror or "I/O error"))
        return True

    def _stop(self, problem: Problem) -> None:
        self.complete = False
        self.problems.append(problem)

    def _read(self, stream: BinaryIO, cancelled: Callable[[], bool]) -> None:
        carry, total = b"", 0
        for chunk in chunks(stream, LIMIT):
            if cancelled():
                self.complete = False
                return
            if not total:
                self.utc_offset = header_offset(chunk)
                self.lead = 0 if self.utc_offset is None else -1  # the header is no output
            total += len(chunk)
            block = carry + chunk
            end = block.rfind(b"\n") + 1
            whole = True
            if not end and len(block) > _MAX_LINE:
                end, whole = len(block) - _OVERLAP, False
            self._block(block[:end], whole)
            carry = block[end:] if whole else block[:_HEAD] + block[end:]
            if len(self.runs) > MAX_RUNS:
                self._stop(Problem("log-incomplete", self.path, f"Only the first {MAX_RUNS} script runs were read."))
                return
        self._block(carry, True)
        if total == LIMIT and self.stat is not None and self.stat.size > LIMIT:
            self._stop(Problem("log-incomplete", self.path, f"Only the first {LIMIT} bytes of the log were read."))
        if total and self.last_entry is None and self.utc_offset is None:
            self.problems.append(Problem("log-not-understood", self.path, "No line of it is an entry of the agent's."))
        if self.cut_off:
            message = "The last entry is cut off: the agent, or the machine, stopped while it was written."
            self.problems.append(Problem("log-cut-off", self.path, message, self._line))

    def _block(self, block: bytes, whole: bool) -> None:
        """Take a block of lines; ``whole`` is False where its last line goes on in the next."""
        done = line = last = 0
        for at in _words(block, self.format.words):
            if at < done:
                continue
            newline = block.rfind(b"\n", last, at)
            line, last = max(newline + 1 or line, done), at
            entry = self.format.entry(block, line, at)
            if entry is None:
                continue
            end = block.find(b"\n", at) + 1
            if not (end or whole):
                break
            self._output(block, done, entry.start, True)
            text = block[at : end - 1] if end else b""
            self._entry(entry, text[:-1] if text.endswith(b"\r") else text)  # a line of Windows
            self.last_entry = self.format.written(block, entry.start) or entry.time
            done = end or len(block)
            self._line += 1 if end else 0
        self._output(block, done, len(block), whole)

    def _entry(self, entry: Entry, text: bytes) -> None:
        if self._current:
            # Version 2 writes an event when it is over: one that ran beside it can have begun before.
            self._current.until = max(entry.time, self._current.last)
            self._current = None
        self.first = entry.time if self.first is None else self.first
        if not text:
            self.cut_off = True
        elif entry.failed is not None:
            self.event = entry.failed
            if len(self.failures) < MAX_FAILURES:
                self.failures.append(self._failure(entry.failed, entry.time, text))
        elif text.startswith(EVENT):
            self.event = from_bytes(text[len(EVENT) :])
        else:
            self._current = Run(
                deployment_id=entry.deployment_id or self.deployment_id,
                event=self.event,
                location=from_bytes(text[len(SCRIPT) :]),
                start=entry.time,
                line=self._line,
                last=entry.time,
                resolution=entry.resolution or self.format.resolution,
            )
            self.runs.append(self._current)

    def _failure(self, event: str, time: float, text: bytes) -> Failure:
        message = one_line(text.partition(b": ")[2])
        return Failure(message, time, self.path, self._line, self.deployment_id, event, script_in(message))

    def _output(self, block: bytes, start: int, end: int, whole: bool) -> None:
        """Pass over output; ``whole`` says that its last line ends where it ends."""
        if start >= end:
            return
        newlines = block.count(b"\n", start, end)
        self._line += newlines
        if self.format.blank_ends and (
            block.startswith(_BLANK, start) or any(block.find(b"\n" + blank, start, end) >= 0 for blank in _BLANK)
        ):
            self.event = ""  # what follows is another event's, and need not begin with its name
            newlines -= 1
        lines = newlines + (1 if whole and block[end - 1] != 0x0A else 0)
        at = self._last_timed(block, start, end)
        time = None if at is None else self.format.time(block, at)
        if at is not None:
            self.last_entry = self.format.written(block, at) or time
        if self._current:
            self._current.lines += lines
            self._current.last = self._current.last if time is None else time
        elif self.first is None:
            self.lead += lines
            self.lead_last = self.lead_last if time is None else time

    def _last_timed(self, block: bytes, start: int, end: int) -> Optional[int]:
        """Where the last line of output that has a time begins."""
        for _ in range(_LINES_BACK):
            line = max(block.rfind(b"\n", start, end - 1) + 1, start)
            if self.format.time(block, line) is not None:
                return line
            if line <= start:
                return None
            end = line
        return None

    def log_file(self) -> LogFile:
        """The scan as a record."""
        runs = tuple(
            ScriptRun(
                deployment_id=run.deployment_id,
                event=run.event or "",
                location=run.location,
                start=run.start,
                last=run.last,
                until=run.until,
                resolution=run.resolution,
                source=self.path,
                line=run.line,
                lines=run.lines,
            )
            for run in self.runs[:MAX_RUNS]
        )
        return LogFile(
            path=self.path,
            size=self.stat.size if self.stat else 0,
            mtime=self.stat.mtime if self.stat else 0.0,
            utc_offset=self.utc_offset,
            runs=runs,
            last_entry=self.last_entry,
            complete=self.complete,
            problems=tuple(self.problems),
            failures=tuple(self.failures),
        )


def join(scans: Sequence[Scan]) -> None:
    """Carry an event and a run over from one part of a log to the next, oldest first."""
    event: Optional[str] = None
    run: Optional[Run] = None  # the one that no later entry has ended yet
    for scan in scans:
        if run is not None:
            run.lines += scan.lead
            run.last = run.last if scan.lead_last is None else scan.lead_last
            run.until = scan.first
        for begun in scan.runs:
            if begun.event is not None:
                break
            begun.event = event
        event = event if scan.event is None else scan.event
        if scan.first is not None:
            run = scan.runs[-1] if scan.runs and scan.runs[-1].until is None else None


def _words(block: bytes, words: tuple[bytes, ...]) -> Iterator[int]:
    """Where an entry's words stand, in order."""
    found = {word: at for word in words for at in [block.find(word)] if at >= 0}
    while found:
        word = min(found, key=lambda word: found[word])
        at = found[word]
        yield at
        found[word] = block.find(word, at + 1)
        if found[word] < 0:
            del found[word]
