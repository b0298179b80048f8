"""One small examination with hostile names, and what every format makes of it.

``python -m tests.unit.report.examples`` writes the expected bytes anew; read the difference before it is kept.
"""

from __future__ import annotations

import io
from array import array
from pathlib import Path
from typing import Optional

from tui.agent.records import (
    AgentConfig,
    AgentProcess,
    AgentVersion,
    AppSpec,
    CleanupFile,
    Deployment,
    Group,
    InstallPlan,
    Instance,
    Layout,
    OngoingDeployment,
    Pointer,
)  # fmt: skip
from tui.disk.inventory import ABSENT, DIR, FILE, LINK, NO_ROW, UNKNOWN_TIME, Inventory
from tui.forensics.examination import NO_DEPLOYMENT, NO_GROUP, Examination
from tui.forensics.marks import Confidence, Evidence, Finding, Mark, Severity, State
from tui.paths import from_bytes
from tui.report.output import Screen, write_scan

GOLDEN = Path(__file__).parent / "golden"
ROOT_DIR = "/opt/codedeploy-agent/deployment-root"
INSTRUCTIONS = ROOT_DIR + "/deployment-instructions"
SHOP, HOSTILE = "7c1e5b1a-9d34-4f0a-8a1b-3f2c6d7e8f90", "=cmd|' /C calc'!A0"
BAD = from_bytes(b"bad\xff")
SECOND = 10**9

# Per row: parent, name, type, size, mtime (ns), mark, state, confidence, group, deployment, removed next.
_ROWS = (
    (NO_ROW, "/etc/cron.d/=1+1", FILE, 3, 5 * SECOND, 0, 5, 0, 1, NO_DEPLOYMENT, 1),
    (NO_ROW, "/srv/shop", DIR, 4096, 1764000000 * SECOND, 0, 1, 0, 0, 1, 0),
    (1, "=cmd", FILE, 2150, 1764000000_250000000, 0, 1, 0, 0, 1, 1),
    (1, "[red]x[/red]", LINK, 7, 1764000001 * SECOND, 0, 2, 0, 0, 1, 1),
    (1, "a\x1b[31m.txt", FILE, 0, UNKNOWN_TIME, 1, 0, 1, 0, 1, 0),
    (1, BAD, FILE, 5 << 20, 1, 2, 0, 2, 0, 0, 0),
    (1, "e\U0001f600\\", DIR, 4096, -SECOND, 3, 0, 2, NO_GROUP, NO_DEPLOYMENT, 0),
    (6, "\u202egpj.exe", FILE, 1, 7 * SECOND, 3, 0, 2, NO_GROUP, NO_DEPLOYMENT, 0),
    (1, "line\nbreak", ABSENT, 0, UNKNOWN_TIME, 0, 3, 0, 0, 1, 0),
)  # fmt: skip
_EVIDENCE: dict[int, tuple[Evidence, ...]] = {
    2: (Evidence("cleanup-file", "listed", f"deployment-instructions/{SHOP}-cleanup:2"),),
    4: (
        Evidence("script-text", 'a "script"; names it: a\x1b[31m.txt', "scripts/a.sh:3"),
        Evidence("script-time", "born while it ran, \u00e9"),
    ),
    5: (Evidence("revision", f"d-OLD00QRS4 had {BAD}", f"{BAD}/appspec.yml:6"),),
}
_FINDINGS = (
    Finding("note", Severity.INFO, "a note", "Nothing to do.", ""),
    Finding(
        "orphaned-files", Severity.WARNING, "files that nothing will remove", f"Such as {BAD} and [b]x[/b].",
        "Move them away.", SHOP, (f"/srv/shop/{BAD}", "/srv/shop/a\x1b[31m.txt"), 31,
        f"{INSTRUCTIONS}/{SHOP}-cleanup:2",
    ),
    Finding(
        "no-cleanup-file", Severity.CRITICAL, "no cleanup file", "The last Install failed after its removals.",
        "Look at the orphaned files.", HOSTILE,
    ),
)  # fmt: skip


def instance() -> Instance:
    """An instance with a group that is well and one whose records are hostile."""
    config = AgentConfig(
        "/etc/codedeploy-agent/conf/codedeployagent.yml", ROOT_DIR, "/var/log", "/run", "codedeploy-agent", 5,
        "ongoing-deployment",
    )  # fmt: skip
    layout = Layout(
        "linux", ROOT_DIR, INSTRUCTIONS, ROOT_DIR + "/deployment-logs", ROOT_DIR + "/ongoing-deployment",
        "/var/log/agent.log", "/run/agent.pid", (),
    )  # fmt: skip
    shop = f"{ROOT_DIR}/{SHOP}"
    appspec = AppSpec(f"{shop}/d-ABC12DEF3/deployment-archive/appspec.yml", error="no \x1b files", error_line=4)
    deployments = (
        Deployment("d-OLD00QRS4", SHOP, f"{shop}/d-OLD00QRS4", 1763000000.5),
        Deployment("d-ABC12DEF3", SHOP, f"{shop}/d-ABC12DEF3", 1764000000.0, f"{shop}/d-ABC12DEF3/deployment-archive",
                   10240, None, 512, appspec),
    )  # fmt: skip
    plan = InstallPlan(f"{INSTRUCTIONS}/{SHOP}-install.json")
    plan.kinds += b"\1\0\0"
    cleanup = CleanupFile(f"{INSTRUCTIONS}/{SHOP}-cleanup", ("/srv/shop", "/srv/shop/=cmd"), array("I", [1, 2]),
                          dropped=(3, "/srv/sh"))  # fmt: skip
    groups = (
        Group(SHOP, shop, deployments, cleanup, plan,
              Pointer(f"{INSTRUCTIONS}/{SHOP}_last_successful_install", f"{shop}/d-ABC12DEF3", "d-ABC12DEF3", True),
              Pointer(f"{INSTRUCTIONS}/{SHOP}_most_recent_install", f"{shop}/d-GONE00000", "d-GONE00000", False)),
        Group(HOSTILE, None, last_successful=Pointer(f"{INSTRUCTIONS}/x", BAD, None, False)),
    )  # fmt: skip
    return Instance(
        "/mnt/\x1b]0;x\x07vol", "directory", "ip-10-0-0-12", config, layout,
        AgentVersion("1.8.1", "/opt/codedeploy-agent/.version"), groups,
        ongoing=(OngoingDeployment(ROOT_DIR + "/ongoing-deployment/d-ABC12DEF3", "d-ABC12DEF3", "cmd", 1764000002.0),),
        processes=(AgentProcess(812, "codedeploy-agent: master 812", "/", 1760000000.0),),
    )  # fmt: skip


def example(inst: Optional[Instance] = None, findings: tuple[Finding, ...] = _FINDINGS) -> Examination:
    """The examination: deployed, script-created, orphaned and unattributed paths of every type."""
    inventory = Inventory()
    for parent, name, kind, size, mtime, *_ in _ROWS:
        inventory.append(parent, name, kind, size=size, mtime_ns=mtime)
    for row in (1, 6):
        inventory.end[row] = 8 if row == 6 else len(_ROWS)
    return Examination(
        inst or instance(), inventory,
        mark=bytearray(Mark(r[5]) for r in _ROWS), state=bytearray(State(r[6]) for r in _ROWS),
        confidence=bytearray(Confidence(r[7]) for r in _ROWS), removed_next=bytearray(r[10] for r in _ROWS),
        group=array("i", [r[8] for r in _ROWS]), deployment=array("i", [r[9] for r in _ROWS]),
        deployments=["d-OLD00QRS4", "d-ABC12DEF3"],
        evidence_of=lambda row: _EVIDENCE.get(row, ()), source_of=lambda row: None, findings=findings,
        revision_sizes={f"{ROOT_DIR}/{SHOP}/d-ABC12DEF3": (3, 2157)},
    )  # fmt: skip


def rendered(
    examination: Examination, format_name: str, paths: bool = False, width: int = 100, color: bool = False,
    encoding: str = "utf-8",
) -> bytes:  # fmt: skip
    """The bytes of a report."""
    stream = io.BytesIO()
    write_scan(examination, format_name, stream, Screen(width, color, encoding), paths)
    return stream.getvalue()


# The file of the expected bytes, and how they come about. CSV is kept with LF alone, safe from checkouts.
RENDERINGS: dict[str, tuple[str, bool, int, bool]] = {
    "scan.json": ("json", False, 100, False),
    "scan-paths.json": ("json", True, 100, False),
    "scan.jsonl": ("jsonl", False, 100, False),
    "scan.csv": ("csv", False, 100, False),
    "table-wide.txt": ("table", True, 120, False),
    "table-80.txt": ("table", True, 80, False),
    "table-40.txt": ("table", False, 40, False),
    "table-color.txt": ("table", True, 80, True),
}


def golden_bytes(name: str) -> bytes:
    """What a rendering gives now, in the form that is kept."""
    return rendered(example(), *RENDERINGS[name]).replace(b"\r\n", b"\n")


if __name__ == "__main__":
    for file_name in RENDERINGS:
        (GOLDEN / file_name).write_bytes(golden_bytes(file_name))
