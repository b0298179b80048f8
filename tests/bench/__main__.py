"""How a scan and a preview compare with ``find`` and ``diff -rq`` on an instance with many small files.

``python -m tests.bench`` builds the instance in a temporary directory, lets them take turns with a
warm cache, and prints medians beside the project's targets. The program runs as an installed one does: compiled.
``python -m tests.bench cleanup`` is for cleaning up: see ``tests.bench.cleanup``.
"""

from __future__ import annotations

import argparse
import json
import os
import pstats
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

from tests.bench import cleanup
from tests.bench.instance import ARCHIVE, TARGET, Built, build, bytes_needed, inodes_needed
from tests.bench.processes import Failed, Run, first_paint, peak_of_tree, timed

TOP = Path(__file__).resolve().parents[2]
MIB = 1 << 20
SCAN_TO_DIFF, PREVIEW_TO_SCAN, SCAN_MIB, IMPORT_SECONDS = 1.5, 2.0, 200, 0.1  # the targets
IMPORT_ROUNDS = 15
PAINT_ROUNDS = 3
PROFILE_LINES = 25


def main() -> int:
    """Build, measure, print; 2 where that cannot be done, 130 where it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--files", type=int, default=200_000, metavar="N", help="deployed files (default: 200000)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="timed runs of each command (default: 5)")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="where to build (default: the system's place)")
    parser.add_argument("--profile", action="store_true", help="then say where the scan spends its time")
    args = parser.parse_args()
    if args.files < 1 or args.rounds < 1:
        parser.error("--files and --rounds are 1 or more")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the files are removed then too
    try:
        with tempfile.TemporaryDirectory(prefix="codedeploy-forensics-bench-", dir=args.dir) as work:
            _check_room(Path(work), args.files)
            _bench(Path(work), args.files, args.rounds, args.profile)
    except KeyboardInterrupt:
        return 130
    except (Failed, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def _check_room(work: Path, files: int) -> None:
    wanted, free = bytes_needed(files), shutil.disk_usage(work).free
    if free < wanted:
        raise Failed(f"{work}: {wanted // MIB} MiB are needed, {free // MIB} MiB are free; try fewer --files or --dir")
    inodes = os.statvfs(work)
    if inodes.f_files and inodes.f_favail < inodes_needed(files):
        raise Failed(f"{work}: {inodes_needed(files)} inodes are needed, {inodes.f_favail} are free")


def _bench(work: Path, files: int, rounds: int, profile: bool) -> None:
    root, program, output = work / "instance", work / "program", work / "output"
    start = time.perf_counter()
    print(f"building {files:,} deployed files ...", flush=True)
    root.mkdir()
    built = build(root, files)
    os.sync()
    print(f"built in {time.perf_counter() - start:.0f} s\n", flush=True)

    # As it is when installed: compiled, since the program itself never writes a compiled module.
    shutil.copytree(TOP / "tui", program / "tui", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(program)], check=True)
    shutil.copytree(f"{root}{ARCHIVE}", work / "revision")
    revision, target = f"{root}{ARCHIVE}/content", f"{root}{TARGET}"
    tui, options = [sys.executable, "-m", "tui"], ["--file-exists-behavior", "OVERWRITE", "--format", "json"]
    preview = [*tui, "preview", str(root), "--revision", str(work / "revision"), *options]
    scan = [*tui, "scan", str(root), "--format", "json"]
    commands: dict[str, tuple[list[str], tuple[int, ...]]] = {
        "find": (["find", revision, target, "-printf", r"%p %y %s %T@\n"], (0,)),
        "diff": (["diff", "-rq", revision, target], (0, 1)),
        "preview": (preview, (0,)),
        "scan": (scan, (0,)),
    }
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for turn in range(rounds + 1):  # the first one warms the cache
        for name, (command, codes) in commands.items():
            run = timed(command, program, output, codes)
            if turn:
                runs[name].append(run)
    _check(json.loads(output.read_bytes())["summary"], built)
    _print_runs(runs)
    for name, command in (("scan", scan), ("preview", preview)):
        _print_memory(name, max(run.peak for run in runs[name]), peak_of_tree(command, program))
    _print_import(program, output)
    _print_first_paint(str(root), program)
    if profile:
        kept = work / "profile"
        timed([scan[0], "-m", "cProfile", "-o", str(kept), *scan[1:]], program, output)
        pstats.Stats(str(kept)).strip_dirs().sort_stats("tottime").print_stats(PROFILE_LINES)


def _check(summary: dict[str, Any], built: Built) -> None:
    """That the scan found what is there: a wrong answer is not worth a time. Raises Failed."""
    marks, states = summary["marks"], summary["states"]
    found = Built(marks["deployed"]["files"], states["modified"]["paths"], marks["script-created"]["files"])
    if found != built or marks["unattributed"]["files"]:
        raise Failed(f"the scan found {found}, and there is {built}: {summary}")


def _print_runs(runs: Mapping[str, Sequence[Run]]) -> None:
    medians = {name: statistics.median(run.seconds for run in of_it) for name, of_it in runs.items()}
    print(f"{'':<10}{'median':>9}{'best':>9}{'x find':>9}{'x diff':>9}")
    for name, median in medians.items():
        best = min(run.seconds for run in runs[name])
        line = (
            f"{name:<10}{median:>7.2f} s{best:>7.2f} s{median / medians['find']:>9.2f}{median / medians['diff']:>9.2f}"
        )
        print(line + _target(name, median / medians["scan"]))


def _target(name: str, to_scan: float) -> str:
    if name == "scan":
        return f"   target: at most {SCAN_TO_DIFF} x diff"
    return f"   {to_scan:.2f} x scan, target: at most {PREVIEW_TO_SCAN}" if name == "preview" else ""


def _print_memory(name: str, largest: int, together: Optional[int]) -> None:
    text = "" if together is None else f", all together {together / MIB:.0f} MiB"
    print(f"memory    {name}: largest process {largest / MIB:.0f} MiB{text}   target: below {SCAN_MIB} MiB")


def _print_import(program: Path, output: Path) -> None:
    bare, ours = [], []
    for _ in range(IMPORT_ROUNDS):
        bare.append(timed([sys.executable, "-c", "pass"], program, output).seconds)
        ours.append(timed([sys.executable, "-c", "import tui.cli"], program, output).seconds)
    cost = min(ours) - min(bare)
    print(f"import    tui.cli: {cost:.3f} s   target: below {IMPORT_SECONDS} s")


def _print_first_paint(root: str, program: Path) -> None:
    command = [sys.executable, "-m", "tui", root]
    seconds = [first_paint(command, program, b"Findings") for _ in range(PAINT_ROUNDS)]
    print(f"app       first paint, while it scans: {statistics.median(seconds):.2f} s")


if __name__ == "__main__":
    sys.exit(cleanup.main(sys.argv[2:]) if sys.argv[1:2] == ["cleanup"] else main())
