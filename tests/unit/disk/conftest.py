"""Trees to look at, and ways to make looking hard."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import pytest

from tests.support import DirectoryRoot
from tui.disk.inventory import Inventory
from tui.disk.root import WalkRequest
from tui.fixtures import remove

from .support import check

# Tests of directory descriptors and of what only a POSIX file system holds.
collect_ignore = [] if os.supports_dir_fd else ["test_compare.py", "test_resolution.py", "test_walk.py"]


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """A look-up that waits for a pipe's writer fails instead of waiting for ever."""

    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def give_up(*_: object) -> None:
        raise TimeoutError("hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def no_leak() -> Iterator[None]:
    """Every descriptor that a test's Roots opened is closed at its end."""
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    yield
    if before:
        after = set(os.listdir("/proc/self/fd"))
        assert len(after) <= len(before), after - before


@pytest.fixture
def top(tmp_path: Path) -> Iterator[Path]:
    """The directory of a Root, removed at once since some trees are too deep for others to remove."""
    inside = tmp_path / "inside"
    inside.mkdir()
    yield inside
    if os.name == "nt":
        remove(tmp_path)
        return
    subprocess.run(["chmod", "-R", "u+rwX", str(tmp_path)], check=False)
    subprocess.run(["rm", "-rf", str(tmp_path)], check=True)


@pytest.fixture
def root(top: Path) -> Iterator[DirectoryRoot]:
    with DirectoryRoot(str(top)) as opened:
        yield opened


@pytest.fixture
def walked(root: DirectoryRoot) -> Callable[..., Inventory]:
    """Walk trees of the Root and check what comes back."""

    def walk(*trees: str, singles: tuple[str, ...] = (), cross_mounts: bool = False) -> Inventory:
        *_, inventory = root.walk(WalkRequest(trees, singles, cross_mounts))
        assert isinstance(inventory, Inventory)
        assert not inventory.partial
        check(inventory)
        return inventory

    return walk
