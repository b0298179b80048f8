"""Only where there are directory descriptors; the count of faults that were tried is printed at the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

OTHER = "/dev/shm"

collect_ignore_glob = [] if os.supports_dir_fd else ["test_*.py"]


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Path]:
    """Where a state directory on another file system can be made."""
    if not os.path.isdir(OTHER) or os.stat(OTHER).st_dev == tmp_path.stat().st_dev or not os.access(OTHER, os.W_OK):
        pytest.skip("this system has no second file system at hand")
    with tempfile.TemporaryDirectory(dir=OTHER) as place:
        yield Path(place) / "state"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "tried" and report.when == "teardown":
                    terminalreporter.write_line(f"faults tried: {value}")
