"""An instance of any size, in the shapes that a real agent 1.8.1 leaves behind."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

GROUP = "7c1e5b1a-9d34-4f0a-8a1b-3f2c6d7e8f90"
DEPLOYMENT = "d-BENCH0001"
AGENT_ROOT = "/opt/codedeploy-agent/deployment-root"
ARCHIVE = f"{AGENT_ROOT}/{GROUP}/{DEPLOYMENT}/deployment-archive"
TARGET = "/srv/shop"
SCRIPT_FILES = f"{TARGET}/cache"

FILES_PER_DIRECTORY = 40
DIRECTORIES_PER_DIRECTORY = 20
SIZES = (64, 4032)  # bytes, evenly spread: 2 KB on average
ONE_SCRIPT_FILE_IN = 200  # so many deployed files
ONE_MODIFIED_IN = 1000

CONFIG = f"""---
:log_aws_wire: false
:log_dir: '/var/log/aws/codedeploy-agent/'
:pid_dir: '/opt/codedeploy-agent/state/.pid/'
:program_name: codedeploy-agent
:root_dir: '{AGENT_ROOT}'
:verbose: false
:wait_between_runs: 1
:proxy_uri:
:max_revisions: 5
"""
APPSPEC = f"""version: 0.0
os: linux
files:
  - source: content
    destination: {TARGET}
hooks:
  AfterInstall:
    - location: scripts/warm.sh
      timeout: 300
"""
SCRIPT = f"#!/bin/sh\nmkdir -p {SCRIPT_FILES}\necho warming {SCRIPT_FILES}\n"


@dataclass(frozen=True)
class Built:
    """What an instance was made of, so that a scan can be checked against it."""

    files: int  # deployed
    modified: int  # of them
    script_files: int


def bytes_needed(files: int) -> int:
    """About how much room an instance takes on disk: every file three times, in blocks, and the records."""
    return files * (3 * (4096 + 512) + 512) + (64 << 20)


def inodes_needed(files: int) -> int:
    """About how many inodes it takes."""
    return 3 * files + 3 * files // FILES_PER_DIRECTORY + files // ONE_SCRIPT_FILE_IN + 1000


def _directories(count: int) -> Iterator[str]:
    """Paths relative to the top, each after its parent and all below it before its next sibling; the top is ''."""

    def below(path: str, number: int) -> Iterator[str]:
        yield path
        for branch in range(DIRECTORIES_PER_DIRECTORY):
            child = number * DIRECTORIES_PER_DIRECTORY + branch + 1
            if child >= count:
                return
            yield from below(f"{path}/part-{branch:02}", child)

    return below("", 0)


class _Contents:
    """Text of any length, the same for the same seed, no two files alike."""

    def __init__(self) -> None:
        self._random = random.Random(20)
        self._pool = self._random.getrandbits(8 << 18).to_bytes(1 << 18, "big").hex().encode()

    def next(self) -> bytes:
        size = self._random.randint(*SIZES)
        start = self._random.randrange(len(self._pool) - size)
        return self._pool[start : start + size]


def build(root: Path, files: int) -> Built:
    """Make the instance below ``root``, a new directory; the deployment has just ended. Raises OSError."""
    for directory in ("/etc/codedeploy-agent/conf", f"{ARCHIVE}/scripts", f"{AGENT_ROOT}/deployment-instructions"):
        os.makedirs(f"{root}{directory}")
    instructions = f"{root}{AGENT_ROOT}/deployment-instructions/{GROUP}"
    with open(f"{instructions}-install.json", "w") as plan, open(f"{instructions}-cleanup", "w") as cleanup:
        modified = _deploy(str(root), files, plan, cleanup)
    script_files = files // ONE_SCRIPT_FILE_IN
    _run_script(str(root), script_files)

    for pointer in ("last_successful_install", "most_recent_install"):
        Path(f"{instructions}_{pointer}").write_text(f"{AGENT_ROOT}/{GROUP}/{DEPLOYMENT}")
    Path(f"{root}/etc/codedeploy-agent/conf/codedeployagent.yml").write_text(CONFIG)
    Path(f"{root}/opt/codedeploy-agent/.version").write_text("agent_version: OFFICIAL_1.8.1-1_deb\n")
    Path(f"{root}{ARCHIVE}/appspec.yml").write_text(APPSPEC)
    Path(f"{root}{ARCHIVE}/scripts/warm.sh").write_text(SCRIPT)
    bundle = Path(f"{root}{ARCHIVE}").parent / "bundle.tar"
    bundle.touch()
    os.truncate(bundle, files * sum(SIZES) // 2)  # never read: its size is all that counts
    return Built(files, modified, script_files)


def _deploy(root: str, files: int, plan: TextIO, cleanup: TextIO) -> int:
    """The revision and its copy in the target, with the records of the Install event; how many were modified since."""
    contents = _Contents()
    when = time.time_ns() - 3600 * 10**9
    source_top, number, modified, first = f"{ARCHIVE}/content", 0, 0, True
    os.makedirs(os.path.dirname(root + TARGET))
    plan.write('{"instructions":[')
    for directory in _directories(-(-files // FILES_PER_DIRECTORY)):
        os.makedirs(root + source_top + directory, exist_ok=True)
        os.mkdir(root + TARGET + directory)
        steps = [{"type": "mkdir", "directory": TARGET + directory}]
        for _ in range(min(FILES_PER_DIRECTORY, files - number)):
            name = f"{directory}/module_{number:06}.py"
            content = contents.next()
            changed = number % ONE_MODIFIED_IN == ONE_MODIFIED_IN - 1
            _write(root + source_top + name, content, when)
            _write(root + TARGET + name, content.upper() + b"\n" if changed else content, when)
            steps.append({"type": "copy", "source": source_top + name, "destination": TARGET + name})
            modified += changed
            number += 1
        text = json.dumps(steps, separators=(",", ":"))[1:-1]
        plan.write(text if first else "," + text)
        cleanup.writelines(f"{step.get('destination') or step['directory']}\n" for step in steps)
        first = False
    plan.write("]}")
    return modified


def _run_script(root: str, files: int) -> None:
    """What the AfterInstall script did, and the logs of it. The instance's time zone is UTC."""
    contents = _Contents()
    start = time.time() - 60
    os.mkdir(root + SCRIPT_FILES)
    for number in range(files):
        _write(f"{root}{SCRIPT_FILES}/page-{number:05}.html", contents.next(), int((start + 1) * 10**9))
    os.utime(root + SCRIPT_FILES, (start + 1, start + 1))

    lines = ["LifecycleEvent - AfterInstall", "Script - scripts/warm.sh", f"[stdout]warming {SCRIPT_FILES}"]
    seconds = [start, start, start + 2]
    whole = [time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second)) for second in seconds]
    logs = Path(f"{root}{ARCHIVE}").parent / "logs"
    logs.mkdir()
    (logs / "scripts.log").write_text("".join(f"{at} {line}\n" for at, line in zip(whole, lines)))
    log = Path(f"{root}{AGENT_ROOT}/deployment-logs/codedeploy-agent-deployments.log")
    log.parent.mkdir()
    milliseconds = [f"{at}.{int(second * 1000) % 1000:03}" for at, second in zip(whole, seconds)]
    head = f"# Logfile created on {whole[0]} +0000 by logger.rb/v1.5.0\n"
    log.write_text(head + "".join(f"[{at}] [{DEPLOYMENT}]{line}\n" for at, line in zip(milliseconds, lines)))


def _write(path: str, content: bytes, mtime_ns: int) -> None:
    with open(path, "xb", buffering=0) as file:
        file.write(content)
    os.utime(path, ns=(mtime_ns, mtime_ns))
