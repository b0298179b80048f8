"""The app on a bundled example instance, scanned for real."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tui.app.app import ForensicsApp
from tui.app.scanning import ScanSource
from tui.app.screens.files import FilesScreen
from tui.app.widgets.detail_pane import DetailPane
from tui.app.widgets.file_list import FileList
from tui.disk.root import Root
from tui.disk.source import open_source
from tui.fixtures import unpacked
from tui.forensics.scan import ScanOptions, scan

from .drive import Text, cursor_line, lines, press, settled, text, until


@pytest.fixture
def root() -> Iterator[Root]:
    with unpacked("failed-disallow") as directory:
        yield open_source(str(directory))


async def test_from_the_finding_to_the_orphaned_file(root: Root) -> None:
    app = ForensicsApp(ScanSource.of(root, ScanOptions(), scan))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert app.state.failure is None and "critical" in lines(pilot)[2]
        assert "no cleanup" in text(pilot)
        await press(pilot, "f")
        await until(pilot, lambda: isinstance(app.screen, FilesScreen))
        await press(pilot, "O", "end")
        await until(pilot, lambda: "[O" in text(pilot))
        files = app.screen.query_one(FileList)
        assert files.rows is not None and files.count() > 0 and cursor_line(pilot)
        told = "\n".join("".join(piece for piece, _ in line) for line in app.screen.query_one(DetailPane).lines)
        assert "Why" in told and "orphaned" in told
        await press(pilot, "r")
        await until(pilot, lambda: app.state.generation == 2)
        await settled(pilot)
        assert "Filter: mark:o" in text(pilot)


async def test_a_windows_instance_from_its_files_to_the_line_of_its_cleanup_file() -> None:
    with unpacked("windows-guide") as directory, open_source(str(directory)) as root:
        app = ForensicsApp(ScanSource.of(root, ScanOptions(), scan))
        async with app.run_test(size=(100, 30)) as pilot:
            await settled(pilot)
            assert app.state.failure is None and "root_dir C:\\ProgramData\\Amazon\\CodeDeploy" in lines(pilot)[1]
            await press(pilot, "f")
            await until(pilot, lambda: isinstance(app.screen, FilesScreen))
            await press(pilot, "slash", Text("c:\\TEMP\\a"), "enter", "v", "e")
            await until(pilot, lambda: "\u25b6 1 \u2502 " in text(pilot))
            assert "C:\\temp\\a.txt" in lines(pilot)[3]
