"""Keeping a preview: in a new file, and never on the instance."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support import DirectoryRoot, can_link, posix_only
from tui.app.previewing import PreviewPorts
from tui.app.saving import NotKept, default_name, here, keep
from tui.disk.source import open_source
from tui.preview.records import Preview

from .build import NOW, instance
from .test_preview_rows import FULL

PREVIEW = Preview([FULL], FULL.effects)


def ports(root: Any, write: Any = None) -> PreviewPorts:
    def as_text(preview: Preview, of: object, format_name: str, stream: Any) -> None:
        assert preview is PREVIEW
        stream.write(format_name.encode())

    return PreviewPorts(root, lambda: iter([]), lambda text: None, write or as_text)  # type: ignore[arg-type,return-value]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source" / "srv").mkdir(parents=True)
    return tmp_path / "source"


@pytest.mark.parametrize(
    ("group", "wanted"),
    [
        ("shop-prod", "preview-shop-prod-20260921T141320Z.json"),
        ("../a\x1b/b \u202e", "preview-_a_b_-20260921T141320Z.json"),
        ("", "preview-group-20260921T141320Z.json"),
        ("x" * 400, f"preview-{'x' * 60}-20260921T141320Z.json"),
    ],
)
def test_its_name(group: str, wanted: str) -> None:
    assert default_name(group, NOW) == wanted


def test_the_end_of_the_name_says_the_format(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_source(str(source)) as root:
        for name, wanted in (("a.json", "json"), ("b.TXT", "table")):
            path = keep(name, PREVIEW, instance(), ports(root))
            assert os.path.isabs(path) and Path(path) == tmp_path / name and Path(path).read_text() == wanted
        for name in ("c", "c.csv", ".json", ""):
            with pytest.raises(NotKept, match=r"\.json or in \.txt"):
                keep(name, PREVIEW, instance(), ports(root))
    assert sorted(os.listdir(tmp_path)) == ["a.json", "b.TXT", "source"]


def test_no_file_is_overwritten_and_no_link_followed(source: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("mine")
    with open_source(str(source)) as root:
        with pytest.raises(NotKept, match="already: choose another name"):
            keep(str(tmp_path / "a.json"), PREVIEW, instance(), ports(root))
        if can_link():
            (tmp_path / "b.json").symlink_to(source / "b.json")
            with pytest.raises(NotKept, match="already"):
                keep(str(tmp_path / "b.json"), PREVIEW, instance(), ports(root))
    assert (tmp_path / "a.json").read_text() == "mine" and sorted(os.listdir(source)) == ["srv"]


def test_nothing_is_written_below_the_source(source: Path, tmp_path: Path) -> None:
    places = [source, source / "srv", source / "srv" / ".."]
    if can_link():
        (tmp_path / "link").symlink_to(source / "srv")
        places.append(tmp_path / "link")
    with open_source(str(source)) as root:
        for label in (root.label, "an example"):  # an example's label is no path
            root.label = label
            for place in places:
                with pytest.raises(NotKept, match="on the instance"):
                    keep(f"{place}/a.json", PREVIEW, instance(kind="directory"), ports(root))
    assert sorted(os.listdir(source)) == ["srv"] and not os.listdir(source / "srv")


def test_nothing_is_written_between_the_drives_of_a_windows_instance(tmp_path: Path) -> None:
    (tmp_path / "C" / "ProgramData" / "Amazon" / "CodeDeploy").mkdir(parents=True)
    with open_source(str(tmp_path)) as root:
        assert root.platform == "windows"
        for place in (tmp_path, tmp_path / "C", tmp_path / "C" / "ProgramData"):
            with pytest.raises(NotKept, match="on the instance"):
                keep(f"{place}/a.json", PREVIEW, instance(kind="directory"), ports(root))
    assert os.listdir(tmp_path) == ["C"]


@pytest.mark.skipif(os.name == "nt", reason="this machine's Root has its drives on Windows")
def test_on_this_machine_it_is_not_written_among_the_agents_own_files(tmp_path: Path) -> None:
    (tmp_path / "root" / "group").mkdir(parents=True)
    of = instance()
    of = replace(of, config=replace(of.config, root_dir=str(tmp_path / "root"), log_dir=str(tmp_path / "no-log")))
    with DirectoryRoot("/", "this machine", "machine") as root:
        for place in (tmp_path / "root", tmp_path / "root" / "group"):
            with pytest.raises(NotKept, match="on the instance"):
                keep(str(place / "a.json"), PREVIEW, of, ports(root))
        assert keep(str(tmp_path / "a.json"), PREVIEW, of, ports(root)) == str(tmp_path / "a.json")


@pytest.mark.parametrize("place", ["nowhere/a.json", "a\0.json", "source/../no/a.json"])
def test_a_place_that_is_none_is_said(source: Path, tmp_path: Path, place: str) -> None:
    with open_source(str(source)) as root, pytest.raises(NotKept, match="cannot be made"):
        keep(f"{tmp_path}/{place}", PREVIEW, instance(), ports(root))


@posix_only
def test_where_the_current_directory_is_gone(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with open_source(str(source)) as root:
        with pytest.raises(NotKept, match="cannot be made: no such file"):
            keep("a.json", PREVIEW, instance(), ports(root))
        assert here() == "." and Path(keep(str(tmp_path / "a.json"), PREVIEW, instance(), ports(root))).exists()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("odd")])
def test_no_part_of_a_file_is_left(source: Path, tmp_path: Path, error: Exception) -> None:
    def write(preview: Preview, of: object, format_name: str, stream: Any) -> None:
        stream.write(b"half")
        raise error

    with (
        open_source(str(source)) as root,
        pytest.raises(NotKept, match=r"cannot be written: (no space|ValueError: odd)"),
    ):
        keep(str(tmp_path / "a.json"), PREVIEW, instance(), ports(root, write))
    assert os.listdir(tmp_path) == ["source"]
