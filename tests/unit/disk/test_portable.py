"""The Root that is reached by paths: the same answers as the other one, on every system."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import pytest

from tests.support import can_link, posix_only
from tui.disk.compare import ABSENT_HERE, DIFFERENT, NO_SOURCE, OTHER_TYPE, SAME, UNREADABLE
from tui.disk.inventory import DIR, FILE, Inventory
from tui.disk.portable import PortableRoot
from tui.disk.root import Looped, NotThere, RootError, Unusable, WalkRequest
from tui.fixtures import names, unpack

from .support import check, paths

links_needed = pytest.mark.skipif(not can_link(), reason="this system has no symbolic links")


@pytest.fixture
def portable(top: Path) -> Iterator[PortableRoot]:
    (top / "srv/app/d").mkdir(parents=True)
    (top / "srv/app/f").write_bytes(b"same")
    (top / "rev").mkdir()
    (top / "rev/f").write_bytes(b"same")
    with PortableRoot(str(top)) as root:
        yield root


def walked(root: Any, *trees: str, singles: tuple[str, ...] = ()) -> Inventory:
    *_, inventory = root.walk(WalkRequest(trees, singles))
    assert isinstance(inventory, Inventory)
    check(inventory)
    return inventory


def codes(root: PortableRoot, inventory: Inventory, path: str, source: Optional[str]) -> list[int]:
    row = inventory.find(path)
    assert row is not None
    return list(b"".join(results for _, results in root.compare(inventory, [row], lambda _: source)))


def test_what_it_reads(portable: PortableRoot, top: Path) -> None:
    assert (portable.label, portable.kind, portable.platform) == (str(top), "directory", "linux")
    assert [name for name, _ in portable.list("/srv/app")] == ["d", "f"]
    content = portable.read("/srv/app/../app/./f", 2)
    assert (content.data, content.size, content.complete) == (b"sa", 4, False)
    with portable.open("/srv/app/f") as file:
        assert file.read() == b"same"
    stat = portable.stat("/srv/app/f")
    assert stat is not None and (stat.type, stat.size, stat.links) == (FILE, 4, 1)
    assert stat.mtime_ns == os.stat(top / "srv/app/f").st_mtime_ns
    assert portable.stat("/srv/none") is portable.stat("/srv/app/f/x") is portable.stat("/srv/app/f/") is None
    assert portable.real_path("/../srv//app/") == "/srv/app"
    assert portable.same_content("/srv/app/f", "/rev/f")


def test_errors(portable: PortableRoot) -> None:
    for path, error in (("relative", Unusable), ("/nul\0", Unusable), ("/srv", Unusable), ("/none", NotThere)):
        with pytest.raises(error):
            portable.read(path, 1)
    with pytest.raises(Unusable):
        portable.read_link("/srv")
    for directory, missing in (("no such", FileNotFoundError), ("srv/app/f", NotADirectoryError)):
        with pytest.raises(missing):
            PortableRoot(portable.label + "/" + directory)
    portable.close()
    with pytest.raises(RootError):
        portable.stat("/srv")
    with pytest.raises(RootError):
        portable.walk(WalkRequest(["/"]))


@pytest.mark.skipif(os.name != "nt", reason="names that only Windows does not have")
@pytest.mark.parametrize("name", ["a:stream", "f*", "?", "a|b", 'a"', "<", "a\\f", "\x01"])
def test_a_name_that_windows_takes_for_something_else_is_not_there(portable: PortableRoot, name: str) -> None:
    assert portable.stat(f"/srv/app/{name}") is None
    assert len(walked(portable, f"/srv/app/{name}")) == 0


def test_long_paths(portable: PortableRoot, top: Path) -> None:
    path = "/srv"
    for _ in range(8):
        path += "/" + "n" * 60
    place = portable._paths.native(path)
    os.makedirs(place)
    with open(os.path.join(place, "f"), "xb") as file:
        file.write(b"x")
    assert portable.read(path + "/f", 9).data == b"x"
    assert paths(walked(portable, "/srv"))[-1] == path + "/f"


@links_needed
def test_links_stay_inside(portable: PortableRoot, top: Path) -> None:
    (top.parent / "secret").write_text("outside")
    for name, text in (
        ("rel", "../app/f"), ("abs", "/rev/f"), ("up", "../../../../secret"), ("loop", "loop"), ("dir", "/srv/app"),
    ):  # fmt: skip
        (top / "srv/app" / name).symlink_to(text)
    assert portable.real_path("/srv/app/rel") == "/srv/app/f"
    assert portable.real_path("/srv/app/dir/dir/abs") == "/rev/f"
    assert portable.stat("/srv/app/up") is None
    with pytest.raises(Looped):
        portable.stat("/srv/app/loop")
    assert portable.read_link("/srv/app/abs") == "/rev/f"
    assert paths(walked(portable, "/srv/app/dir/d", "/srv/app/dir")) == ["/srv/app/dir"]
    (top / "srv/app/near").symlink_to("../app")
    assert paths(walked(portable, "/srv/app/near/d", singles=("/srv/app/near/f",))) == []
    for number in range(41):
        (top / f"srv/l{number}").symlink_to(f"l{number + 1}")
    (top / "srv/l41").write_text("")
    assert portable.real_path("/srv/l1") == "/srv/l41"
    with pytest.raises(Looped):
        portable.stat("/srv/l0")


@links_needed
def test_a_file_swapped_for_another_while_it_is_opened(
    portable: PortableRoot, top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = portable._paths.native

    def swap(path: str) -> str:
        if (top / "srv/app/f").exists() and path == "/srv/app/f" and swap.armed:  # type: ignore[attr-defined]
            (top / "srv/app/f").rename(top / "was")
            (top / "srv/app/f").write_text("other")
        return real(path)

    swap.armed = False  # type: ignore[attr-defined]
    monkeypatch.setattr(portable._paths, "native", swap)
    look = portable._paths.look

    def looked(path: str) -> Any:
        found = look(path)
        swap.armed = path == "/srv/app/f"  # type: ignore[attr-defined]
        return found

    monkeypatch.setattr(portable._paths, "look", looked)
    with pytest.raises(RootError):
        portable.read("/srv/app/f", 9)


def test_compare(portable: PortableRoot, top: Path) -> None:
    (top / "rev/longer").write_bytes(b"longer")
    (top / "rev/other").write_bytes(b"SAME")
    (top / "rev/d").mkdir()
    inventory = walked(portable, "/srv").with_absent(["/srv/app/gone"])
    for path, source, code in (
        ("/srv/app/f", "/rev/f", SAME),
        ("/srv/app/f", "/srv/app/f", SAME),
        ("/srv/app/f", "/rev/longer", DIFFERENT),
        ("/srv/app/f", "/rev/other", DIFFERENT),
        ("/srv/app/f", "/rev/d", OTHER_TYPE),
        ("/srv/app/f", "/rev/none", NO_SOURCE),
        ("/srv/app/f", "/rev/nul\0", NO_SOURCE),
        ("/srv/app/f", "relative", UNREADABLE),
        ("/srv/app/f", None, NO_SOURCE),
        ("/srv/app/d", None, SAME),
        ("/srv/app/d", "/rev/d", SAME),
        ("/srv/app/d", "/rev/f", OTHER_TYPE),
        ("/srv/app/gone", "/rev/f", ABSENT_HERE),
    ):
        assert codes(portable, inventory, path, source) == [code], (path, source)
    (top / "srv/app/f").unlink()
    assert codes(portable, inventory, "/srv/app/f", "/rev/f") == [ABSENT_HERE]


def test_compare_below_a_directory_that_is_another_one_now(portable: PortableRoot, top: Path) -> None:
    inventory = walked(portable, "/srv")
    (top / "srv/app").rename(top / "srv/was")
    (top / "srv/app").mkdir()
    (top / "srv/app/f").write_bytes(b"same")
    assert codes(portable, inventory, "/srv/app/f", "/rev/f") == [UNREADABLE]


def test_a_walk_or_a_comparison_that_is_cancelled(portable: PortableRoot) -> None:
    *_, inventory = portable.walk(WalkRequest(["/srv"]), lambda: True)
    assert isinstance(inventory, Inventory) and [note.code for note in inventory.notes] == ["cancelled"]
    whole = walked(portable, "/srv")
    assert list(portable.compare(whole, range(len(whole)), lambda _: "/rev/f", lambda: True)) == []


def test_drives_stand_below_the_top(top: Path) -> None:
    for drive in ("one", "two"):
        (top / drive / "sub").mkdir(parents=True)
        (top / drive / "sub/f").write_text(drive)
    with PortableRoot({"C:": str(top / "one"), "D:": str(top / "two")}) as root:
        assert [(name, stat.type) for name, stat in root.list("/")] == [("C:", DIR), ("D:", DIR)]
        assert root.read("/D:/sub/f", 9).data == b"two"
        assert root.stat("/E:/sub") is root.stat("/x") is None
        assert paths(walked(root, "/C:", "/D:/sub", singles=("/E:",))) == [
            "/C:", "/C:/sub", "/C:/sub/f", "/D:/sub", "/D:/sub/f",
        ]  # fmt: skip


@posix_only
@pytest.mark.parametrize("name", [name for name, _ in names()])
def test_both_roots_agree_on_an_instance(name: str, tmp_path: Path) -> None:
    from tui.disk.posix import PosixRoot

    top = unpack(name, tmp_path)
    columns = (
        "name_blob", "name_end", "parent", "end", "type", "mode", "uid", "gid", "size", "mtime_ns", "ctime_ns",
        "inode", "devices", "links", "targets", "notes",
    )  # fmt: skip
    with PosixRoot(str(top)) as posix, PortableRoot(str(top)) as portable:
        ours, theirs = walked(portable, "/"), walked(posix, "/")
        for column in columns:
            assert getattr(ours, column) == getattr(theirs, column), column
        for _, path in ours.paths():
            for follow in (False, True):
                assert portable.stat(path, follow) == posix.stat(path, follow)
            assert portable.birth_ns(path) == posix.birth_ns(path)
