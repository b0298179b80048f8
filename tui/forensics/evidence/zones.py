"""The time zone of each log's local times: from its header, the instance's zone, and when logs were written last.

Agent 1.8.1 writes local time in all logs, and the zone only in the first line of a part of the
deployments log. Version 2 writes its own log in UTC, and those of scripts in local time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Optional

from tui.agent.log_times import header_offset, seconds
from tui.agent.reading import read_record
from tui.agent.records import Instance, LogFile, Problem
from tui.disk.root import Root
from tui.forensics.evidence import at
from tui.system.timezone import LOCALTIME, LocalZone, read_local_zone

_QUARTER = 900  # UTC offsets are multiples of a quarter of an hour
_LEAST, _MOST = -12 * 3600, 14 * 3600
_LATE, _EARLY = 5.0, 1.5  # seconds between a log's last entry and its last writing, either way
_NEAR = 14 * 86400.0  # seconds around an observation in which it surely holds
_BETWEEN = 100 * 86400.0  # … and between two that agree: no summer time fits in
MAX_VOTES = 2000  # the latest
_HEAD = b"# Logfile created on "


class Offset(NamedTuple):
    """Seconds east of UTC, where that is from (None: not known, and taken for UTC), and whether it is sure."""

    seconds: int
    source: Optional[str]
    sure: bool


class _Seen(NamedTuple):
    """One observation of the offset: a header's or that of a log written last at that local time."""

    local: float
    offset: int
    source: str
    header: bool


class Zones:
    """The offsets of an instance's logs. What does not agree is told in ``problems``."""

    def __init__(self, root: Root, instance: Instance) -> None:
        self.problems: list[Problem] = []
        logs = [*instance.logs, *(d.log for g in instance.groups for d in g.deployments if d.log is not None)]
        self._headers = sorted(_headers(root, instance.logs))
        self._votes = sorted(_votes(logs))[-MAX_VOTES:]
        self.zone, wrong = read_local_zone(root)
        if wrong is not None:
            self._problem(
                "time-zone-unreadable", LOCALTIME, f"The instance's time zone cannot be told from it: {wrong}."
            )
        self._seen = [*self._headers, *self._votes]
        self._fits = self._zone_fits()
        self._points = sorted(self._agreeing()) if not self._fits else []
        self._locals = [point.local for point in self._points]

    def offset(self, log: LogFile, local: float) -> Offset:
        """The offset of a log at one of its local times (seconds since 1970 as if it were UTC)."""
        if self._fits and self.zone is not None:
            found = self.zone.offset(local)
            if found is not None:
                return Offset(found, at(self.zone.source), bool(self._seen))
        if log.utc_offset is not None and not self._points:
            return Offset(log.utc_offset, at(log.path, 1), False)
        return self._nearest(log, local)

    def told(self, log: LogFile) -> bool:
        """Whether anything tells the zone of a log, so that its times are not just taken for UTC."""
        return not log.runs or self.offset(log, log.runs[0].start).source is not None

    # -- weighing -----------------------------------------------------------------------------

    def _problem(self, code: str, path: str, message: str, severity: str = "info") -> None:
        self.problems.append(Problem(code, path, message, severity=severity))

    def _zone_fits(self) -> bool:
        """Whether the instance's zone is the one that the agent wrote in, as far as logs tell."""
        if self.zone is None:
            return False
        against = [seen for seen in self._seen if not _same(self.zone, seen)]
        agree = len(self._seen) - len(against)
        if not against or (agree > len(against) and not any(seen.header for seen in against)):
            return True
        seen = against[0]
        here = _shown(self.zone.offset(seen.local) or 0)
        message = (
            f"Its time zone is {here} where {seen.source} has {_shown(seen.offset)}: the zone was changed, "
            "or the agent runs in another. Times in logs are taken as the logs tell them."
        )
        self._problem("time-zone-differs", LOCALTIME, message, "warning")
        return False

    def _agreeing(self) -> Iterator[_Seen]:
        """Headers, and those observations by files' times that others of about that time do not outvote."""
        yield from self._headers
        odd: list[_Seen] = []
        for vote in self._votes:
            about = Counter(seen.offset for seen in self._seen if abs(seen.local - vote.local) <= _NEAR)
            headers = {seen.offset for seen in self._headers if abs(seen.local - vote.local) <= _NEAR}
            if vote.offset in headers or (not headers and about[vote.offset] == max(about.values())):
                yield vote
            else:
                odd.append(vote)
        if odd:
            message = "The log was touched after its last entry, or written in another time zone than the others."
            self._problem("log-time-differs", odd[0].source, message)

    def _nearest(self, log: LogFile, local: float) -> Offset:
        if not self._points:
            return Offset(0, None, False)
        i = bisect_left(self._locals, local)
        before = self._points[i - 1] if i else None
        after = self._points[i] if i < len(self._points) else None
        sides = [point for point in (before, after) if point is not None]
        best = min(sides, key=lambda point: abs(point.local - local))
        near = abs(best.local - local) <= _NEAR
        if near and not best.header:
            # One file's time alone can be a chance.
            near = any(
                point is not best and point.offset == best.offset and abs(point.local - best.local) <= _BETWEEN
                for point in self._points
            )
        between = before is not None and after is not None and before.offset == after.offset
        between = between and before is not None and after is not None and after.local - before.local <= _BETWEEN
        return Offset(best.offset, at(best.source), near or between)


def _same(zone: LocalZone, seen: _Seen) -> bool:
    """Whether a zone has the observed offset; an hour around a change of clocks, either of both."""
    return any(zone.offset(local) == seen.offset for local in (seen.local, seen.local - 3600, seen.local + 3600))


def _shown(offset: int) -> str:
    minutes = abs(offset) // 60
    return f"UTC{'-' if offset < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def _headers(root: Root, logs: Iterable[LogFile]) -> Iterator[_Seen]:
    for log in logs:
        if log.utc_offset is None:
            continue
        content, _ = read_record(root, log.path, 128)
        data = content.data if content is not None else b""
        local = seconds(data[len(_HEAD) : len(_HEAD) + 19]) if header_offset(data) is not None else None
        if local is None:
            local = log.runs[0].start if log.runs else log.last_entry
        if local is not None:
            yield _Seen(local, log.utc_offset, f"{log.path}:1", True)


def _votes(logs: Iterable[LogFile]) -> Iterator[_Seen]:
    """The offset by a log's last entry and its last writing, where these fit to a few seconds."""
    for log in logs:
        if log.last_entry is None or log.mtime <= 0:
            continue
        offset = round((log.last_entry - log.mtime) / _QUARTER) * _QUARTER
        late = log.mtime + offset - log.last_entry
        if -_EARLY <= late <= _LATE and _LEAST <= offset <= _MOST:
            yield _Seen(log.last_entry, offset, log.path, False)
