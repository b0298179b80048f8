"""The time zone of an instance: what its ``/etc/localtime`` holds."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta
from typing import NamedTuple, Optional
from zoneinfo import ZoneInfo

from tui.agent.reading import stat_or_none
from tui.disk.inventory import FILE
from tui.disk.root import Root, RootError
from tui.paths import showable

LOCALTIME = "/etc/localtime"
LIMIT = 1 << 20  # bytes
_EPOCH = datetime(1970, 1, 1)
_NAMES = "/zoneinfo/"


class LocalZone(NamedTuple):
    """The rules of a zone. ``name`` is that of the file that the link leads to, where it is one."""

    rules: ZoneInfo
    name: Optional[str]
    source: str

    def offset(self, local: float) -> Optional[int]:
        """Seconds east of UTC at a local time (seconds since 1970 as if it were UTC).

        The earlier one where clocks were put back at that time. None for a year that no calendar has.
        """
        try:
            moment = (_EPOCH + timedelta(seconds=local)).replace(tzinfo=self.rules)
            offset = moment.utcoffset()
        except (OverflowError, ValueError):
            return None
        return None if offset is None else round(offset.total_seconds())


def read_local_zone(root: Root) -> tuple[Optional[LocalZone], Optional[str]]:
    """``(zone, what is wrong)``; both None where the instance has no such file, as Windows has none. Never raises."""
    if root.platform == "windows":
        return None, None
    try:
        name = root.read_link(LOCALTIME)
    except (RootError, OSError):
        name = ""
    stat = stat_or_none(root, LOCALTIME)
    if stat is None:
        return None, "it leads nowhere" if name else None
    if stat.type != FILE or stat.size > LIMIT:
        return None, "it is no time zone file"
    try:
        with root.open(LOCALTIME) as stream:
            rules = ZoneInfo.from_file(stream, key=LOCALTIME)
        zone = LocalZone(rules, showable(name.partition(_NAMES)[2]) or None, LOCALTIME)
        zone.offset(0.0)
    except RootError as error:
        return None, error.reason
    except OSError as error:
        return None, (error.strerror or "I/O error").lower()
    except (ValueError, struct.error, IndexError, KeyError, OverflowError, AttributeError, TypeError, MemoryError):
        return None, "it is no time zone file"
    return zone, None
