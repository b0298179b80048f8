"""How quarantine and undo compare with a plain loop of ``os.rename``, and with ``rm -rf``, on the same files.

``python -m tests.bench cleanup`` builds a tree in a temporary directory; in every round a plain loop moves all files
away and back, and so does one that looks at each file before; then a cleanup takes them, checks and durable journal
included, and an undo puts them back; at the end ``rm -rf`` removes a tree of the same kind. The loops move each file to
the same path below another directory, as a cleanup does, and make the directories for that.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable

from tests.bench.processes import Failed
from tui.cleanup.calls import real_calls
from tui.cleanup.execute import carry_out
from tui.cleanup.identity import kind_of
from tui.cleanup.records import Act, Plan, PlanStep, Result, Seen, State, Why
from tui.cleanup.session import Terms
from tui.cleanup.state_dir import open_site
from tui.cleanup.undo import undo

TARGET = "   target: at most 1.5 x plain, and below rm -rf"
FILES_IN_DIRECTORY = 40
SIZE = 2000  # bytes of a file


def main(arguments: Sequence[str]) -> int:
    """Build, measure, print; 2 where that cannot be done, 130 where it was interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench cleanup", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--files", type=int, default=100_000, metavar="N", help="files to move (default: 100000)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="timed runs of each (default: 3)")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="where to build (default: the system's place)")
    args = parser.parse_args(arguments)
    if args.files < 1 or args.rounds < 1:
        parser.error("--files and --rounds are 1 or more")
    try:
        with tempfile.TemporaryDirectory(prefix="codedeploy-forensics-bench-", dir=args.dir) as work:
            _print(_measure(Path(work), args.files, args.rounds), args.files)
    except KeyboardInterrupt:
        return 130
    except (Failed, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def _measure(work: Path, files: int, rounds: int) -> dict[str, list[float]]:
    """Seconds by what was done."""
    times: dict[str, list[float]] = {}

    def timed(name: str, act: Callable[[], Any]) -> Any:
        os.sync()
        start = time.perf_counter()
        found = act()
        times.setdefault(name, []).append(time.perf_counter() - start)
        return found

    for number in range(rounds):
        _round(str(work / str(number)), files, timed)
    return times


def _round(top: str, files: int, timed: Callable[[str, Callable[[], Any]], Any]) -> None:
    paths = _build(top, files)
    timed("plain loop", lambda: _plain(paths, top, top + "/trash"))
    timed("plain loop back", lambda: _plain(paths, top + "/trash", top))
    timed("look and rename", lambda: _bare(paths, top, top + "/bare"))
    timed("the same back", lambda: _bare(paths, top + "/bare", top))
    plan = Plan(top, "directory", None, time.time(), "bench", tuple(_steps(paths, top)))
    terms = Terms(time.time, time.monotonic)
    with open_site(real_calls(), {"": top}, "/state") as site:
        result = timed("quarantine", lambda: _last(carry_out(site, plan, terms, who="", host="", tool="bench")))
        _check(result, State.DONE, files)
        _check(timed("undo", lambda: _last(undo(site, terms))), State.UNDONE, files)
    timed("rm -rf", lambda: subprocess.run(["rm", "-rf", f"{top}/srv"], check=True))


def _build(top: str, files: int) -> list[str]:
    """Make the files; their paths below ``top``, directory by directory."""
    print(f"building {files:,} files ...", flush=True)
    paths, content, directory = [], b"x" * SIZE, ""
    for number in range(files):
        if number % FILES_IN_DIRECTORY == 0:
            block = number // FILES_IN_DIRECTORY
            directory = f"/srv/shop/part-{block // 50:03}/sub-{block:05}"
            os.makedirs(top + directory)
        path = f"{directory}/module_{number:06}.py"
        with open(top + path, "xb", buffering=0) as file:
            file.write(content)
        paths.append(path)
    return paths


def _plain(paths: Sequence[str], source: str, target: str) -> None:
    last = ""
    for path in paths:
        directory = os.path.dirname(path)
        if directory != last:
            last = directory
            os.makedirs(target + directory, exist_ok=True)
        os.rename(source + path, target + path)


def _bare(paths: Sequence[str], source: str, target: str) -> None:
    """Look at each file, then rename it over nothing, in opened directories: what no cleanup can do without."""
    calls, last, here, there = real_calls(), "", -1, -1
    for path in paths:
        directory, _, name = path.rpartition("/")
        if directory != last:
            if last:
                os.close(here)
                os.close(there)
            last = directory
            os.makedirs(target + directory, exist_ok=True)
            here, there = calls.open_top(source + directory), calls.open_top(target + directory)
        calls.look(name, here)
        calls.rename(name, here, name, there)
    os.close(here)
    os.close(there)


def _steps(paths: Sequence[str], top: str) -> list[PlanStep]:
    steps = []
    for number, path in enumerate(paths, 1):
        found = os.lstat(top + path)
        seen = Seen(
            kind_of(found), found.st_dev, found.st_ino, found.st_mode & 0o7777, found.st_uid, found.st_gid,
            found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_nlink,
        )  # fmt: skip
        evidence = "install.json of an earlier deployment lists it"
        steps.append(
            PlanStep(number, path, Act.QUARANTINE, Why.RESIDUE, seen, "orphaned", "certain", evidence, "group")
        )
    return steps


def _last(events: Any) -> Result:
    *_, result = events
    assert isinstance(result, Result)
    return result


def _check(result: Result, state: State, files: int) -> None:
    """A wrong result is not worth a time. Raises Failed."""
    if result.state is not state or len(result.results) != files:
        raise Failed(f"{result.state.value} with {len(result.results)} of {files} files")


def _print(times: dict[str, list[float]], files: int) -> None:
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    back = ("plain loop back", "the same back", "undo")
    print(f"\n{files:,} files{'median':>19}{'best':>9}{'x plain':>10}{'x rm -rf':>10}")
    for name, median in medians.items():
        ratio = median / medians["plain loop back" if name in back else "plain loop"]
        line = f"{name:<20}{median:>9.2f} s{min(times[name]):>7.2f} s{ratio:>9.2f}{median / medians['rm -rf']:>10.2f}"
        print(line + (TARGET if name in ("quarantine", "undo") else ""))
