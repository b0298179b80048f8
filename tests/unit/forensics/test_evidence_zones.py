"""Time zones of logs."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import can_link, examples
from tui.agent.log_times import seconds
from tui.agent.records import LogFile
from tui.forensics.evidence.zones import Zones
from tui.system.timezone import LIMIT

from .evidence_disk import EvidenceDisk, evidence_disk, windows_instance
from .instances import deployment_of, group_of, instance_with

HOUR = 3600
DAY = 86400.0


def local(text: str) -> float:
    found = seconds(text.encode())
    assert found is not None
    return found


JULY, AUTUMN, WINTER = local("2026-07-01 12:00:00"), local("2026-10-25 01:00:00"), local("2026-12-01 12:00:00")


def tzif(changes: Sequence[tuple[int, int]], first: int) -> bytes:
    """A time zone file: offsets in seconds, each from a moment (UTC) on; ``first`` is the one before them."""
    offsets = [first, *(offset for _, offset in changes)]
    data = b"".join(struct.pack(">i", moment) for moment, _ in changes)
    data += bytes(range(1, len(changes) + 1))
    data += b"".join(struct.pack(">iBB", offset, 0, 0) for offset in offsets)
    return b"TZif\0" + b"\0" * 15 + struct.pack(">6I", 0, 0, 0, len(changes), len(offsets), 4) + data + b"XXX\0"


# Summer time: UTC+2 until the end of October, then UTC+1.
BERLIN = tzif([(int(AUTUMN), 1 * HOUR)], 2 * HOUR)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[EvidenceDisk]:
    with evidence_disk(tmp_path) as made:
        yield made


def part(disk: EvidenceDisk, name: str, created: Optional[str], offset: str = "+0200") -> LogFile:
    """A part of the deployments log, its header written at a local time."""
    text = f"# Logfile created on {created} {offset} by logger.rb/v1.5.0\n" if created else "x\n"
    path = disk.write(f"/logs/{name}", text)
    sign = -1 if offset.startswith("-") else 1
    seconds_east = sign * (int(offset[1:3]) * HOUR + int(offset[3:]) * 60)
    return LogFile(path, 10, 0.0, seconds_east if created else None)


def written(last: float, offset: int, late: float = 0.4, name: str = "/x/scripts.log") -> LogFile:
    """A log without a zone whose last entry was written at a local time."""
    return LogFile(name, 10, last - offset + late, None, (), last)


def zones_of(disk: EvidenceDisk, *logs: LogFile, own: Sequence[LogFile] = ()) -> Zones:
    deployments = [deployment_of(f"d-{i}", "g", log=log) for i, log in enumerate(own)]
    return Zones(disk.root, instance_with(logs=logs, groups=(group_of("g", *deployments),)))


def test_the_instances_zone_knows_summer_time(disk: EvidenceDisk) -> None:
    disk.write("/etc/localtime", BERLIN)
    log = part(disk, "a.log", "2026-07-01 12:00:00")
    zones = zones_of(disk, log)
    assert zones.offset(log, JULY) == (2 * HOUR, "etc/localtime", True)
    assert zones.offset(log, WINTER) == (1 * HOUR, "etc/localtime", True)
    assert zones.offset(log, WINTER).seconds == HOUR
    assert zones.problems == []


def test_a_zone_that_no_log_confirms_is_not_sure(disk: EvidenceDisk) -> None:
    disk.write("/etc/localtime", BERLIN)
    assert zones_of(disk).offset(written(WINTER, 0, 3000.0), WINTER) == (1 * HOUR, "etc/localtime", False)


def test_a_header_that_contradicts_the_zone_counts_and_is_told(disk: EvidenceDisk) -> None:
    disk.write("/etc/localtime", BERLIN)
    log = part(disk, "a.log", "2026-07-01 12:00:00", "-0500")
    zones = zones_of(disk, log)
    assert zones.offset(log, JULY) == (-5 * HOUR, "logs/a.log:1", True)
    assert zones.offset(log, WINTER) == (-5 * HOUR, "logs/a.log:1", False)
    assert [problem.code for problem in zones.problems] == ["time-zone-differs"]
    assert "UTC+02:00 where /logs/a.log:1 has UTC-05:00" in zones.problems[0].message


def test_each_part_has_the_offset_of_its_time(disk: EvidenceDisk) -> None:
    summer, winter = part(disk, "a.log.0", "2026-07-01 12:00:00"), part(disk, "a.log", "2026-11-25 12:00:00", "+0100")
    zones = zones_of(disk, summer, winter)
    assert zones.offset(summer, JULY + 3 * DAY) == (2 * HOUR, "logs/a.log.0:1", True)
    assert zones.offset(winter, WINTER) == (1 * HOUR, "logs/a.log:1", True)
    # A log of a deployment has no header: the nearest one's, and between two that differ it is not sure.
    bare = written(JULY, 0, 99999.0)
    assert zones.offset(bare, JULY + DAY) == (2 * HOUR, "logs/a.log.0:1", True)
    assert zones.offset(bare, AUTUMN) == (1 * HOUR, "logs/a.log:1", False)


def test_between_two_headers_that_agree_it_is_sure(disk: EvidenceDisk) -> None:
    a, b = part(disk, "a.log.0", "2026-07-01 12:00:00"), part(disk, "a.log", "2026-08-30 12:00:00")
    assert zones_of(disk, a, b).offset(a, JULY + 30 * DAY).sure


def test_without_a_header_the_files_times_vote(disk: EvidenceDisk) -> None:
    own = [written(JULY + i * DAY, 20700, 0.4, f"/x/{i}.log") for i in range(3)]
    touched = written(JULY + 5 * DAY, 20700, 333.0, "/x/touched.log")
    zones = zones_of(disk, own=[*own, touched])
    assert zones.offset(touched, JULY + 5 * DAY) == (20700, "x/2.log", True)
    assert zones.offset(touched, touched.last_entry or 0.0).seconds == 20700
    assert zones_of(disk, own=own[:1]).offset(own[0], JULY) == (20700, "x/0.log", False)  # one alone can be chance


def test_a_vote_that_others_outvote_is_told(disk: EvidenceDisk) -> None:
    own = [written(JULY + i * DAY, 0, 0.4, f"/x/{i}.log") for i in range(3)]
    odd = written(JULY + 1.5 * DAY, -3600, 0.4, "/x/odd.log")
    zones = zones_of(disk, own=[*own, odd])
    assert zones.offset(odd, JULY + 1.5 * DAY).seconds == 0
    assert [(problem.code, problem.path) for problem in zones.problems] == [("log-time-differs", "/x/odd.log")]


def test_a_header_outvotes_the_files_times(disk: EvidenceDisk) -> None:
    own = [written(JULY + i * DAY, 0, 0.4, f"/x/{i}.log") for i in range(3)]
    log = part(disk, "a.log", "2026-07-01 12:00:00")
    assert zones_of(disk, log, own=own).offset(own[0], JULY).seconds == 2 * HOUR


def test_with_nothing_to_go_by_it_says_so(disk: EvidenceDisk) -> None:
    copied = written(JULY, 0, 40 * DAY)
    assert zones_of(disk, own=[copied]).offset(copied, JULY) == (0, None, False)


@pytest.mark.skipif(not can_link(), reason="symbolic links cannot be made here")
def test_the_zone_has_the_name_of_the_file_that_the_link_leads_to(disk: EvidenceDisk) -> None:
    disk.write("/usr/share/zoneinfo/Europe/Berlin", BERLIN)
    disk.path("/etc").mkdir()
    disk.path("/etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    zones = zones_of(disk)
    assert zones.zone is not None and zones.zone.name == "Europe/Berlin"
    assert zones.zone.offset(JULY) == 2 * HOUR


@pytest.mark.parametrize("content", [b"", b"x", b"TZif", BERLIN[:50], b"TZif2" + b"\xff" * 200, BERLIN[:-4]])
def test_a_file_that_is_no_zone_is_told_of(disk: EvidenceDisk, content: bytes) -> None:
    disk.write("/etc/localtime", content)
    zones = zones_of(disk)
    if zones.zone is None:
        assert [problem.code for problem in zones.problems] == ["time-zone-unreadable"]
    assert zones.offset(written(JULY, 0, 3000.0), JULY).sure is False


def test_a_directory_or_a_large_file_is_no_zone(disk: EvidenceDisk) -> None:
    disk.write("/etc/localtime", BERLIN + b"\0" * LIMIT)
    assert zones_of(disk).zone is None and len(zones_of(disk).problems) == 1
    disk.path("/etc/localtime").unlink()
    disk.path("/etc/localtime").mkdir()
    assert zones_of(disk).zone is None and len(zones_of(disk).problems) == 1


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, len(BERLIN) - 1), st.integers(0, 255)), max_size=6),
    st.binary(max_size=60),
    st.floats(-1e13, 1e13),
)
def test_a_damaged_zone_is_no_error(
    disk: EvidenceDisk, changes: list[tuple[int, int]], tail: bytes, moment: float
) -> None:
    made = bytearray(BERLIN)
    for at, byte in changes:
        made[at] = byte
    disk.write("/etc/localtime", bytes(made) + tail)
    zones = zones_of(disk, part(disk, "a.log", "2026-07-01 12:00:00"))
    assert isinstance(zones.offset(written(JULY, 0), moment).seconds, int)


def test_windows_has_no_such_file(tmp_path: Path) -> None:
    with evidence_disk(tmp_path, windows=True) as disk:
        disk.write("/etc/localtime", BERLIN)
        zones = Zones(disk.root, windows_instance())
        assert zones.zone is None and zones.problems == []
