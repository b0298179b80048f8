"""Times in the agent's logs: the local time of the machine, without a zone."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Optional

_EPOCH = date(1970, 1, 1).toordinal()
# The header that Ruby's logger writes: "# Logfile created on 2026-05-04 07:30:00 +0000 by logger.rb/v1.5.0".
_HEADER = re.compile(rb"# Logfile created on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d ([-+])(\d\d)(\d\d)\b")


@lru_cache(maxsize=64)
def _day(text: bytes) -> Optional[int]:
    try:
        return date(int(text[:4]), int(text[5:7]), int(text[8:10])).toordinal() - _EPOCH
    except ValueError:
        return None


def seconds(stamp: bytes) -> Optional[float]:
    """``2026-11-23 06:07:36`` as seconds since 1970, as if the local time were UTC; None for no such time."""
    day = _day(stamp[:10])
    hours, minutes, secs = stamp[11:13], stamp[14:16], stamp[17:19]
    if day is None or not (hours < b"24" and minutes < b"60" and secs <= b"60"):
        return None
    return float(day * 86400 + int(hours) * 3600 + int(minutes) * 60 + int(secs))


def header_offset(data: bytes) -> Optional[int]:
    """Seconds east of UTC from a log's first line; None where it does not say."""
    match = _HEADER.match(data)
    if match is None:
        return None
    offset = int(match[2]) * 3600 + int(match[3]) * 60
    return -offset if match[1] == b"-" else offset
