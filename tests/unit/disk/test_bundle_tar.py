"""Tar bundles: what the Tree holds is what GNU tar, called as the agent does, leaves in a real directory."""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import examples, posix_only
from tui.disk import bundle_io, tar_headers, tar_store, unpacked
from tui.disk.bundle import Bundle, BundleError, open_bundle
from tui.disk.forked import Forked, may_fork
from tui.disk.inventory import UNKNOWN_TIME
from tui.disk.root import NotThere, Unusable

from .archives import (
    DIRECTORY,
    HARDLINK,
    REG,
    SYMLINK,
    Member,
    gz,
    has_gnu_tar,
    member,
    read_all,
    really,
    reason_of,
    tar_of,
    untar,
    whole,
)

needs_tar = pytest.mark.skipif(not has_gnu_tar(), reason="no GNU tar, or not root")

Made = Callable[[bytes], Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Writes a bundle."""

    def make(raw: bytes) -> Path:
        place = tmp_path / "bundle.tar"
        place.write_bytes(raw)
        return place

    return make


# Members, and whether tar ends with an error on them. ``sibling`` keeps the top from being stripped.
CASES: dict[str, tuple[list[Member], bool]] = {
    "missing directories": ([member("a/b/c", data=b"x", mode=0o4755, uid=5, gid=6)], False),
    "modes": ([member("d", DIRECTORY, mode=0o2770), member("d/f", mode=0o1644), member("e", DIRECTORY, mode=0)], False),
    "a later member wins": ([member("f", data=b"x"), member("f", data=b"yy", mode=0o600)], False),
    "a directory after its files": ([member("d/f"), member("d", DIRECTORY, mode=0o700, uid=3)], False),
    "a file, then a directory": ([member("f", data=b"x"), member("f", DIRECTORY, mode=0o700)], False),
    "an empty directory, then a file": ([member("d", DIRECTORY), member("d", data=b"x")], False),
    "a full directory, then a file": ([member("d/x"), member("d", data=b"x"), member("z")], True),
    "a file below a file": ([member("f"), member("f/g"), member("z")], True),
    "dots": ([member("./a/./b//c", data=b"x"), member(".", DIRECTORY, mode=0o700), member("./a/", DIRECTORY)], False),
    "a file for the top": ([member("./", SYMLINK, link="x"), member("z")], True),
    "a file for a directory itself": ([member("d/.", data=b"x"), member("z")], True),
    "no name": ([member("", data=b"x"), member("z")], True),
    "the top by an absolute name": ([member("/", DIRECTORY), member("z")], False),
    "a file by the top's name": ([member("/", mode=0o700), member("z")], True),
    "absolute names": ([member("/abs/f", data=b"x"), member("//abs/g", DIRECTORY)], False),
    "names with dots at their ends": ([member("..a"), member("b..", DIRECTORY), member("...")], False),
    "..": ([member("ok"), member("../up"), member("a/../b"), member("c/..", DIRECTORY), member("after")], True),
    "a slash at the end makes a directory": ([member("d/", REG), member("e/", tarfile.AREGTYPE)], False),
    "a long name": ([member("n" * 255 + "/" + "m" * 250, data=b"x")], False),
    "a name that is too long": ([member("n" * 256, data=b"x"), member("z")], True),
    "a path that is too long": ([member("/".join(["n" * 200] * 21)), member("z")], True),
    "bytes that are no UTF-8": ([member("\udcff\udcfe", data=b"x"), member("sibling")], False),
    "hard links": (
        [member("f", data=b"x"), member("g", HARDLINK, link="f"), member("q/h", HARDLINK, link="./f"), member("f")],
        False,
    ),
    "hard links over others": (
        [member("f", data=b"x"), member("g", data=b"y"), member("d", DIRECTORY)]
        + [member(name, HARDLINK, link="f") for name in ("g", "d", "f", "g", "./g")],
        False,
    ),
    "hard links that lead out": (
        [member("f", data=b"x"), member("g", HARDLINK, link="/f"), member("h", HARDLINK, link="a/../../f")],
        False,
    ),
    "a hard link to nothing": ([member("g", HARDLINK, link="f"), member("z")], True),
    "a hard link to a directory": ([member("d", DIRECTORY), member("g", HARDLINK, link="d")], True),
    "a hard link to a file as a directory": ([member("f"), member("g", HARDLINK, link="f/")], True),
    "a hard link to a symbolic one": ([member("f", SYMLINK, link="x"), member("g", HARDLINK, link="f")], False),
    "symbolic links": (
        [member(name, SYMLINK, link=name * 4) for name in ("a", "/b", "../c")]
        + [member("d", SYMLINK, link="\udcff"), member("e", SYMLINK, link="n" * 4000)],
        True,  # for ../c
    ),
    "a symbolic link to nothing": ([member("s", SYMLINK), member("z")], True),
    "a file for a symbolic link": ([member("s", SYMLINK, link="x"), member("s", data=b"x")], False),
    "a directory for a symbolic link": (
        [member("d", DIRECTORY), member("s", SYMLINK, link="d"), member("s", DIRECTORY, mode=0o700), member("s/f")],
        False,
    ),
    "through a symbolic link": (
        [member("d", DIRECTORY), member("s", SYMLINK, link="./d//"), member("s/x/y", data=b"x")],
        False,
    ),
    "through a link to the top": ([member("s", SYMLINK, link="."), member("s/x", data=b"x")], False),
    "through a dangling link": ([member("s", SYMLINK, link="d"), member("s/x"), member("z")], True),
    "through a link to a file": ([member("f"), member("s", SYMLINK, link="f"), member("s/x"), member("z")], True),
    "through a loop": ([member("s", SYMLINK, link="t"), member("t", SYMLINK, link="s"), member("s/x")], True),
    "through an absolute link": ([member("s", SYMLINK, link="/tmp"), member("s/x"), member("z")], True),
    "through a link with ..": ([member("d/e", DIRECTORY), member("d/s", SYMLINK, link="../d"), member("d/s/x")], True),
    "a hard link through a symbolic one": (
        [member("d/f", data=b"x"), member("s", SYMLINK, link="d"), member("g", HARDLINK, link="s/f")],
        False,
    ),
    "devices and pipes": (
        [
            member("p", tarfile.FIFOTYPE, mode=0o600),
            member("c", tarfile.CHRTYPE, devmajor=1, devminor=3),
            member("b", tarfile.BLKTYPE, devmajor=7, devminor=9),
            member("n", tarfile.CONTTYPE, data=b"abc"),
        ],
        False,
    ),
    "an unknown type": ([member("q", b"Q", data=b"12345"), member("z", data=b"x")], False),
    "a label": ([member("the label", b"V"), member("z", data=b"x")], False),
    "another volume's": ([member("m", b"M", data=b"123"), member("z", data=b"x")], True),
    "a directory that lists its files": ([member("m", b"D", data=b"Yfoo\0\0"), member("z", data=b"x")], False),
    "owners by number": ([member("f", uid=123456, gid=3000000), member("z")], False),
    "empty": ([], False),
}


@needs_tar
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=["gnu", "pax"])
def test_as_tar_unpacks(made: Made, tmp_path: Path, case: str, form: int) -> None:
    members, fails = CASES[case]
    place = made(tar_of([*members, member("sibling")], form=form))
    code, said = untar(place, tmp_path / "out")
    assert (code != 0) == fails, said
    with open_bundle(place) as bundle:
        assert (bundle.problem is not None) == fails, bundle.problem
        if not fails:
            assert whole(bundle) == really(tmp_path / "out")
        else:  # what tar could unpack nonetheless, owners and modes aside
            assert {(path, it[0]) for path, it in whole(bundle).items()} == {
                (path, it[0]) for path, it in really(tmp_path / "out").items()
            }


NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "appspec.yml", "é", ".", ""])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
MEMBERS = st.builds(
    lambda kind, path, link, up, data, mode: member(
        path, kind, b"x" * data if kind == REG and not path.endswith("/") else b"", mode, up + link
    ),
    st.sampled_from([REG, REG, DIRECTORY, SYMLINK, HARDLINK, tarfile.FIFOTYPE]),
    PATHS,
    PATHS,
    st.sampled_from(["", "", "", "/", "../"]),
    st.integers(0, 1200),
    st.sampled_from([0o644, 0o755, 0o4711, 0o1777]),
)


@needs_tar
@settings(max_examples=examples(120), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MEMBERS, max_size=7), st.booleans())
def test_any_members_as_tar_unpacks_them(made: Made, tmp_path: Path, members: list[Member], packed: bool) -> None:
    members = [each for each in members if each.info.type != HARDLINK or each.info.name.rstrip("/.")]
    raw = tar_of([*members, member("sibling")])
    place = made(gz(raw) if packed else raw)
    code, said = untar(place, tmp_path / "out")
    with open_bundle(place) as bundle:
        if any("symbolic link" in note for note in bundle.notes):
            return  # which of two members stays depends on the file system
        assert (bundle.problem is not None) == (code != 0), (said, bundle.problem)
        if code == 0:
            assert whole(bundle) == really(tmp_path / "out")


@needs_tar
@pytest.mark.parametrize("form", ["v7", "ustar", "oldgnu", "gnu", "pax"])
def test_what_tar_itself_packs(made: Made, tmp_path: Path, form: str) -> None:
    top = tmp_path / "in"
    (top / "scripts").mkdir(parents=True)
    (top / "scripts" / "run me.sh").write_bytes(b"#!/bin/sh\n" * 300)
    (top / "scripts" / "run me.sh").chmod(0o4755)
    os.link(top / "scripts" / "run me.sh", top / "again")
    (top / "to").symlink_to("scripts/run me.sh")
    (top / "empty").write_bytes(b"")
    (top / "old").write_bytes(b"x")
    os.utime(top / "old", ns=(0, 1_000_000_123_456_789))
    if form != "v7":
        (top / ("long" * 20) / ("name" * 20)).mkdir(parents=True)
    if form in ("gnu", "oldgnu", "pax"):
        (top / ("long" * 60)).write_bytes(b"y")
        (top / os.fsdecode(b"\xe9\xff")).write_bytes(b"z")
        os.chown(top / "old", 3_000_000, 4_000_000)
    subprocess.run(["tar", "-C", top, f"--format={form}", "-cf", tmp_path / "b", "."], check=True)
    assert untar(tmp_path / "b", tmp_path / "out")[0] == 0
    with open_bundle(tmp_path / "b") as bundle:
        assert whole(bundle) == really(tmp_path / "out") == really(top)
        assert (bundle.kind, bundle.problem, bundle.notes) == ("tar", None, ())
        (old,) = (there for name, there in bundle.list("/") if name == "old")
        assert old.mtime_ns == (1_000_000_123_456_789 if form == "pax" else 1_000_000_000_000_000)


@needs_tar
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "form", [["gnu"], ["pax", "--sparse-version=0.0"], ["pax", "--sparse-version=0.1"], ["pax", "--sparse-version=1.0"]]
)
def test_sparse_files(tmp_path: Path, form: list[str], packed: bool) -> None:
    top = tmp_path / "in"
    top.mkdir()
    for name, holes in (("few", 2), ("many", 90)):
        with (top / name).open("wb") as file:
            for hole in range(holes):
                file.seek(hole * 65536 + 4096)
                file.write(b"%d" % hole * 700)
            file.truncate(holes * 65536 + (5 if name == "few" else 0))
    with (top / "all").open("wb") as file:
        file.truncate(200_000)
    options = ["--sparse", "--hole-detection=raw", f"--format={form[0]}", *form[1:], *(["-z"] if packed else [])]
    subprocess.run(["tar", "-C", top, *options, "-cf", tmp_path / "b", "."], check=True)
    assert (tmp_path / "b").stat().st_size < 700_000
    with open_bundle(tmp_path / "b") as bundle:
        assert whole(bundle) == really(top)
        assert bundle.read("/few", 4100).data == bytes(4096) + b"0000"


def test_what_the_file_system_decides(made: Made) -> None:
    for again, stays in ((member("s", data=b"x"), 2), (member("s", SYMLINK, link="y"), 2), (member("s", DIRECTORY), 1)):
        with open_bundle(made(tar_of([member("s", SYMLINK, link="/x"), again]))) as bundle:
            assert [there.type for _, there in bundle.list("/")] == [stays]
            assert bundle.problem is None
            (note,) = bundle.notes
            assert "comes again after a symbolic link" in note
    with open_bundle(made(tar_of([member("s", SYMLINK, link="x"), member("s", data=b"x")]))) as bundle:
        assert bundle.notes == ()


@posix_only
def test_owners_by_name_first(made: Made) -> None:
    place = made(
        tar_of(
            [
                member("known", uid=1000, gid=1001, uname="app", gname="web"),
                member("unknown", uid=1000, gid=1001, uname="ci", gname="ci"),
                member("unnamed", uid=7, gid=8),
                member("link", SYMLINK, link="x", uid=1000, uname="app"),
            ]
        )
    )
    with open_bundle(place, {"app": 33, "": 1}, {"web": 34, "": 1}) as bundle:
        owners = {name: (there.uid, there.gid) for name, there in bundle.list("/")}
    assert owners == {"known": (33, 34), "unknown": (1000, 1001), "unnamed": (7, 8), "link": (33, 0)}
    for users in (None, {}, {"app": 1 << 32, "ci": -1}):
        with open_bundle(place, users) as bundle:
            assert {there.uid for _, there in bundle.list("/")} == {1000, 7}


def test_numbers_that_are_out_of_range(made: Made) -> None:
    for times in (-(1 << 62), (1 << 62)):
        members = [member(name, kind, mtime=times) for name, kind in (("d", DIRECTORY), ("d/f", REG), ("d", DIRECTORY))]
        with open_bundle(made(tar_of(members))) as bundle:
            assert [there.mtime_ns for _, there in bundle.list("/d")] == [UNKNOWN_TIME]
    with open_bundle(made(tar_of([member("f", mtime=-5, uid=(1 << 32) - 1)]))) as bundle:
        ((_, there),) = bundle.list("/")
        assert (there.mtime_ns, there.uid) == (-5_000_000_000, (1 << 32) - 1)
    for wrong in ({"uid": 1 << 32}, {"gid": -1}, {"size": -1}):
        with pytest.raises(BundleError, match="out of range"):
            open_bundle(made(tar_of([member("f", **wrong)])))


def test_a_checksum_of_signed_bytes(made: Made, tmp_path: Path) -> None:
    block = bytearray(tar_of([member("\u00e9" * 20)], end=False))
    spaced = block[:148] + b" " * 8 + block[156:]
    block[148:156] = b"%06o\0 " % sum(byte - 256 * (byte > 127) for byte in spaced)
    place = made(bytes(block + bytes(1024)))
    with open_bundle(place) as bundle:
        assert [name for name, _ in bundle.list("/")] == ["\u00e9" * 20]
    if has_gnu_tar():
        assert untar(place, tmp_path / "out")[0] == 0


@pytest.mark.parametrize(
    ("pack", "kind"),
    [(bytes, "tar"), (gz, "tgz"), (bz2.compress, "tar"), (lzma.compress, "tar")],
    ids=["plain", "gzip", "bzip2", "xz"],
)
def test_all_compressions_hold_the_same(made: Made, pack: Callable[[bytes], bytes], kind: str) -> None:
    big = os.urandom(300_000)
    raw = tar_of(
        [member("appspec.yml", data=b"version: 0.0\n"), member("d/big", data=big), member("d/s", SYMLINK, link="x")]
    )
    with open_bundle(made(pack(raw))) as bundle:
        assert (bundle.kind, bundle.problem) == (kind, None)
        found = whole(bundle)
        assert found["/d/big"][4] == big
        assert bundle.read_link("/d/s") == "x"
        known = None if pack is bytes else hashlib.sha256(big).digest()
        assert bundle.digest("/d/big") == known
        # Readers do not disturb each other.
        with bundle.open("/d/big") as first, bundle.open("/d/big") as second:
            assert (first.read(1000), second.read(10)) == (big[:1000], big[:10])
            assert io.BufferedReader(first).read() == big[1000:]  # type: ignore[type-var]


def test_as_the_standard_library_reads_it(tmp_path: Path) -> None:
    (tmp_path / "in" / "d").mkdir(parents=True)
    for number in range(30):
        (tmp_path / "in" / "d" / f"{'long' * (number % 20)}{number}.txt").write_bytes(b"%d" % number * number * 100)
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tarfile.open(tmp_path / "b", "w", format=form) as out:
            out.add(tmp_path / "in", ".")
        with open_bundle(tmp_path / "b") as bundle, tarfile.open(tmp_path / "b") as archive:
            found = whole(bundle)
            members = {info.name[1:]: info for info in archive if info.name != "."}
            assert found.keys() == members.keys()
            for path, info in members.items():
                content = archive.extractfile(info)
                assert found[path][:4] == ("file" if info.isreg() else "dir", info.mode, info.uid, info.gid)
                assert found[path][4] == (None if content is None else content.read())


def test_paths_that_are_not_there(made: Made) -> None:
    with open_bundle(made(tar_of([member("d/f", data=b"x"), member("s", SYMLINK, link="d")]))) as bundle:
        for path in ("/none", "/d/f/g", "/s/f", "/d/../d", "/\udcff", "/\ud800"):
            for look in (bundle.list, bundle.open, bundle.digest, bundle.read_link):
                with pytest.raises(NotThere):
                    look(path)
        for path, look in (("/d/f", bundle.list), ("/d", bundle.open), ("/s", bundle.open), ("/d", bundle.read_link)):
            with pytest.raises(Unusable):
                look(path)
        assert bundle.list("/d/") == bundle.list("/d")


def test_two_bundles_have_no_file_in_common(made: Made) -> None:
    place = made(tar_of([member("f")]))
    with open_bundle(place) as one, open_bundle(place) as other:
        ids = [(there.device, there.inode) for each in (one, other) for _, there in each.list("/")]
        assert len(set(ids)) == 2
        assert all(device < 0 for device, _ in ids)


@pytest.mark.parametrize("pack", [bytes, gz], ids=["plain", "gzip"])
def test_a_bundle_that_changes_or_is_closed(made: Made, pack: Callable[[bytes], bytes]) -> None:
    place = made(pack(tar_of([member("f", data=b"x" * 99_999), member("g")])))
    bundle = open_bundle(place)
    with place.open("ab") as file:
        file.write(b"more")
    with pytest.raises(Unusable, match="changed"):
        bundle.open("/f")
    bundle.close()
    bundle.close()
    with pytest.raises(Unusable, match="closed"):
        bundle.read("/f", 9)


@pytest.mark.parametrize("pack", [bytes, gz], ids=["plain", "gzip"])
def test_read_in_a_forked_child(made: Made, pack: Callable[[bytes], bytes]) -> None:
    if not may_fork():
        pytest.skip("no second process can be had safely")
    data = os.urandom(200_000)

    def read() -> bytes:
        with bundle.open("/f") as theirs:
            return theirs.read()

    with open_bundle(made(pack(tar_of([member("f", data=data)])))) as bundle, bundle.open("/f") as ours:
        assert ours.read(5) == data[:5]
        with Forked(read) as child:
            assert child.result(lambda: False) == data
        assert ours.read(5) == data[5:10]


class TestCutOffAndDamaged:
    """What tar says nothing of is a note, what makes it fail after all was read a problem, all else an error."""

    MEMBERS = (member("a", data=b"1" * 600), member("b", data=b"2" * 600))
    BODY = tar_of(MEMBERS, end=False)

    def opened(self, place: Path) -> Bundle:
        with open_bundle(place) as bundle:
            return bundle

    @needs_tar
    @pytest.mark.parametrize("cut", [0, 100, 1023, 1024, 1025, 1100, 1536, 1600, 3000])
    def test_as_tar_takes_it(self, made: Made, tmp_path: Path, cut: int) -> None:
        place = made(self.BODY[: len(self.BODY) - cut])
        code, _ = untar(place, tmp_path / "out")
        try:
            with open_bundle(place) as bundle:
                assert code == 0
                assert whole(bundle) == really(tmp_path / "out")
                assert bundle.notes
        except BundleError:
            assert code != 0

    @pytest.mark.parametrize(
        ("end", "note"),
        [
            (bytes(1024), None),
            (bytes(512), None),
            (bytes(512) + tar_of([member("c")]), None),
            (bytes(1024) + b"anything", None),
            (b"", "no end mark"),
            (bytes(100), "no end mark"),
            (b"x" * 100, "within a header"),
        ],
        ids=reason_of,
    )
    def test_ends(self, made: Made, end: bytes, note: str) -> None:
        for raw in (self.BODY + end, gz(self.BODY + end)):
            with open_bundle(made(raw)) as bundle:
                assert [name for name, _ in bundle.list("/")] == ["a", "b"]
                assert bundle.problem is None
                assert len(bundle.notes) == (note is not None)
                assert note is None or note in bundle.notes[0]

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            (b"", "empty"),
            (b"abc", "neither a tar nor a zip"),
            (b"x" * 9999, "neither a tar nor a zip"),
            (BODY + b"x" * 512, "damaged"),
            (BODY[:-1], "ends within b; make or download it again"),
            (BODY[:-600], "ends within b; make or download it again"),
            (gz(BODY[:-600]), "ends within b; make or download it again"),
            (gz(b"x" * 9999), "neither a tar nor a zip"),
            (gz(BODY)[:-20], "ends too soon"),
            (gz(BODY)[:40] + b"\xff" * 90, "damaged"),
            (b"\x1f\x8b", "ends too soon"),
            (b"\x1f\x8bnonsense", "damaged"),
            (b"BZhnonsense", "damaged"),
            (b"\xfd7zXZ\0nonsense", "damaged"),
            (b"\x28\xb5\x2f\xfdnonsense", "compressed with zstd"),
            (tar_of([member("s", SYMLINK, data=b"12345", link="x"), member("z")]), "damaged"),
            (tar_of([member("s", b"L", data=b"x" * (2 << 20))]), "too large"),
            (tar_of([member("s", b"x", data=b"no record")]), "extended header"),
            (tar_of([member("s", b"x", data=b"15 size=notanu\n"), member("f")]), "no number"),
            (tar_of([member("s", b"L", data=b"x" * 1000)], end=False)[:900], "ends within a header"),
            (tar_of([member("big", size=1 << 40)], end=False), "ends within big"),
        ],
        ids=reason_of,
    )
    def test_errors(self, made: Made, raw: bytes, reason: str) -> None:
        with pytest.raises(BundleError) as raised:
            open_bundle(made(raw))
        line = str(raised.value)
        assert reason in line
        assert "bundle.tar: " in line
        assert "\n" not in line

    @needs_tar
    @pytest.mark.parametrize("field", [slice(100, 108), slice(108, 116), slice(124, 136), slice(136, 148)])
    def test_a_header_with_nonsense_for_a_number(self, made: Made, field: slice) -> None:
        block = bytearray(self.BODY[:512])
        block[field] = b"zz" * 4 if field.stop - field.start == 8 else b"zz" * 6
        block[148:156] = b"%06o\0 " % (sum(block[:148]) + sum(block[156:]) + 256)
        with pytest.raises(BundleError, match="no number"):
            open_bundle(made(bytes(block) + self.BODY[512:]))

    @pytest.mark.parametrize(
        ("raw", "fails"),
        [
            (gz(tar_of(MEMBERS)) + b"garbage", True),
            (gz(tar_of(MEMBERS))[:-4], True),
            (gz(tar_of(MEMBERS)) + bytes(1000), False),
            (gz(tar_of(MEMBERS)[:700]) + gz(tar_of(MEMBERS)[700:]), False),
            (gz(tar_of(MEMBERS)) + bytes(9) + gz(b"x"), True),
            (lzma.compress(tar_of(MEMBERS)[:700]) + bytes(8) + lzma.compress(tar_of(MEMBERS)[700:]), False),
        ],
        ids=reason_of,
    )
    def test_behind_the_last_member(self, made: Made, tmp_path: Path, raw: bytes, fails: bool) -> None:
        place = made(raw)
        with open_bundle(place) as bundle:
            assert whole(bundle)["/b"][4] == b"2" * 600
            assert (bundle.problem is not None) == fails
        if has_gnu_tar():
            assert (untar(place, tmp_path / "out")[0] != 0) == fails


class TestLimits:
    def refused(self, place: Path) -> str:
        with pytest.raises(BundleError) as raised:
            open_bundle(place)
        return str(raised.value)

    def test_members(self, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unpacked, "MAX_MEMBERS", 10)
        with open_bundle(made(tar_of([member(f"{i}") for i in range(10)]))) as bundle:
            assert len(bundle.list("/")) == 10
        assert "more than 10 files" in self.refused(made(tar_of([member("/".join("abcdefghijk"))])))

    def test_bytes(self, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "GiB" in self.refused(made(tar_of([member("f", size=(1 << 40) + 1)])))
        monkeypatch.setattr(unpacked, "MAX_TEXT", 100)
        assert "names" in self.refused(made(tar_of([member(f"{i}" * 30) for i in range(5)])))

    def test_depth(self, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unpacked, "MAX_DEPTH", 20)
        assert "deep" in self.refused(made(tar_of([member("/".join("a" * 30))])))

    def test_links_that_lead_through_one_another(self, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(unpacked, "MAX_STEPS", 5_000)
        members = [member("d/" * 50 + "x"), *(member(f"l{i}", SYMLINK, link="d/" * 50) for i in range(200))]
        members += [member(f"l{i}/f") for i in range(200)]
        assert "too often" in self.refused(made(tar_of(members)))

    @pytest.mark.parametrize("pack", [gz, bz2.compress, lzma.compress])
    def test_expansion(self, made: Made, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]) -> None:
        monkeypatch.setattr(bundle_io, "EXPANDED_FREE", 1 << 20)
        with open_bundle(made(pack(tar_of([member("f", data=bytes(900_000))])))) as bundle:
            assert bundle.read("/f", 1 << 20).size == 900_000
        assert "200 times its size" in self.refused(made(pack(tar_of([member("f", data=bytes(9 << 20))]))))
        # Behind the end as well, where nothing is kept of it.
        assert "200 times its size" in self.refused(made(pack(tar_of([member("f")]) + bytes(9 << 20))))

    def test_memory_that_xz_asks_for(self, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bundle_io, "XZ_MEMORY", 1 << 20)
        assert "memory" in self.refused(made(lzma.compress(tar_of([member("f")]), preset=6))).lower()

    def test_what_is_kept(self, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tar_store, "KEPT", 1000)
        monkeypatch.setattr(tar_store, "KEPT_FILE", 600)
        monkeypatch.setattr(tar_store, "KEPT_APPSPEC", 900)
        names = {"appspec.big": 950, "a": 600, "b": 500, "c": 300, "appspec.yml": 800, "x/AppSpec": 300}
        raw = tar_of([member(name, data=name[-1:].encode() * size) for name, size in names.items()])
        with open_bundle(made(gz(raw))) as bundle:
            for name, size in names.items():
                with bundle.open(f"/{name}") as file:
                    assert isinstance(file, io.BytesIO) == (name in ("a", "c", "appspec.yml"))
                    assert file.read() == name[-1:].encode() * size

    def test_pieces_of_a_sparse_file(self, made: Made) -> None:
        for listed in ("0,600,500,100", "0,600", "0,600,700,99", "0,700,800,x", "900,700"):
            records = [("GNU.sparse.size", "1000"), ("GNU.sparse.map", listed)]
            body = b"".join(_record(*record) for record in records)
            raw = tar_of([member("p", b"x", data=body), member("f", data=b"x" * 700)])
            assert "damaged" in self.refused(made(raw)), listed

    @pytest.mark.parametrize("size", [1000, (1 << 30) + 1000, (1 << 40) - 99])
    def test_holes_are_not_hashed_without_end(self, made: Made, size: int) -> None:
        body = _record("GNU.sparse.size", str(size)) + _record("GNU.sparse.map", "0,7")
        raw = tar_of([member("p", b"x", data=body), member("f", data=b"x" * 7), member("z", data=b"z")])
        with open_bundle(made(gz(raw))) as bundle:
            assert (bundle.digest("/f") is None) == (size > 1 << 30)
            assert bundle.digest("/z") is not None
            assert bundle.read("/f", 900).data == b"x" * 7 + bytes(893)
            assert bundle.read("/f", 9).size == size

    def test_headers_without_end(self, made: Made) -> None:
        raw = tar_of([member("n", b"L", data=b"x" * 900)] * 2000 + [member("f", data=b"x"), member("g")])
        with open_bundle(made(raw)) as bundle:
            assert [name for name, _ in bundle.list("/")] == ["g"]
        assert tar_headers.MAX_HEADER < 2 << 20

    def test_cancelled(self, made: Made) -> None:
        place = made(tar_of([member(f"{i}") for i in range(1000)]))
        with pytest.raises(BundleError, match="cancelled"):
            open_bundle(place, cancelled=lambda: True)


def _record(key: str, value: str) -> bytes:
    """A pax record of less than 100 bytes."""
    body = f" {key}={value}\n"
    return f"{len(body) + 2}{body}".encode()


class TestSingleDirectory:
    """A single directory at the top with an appspec in it is the revision."""

    @pytest.mark.parametrize(
        ("names", "stripped"),
        [
            (["top/appspec.yml"], True),
            (["top/appspec.yml", "top/d/f"], True),
            (["./top/old-APPSPEC.json"], True),
            (["top/d/appspec.yml"], False),
            (["top/app.yml"], False),
            (["top/appspec.yml", "other"], False),
            (["top/appspec.yml", ".hidden"], False),
            (["top/appspec.yml", "__MACOSX/x"], False),
            (["top/appspec.d/"], True),
            (["appspec.yml"], False),
        ],
    )
    def test_stripped(self, made: Made, names: list[str], stripped: bool) -> None:
        with open_bundle(made(tar_of([member(name) for name in names]))) as bundle:
            assert bundle.problem is None
            tops = {name for name, _ in bundle.list("/")}
        plain = [name.removeprefix("./").rstrip("/").split("/") for name in names]
        assert tops == {parts[1 if stripped else 0] for parts in plain}

    def test_a_link_is_no_directory(self, made: Made) -> None:
        with open_bundle(made(tar_of([member("top", SYMLINK, link="."), member("d/appspec.yml")]))) as bundle:
            assert [name for name, _ in bundle.list("/")] == ["d", "top"]
        with open_bundle(made(tar_of([member("top", SYMLINK, link=".")]))) as bundle:
            assert [name for name, _ in bundle.list("/")] == ["top"]

    def test_a_name_that_the_agent_cannot_match(self, made: Made) -> None:
        members = [member("top/appspec.yml"), member("top/\udcff")]
        with open_bundle(made(tar_of(members))) as bundle:
            assert bundle.problem == "invalid byte sequence in UTF-8 (top/\\xff)"
        with open_bundle(made(tar_of([*members, member("other")]))) as bundle:
            assert bundle.problem is None

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(PATHS, st.booleans()), max_size=5))
    def test_by_the_rule(self, made: Made, listed: list[tuple[str, bool]]) -> None:
        members = [member(p, DIRECTORY if d else REG) for p, d in listed]
        with open_bundle(made(tar_of([*members, member("~other")]))) as bundle:
            plain = whole(bundle)
        del plain["/~other"]
        with open_bundle(made(tar_of(members))) as bundle:
            found = whole(bundle)
        tops = {path.split("/")[1] for path in plain}
        top = next(iter(tops), "")
        inside = [path.split("/")[2] for path in plain if path.count("/") > 1]
        if len(tops) == 1 and plain[f"/{top}"][0] == "dir" and any("appspec" in name for name in inside):
            assert found == {path[len(top) + 1 :]: it for path, it in plain.items() if path != f"/{top}"}
        else:
            assert found == plain


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path, "a directory"),
        (tmp_path / "none", "no such file"),
        (f"{tmp_path}/nul\0", "NUL"),
        (f"{tmp_path}/{'x' * 5000}", ""),
    ):
        with pytest.raises(BundleError) as raised:
            open_bundle(path)
        assert reason in str(raised.value)
        assert "\n" not in str(raised.value)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(BundleError, match="not a regular file"):
            open_bundle(tmp_path / "pipe")


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MEMBERS, max_size=4), st.sampled_from([bytes, gz, bz2.compress, lzma.compress]), st.data())
def test_hostile_bundles(
    made: Made, members: list[Member], pack: Callable[[bytes], bytes], data: st.DataObject
) -> None:
    form = data.draw(st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]))
    inner = bytearray(tar_of([*members, member("n" * 150, data=b"x", uid=1 << 30)], form=form))
    for _ in range(data.draw(st.integers(0, 3))):  # a changed byte, its header's checksum made right again
        at = data.draw(st.integers(0, len(inner) - 1))
        inner[at] = data.draw(st.integers(0, 255))
        block = inner[at // 512 * 512 : at // 512 * 512 + 512]
        block[148:156] = b"%06o\0 " % (sum(block[:148]) + sum(block[156:]) + 256)
        inner[at // 512 * 512 : at // 512 * 512 + 512] = block
    raw = bytearray(pack(bytes(inner)))
    for _ in range(data.draw(st.integers(0, 2))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    del raw[data.draw(st.one_of(st.just(len(raw)), st.integers(0, len(raw)))) :]
    try:
        bundle = open_bundle(made(bytes(raw)))
    except BundleError as error:
        assert "\n" not in str(error)
        return
    with bundle:
        read_all(bundle)
