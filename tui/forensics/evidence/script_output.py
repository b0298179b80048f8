"""Paths that the output of lifecycle scripts names: in ``scripts.log`` and the deployments logs.

Output repeats listings as well, so a name alone says little; words such as ``created`` say more.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Callable, NamedTuple, Optional

from tui.agent.reading import chunks, stat_or_none, unreadable
from tui.agent.records import Instance, LogFile, Problem, ScriptRun
from tui.disk.inventory import LINK
from tui.disk.root import NotThere, Root, RootError
from tui.forensics.evidence import at
from tui.forensics.evidence.output_tables import Table
from tui.forensics.evidence.output_words import LONGEST, Says, Spot, plain_text, said_of, spots, worth_a_look
from tui.forensics.marks import Evidence, Mark
from tui.paths import from_bytes

LIMIT = 16 << 20  # bytes of output that are read, of all logs together: a second or two
COUNTED = 256 << 20  # bytes of one log before them in which lines are counted
MAX_PATHS = 50_000
MAX_ASKED = 1_000_000  # different texts that may be paths
_BLOCK = 1 << 20
_LINE = 16 << 10  # bytes of one line that are looked at
# "[2026-11-23 06:07:36.710] [d-XXXXXXXXX][stdout]", "2026-11-23 06:07:36 [stdout]", and both (version 2)
_STAMP = re.compile(
    rb"(?:\[[-0-9]{10} [0-9:.]{8,12}\] (?:\[[^\]\n]{1,255}\])?)?(?:[-0-9]{10} [0-9:]{8} )?(?:\[std(?:out|err)\])?"
)
_CLOCK = re.compile(rb"\[?[-0-9]{10} ([0-9]{2}:[0-9]{2}):")
_ENTRIES = (b"LifecycleEvent - ", b"Script - ")
_PART = re.compile(r"\.\d{1,6}\Z")


class Named(NamedTuple):
    """A line of output that names a path. ``line`` and ``run`` are None where they could not be told."""

    log: str
    line: Optional[int]
    says: Says
    run: Optional[ScriptRun]
    group: Optional[int]


class _Runs:
    """The runs of one log by line; ``before`` is what ran when the log began."""

    def __init__(self, runs: Sequence[ScriptRun], before: Optional[ScriptRun]) -> None:
        self.runs = sorted(runs, key=lambda run: run.line)
        self._lines = [run.line for run in self.runs]
        self._before = before

    def at(self, line: Optional[int]) -> Optional[ScriptRun]:
        if line is None:
            return None
        i = bisect_right(self._lines, line) - 1
        return self.runs[i] if i >= 0 else self._before


class OutputPaths:
    """The paths in script output for which ``wanted`` is true, as absolute paths of the instance.

    Logs are read newest first, ``limit`` bytes in all. What was not read is in ``problems``.
    """

    def __init__(
        self,
        root: Root,
        instance: Instance,
        wanted: Callable[[str], bool],
        limit: int = LIMIT,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.problems: list[Problem] = []
        self._root, self._instance, self._wanted = root, instance, wanted
        self._found: dict[str, Named] = {}
        self._known: dict[bytes, Optional[str]] = {}
        self._groups = {d.id: g for g, group in enumerate(instance.groups) for d in group.deployments}
        self._left = limit
        self._cancelled = cancelled
        for path, runs in _logs(root, instance):
            if not cancelled():
                self._read(path, runs)
        self._known.clear()

    def __len__(self) -> int:
        return len(self._found)

    def of(self, path: str) -> Optional[Named]:
        """The line that says most of a path; of those that say the same, the newest log's last."""
        return self._found.get(path)

    # -- reading ----------------------------------------------------------------------------

    def _read(self, path: str, runs: _Runs) -> None:
        try:
            stat = self._root.stat(path)
            if stat is None or not stat.size:
                return
            if self._left <= 0:
                self._skipped(path, "None of its output was looked at")
                return
            with self._root.open(path) as stream:
                found = self._scan(path, stream, stat.size, runs)
        except NotThere:
            return
        except (RootError, OSError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "I/O error"
            self.problems.append(unreadable(path, reason))
            return
        for name, named in found.items():
            known = self._found.get(name)
            if known is None and len(self._found) >= MAX_PATHS:
                continue
            if known is None or named.says < known.says:
                self._found[name] = named

    def _skipped(self, path: str, what: str) -> None:
        message = f"{what} for paths: newer logs took up what is read at most."
        self.problems.append(Problem("output-not-read", path, message, severity="info"))

    def _scan(self, path: str, stream: BinaryIO, size: int, runs: _Runs) -> dict[str, Named]:
        """What the log's last bytes say, as many as are left to be read."""
        found: dict[str, Named] = {}
        limit = self._left
        start = max(0, size - limit)
        line: Optional[int] = 1
        if 0 < start <= COUNTED:
            line = 1 + sum(piece.count(b"\n") for piece in chunks(stream, start))
        elif start:
            line = None
        if start:
            self._skipped(path, f"Its first {start} bytes were not looked at")
        stream.seek(start)
        table = Table()
        for block in _blocks(stream, limit):
            self._left -= len(block)
            self._block(path, plain_text(block), line, runs, table, found)
            if line is not None:
                line += block.count(b"\n")
            if self._cancelled():
                break
            if len(self._known) >= MAX_ASKED or len(found) >= MAX_PATHS:
                self.problems.append(
                    Problem("output-not-read", path, f"It names more than {min(len(self._known), MAX_PATHS)} paths.")
                )
                break
        return found

    def _block(
        self, log: str, block: bytes, line: Optional[int], runs: _Runs, table: Table, found: dict[str, Named]
    ) -> None:
        windows = self._instance.windows
        for number, raw in enumerate(block.split(b"\n")):
            if windows or (b"/" in raw and worth_a_look(raw[:_LINE], self._worth)):
                for path, says in self._line(raw[:_LINE], table):
                    known = found.get(path)
                    if known is None or says <= known.says:
                        here = None if line is None else line + number
                        run = runs.at(here)
                        group = self._groups.get(run.deployment_id or "") if run else None
                        found[path] = Named(log, here, says, run, group)

    def _worth(self, text: bytes) -> bool:
        return self._known[text] is not None if text in self._known else self._ask(text) is not None

    def _line(self, raw: bytes, table: Table) -> Iterator[tuple[str, Says]]:
        """The wanted paths of one line."""
        windows = self._instance.windows
        stamp = _STAMP.match(raw)
        text = raw[stamp.end() if stamp else 0 :]
        if windows:
            clock = _CLOCK.match(raw)
            row = table.take(text, clock[1] if clock else None)
            if row is not None:
                yield from ((path, row.says) for path in self._paths((row.path,)))
        if (b"/" in text or (windows and b":\\" in text)) and not text.startswith(_ENTRIES):
            yield from self._said(text)

    def _said(self, text: bytes) -> Iterator[tuple[str, Says]]:
        for spot in spots(text, self._instance.windows):
            for path in self._paths(spot.candidates):
                yield path, said_of(text, spot) if spot.arrow is None else self._by_arrow(path, spot)

    def _by_arrow(self, path: str, spot: Spot) -> Says:
        """``'a' -> 'b'`` is a copy from a to b, or the link a to b: the disk tells."""
        left = path if spot.arrow == b"" else self._path(spot.arrow or b"")
        stat = stat_or_none(self._root, left, follow=False) if left else None
        is_link = stat is not None and stat.type == LINK
        return Says.MADE if is_link == (spot.arrow == b"") else Says.NAMED

    def _paths(self, candidates: tuple[bytes, ...]) -> Iterator[str]:
        """The first of the candidates that is wanted."""
        for text in candidates:
            path = self._known[text] if text in self._known else self._ask(text)
            if path is not None:
                yield path
                return

    def _ask(self, text: bytes) -> Optional[str]:
        path = self._path(text)
        if path is not None and not self._wanted(path):
            path = None
        if len(self._known) < MAX_ASKED:
            self._known[text] = path
        return path

    def _path(self, text: bytes) -> Optional[str]:
        if len(text) > LONGEST or b"\0" in text:
            return None
        path = self._instance.inside(from_bytes(text))
        return self._root.spelling(path) if path is not None and self._instance.windows else path


def _logs(root: Root, instance: Instance) -> list[tuple[str, _Runs]]:
    """The logs to read, newest first. A deployments log's part whose deployments all have their own is left out."""
    found: list[tuple[float, str, _Runs]] = []
    whole: set[Optional[str]] = set()
    for group in instance.groups:
        for deployment in group.deployments:
            if deployment.log is not None:
                found.extend(_parts(root, deployment.log))
                whole.add(deployment.id)
    before: dict[str, Optional[ScriptRun]] = {}
    for log in instance.logs:
        name = _PART.sub("", log.path)
        carried = before.get(name)
        if log.runs:
            before[name] = log.runs[-1]
        runs = (*log.runs, carried) if carried else log.runs
        if not runs or any(run.deployment_id not in whole for run in runs):
            found.append((log.mtime, log.path, _Runs(log.runs, carried)))
    return [(path, runs) for _, path, runs in sorted(found, key=lambda item: (-item[0], item[1]))]


def _parts(root: Root, log: LogFile) -> Iterator[tuple[float, str, _Runs]]:
    """The files that one log was put together from, each with its runs."""
    by_source: dict[str, list[ScriptRun]] = {}
    for run in log.runs:
        by_source.setdefault(run.source, []).append(run)
    before: Optional[ScriptRun] = None
    for path in log.parts or (log.path,):
        stat = stat_or_none(root, path)
        runs = by_source.get(path, [])
        yield (stat.mtime if stat else log.mtime), path, _Runs(runs, before)
        before = runs[-1] if runs else before


def _blocks(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    """Whole lines, a megabyte or so at a time. Raises OSError."""
    carry = b""
    for piece in chunks(stream, limit, _BLOCK):
        block = carry + piece
        end = block.rfind(b"\n") + 1
        if not end and len(block) <= 4 * _BLOCK:
            carry = block
            continue
        end = end or len(block)  # a line without end is taken in pieces
        yield block[:end]
        carry = block[end:]
    if carry:
        yield carry


_VERBS = {
    Says.MADE: "says that it made it",
    Says.REMOVED: "says that it removed it",
    Says.COMPLAINS: "complains about it",
    Says.NAMED: "names it",
}


def output_evidence(named: Named) -> Evidence:
    """The line of output."""
    run = named.run
    whose = "a script's output"
    if run is not None:
        script = posixpath.basename(run.location)
        whose = f"the output of {script} ({run.event or 'an event'} of {run.deployment_id or 'a deployment'})"
    mark = Mark.SCRIPT_CREATED if named.says == Says.MADE else None
    return Evidence("script-output", f"{whose} {_VERBS[named.says]}", at(named.log, named.line), mark)
