"""A Windows instance below a directory: drives, names without letter case, links with Windows texts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import pytest

from tests.support import can_link, posix_only
from tui.disk import folding, listings, walk
from tui.disk.compare import DIFFERENT, NO_SOURCE, SAME
from tui.disk.inventory import DIR, Inventory
from tui.disk.portable import PortableRoot
from tui.disk.root import Looped, NotThere, Root, RootError, Unusable, WalkProgress, WalkRequest
from tui.disk.windows_view import WindowsView

from .support import check, paths

Opener = Callable[[Path], Root]


def _posix(top: Path) -> Root:
    from tui.disk.posix import PosixRoot

    return PosixRoot(str(top))


@pytest.fixture(params=[pytest.param(_posix, id="posix", marks=posix_only), pytest.param(PortableRoot, id="portable")])
def opened(request: pytest.FixtureRequest) -> Opener:
    kind = request.param
    return lambda top: kind(top) if kind is _posix else kind(str(top))


@pytest.fixture
def view(top: Path, opened: Opener) -> Iterator[WindowsView]:
    (top / "c/Temp/Sub").mkdir(parents=True)
    (top / "D/Data").mkdir(parents=True)
    (top / "c/Temp/a.TXT").write_text("a")
    (top / "c/Temp/Sub/x").write_text("same")
    (top / "D/Data/X").write_text("same")
    with WindowsView(opened(top), {"c:": "/c", "D:": "/D"}) as root:
        yield root


@pytest.fixture
def linked(view: WindowsView, top: Path) -> Callable[[str, str], None]:
    def link(place: str, text: str) -> None:
        os.symlink(text, top / place)

    return link


links_needed = pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")


def walked(root: WindowsView, *trees: str, singles: tuple[str, ...] = ()) -> Inventory:
    *_, inventory = root.walk(WalkRequest(trees, singles))
    assert isinstance(inventory, Inventory)
    check(inventory)
    return inventory


def test_it_is_a_windows_root(view: WindowsView, top: Path) -> None:
    assert (view.label, view.kind, view.platform) == (str(top), "directory", "windows")
    assert [name for name, _ in view.list("/")] == ["C:", "D:"]
    for path in ("/", "/C:", "/c:/", "/d:"):
        stat = view.stat(path)
        assert stat is not None and stat.type == DIR, path
    assert view.stat("/E:") is view.stat("/E:/x") is view.stat("/c") is None


def test_names_are_found_without_letter_case(view: WindowsView) -> None:
    assert view.read("/C:/temp/A.txt", 9).data == b"a"
    with view.open("/c:/TEMP/a.txt") as file:
        assert file.read() == b"a"
    assert [name for name, _ in view.list("/C:/TEMP")] == ["Sub", "a.TXT"]
    assert view.real_path("/c:/tEMP/sUB/X") == "/C:/Temp/Sub/x"
    assert view.same_content("/C:/TEMP/SUB/X", "/d:/data/x")
    assert view.stat("/C:/TEMP/../temp/./A.TXT") is not None


@pytest.mark.parametrize(
    ("asked", "spelled"),
    [
        ("/c:/temp/A.txt", "/C:/Temp/a.TXT"),
        ("/C:/TEMP/", "/C:/Temp"),
        ("/d:", "/D:"),
        ("/", "/"),
        ("/C:/temp/gone/Tail", "/C:/Temp/gone/Tail"),
        ("/C:/temp/a.txt/Tail", "/C:/Temp/a.TXT/Tail"),
        ("/x:/Temp", "/x:/Temp"),
        ("relative", "relative"),
        ("/C:/nul\0/Temp", "/C:/nul\0/Temp"),
    ],
)
def test_spelling(view: WindowsView, asked: str, spelled: str) -> None:
    assert view.spelling(asked) == spelled


def test_what_is_not_there_keeps_its_first_spelling(view: WindowsView, top: Path) -> None:
    assert view.spelling("/C:/temp/Gone/A/b") == "/C:/Temp/Gone/A/b"
    assert view.spelling("/c:/TEMP/GONE/a/B") == "/C:/Temp/Gone/A/b"
    assert view.spelling("/c:/TEMP/gone/a/C") == "/C:/Temp/Gone/A/C"
    view.forget()
    assert view.spelling("/c:/TEMP/gone/a") == "/C:/Temp/Gone/A"
    (top / "c/Temp/gONE").mkdir()
    view.forget()
    assert view.spelling("/c:/TEMP/gone/a") == "/C:/Temp/gONE/a"


def test_letters_that_have_no_short_upper_case(view: WindowsView, top: Path) -> None:
    (top / "c/Temp/Stra\u00dfe \u00c4").write_text("x")
    assert view.spelling("/C:/temp/STRA\u00dfE \u00e4") == "/C:/Temp/Stra\u00dfe \u00c4"
    assert view.stat("/C:/temp/strasse \u00e4") is None


@posix_only
def test_names_that_differ_by_letter_case_alone(view: WindowsView, top: Path) -> None:
    (top / "c/Temp/B.txt").write_text("upper")
    (top / "c/Temp/b.txt").write_text("lower")
    for asked, data in (("B.txt", b"upper"), ("b.txt", b"lower"), ("b.TXT", b"upper")):
        assert view.read(f"/c:/temp/{asked}", 9).data == data
    assert view.spelling("/c:/temp/b.TXT") == "/C:/Temp/B.txt"
    assert paths(walked(view, "/C:/temp"))[:2] == ["/C:/Temp", "/C:/Temp/B.txt"]


def test_a_walk_tells_windows_paths(view: WindowsView) -> None:
    inventory = walked(view, "/d:", "/C:/TEMP/sub", singles=("/c:/temp/A.TXT", "/C:/none", "/E:/x", "/C:/temp/sub/X"))
    assert paths(inventory) == [
        "/C:/Temp/Sub",
        "/C:/Temp/Sub/x",
        "/C:/Temp/a.TXT",
        "/D:",
        "/D:/Data",
        "/D:/Data/X",
    ]
    assert inventory.find("/D:/Data/X") == 5
    assert paths(walked(view, "/"))[:2] == ["/C:", "/C:/Temp"]
    assert len(walked(view, "/none", "/E:")) == 0
    for event in view.walk(WalkRequest(["/c:/temp"])):
        if isinstance(event, WalkProgress):
            assert event.where.startswith("/C:/Temp")


def test_notes_of_a_walk_name_windows_paths(view: WindowsView) -> None:
    *_, inventory = view.walk(WalkRequest(["/c:/temp"]), lambda: True)
    assert isinstance(inventory, Inventory)
    assert [(note.code, note.path) for note in inventory.notes] == [("cancelled", "/C:/Temp")]


def test_several_drives_are_one_inventory(view: WindowsView, top: Path) -> None:
    (top / "c/Temp/one").write_text("1")
    os.link(top / "c/Temp/one", top / "D/Data/two")
    inventory = walked(view, "/C:", "/D:").with_absent(["/D:/Data/gone"])
    check(inventory)
    for path, size in (("/C:/Temp/one", 1), ("/D:/Data/two", 1), ("/D:/Data/X", 4)):
        row = inventory.find(path)
        assert row is not None and inventory.size[row] == size
        assert inventory.links.get(row, 1) == (2 if size == 1 else 1)
        stat = view.stat(path)
        assert stat is not None and stat.inode == inventory.inode[row]
    assert inventory.find("/D:/Data/gone") is not None


def test_snapshots_of_a_walk_hold_the_drives_before(view: WindowsView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_FIRST", 1)
    monkeypatch.setattr(walk, "_SNAPSHOT", 0)
    *events, last = view.walk(WalkRequest(["/C:", "/D:"]))
    assert isinstance(last, Inventory) and not last.partial
    snapshots = [event for event in events if isinstance(event, Inventory)]
    assert all(event.partial for event in snapshots) and any("/D:" in paths(event) for event in snapshots)
    for event in snapshots:
        check(event)
        assert "/C:" in paths(event) and set(paths(event)) <= set(paths(last))


def test_compare(view: WindowsView, top: Path) -> None:
    (top / "D/Data/y").write_text("SAME")
    inventory = walked(view, "/C:/temp").with_absent(["/C:/Temp/Sub/gone"])
    row = inventory.find("/C:/Temp/Sub/x")
    assert row is not None
    for source, code in (
        ("/d:/DATA/x", SAME),
        ("/D:/data/Y", DIFFERENT),
        ("/D:/none/Y", NO_SOURCE),
        ("/E:/x", NO_SOURCE),
        ("/C:/nul\0", NO_SOURCE),
    ):
        ((done, codes),) = view.compare(inventory, [row], lambda _, source=source: source)  # type: ignore[misc]
        assert (done, list(codes)) == (1, [code]), source


@links_needed
@pytest.mark.parametrize(
    "text",
    [
        "D:\\data", "d:/DATA/", "\\\\?\\D:\\Data", "\\??\\D:\\Data", "..\\temp\\toData", "D:\\x\\..\\Data", ".\\ToData",
        "\\Temp\\todata", "/temp/toData",
    ],
)  # fmt: skip
def test_links_are_followed_as_windows_follows_them(
    view: WindowsView, linked: Callable[[str, str], None], text: str
) -> None:
    linked("c/Temp/toData", "D:\\Data")
    linked("c/Temp/link", text)
    assert view.read("/C:/temp/LINK/x", 9).data == b"same"
    assert view.real_path("/c:/temp/link/X") == "/D:/Data/X"
    assert view.real_path("/c:/temp/link") == view.real_path("/c:/temp/link/") == "/D:/Data"
    assert view.real_path("/c:/temp/link", False) == "/C:/Temp/link"
    assert view.spelling("/c:/temp/LINK/x") == "/C:/Temp/link/X"
    assert view.read_link("/C:/TEMP/Link") == text
    assert paths(walked(view, "/c:/temp/link/x", "/c:/temp/LINK")) == ["/C:/Temp/link"]


@links_needed
@pytest.mark.parametrize(
    "text",
    [
        "/etc/passwd", "\\etc\\passwd", "..\\..\\..\\..\\etc\\passwd", "../../../../etc/passwd", "\\\\server\\share",
        "\\\\?\\UNC\\server\\share", "\\\\?\\Volume{1-2}\\", "C:temp", "E:\\x", "D:\\none\\x", "/D/Data/X",
    ],
)  # fmt: skip
def test_no_link_leads_out(view: WindowsView, top: Path, linked: Callable[[str, str], None], text: str) -> None:
    linked("c/Temp/link", text)
    for place in ("server/share", "?/UNC/server/share", "Temp/C:temp"):  # where some of them would lead on Linux
        (top / "c" / place).mkdir(parents=True)
    assert view.stat("/C:/Temp/link") is None
    assert view.stat("/C:/Temp/link", follow=False) is not None
    with pytest.raises(NotThere):
        view.read("/C:/Temp/link", 1)
    with pytest.raises(NotThere):
        view.list("/C:/Temp/link/")


@links_needed
def test_links_without_end(view: WindowsView, linked: Callable[[str, str], None]) -> None:
    linked("c/Temp/loop", "C:\\TEMP\\LOOP")
    linked("c/Temp/down", "down\\further")
    for path in ("/C:/temp/loop", "/C:/temp/loop/x", "/C:/temp/down", "/C:/temp/down/x"):
        with pytest.raises(Looped):
            view.stat(path)
        assert view.spelling(path).lower() == path.lower()


def test_errors_name_the_path_that_was_asked_for(view: WindowsView) -> None:
    for path, error in (
        ("/c:/temp", Unusable),
        ("/c:/temp/none", NotThere),
        ("/c:/temp/a.txt/x", NotThere),
        ("/c:/temp/a.txt/", NotThere),
        ("relative", Unusable),
        ("/C:/nul\0", Unusable),
        ("/C:/" + "x/" * 40_000, NotThere),
    ):
        with pytest.raises(error) as raised:
            view.read(path, 1)
        assert raised.value.path == path


def test_a_change_is_seen_after_a_moment(top: Path, opened: Opener) -> None:
    now = [0.0]
    (top / "c/Temp").mkdir(parents=True)
    (top / "c/Temp/old").write_text("")
    os.utime(top / "c/Temp", (1, 1))
    with opened(top) as inner:
        folders = folding.Folders(inner, {"C:": "/c"}, lambda: now[0])
        assert folders.spelling("/C:/TEMP/New") == "/C:/Temp/New"
        (top / "c/Temp/new").write_text("")
        now[0] += listings.FRESH + 0.1
        assert folders.spelling("/C:/TEMP/New") == "/C:/Temp/new"


def test_few_listings_are_kept(view: WindowsView, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "LISTED", 50)
    for d in range(30):
        (top / f"c/dir{d}").mkdir()
        for f in range(10):
            (top / f"c/dir{d}/File{f}").write_text("")
    for d in range(30):
        for f in range(10):
            assert view.spelling(f"/C:/DIR{d}/FILE{f}") == f"/C:/dir{d}/File{f}"
    kept = view._folders._listings
    assert kept._names == sum(listing.count for listing in kept._kept.values()) <= 50


def test_a_closed_one_says_so(view: WindowsView) -> None:
    view.close()
    with pytest.raises(RootError):
        view.stat("/C:/Temp")
