"""Looking for findings in instances that tests build."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Optional

from tui.disk.source import open_source
from tui.fixtures import unpack
from tui.forensics.examination import Examination
from tui.forensics.marks import Finding
from tui.forensics.scan import ScanOptions, Snapshot, scan

GROUP = "7c1e5b1a-9d34-4f0a-8a1b-3f2c6d7e8f90"
LAST = "d-42BBBBBBB"  # healthy's last completed Install
DEPLOYMENTS = f"opt/codedeploy-agent/deployment-root/{GROUP}"
INSTRUCTIONS = "opt/codedeploy-agent/deployment-root/deployment-instructions"


def examined(sysroot: Path, now: Optional[float] = None) -> Examination:
    """What a scan of a directory makes of it."""
    with open_source(str(sysroot)) as root:
        *_, last = scan(root, ScanOptions(now=now, snapshots=False))
    assert isinstance(last, Snapshot)
    return last.examination


def findings_of(sysroot: Path, now: Optional[float] = None) -> dict[str, Finding]:
    """A directory's findings by code; of several with one code the worst."""
    found: dict[str, Finding] = {}
    for finding in examined(sysroot, now).findings:
        found.setdefault(finding.code, finding)
    return found


class Healthy:
    """The bundled instance ``healthy``, unpacked, and ways to change it."""

    def __init__(self, into: Path) -> None:
        self.sysroot = unpack("healthy", into)
        self.instructions = self.sysroot / INSTRUCTIONS
        self.cleanup = self.instructions / f"{GROUP}-cleanup"
        self.plan = self.instructions / f"{GROUP}-install.json"
        self.last = self.sysroot / DEPLOYMENTS / LAST
        self.archive = self.last / "deployment-archive"

    def found(self, now: Optional[float] = None) -> dict[str, Finding]:
        """The findings now."""
        return findings_of(self.sysroot, now)

    def change_cleanup(self, take_out: str) -> None:
        """Take one path out of the cleanup file, its time kept."""
        stat = self.cleanup.stat()
        lines = self.cleanup.read_bytes().splitlines(keepends=True)
        self.cleanup.write_bytes(b"".join(line for line in lines if line.decode().rstrip() != take_out))
        os.utime(self.cleanup, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def change_plan(self, take_out: str) -> None:
        """Take one copy out of install.json, its time kept."""
        stat = self.plan.stat()
        plan: dict[str, Any] = json.loads(self.plan.read_bytes())
        plan["instructions"] = [i for i in plan["instructions"] if i.get("destination") != take_out]
        self.plan.write_text(json.dumps(plan))
        os.utime(self.plan, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def point(self, pointer: str, deployment_id: str, when: float) -> None:
        """Write ``last_successful`` or ``most_recent`` with a time of writing, in seconds since 1970."""
        path = self.instructions / f"{GROUP}_{pointer}_install"
        path.write_text(f"/{DEPLOYMENTS}/{deployment_id}")
        os.utime(path, (when, when))
