"""A directory that stands for an instance's file system, for tests of evidence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional, Union

from tests.support import DirectoryRoot
from tui.agent.records import Instance
from tui.disk.windows_view import WindowsView

from .instances import instance_with


class EvidenceDisk:
    """Files below a directory, and the Root of it; ``windows``: of a Windows instance's drive C:."""

    def __init__(self, top: Path, windows: bool = False) -> None:
        self.top = top
        inner = DirectoryRoot(str(top), "test")
        self.root: Any = WindowsView(inner, {"C:": "/"}) if windows else inner

    def path(self, path: str) -> Path:
        return self.top / path.lstrip("/")

    def write(self, path: str, data: Union[bytes, str] = b"", mtime: Optional[float] = None) -> str:
        """Write a file, its directories made; gives the path inside the instance."""
        place = self.path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data.encode() if isinstance(data, str) else data)
        if mtime is not None:
            os.utime(place, (mtime, mtime))
        return path


@contextmanager
def evidence_disk(top: Path, windows: bool = False) -> Iterator[EvidenceDisk]:
    """The directory's disk, its Root closed at the end."""
    disk = EvidenceDisk(top, windows)
    with disk.root:
        yield disk


def windows_instance(**fields: Any) -> Instance:
    """An instance of platform windows with what is named."""
    instance = instance_with(**fields)
    return replace(instance, layout=replace(instance.layout, platform="windows"))
