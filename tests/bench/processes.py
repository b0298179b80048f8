"""Whole processes, timed and weighed from outside (Linux)."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

SAMPLED_EVERY = 0.02  # seconds
PATIENCE = 60.0  # seconds


class Failed(Exception):
    """A measured command that did not do its work; ``str()`` is the line to print."""


@dataclass(frozen=True)
class Run:
    """Seconds from start to end, and bytes: the most that the largest of its processes held at once."""

    seconds: float
    peak: int


def timed(command: Sequence[str], directory: Path, output: Path, codes: Sequence[int] = (0,)) -> Run:
    """Run a command in a directory to its end, standard output to a file.

    Raises Failed for an exit code not among ``codes``.
    """
    with output.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=file)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.perf_counter() - start
    process.returncode = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
    if process.returncode not in codes:
        raise Failed(f"{' '.join(command)}: exit code {process.returncode}")
    return Run(seconds, usage.ru_maxrss * 1024)


def peak_of_tree(command: Sequence[str], directory: Path) -> Optional[int]:
    """The most bytes that a command and the processes it starts held together, memory they share counted once.

    Looked at again and again while it runs, which slows it: not for timing. None where the system does not tell.
    """
    process = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    peak = 0
    try:
        while process.poll() is None:
            peak = max(peak, _held(process.pid))
            time.sleep(SAMPLED_EVERY)
    finally:
        process.kill()
        process.wait()
    return peak or None


def first_paint(command: Sequence[str], directory: Path, text: bytes) -> float:
    """Seconds until a terminal app has drawn a text. Raises Failed where it ends or ``PATIENCE`` runs out before."""
    terminal, its_end = pty.openpty()
    fcntl.ioctl(its_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=directory, env=environment, stdin=its_end, stdout=its_end, stderr=its_end, start_new_session=True
    )
    os.close(its_end)
    drawn = b""
    try:
        while text not in drawn:
            left = start + PATIENCE - time.perf_counter()
            if left <= 0 or not select.select([terminal], [], [], left)[0]:
                raise Failed(f"{' '.join(command)}: nothing drawn in {PATIENCE} s")
            try:
                drawn += os.read(terminal, 1 << 16)
            except OSError:  # how a terminal tells that its last user has gone
                raise Failed(f"{' '.join(command)}: ended before it drew anything") from None
        return time.perf_counter() - start
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def _held(pid: int) -> int:
    """Proportional set size of a process and all below it, in bytes; what is gone by now counts nothing."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    kilobytes = sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return kilobytes * 1024 + sum(_held(int(child)) for child in children)
