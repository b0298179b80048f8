"""The evidence for one path: grouped, in full, with its source in context, and what speaks against the mark."""

from __future__ import annotations

import threading
from typing import BinaryIO

import pytest
from textual.pilot import Pilot

from tui.app.detail import detail
from tui.app.evidence_words import sections
from tui.app.screens.evidence import EvidenceScreen
from tui.app.screens.files import FilesScreen
from tui.app.widgets.source_view import SourceView
from tui.forensics.examination import Examination
from tui.forensics.marks import Evidence, Mark

from .build import NOW, shop
from .drive import SIZES, Files, app_on, cursor_line, finished, press, settled, text, until

PIECES = (
    Evidence("script-text", "the AfterInstall script makes it", "scripts/after.sh:2", Mark.SCRIPT_CREATED),
    Evidence("revision", "revision d-OLD00QRS4 had it", "x/appspec.yml:6", Mark.ORPHANED),
    Evidence("never-heard-of", "it hums", None),
    Evidence("other-content", "revision d-ABC12DEF3 has something else", "x/appspec.yml:9", Mark.ORPHANED),
    Evidence("content", "same content as there", "x/gone.css", Mark.ORPHANED),
)
SCRIPT = b"#!/bin/sh\n" + b"cp a " + b"x" * 300 + b"END /srv/shop/static/old.css\n\x1b[31mexit\xff\n"
APPSPEC = b"".join(b"line %d\n" % n for n in range(1, 30))


def with_pieces(*pieces: Evidence) -> Examination:
    found = shop()
    found.evidence_of = lambda row: pieces
    return found


async def to_evidence(pilot: Pilot[str], path: str) -> None:
    await settled(pilot)
    await press(pilot, "f")
    await until(pilot, lambda: isinstance(pilot.app.screen, FilesScreen))
    pilot.app.screen.open_at(None, path)  # type: ignore[attr-defined]
    await press(pilot, "e")
    assert isinstance(pilot.app.screen, EvidenceScreen)


def test_evidence_is_grouped_and_what_speaks_for_another_mark_stands_apart() -> None:
    found = sections(PIECES, Mark.ORPHANED)
    assert [(section.heading, len(section.pieces), section.against) for section in found] == [
        ("Revisions", 2, False),
        ("never-heard-of", 1, False),
        ("Content", 1, False),
        ("Scripts' text", 1, True),
    ]
    assert sorted(piece.detail for section in found for piece in section.pieces) == sorted(p.detail for p in PIECES)
    assert not any(section.against for section in sections([Evidence("x", "y")], Mark.DEPLOYED))


def test_the_detail_has_a_heading_a_kind_and_hides_nothing() -> None:
    found = with_pieces(*PIECES)
    row = found.inventory.find("/srv/shop/static/old.css")
    assert row is not None
    told = ["".join(piece for piece, _ in line) for line in detail(found, row, NOW)]
    why, against, end = told.index("Why"), told.index("Speaks for something else"), told.index("Whose")
    assert told[why + 1 : why + 4] == ["Revisions", "\u00b7 revision d-OLD00QRS4 had it", "  /x/appspec.yml:6"]
    assert "never-heard-of" in told[why:against] and "Content" in told[why:against]
    assert told[against + 1 : end - 1] == [
        "Scripts' text",
        "\u00b7 S script-created: the AfterInstall script makes it",
        "  /scripts/after.sh:2",
    ]


@pytest.mark.parametrize("size", [*SIZES, (160, 50)])
async def test_every_piece_with_its_source_in_context(size: tuple[int, int]) -> None:
    root = Files(appspec_yml=APPSPEC, after_sh=SCRIPT)
    async with app_on(finished(with_pieces(*PIECES)), root=root).run_test(size=size) as pilot:
        await to_evidence(pilot, "/srv/shop/static/old.css")
        await until(pilot, lambda: "\u25b6  6 \u2502 line 6" in text(pilot))
        shown = text(pilot)
        assert "Evidence: 5 pieces" in shown and "/srv/shop/static/old.css" in shown and "O orphaned, likely" in shown
        assert ">Revisions" in cursor_line(pilot) and "speaks for S script-created:" in shown
        assert "5 \u2502 line 5" in shown and "x/appspec.yml:6" in shown
        await press(pilot, "down")
        await until(pilot, lambda: "\u25b6  9 \u2502 line 9" in text(pilot))
        await press(pilot, "down")
        await until(pilot, lambda: "No file is named" in text(pilot))
        assert "never-heard-of" in cursor_line(pilot) and "it hums" in text(pilot)
        await press(pilot, "down")
        await until(pilot, lambda: "not there any more" in text(pilot))
        await press(pilot, "down")
        await until(pilot, lambda: "#!/bin/sh" in text(pilot))
        assert "Speaks for S script-created, not for the mark it has" in text(pilot)


async def test_a_log_line_that_is_too_long_is_cut_and_moved_and_its_bytes_are_escaped() -> None:
    root = Files(after_sh=SCRIPT)
    async with app_on(finished(with_pieces(PIECES[0])), root=root).run_test(size=(80, 24)) as pilot:
        await to_evidence(pilot, "/srv/shop/cache/idx")
        await until(pilot, lambda: "#!/bin/sh" in text(pilot))
        assert "\\e[31mexit\\xff" in text(pilot) and "END" not in text(pilot)
        await press(pilot, "tab")
        assert isinstance(pilot.app.focused, SourceView)
        long = cursor_line(pilot)
        assert "\u25b6 2 \u2502 cp a xxx" in long and "x\u2026" in long
        await press(pilot, *["right"] * 15)
        assert "END /srv/shop/static/old.css" in cursor_line(pilot) and "\u2502 \u2026xxx" in cursor_line(pilot)
        await press(pilot, *["left"] * 20)
        assert cursor_line(pilot) == long


class SlowFiles(Files):
    """A Root whose ``slow.log`` takes as long as the test wants."""

    def __init__(self, **files: bytes) -> None:
        super().__init__(**files)
        self.go, self.done = threading.Event(), threading.Event()

    def open(self, path: str) -> BinaryIO:
        if path.endswith("slow.log"):
            assert self.go.wait(60)
            self.done.set()
        return super().open(path)


async def test_what_was_asked_for_last_is_what_is_shown() -> None:
    root = SlowFiles(slow_log=b"too late\n" * 9, appspec_yml=APPSPEC)
    pieces = [Evidence("script-time", "it ran", "x/slow.log:1"), Evidence("revision", "it had it", "x/appspec.yml:4")]
    async with app_on(finished(with_pieces(*pieces)), root=root).run_test(size=(120, 40)) as pilot:
        await to_evidence(pilot, "/srv/shop/upload.bin")
        assert "Reading" in text(pilot)
        await press(pilot, "down")
        await until(pilot, lambda: "\u25b6  4 \u2502 line 4" in text(pilot))
        root.go.set()
        await until(pilot, root.done.is_set)
        await pilot.pause(0.2)
        assert "\u25b6  4 \u2502 line 4" in text(pilot) and "too late" not in text(pilot)


async def test_no_evidence_and_no_root_are_said() -> None:
    async with app_on(finished(with_pieces())).run_test(size=(80, 24)) as pilot:
        await to_evidence(pilot, "/srv/shop/upload.bin")
        assert "0 pieces" in text(pilot) and "No record names it" in text(pilot)
        await press(pilot, "down", "enter", "escape")
        assert isinstance(pilot.app.screen, FilesScreen)
    async with app_on(finished(with_pieces(PIECES[0]))).run_test(size=(80, 24)) as pilot:
        await to_evidence(pilot, "/srv/shop/upload.bin")
        assert "cannot be read from here" in text(pilot)
