"""Zip bundles: what the Tree holds is what unzip, called as the agent does, leaves in a real directory."""

from __future__ import annotations

import bz2
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import examples
from tui.disk import bundle_io, zip_directory
from tui.disk.bundle import BundleError, open_bundle
from tui.disk.root import Unusable

from .archives import (
    FAT,
    FOLDER,
    LINKED,
    NTFS,
    REGULAR,
    TIMES,
    UNIX,
    Entry,
    Found,
    has_unzip,
    read_all,
    really,
    reason_of,
    unzip,
    whole,
    zip_of,
)

needs_unzip = pytest.mark.skipif(not has_unzip(), reason="no unzip 6.0, or not root")

Made = Callable[[bytes], Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Writes a bundle."""

    def make(raw: bytes) -> Path:
        place = tmp_path / "bundle.tar"
        place.write_bytes(raw)
        return place

    return make


def held(place: Path) -> Found:
    with open_bundle(place) as bundle:
        assert bundle.kind == "zip"
        return whole(bundle)


def link(name: bytes, target: bytes, system: int = UNIX) -> Entry:
    return Entry(name, target, LINKED | 0o777, system)


def unicode_name(raw: bytes, name: str) -> bytes:
    text = name.encode()
    return struct.pack("<2HBL", 0x7075, 5 + len(text), 1, zlib.crc32(raw)) + text


# What unzip takes without a word.
CASES: dict[str, list[Entry]] = {
    "modes": [
        Entry(b"a/b.txt", b"x", REGULAR | 0o4755),
        Entry(b"c/", mode=FOLDER | 0o2700),
        Entry(b"c/d", b"y", REGULAR | 0o400, method=8),
        Entry(b"e", b"x", 0o751),
        Entry(b"f", b"x", 0),
        Entry(b"g/", mode=0),
    ],
    "modes of FAT": [
        Entry(b"f", b"x", 0, FAT),
        Entry(b"r", b"x", 0, FAT, attributes=1),
        Entry(b"d/", mode=0, system=FAT, attributes=0x10),
        Entry(b"e/", mode=0, system=FAT),
        Entry(b"dir-bit", b"x", 0, FAT, attributes=0x10),
        Entry(b"archive-bit", b"x", 0, FAT, attributes=0x20),
    ],
    "Unix modes from FAT": [
        Entry(b"x", b"x", REGULAR | 0o755, FAT),
        Entry(b"r", b"x", REGULAR | 0o444, FAT, attributes=1),
        Entry(b"s", b"x", REGULAR | 0o600, FAT),
        Entry(b"t", b"x", REGULAR | 0o4666, FAT),
        Entry(b"d/", mode=FOLDER | 0o700, system=FAT, attributes=0x10),
        Entry(b"link", b"x", LINKED | 0o777, FAT),
    ],
    "types that are none": [Entry(b"p", b"", 0o010644), Entry(b"c", b"", 0o020644), Entry(b"s", b"", 0o140600)],
    "a directory after its files": [Entry(b"d/f"), Entry(b"d/", mode=FOLDER | 0o700)],
    "a directory twice": [Entry(b"d/", mode=FOLDER | 0o711), Entry(b"d/", mode=FOLDER | 0o700)],
    "a later entry wins": [Entry(b"f", b"1"), Entry(b"f", b"22", REGULAR | 0o600)],
    "a directory with content": [Entry(b"d/", b"123")],
    "symbolic links": [
        link(b"up", b"../x"),
        link(b"abs", b"/etc/passwd"),
        link(b"cut", b"a\0b"),
        link(b"none", b""),
        link(b"long", b"n" * 5000),
        link(b"bytes", b"\xff"),
        link(b"osx", b"x", 19),
        link(b"be", b"x", 16),
    ],
    "links and files of one name": [
        link(b"f", b"q"), Entry(b"f", b"file"), Entry(b"g", b"file"), link(b"g", b"q"),
        link(b"h", b"a"), link(b"h", b"b"),
    ],
    "..": [
        Entry(b"../up", b"1"), Entry(b"a/../b", b"2"), Entry(b"c/..", b"3"), Entry(b"../../d/", mode=FOLDER | 0o755),
        Entry(b"..", b"4"), Entry(b"../", mode=FOLDER | 0o755),
    ],
    "dots": [
        Entry(b"./a"), Entry(b"b/./c"), Entry(b"d//e"), Entry(b".", b"1"), Entry(b"g/."),
        Entry(b"./", mode=FOLDER | 0o700),
    ],
    "control characters": [Entry(b"a\1b\tc\nd\x7f"), Entry(b"x\xffy\x80z"), Entry(b"\1/f")],
    "version numbers": [Entry(name) for name in (b"a;1", b"b;x", b"c;", b"d;1/e", b"f;1;2", b"g;1.txt")],
    "a NUL": [Entry(b"a\0b")],
    "backslashes": [Entry(b"a\\b"), Entry(b"c\\d", system=NTFS), Entry(b"e/f\\g", system=FAT)],
    "names in UTF-8": [
        Entry("é".encode()),
        Entry("日本".encode(), flags=0x800),
        Entry("ü日.txt".encode(), system=FAT, flags=0x800, extra=TIMES),
        Entry(b"\x82", extra=unicode_name(b"\x82", "ß")),
        Entry(b"\x82", system=FAT, extra=unicode_name(b"\x82", "ä/ö")),
        Entry(b"\x83", extra=unicode_name(b"other", "ä")),
    ],
    "names in no known code": [Entry(b"\x82"), Entry(b"\xff\xfe", flags=0x800), Entry(b"\xc3x", system=NTFS)],
    "extra fields that are cut off": [Entry(b"f", extra=b"\1\2\3"), Entry(b"g", extra=b"UT\xff\xff\1")],
    "a long name": [Entry(b"n" * 255 + b"/" + b"m" * 250)],
    "bzip2": [Entry(b"f", b"xyz", method=12, packed=bz2.compress(b"xyz"))],
}  # fmt: skip


@needs_unzip
@pytest.mark.parametrize("case", CASES)
def test_as_unzip_unpacks(made: Made, tmp_path: Path, case: str) -> None:
    place = made(zip_of([*CASES[case], Entry(b"sibling")]))
    code, said = unzip(place, tmp_path / "out")
    assert code == 0, said
    with open_bundle(place) as bundle:
        assert (bundle.problem, bundle.notes) == (None, ())
        assert whole(bundle) == really(tmp_path / "out")


@needs_unzip
@pytest.mark.parametrize("system", [*range(2, 22), 30, 31, 99])
def test_modes_by_the_system_that_made_it(made: Made, tmp_path: Path, system: int) -> None:
    place = made(
        zip_of(
            [
                Entry(b"x", b"x", REGULAR | 0o751, system),
                Entry(b"r", b"x", REGULAR | 0o751, system, attributes=1),
                Entry(b"i", b"x", REGULAR | 0o600, system),
                Entry(b"n", b"x", 0, system),
                Entry(b"d/", b"", FOLDER | 0o700, system),
                link(b"l", b"x", system),
            ]
        )
    )
    assert unzip(place, tmp_path / "out")[0] == 0
    assert held(place) == really(tmp_path / "out")


# What unzip warns of or leaves out, and what is there once the agent's own library has had its turn.
TWICE: dict[str, tuple[list[Entry], set[str]]] = {
    "backslashes of Windows": (
        [Entry(b"a\\b", b"1", 0, FAT), Entry(b"d\\", b"", 0, FAT, attributes=0x10), Entry(b"f", b"2", 0, FAT)],
        {"/a", "/a/b", "/a\\b", "/d", "/d\\", "/f"},
    ),
    "an absolute name": ([Entry(b"/a/f"), Entry(b"b")], {"/a", "/a/f", "/b"}),
    "a name of control characters": ([Entry(b"a/\1"), Entry(b"b")], {"/a", "/a/\1", "/b"}),
    "through a symbolic link": (
        [Entry(b"d/", mode=FOLDER | 0o755), link(b"s", b"d"), Entry(b"s/x/y"), Entry(b"b")],
        {"/d", "/s", "/d/x", "/d/x/y", "/b"},
    ),
    "through a link that leads up": (
        [Entry(b"d/e/", mode=FOLDER | 0o755), link(b"d/s", b"../d/e"), Entry(b"d/s/x")],
        {"/d", "/d/e", "/d/s", "/d/e/x"},
    ),
    "over a symbolic link": (
        [Entry(b"f", b"1"), Entry(b"/s", b"22"), link(b"s", b"f")],
        {"/f", "/s"},
    ),
}


@pytest.mark.parametrize("case", TWICE)
def test_what_the_agent_extracts_twice(made: Made, tmp_path: Path, case: str) -> None:
    entries, paths = TWICE[case]
    place = made(zip_of(entries))
    if has_unzip():
        assert unzip(place, tmp_path / "out")[0] in (1, 2)
    with open_bundle(place) as bundle:
        assert bundle.problem is None
        assert len(bundle.notes) == 1
        assert "unzip warns" in bundle.notes[0]
        assert set(whole(bundle)) == paths


def test_permissions_after_the_second_time(made: Made) -> None:
    entries = [
        Entry(b"/kept", b"1", REGULAR | 0o4751),
        Entry(b"/sticky", b"1", REGULAR | 0o1666),
        Entry(b"a\\b", b"1", REGULAR | 0o600, FAT),
        Entry(b"c/\1", b"1", REGULAR | 0o640),
        Entry(b"d/\1/", b"", FOLDER | 0o710),
    ]
    modes = {path: it[1] for path, it in held(made(zip_of(entries))).items()}
    assert modes == {
        "/kept": 0o751,
        "/sticky": 0o1666,
        "/a": 0o755,
        "/a/b": 0o600,
        "/a\\b": 0o644,
        "/c": 0o755,
        "/c/\1": 0o640,
        "/d": 0o710,
        "/d/\1": 0o710,
    }


def test_content_through_a_link_the_second_time(made: Made) -> None:
    found = held(made(zip_of(TWICE["over a symbolic link"][0])))
    assert found["/f"][4] == b"22"
    assert found["/s"][4] == "f"


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([Entry(b"f", b"x" * 12, flags=1)], "f: encrypted"),
        ([Entry(b"f", b"x", method=14)], "f: the agent cannot unpack compression method 14"),
        ([Entry(b"f", b"x", method=12), Entry(b"/g")], "f: the agent cannot unpack compression method 12"),
        ([Entry(b"d/", mode=FOLDER | 0o755), Entry(b"d", b"x")], "d: a directory stands there"),
        ([Entry(b"f"), Entry(b"f/g")], "f/g: not a directory"),
        ([Entry(b"f"), Entry(b"f/", mode=FOLDER | 0o755)], "f/: a file stands"),
        ([Entry(b"n" * 256)], "file name too long"),
        ([Entry(b"n" * 256 + b"/f")], "file name too long"),
        ([Entry(b"/".join([b"n" * 200] * 21))], "file name too long"),
        ([Entry(b"/f"), Entry(b"..", b"x")], "..: is a directory"),
        ([Entry(b"/f"), Entry(b"d/", b"", REGULAR | 0o644)], "d/: is a directory"),
        ([Entry(b"/f"), Entry(b"a\0b")], "NUL"),
        ([link(b"s", b"s"), Entry(b"s/f")], "too many levels"),
        ([link(b"s", b"none"), Entry(b"s/f")], "no such file"),
    ],
    ids=reason_of,
)  # fmt: skip
def test_what_the_agent_cannot_unpack(made: Made, tmp_path: Path, entries: list[Entry], reason: str) -> None:
    place = made(zip_of([*entries, Entry(b"z")]))
    if has_unzip():
        assert unzip(place, tmp_path / "out")[0] != 0
    with open_bundle(place) as bundle:
        assert bundle.problem is not None
        assert reason in bundle.problem
        assert "/z" in whole_readable(bundle)


def whole_readable(bundle: object) -> set[str]:
    return {f"/{name}" for name, _ in bundle.list("/")}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [b"../up", b"a/../../up"])
def test_what_the_agent_writes_outside(made: Made, name: bytes) -> None:
    with open_bundle(made(zip_of([Entry(b"/f"), Entry(name), link(b"s", b"/etc"), Entry(b"s/x")]))) as bundle:
        assert bundle.problem is None
        assert "outside of the revision (and 1 more)." in bundle.notes[1]


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (Entry(b"\x84", mode=0, system=FAT, version=20), "ä"),
        (Entry("ü".encode(), mode=0, system=FAT, flags=0x800), "ü"),
    ],
)
def test_names_that_not_every_unzip_takes_alike(made: Made, entry: Entry, name: str) -> None:
    with open_bundle(made(zip_of([entry]))) as bundle:
        assert [found for found, _ in bundle.list("/")] == [name]
        assert "differs from one unzip to the other" in bundle.notes[0]


PATHS = st.lists(
    st.sampled_from([b"a", b"b", b"c", b"d", b"e", b"appspec.yml", "é".encode(), b".", b"..", b"q;1"]),
    min_size=1, max_size=3,
).map(b"/".join)  # fmt: skip
ENTRIES = st.one_of(
    st.builds(
        lambda name, data, mode, system, dos, method, extra: Entry(
            name, data, mode, system, attributes=dos, method=method, extra=extra
        ),
        PATHS,
        st.binary(max_size=9),
        st.sampled_from([0, 0o600, REGULAR | 0o755, REGULAR | 0o4444]),
        st.sampled_from([UNIX, UNIX, 7, NTFS]),
        st.sampled_from([0, 1, 0x20]),
        st.sampled_from([0, 8]),
        st.sampled_from([b"", TIMES]),
    ),
    st.builds(lambda path, mode: Entry(path + b"/", mode=FOLDER | mode), PATHS, st.sampled_from([0o700, 0o755])),
    st.builds(lambda path, target: link(path, target), PATHS, PATHS),
)


@needs_unzip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ENTRIES, max_size=7))
def test_any_entries_as_unzip_unpacks_them(made: Made, tmp_path: Path, entries: list[Entry]) -> None:
    place = made(zip_of([*entries, Entry(b"sibling")]))
    code, said = unzip(place, tmp_path / "out")
    with open_bundle(place) as bundle:
        if code == 0:
            assert (bundle.problem, bundle.notes) == (None, ())
            assert whole(bundle) == really(tmp_path / "out")
        else:
            assert bundle.problem is not None or "unzip warns" in bundle.notes[0], said


def test_as_the_standard_library_reads_it(made: Made) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(300):
            archive.writestr(
                f"d{number % 7}/{'long' * (number % 30)}{number}", b"%d" % number * number * 9, number % 2 * 8
            )
        archive.writestr("ä/ö", b"x")
        archive.comment = b"a comment"
        archive.writestr(zipfile.ZipInfo("when", (2020, 2, 29, 12, 34, 56)), b"x")
        archive.writestr(zipfile.ZipInfo("never", (1980, 0, 0, 0, 0, 0)), b"x")
    place = made(out.getvalue())
    with open_bundle(place) as bundle, zipfile.ZipFile(place) as archive:
        found = whole(bundle)
        assert {path[1:]: it[4] for path, it in found.items() if it[0] == "file"} == {
            info.filename: archive.read(info) for info in archive.infolist()
        }
        times = {name: there.mtime_ns for name, there in bundle.list("/")}
        assert times["when"] == 1_582_979_696_000_000_000
        assert times["never"] < 0


def test_large_numbers(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 5)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", allowZip64=True) as archive:
        for number in range(9):
            archive.writestr(f"f{number}", b"%d" % number * 200)
    for before in (b"", b"#!/bin/sh\n" * 9):
        with open_bundle(made(before + out.getvalue())) as bundle:
            assert {path: it[4] for path, it in whole(bundle).items()} == {
                f"/f{number}": b"%d" % number * 200 for number in range(9)
            }
            assert len(bundle.notes) == bool(before)


@pytest.mark.parametrize(
    ("place", "field"),
    [(24, (1 << 63, 1, 1)), (24, (1 << 41, 1, 1)), (20, (1, 1 << 63, 1)), (42, (1, 1, 1 << 64 - 1)), (20, ())],
)
def test_large_numbers_that_cannot_be(made: Made, place: int, field: tuple[int, ...]) -> None:
    numbers = [number for number in field if number > 1]
    extra = struct.pack(f"<2H{len(numbers)}Q", 1, 8 * len(numbers), *numbers)
    raw = bytearray(zip_of([Entry(b"f", b"x", extra=extra)]))
    at = raw.index(b"PK\1\2") + place
    raw[at : at + 4] = b"\xff" * 4
    with pytest.raises(BundleError, match="central directory"):
        open_bundle(made(bytes(raw)))


def test_more_entries_than_the_end_counts(made: Made) -> None:
    entries = [Entry(b"%d" % number) for number in range(65_600)]
    with open_bundle(made(zip_of(entries, count=65_600 - 65_536))) as bundle:
        assert len(bundle.list("/")) == 65_600
    with pytest.raises(BundleError, match="damaged"):
        open_bundle(made(zip_of(entries, count=4)))


def test_entries_with_much_beside_them(made: Made) -> None:
    long = b"\1\2" + (60_000).to_bytes(2, "little") + bytes(60_000)
    entries = [Entry(b"%d" % number, b"%d" % number, extra=long) for number in range(40)]
    assert {path: it[4] for path, it in held(made(zip_of(entries))).items()} == {
        f"/{number}": b"%d" % number for number in range(40)
    }


def test_no_entries(made: Made) -> None:
    with open_bundle(made(zip_of([]))) as bundle:
        assert bundle.list("/") == []
        assert bundle.problem is None
        assert "It holds no files." in bundle.notes


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (Entry(b"f", b"xyz", crc=5), "checksum"),
        (Entry(b"f", b"xyz", size=2), "checksum"),
        (Entry(b"f", b"xyz", size=4), "ends too soon"),
        (Entry(b"f", b"xyz", method=8, packed=b"\xff" * 9), "damaged"),
        (Entry(b"f", b"xyz", method=8, packed=b""), "ends too soon"),
        (Entry(b"f", b"x" * 99, method=9), "method 9"),
    ],
    ids=reason_of,
)  # fmt: skip
def test_content_that_cannot_be_read(made: Made, entry: Entry, reason: str) -> None:
    with open_bundle(made(zip_of([entry, Entry(b"z", b"1")]))) as bundle:
        with pytest.raises(Unusable, match=reason):
            bundle.read("/f", 99)
        assert bundle.read("/z", 9).data == b"1"
        try:
            with bundle.open("/f") as file, pytest.raises(OSError, match=reason):
                file.read()
        except Unusable as error:
            assert reason in error.reason


GOOD = zip_of([Entry(b"first", b"x" * 99), Entry(b"second", b"y" * 99)])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (GOOD[:-5], "no central directory"),
        (GOOD[:80], "no central directory"),
        (GOOD.replace(b"PK\1\2", b"PK\1\3"), "central directory cannot be read"),
        (zip_of([Entry(b"f")], count=2), "central directory cannot be read"),
        (GOOD[:-22] + GOOD[-22:].replace(struct.pack("<2H", 0, 0), struct.pack("<2H", 2, 1), 1), "several files"),
        (zip_of([Entry(b"f", b"x" * 500)] * 2)[600:], "central directory cannot be read"),
        (b"PK\3\4" + bytes(2000), "no central directory"),
    ],
    ids=reason_of,
)  # fmt: skip
def test_damaged(made: Made, raw: bytes, reason: str) -> None:
    with pytest.raises(BundleError) as raised:
        open_bundle(made(raw))
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)


def test_entries_that_share_their_content(made: Made) -> None:
    raw = bytearray(zip_of([Entry(b"a", b"x" * 9000), Entry(b"b"), Entry(b"c")]))
    for _ in range(3):  # all three entries of the directory say that their content is the first one's
        at = raw.index(b"PK\1\2")
        raw[at : at + 4] = b"PK!!"
        raw[at + 20 : at + 24] = (9000).to_bytes(4, "little")
        raw[at + 42 : at + 46] = bytes(4)
    with pytest.raises(BundleError, match="share their content"):
        open_bundle(made(bytes(raw.replace(b"PK!!", b"PK\1\2"))))


def test_reads_no_more_than_declared(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_io, "EXPANDED_FREE", 1 << 20)
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bomb.compress(bytes(9 << 20)) + bomb.flush()
    entries = [
        Entry(b"lies", b"x", method=8, packed=packed, size=10),
        Entry(b"swells", b"x", method=8, packed=packed, size=9 << 20),
    ]
    with open_bundle(made(zip_of(entries))) as bundle:
        with pytest.raises(Unusable, match="checksum"):
            bundle.read("/lies", 1 << 30)
        with pytest.raises(Unusable, match="200 times"):
            bundle.read("/swells", 1 << 30)
    assert zip_directory.MAX_DIRECTORY <= 1 << 30


def test_cancelled(made: Made) -> None:
    with pytest.raises(BundleError, match="cancelled"):
        open_bundle(made(GOOD), cancelled=lambda: True)


def test_single_directory(made: Made) -> None:
    with open_bundle(made(zip_of([Entry(b"top/", mode=FOLDER | 0o755), Entry(b"top/appspec.yml", b"1")]))) as bundle:
        assert bundle.read("/appspec.yml", 9).data == b"1"
        assert bundle.problem is None
    strange = zip_of([Entry(b"top/appspec.yml"), Entry(b"top/\x80")])
    with open_bundle(made(strange)) as bundle:
        assert bundle.problem == "invalid byte sequence in UTF-8 (top/\\x80)"


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ENTRIES, max_size=4), st.data())
def test_hostile_bundles(made: Made, entries: list[Entry], data: st.DataObject) -> None:
    before = data.draw(st.sampled_from([b"", b"", b"PK"]))
    raw = bytearray(zip_of([*entries, Entry(b"n" * 50, b"x" * 300, method=8)], before))
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    del raw[data.draw(st.one_of(st.just(len(raw)), st.integers(0, len(raw)))) :]
    try:
        bundle = open_bundle(made(bytes(raw)))
    except BundleError as error:
        assert "\n" not in str(error)
        return
    with bundle:
        read_all(bundle)


def test_bytes_of_names_come_back(made: Made) -> None:
    with open_bundle(made(zip_of([Entry(b"\x80\xc3\xa9")]))) as bundle:
        ((name, _),) = bundle.list("/")
        assert name.encode("utf-8", "surrogateescape") == b"\x80\xc3\xa9"
        assert bundle.read(f"/{name}", 9).size == 0
