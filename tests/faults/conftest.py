"""Only where there are directory descriptors; the count of faults that were tried is printed at the end."""

from __future__ import annotations

import os

import pytest

collect_ignore_glob = [] if os.supports_dir_fd else ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "tried" and report.when == "teardown":
                    terminalreporter.write_line(f"faults tried: {value}")
