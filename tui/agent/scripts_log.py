"""``logs/scripts.log`` of a deployment: what its lifecycle scripts printed, and when each was started."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Callable, Optional

from tui.agent.log_scan import EVENT, MAX_RUNS, SCRIPT, Entry, Scan, join
from tui.agent.log_times import seconds
from tui.agent.reading import never
from tui.agent.records import LogFile
from tui.disk.root import Root

PARTS = 7  # older ones that version 2 keeps
_STAMP = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")
_STAMPED = 20  # bytes of a time and its space
_OUTPUT = (b"[stdout]", b"[stderr]")
_TAG = len(_OUTPUT[0])
_PROSE = b" \t[(<{|='\":,;"  # what stands before a time that a script prints, and hardly ever ends its output


def read_scripts_log(
    root: Root, path: str, deployment_id: Optional[str], cancelled: Callable[[], bool] = never
) -> Optional[LogFile]:
    """The log at a path of the instance; None where there is none. Times are local, in whole seconds.

    Version 2 moves what is over 64 MiB to ``.1`` to ``.7``, the highest number being the oldest; all parts
    are read as one, whose size and completeness are those of all together. Agent 1.8.1 writes output as
    it comes. Where a script's last line has no line end, the next entry follows in the same line; such an
    entry counts unless it looks like something the script printed.
    """
    scans = [Scan(part, _ScriptsLog(), deployment_id) for part in (path, *(f"{path}.{n}" for n in range(1, PARTS + 1)))]
    scans = [scan for scan in reversed(scans) if scan.read(root, cancelled)]
    if not scans:
        return None
    join(scans)
    logs = [scan.log_file() for scan in scans]
    return logs[0] if len(logs) == 1 else _together(logs)


def _together(logs: list[LogFile]) -> LogFile:
    return replace(
        logs[-1],
        size=sum(log.size for log in logs),
        runs=tuple(run for log in logs for run in log.runs)[-MAX_RUNS:],
        last_entry=next((log.last_entry for log in reversed(logs) if log.last_entry is not None), None),
        complete=all(log.complete for log in logs),
        problems=tuple(problem for log in logs for problem in log.problems),
        parts=tuple(log.path for log in logs),
    )


class _ScriptsLog:
    """``2026-11-23 06:07:36 Script - scripts/c.sh`` and ``2026-11-23 06:07:36 [stdout]text``."""

    resolution = 1.0
    words: tuple[bytes, ...] = (EVENT, SCRIPT)
    blank_ends = False

    def entry(self, block: bytes, line: int, at: int) -> Optional[Entry]:
        start = at - _STAMPED
        if start < line:
            return None
        time = self.time(block, start)
        if time is None or (start != line and not self._follows_output(block, line, start, time)):
            return None
        return Entry(start, time, None)

    def _follows_output(self, block: bytes, line: int, start: int, time: float) -> bool:
        began = self.time(block, line)
        text = line + _STAMPED + _TAG
        return (
            began is not None
            and began <= time
            and block[line + _STAMPED : text] in _OUTPUT
            and start > text  # at the very start it is a log that the script printed
            and block[start - 1] not in _PROSE
        )

    def time(self, block: bytes, line: int) -> Optional[float]:
        return seconds(block[line : line + 19]) if _STAMP.match(block, line) else None

    written = time
