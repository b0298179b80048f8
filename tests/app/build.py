"""Examinations made by hand, for tests of the app: no disk, no scan."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Optional

from tui.agent.records import (
    AgentConfig,
    AgentProcess,
    AgentVersion,
    CleanupFile,
    Deployment,
    Group,
    Instance,
    Layout,
    OngoingDeployment,
    Pointer,
)
from tui.disk.inventory import ABSENT, DIR, FILE, NO_ROW, Inventory
from tui.forensics.examination import NO_DEPLOYMENT, NO_GROUP, Examination
from tui.forensics.marks import Confidence, Evidence, Finding, Mark, Severity, State
from tui.paths import path_key

NOW = 1_790_000_000.0  # 2026-09-21 14:13:20 UTC
ROOT_DIR = "/opt/codedeploy-agent/deployment-root"
D, S, O, U = Mark  # noqa: E741
DEPLOYMENTS = ["d-ABC12DEF3", "d-OLD00QRS4"]


def instance(
    group_ids: Sequence[str] = ("shop-prod", "api-prod"),
    kind: str = "machine",
    processes: Optional[tuple[AgentProcess, ...]] = (AgentProcess(812, "codedeploy-agent", "/", NOW - 9000),),
    ongoing: tuple[OngoingDeployment, ...] = (),
    hostname: Optional[str] = "ip-10-0-0-12",
) -> Instance:
    """An instance with some groups, each with one deployment that was installed."""
    config = AgentConfig(
        None,
        ROOT_DIR,
        "/var/log/aws/codedeploy-agent",
        "/opt/codedeploy-agent/state/.pid",
        "codedeploy-agent",
        5,
        "ongoing-deployment",
    )
    layout = Layout(
        "linux",
        ROOT_DIR,
        ROOT_DIR + "/deployment-instructions",
        ROOT_DIR + "/deployment-logs",
        ROOT_DIR + "/ongoing-deployment",
        config.log_dir + "/codedeploy-agent.log",
        config.pid_dir + "/codedeploy-agent.pid",
        ("/opt/codedeploy-agent/.version",),
    )
    return Instance(
        label="this machine" if kind == "machine" else "/mnt/volume",
        kind=kind,
        hostname=hostname,
        config=config,
        layout=layout,
        version=AgentVersion("1.8.1", "/opt/codedeploy-agent/.version"),
        groups=tuple(_group(name, DEPLOYMENTS[n % 2], 2 * 3600 * 24**n) for n, name in enumerate(group_ids)),
        ongoing=ongoing,
        processes=processes,
        users={0: "root", 33: "www-data"},
        group_names={0: "root"},
    )


def windows_instance() -> Instance:
    """The same on Windows Server, in the program's form of its paths."""
    of, root_dir = instance(("shop-prod",)), "/C:/ProgramData/Amazon/CodeDeploy"
    config = replace(of.config, root_dir=root_dir)
    return replace(of, config=config, layout=replace(of.layout, platform="windows", root_dir=root_dir))


WINDOWS_SHOP: list[Row] = [
    ("/C:/Program Files/Shop", -1, D, State.INTACT),
    ("/C:/Program Files/Shop/App.config", 700, D, State.MODIFIED),
    ("/C:/Program Files/Shop/logs", -1, S, State.NONE),
    ("/C:/Program Files/Shop/logs/it's $1.log", 30, S, State.NONE),
    ("/D:/Reports", -1, D, State.INTACT),
    ("/D:/Reports/old.txt", 12, O, State.NONE),
]


def windows_shop() -> Examination:
    """A small example on two drives."""
    lists = "C:/ProgramData/Amazon/CodeDeploy/deployment-instructions/shop-prod-cleanup"
    finding = Finding(
        "in-the-way", Severity.CRITICAL, r"C:\Program Files\Shop is in the way", r"It is at C:\Program Files\Shop.",
        r"Move D:\Reports\old.txt away.", "shop-prod", ("/D:/Reports/old.txt", "/E:/gone.txt"), 2, lists + ":2",
    )  # fmt: skip
    sources = {"/C:/Program Files/Shop/App.config": "/C:/ProgramData/Amazon/CodeDeploy/x/App.config"}
    found = examination_of(WINDOWS_SHOP, windows_instance(), (finding,), sources)
    found.evidence_of = lambda row: (Evidence("cleanup-file", r"C:\temp lists it", lists + ":2"),)
    return found


def _group(name: str, deployment: str, age: float) -> Group:
    path = f"{ROOT_DIR}/{name}"
    target = f"{path}/{deployment}"
    pointer = Pointer(
        f"{ROOT_DIR}/deployment-instructions/{name}_last_successful_install", target, deployment, True, NOW - age
    )
    cleanup = CleanupFile(f"{ROOT_DIR}/deployment-instructions/{name}-cleanup", (), array("Q"))
    return Group(
        name,
        path,
        (Deployment(deployment, name, target, NOW - age),),
        cleanup=cleanup if name.startswith("shop") else None,
        last_successful=pointer,
    )


Row = tuple[str, int, Mark, State]  # path, size (below 0: directory), mark, state


def examination_of(
    rows: Iterable[Row],
    of: Optional[Instance] = None,
    findings: tuple[Finding, ...] = (),
    sources: Optional[dict[str, str]] = None,
    final: bool = True,
) -> Examination:
    """An Examination of these paths; the directories between a top and its files must be among them.

    A path whose parent is not there is the top of a tree. Owned by the first group, but for unattributed ones.
    """
    of = of or instance()
    table = sorted(rows, key=lambda row: path_key(row[0]))
    inventory, open_rows, where = Inventory(), [], {}  # type: Inventory, List[Tuple[str, int]], Dict[str, int]
    inventory.devices.append(64769)
    for path, size, _, state in table:
        while open_rows and not path.startswith(open_rows[-1][0].rstrip("/") + "/"):
            inventory.close(open_rows.pop()[1])
        parent = open_rows[-1][1] if open_rows else NO_ROW
        name = path if parent == NO_ROW else path[len(open_rows[-1][0].rstrip("/")) + 1 :]
        kind = DIR if size < 0 else ABSENT if state == State.MISSING else FILE
        row = inventory.append(
            parent,
            name,
            kind,
            0o755 if kind == DIR else 0o644,
            33 if size > 0 else 0,
            0,
            max(0, size) if kind == FILE else 0,
            int((NOW - 3600 - max(size, 0)) * 1e9),
            int((NOW - 60) * 1e9),
            0,
            len(inventory) + 100,
        )
        where[path] = row
        open_rows.append((path, row))
    while open_rows:
        inventory.close(open_rows.pop()[1])
    marks = bytearray(row[2] for row in table)
    by_row = {where[path]: source for path, source in (sources or {}).items()}
    return Examination(
        instance=of,
        inventory=inventory,
        mark=marks,
        state=bytearray(row[3] for row in table),
        confidence=bytearray(Confidence.LIKELY if m == O else Confidence.CERTAIN for m in marks),
        removed_next=bytearray(m == D for m in marks),
        group=array("i", (NO_GROUP if m == U else 0 for m in marks)),
        deployment=array("i", (0 if m == D else 1 if m == O else NO_DEPLOYMENT for m in marks)),
        deployments=list(DEPLOYMENTS),
        evidence_of=lambda row: _evidence(Mark(marks[row])),
        source_of=by_row.get,
        findings=findings,
        final=final,
    )


def _evidence(mark: Mark) -> tuple[Evidence, ...]:
    if mark == O:
        return (
            Evidence("old-revision", "revision d-OLD00QRS4 had it", "shop-prod/d-OLD00QRS4/appspec.yml:6"),
            Evidence("no-cleanup", "no cleanup file lists it"),
        )
    if mark == D:
        return (Evidence("cleanup-listed", "a cleanup file lists it", "deployment-instructions/shop-prod-cleanup:3"),)
    return ()


SHOP: list[Row] = [
    ("/etc/shop.conf", 120, D, State.INTACT),
    ("/srv/shop", -1, D, State.INTACT),
    ("/srv/shop/app.js", 10_137, D, State.INTACT),
    ("/srv/shop/cache", -1, S, State.NONE),
    ("/srv/shop/cache/idx", 102, S, State.NONE),
    ("/srv/shop/config.yml", 1_229, D, State.MODIFIED),
    ("/srv/shop/static", -1, D, State.INTACT),
    ("/srv/shop/static/logo.png", 0, D, State.MISSING),
    ("/srv/shop/static/main.js", 3_000_000, D, State.UNVERIFIED),
    ("/srv/shop/static/old.css", 819, O, State.NONE),
    ("/srv/shop/static/old.js", 2_150, O, State.NONE),
    ("/srv/shop/swapped", -1, D, State.REPLACED),
    ("/srv/shop/upload.bin", 70_000, U, State.NONE),
]

FINDINGS = (
    Finding(
        "last-successful-gone",
        Severity.WARNING,
        "the last completed Install's revision is gone",
        "The pointer names a directory that does not exist.",
        "Repair the pointer.",
        "api-prod",
        (),
        0,
        "deployment-instructions/api-prod_last_successful_install",
    ),
    Finding(
        "in-the-way",
        Severity.CRITICAL,
        "the next deployment fails: 2 files in the way",
        "Two files stand where the next Install writes, and no cleanup file lists them.",
        "Move them away before the next deployment.",
        "shop-prod",
        ("/srv/shop/static/old.css", "/srv/shop/static/old.js"),
        2,
        "deployment-instructions/shop-prod-cleanup:3",
    ),
    Finding(
        "note",
        Severity.INFO,
        "1 file was changed since it was deployed",
        "By hand, it seems.",
        "Look at it.",
        "shop-prod",
        ("/srv/shop/config.yml",),
        1,
    ),
)


def shop(**changes: object) -> Examination:
    """The small example that most tests look at."""
    return replace(examination_of(SHOP, findings=FINDINGS), **changes)  # type: ignore[arg-type]


def wide(directories: int, files: int, of: Optional[Instance] = None) -> Examination:
    """``directories`` below /srv/big, in each of them ``files`` files."""
    inventory = Inventory()
    top = inventory.append(NO_ROW, "/srv/big", DIR, 0o755)
    for d in range(directories):
        directory = inventory.append(top, f"dir-{d:05d}", DIR, 0o755, mtime_ns=d)
        for f in range(files):
            inventory.append(directory, f"file-{f:05d}.txt", FILE, 0o644, size=(d * 31 + f * 17) % 9973, mtime_ns=f)
        inventory.close(directory)
    inventory.close(top)
    count = len(inventory)
    marks = bytearray((i * 7) % 4 for i in range(4)) * (count // 4 + 1)
    states = bytearray(1 if m == D else 0 for m in marks[:4]) * (count // 4 + 1)
    del marks[count:], states[count:]
    return Examination(
        instance=of or instance(),
        inventory=inventory,
        mark=marks,
        state=states,
        confidence=bytearray(count),
        removed_next=bytearray(count),
        group=array("i", [0]) * count,
        deployment=array("i", [NO_DEPLOYMENT]) * count,
        deployments=[],
        evidence_of=lambda row: (),
        source_of=lambda row: None,
    )
