"""An instance's file system to write records into, and its Root."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Union

import pytest

from tests.support import DirectoryRoot

ROOT_DIR = "/opt/codedeploy-agent/deployment-root"


class Disk:
    """A directory that stands for an instance's file system."""

    def __init__(self, top: Path, root: DirectoryRoot) -> None:
        self.top = top
        self.root = root

    def path(self, path: str) -> Path:
        return self.top / path.lstrip("/")

    def write(self, path: str, data: Union[bytes, str] = b"") -> str:
        """Write a file, its directories made; gives the path inside the instance."""
        place = self.path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def mkdir(self, path: str) -> str:
        self.path(path).mkdir(parents=True, exist_ok=True)
        return path


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    top = tmp_path / "instance"
    top.mkdir()
    with DirectoryRoot(str(top)) as root:
        yield Disk(top, root)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    """One for all examples of a property test."""
    top = tmp_path_factory.mktemp("scratch")
    with DirectoryRoot(str(top)) as root:
        yield Disk(top, root)
