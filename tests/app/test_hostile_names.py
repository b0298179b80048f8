"""GIVEN names made to harm WHEN they are shown anywhere THEN no control reaches the terminal and nothing breaks."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from tui.agent.records import Problem
from tui.app.app import ForensicsApp
from tui.app.scanning import ScanSource
from tui.app.screens.files import FilesScreen
from tui.app.widgets.file_list import FileList
from tui.disk.inventory import Note
from tui.forensics.marks import Evidence, Finding, Severity, State

from .build import NOW, D, O, examination_of, instance
from .drive import SIZES, Files, finished, lines, press, settled, until

NAMES = [
    "\x1b]0;pwned\x07",
    "[/x]",
    "[bold]red[/bold]",
    "\u202egpj.exe",
    "\udcff\udc80",
    "new\nline",
    "tab\there",
    "x" * 255,
    "\U0001f600 smile",
    "\u6f22\u5b57\u6f22\u5b57",
    "e\u0301clair",
    "\x9b31m",
    "back\\slash",
    " ends with a space ",
    "\r",
    "\x7f",
    "\U000e0041tag",
    "a" * 120 + "\u6f22" * 40,
    "$(reboot)",
    "\u200bzero",
    "@click=quit",
]


def hostile() -> ForensicsApp:
    rows = [("/srv/\x1b[2J", -1, D, State.INTACT)]
    rows += [
        (f"/srv/\x1b[2J/{name}", 5, O if n % 2 else D, State.MODIFIED if n % 2 == 0 else State.NONE)
        for n, name in enumerate(NAMES)
    ]
    findings = tuple(
        Finding("x", Severity.WARNING, name, name, name, name, (f"/srv/\x1b[2J/{name}",), 1, name) for name in NAMES
    )
    problems = tuple(Problem("record-unreadable", f"/{name}", name, 3) for name in NAMES)
    of = instance(NAMES, hostname="\x1b]0;host\x07")
    of = replace(of, label="\x1b[31mlabel", users={0: "\x1b[7mroot"}, problems=problems)
    examination = examination_of(rows, of, findings, {path: path for path, *_ in rows})
    examination.evidence_of = lambda row: tuple(Evidence(name, name, name) for name in NAMES)
    examination.inventory.notes = [Note("unreadable", f"/srv/{name}", name) for name in NAMES] + [Note(NAMES[0], "/")]
    files = Files(**{NAMES[2].rpartition("/")[2]: "\n".join(NAMES).encode("utf-8", "surrogateescape")})
    source = ScanSource(of.label, "machine", finished(examination), files)  # type: ignore[arg-type]
    return ForensicsApp(source, now=lambda: NOW)


def check(pilot: Pilot[str]) -> None:
    strips = pilot.app.screen._compositor.render_strips()
    for strip in strips:
        for segment in strip:
            bad = [c for c in segment.text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]
            assert not bad, (bad, segment.text)
        assert cell_len("".join(segment.text for segment in strip)) == pilot.app.size.width


@pytest.mark.parametrize(
    "size", [SIZES[0], *(pytest.param(s, marks=pytest.mark.thorough) for s in (SIZES[1], (40, 10)))]
)
async def test_every_screen(size: tuple[int, int]) -> None:
    app = hostile()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        check(pilot)
        for _ in NAMES[::6]:
            await press(pilot, "enter")
            check(pilot)
            await press(pilot, "escape", *["down"] * 6)
            check(pilot)
        await press(pilot, "tab", "end", "question_mark")
        check(pilot)
        await press(pilot, "escape", "n")
        check(pilot)
        await press(pilot, "escape", "f")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
        await press(pilot, "a", "*", "i")
        files = app.screen.query_one(FileList)
        for number in range(len(NAMES)):
            files.cursor = number + 1
            await pilot.pause()
            check(pilot)
            if number % 3 == 0:
                await press(pilot, "e")
                check(pilot)
                await press(pilot, "down", "tab", "right")
                check(pilot)
                await press(pilot, "escape", "y")
                check(pilot)
                assert app.clipboard.isprintable()
        for key in ("s", "v", "s", "v"):
            await press(pilot, key, "home", "pagedown")
            check(pilot)
        await press(pilot, "home", "down", "d")
        await until(pilot, lambda: "Cannot be read" in "\n".join(lines(pilot)) or size[1] < 24)
        check(pilot)
    assert app.return_code in (None, 0)


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5, 13])
async def test_a_groups_files_whatever_its_id(number: int) -> None:
    app = hostile()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "tab", *["down"] * number, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
        check(pilot)
        files = pilot.app.screen.query_one(FileList)
        await until(pilot, lambda: files.rows is not None and files.rows.filter)
        assert bool(len(files.rows or ())) == (number == 0)  # the first group owns them all
