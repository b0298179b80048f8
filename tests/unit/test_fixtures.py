"""The example instances: packing keeps everything, unpacking is faithful, and a hostile fixture does no harm."""

from __future__ import annotations

import importlib.util
import os
import stat
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Optional

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import can_unpack, examples, unpack_tar
from tui import fixtures
from tui.fixture_chains import CHAIN, bundled_chain, chain_names
from tui.fixtures import FixtureError, Item, UnknownFixture
from tui.paths import from_bytes, to_bytes

PACK = Path(__file__).resolve().parents[2] / "fixtures" / "pack.py"
MAKE = PACK.with_name("make.py")
HEADER = "\t".join(fixtures.COLUMNS)
TOP = "d\t0755\t0\t0\t2026-01-02T03:04:05.000000000Z\t-\t/\t-"

posix = pytest.mark.skipif(os.name == "nt", reason="needs links, modes and any name")
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def loaded(script: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"fixture_{script.stem}", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[f"fixture_{script.stem}"] = module
    spec.loader.exec_module(module)
    return module


pack = loaded(PACK)
make = loaded(MAKE)


def picture(root: Path, owners: bool = True) -> dict[str, tuple[Any, ...]]:
    """Everything that a fixture is to keep of a tree."""
    found = {}
    for place in [str(root), *(os.path.join(d, n) for d, ds, fs in os.walk(root) for n in ds + fs)]:
        about = os.lstat(place)
        content: Optional[object] = None
        if stat.S_ISLNK(about.st_mode):
            content = os.readlink(place)
        elif stat.S_ISREG(about.st_mode):
            content = Path(place).read_bytes()
        found[place[len(str(root)) :].replace(os.sep, "/")] = (
            stat.filemode(about.st_mode),
            (about.st_uid, about.st_gid) if owners else None,
            about.st_mtime_ns,
            content,
        )
    return found


def manifest(directory: Path, *rows: str) -> Path:
    """A fixture with these rows after the top's, and one content, ``files/a`` (5 bytes)."""
    (directory / "files").mkdir(parents=True)
    (directory / "files" / "a").write_bytes(b"hello")
    (directory / fixtures.MANIFEST).write_bytes("\n".join([HEADER, TOP, *rows, ""]).encode())
    return directory


def row(kind: str, path: str, where: str = "-", size: str = "-", mode: str = "0644") -> str:
    return "\t".join([kind, mode, "0", "0", "2026-01-02T03:04:05.000000006Z", size, path, where])


# -- round trip


def odd_tree(root: Path) -> None:
    """A tree of everything that version control loses or refuses."""
    (root / "empty").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "build").mkdir()
    for name in ("a.txt", "A.txt", "build/x.o", ".git/config", ".gitignore", "aux", "nul.txt", "end.", " lead"):
        (root / name).write_bytes(name.encode() + b"\r\n\x1a\x00")
    for raw in (
        b"new\nline",
        b"tab\t",
        b"\xff\xfe",
        "ünï😀\u202e".encode(),
        b"%41",
        b'"quoted"',
        b"back\\slash",
        b"x" * 255,
    ):
        Path(from_bytes(os.path.join(to_bytes(root), raw))).write_bytes(raw)
    (root / "dangling").symlink_to("/no/where %\n")
    (root / "loop").symlink_to(".")
    (root / "to-dir").symlink_to("/empty")
    os.link(root / "A.txt", root / "build" / "hard")
    (root / "a.txt").chmod(0o4711)
    (root / "A.txt").chmod(0o400)
    for number, place in enumerate(sorted(root.rglob("*"), reverse=True)):
        os.utime(place, ns=(1, 1_700_000_000_123_456_789 + number), follow_symlinks=False)
    (root / "build").chmod(0o500)
    (root / "empty").chmod(0o2770)
    os.utime(root, ns=(1, -1))


@posix
def test_round_trip_keeps_types_modes_times_targets_contents_and_empty_directories(tmp_path: Path) -> None:
    odd_tree(tmp_path / "instance")
    before = picture(tmp_path / "instance")
    assert pack.pack(tmp_path / "instance", tmp_path / "fixture") == []
    fixtures.lay_out(tmp_path / "fixture", tmp_path / "again")
    assert picture(tmp_path / "again") == before
    assert (tmp_path / "again" / "A.txt").samefile(tmp_path / "again" / "build" / "hard")
    fixtures.remove(tmp_path / "instance")
    fixtures.remove(tmp_path / "again")


@posix
def test_a_packed_fixture_has_only_names_that_every_checkout_takes(tmp_path: Path) -> None:
    odd_tree(tmp_path / "instance")
    pack.pack(tmp_path / "instance", tmp_path / "fixture")
    kept = [p.relative_to(tmp_path / "fixture").as_posix() for p in (tmp_path / "fixture").rglob("*") if p.is_file()]
    assert {"tree.tsv", "files/a.txt", "files/build/x.o"} <= {k.replace("A.txt", "a.txt") for k in kept}
    assert len({k.lower() for k in kept}) == len(kept)
    assert all(part.isascii() and not part.startswith(".git") for k in kept for part in k.split("/"))
    assert (tmp_path / "fixture" / fixtures.MANIFEST).read_bytes().isascii()
    fixtures.remove(tmp_path / "instance")


NAMES = st.binary(min_size=1, max_size=40).filter(lambda b: b not in (b".", b"..") and b"/" not in b and b"\0" not in b)


@posix
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=st.dictionaries(NAMES, st.one_of(st.binary(max_size=20), st.none(), st.lists(NAMES, max_size=3))))
def test_round_trip_of_any_names(tree: dict[bytes, Any]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        (top / "instance").mkdir()
        for name, content in tree.items():
            place = os.path.join(to_bytes(top / "instance"), name)
            if content is None:
                os.symlink(name, place)
            elif isinstance(content, bytes):
                Path(from_bytes(place)).write_bytes(content)
            else:
                os.mkdir(place)
                for below in set(content):
                    os.mkdir(os.path.join(place, below))
        before = picture(top / "instance")
        pack.pack(top / "instance", top / "fixture")
        fixtures.lay_out(top / "fixture", top / "again")
        assert picture(top / "again") == before


@given(st.binary(min_size=1).filter(lambda b: b"\0" not in b))
def test_encoded_paths_are_printable_and_reversible(raw: bytes) -> None:
    text = from_bytes(raw)
    assert (
        fixtures.encoded(text).isascii() and fixtures.encoded(text).isprintable() and " " not in fixtures.encoded(text)
    )
    assert fixtures.decoded(fixtures.encoded(text)) == text


@given(st.integers(-62_135_596_800 * 10**9, 253_402_300_799 * 10**9))
def test_a_row_keeps_every_nanosecond(mtime_ns: int) -> None:
    item = Item("f", 0o4755, 1000, 4294967294, mtime_ns, 7, "/x y", "odd/0001")
    assert fixtures.parse_item(fixtures.format_item(item)) == item


def test_what_is_no_file_directory_or_link_is_named_and_left_out(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    (tmp_path / "instance").mkdir()
    os.mkfifo(tmp_path / "instance" / "pipe")
    (left_out,) = pack.pack(tmp_path / "instance", tmp_path / "fixture")
    assert left_out.startswith("/pipe: ")
    fixtures.lay_out(tmp_path / "fixture", tmp_path / "again")
    assert list((tmp_path / "again").iterdir()) == []


@posix
def test_a_case_is_packed_to_the_same_bytes_each_time(tmp_path: Path) -> None:
    odd_tree(tmp_path / "case")
    pack.pack_case(tmp_path / "case", tmp_path / "1.tar.xz")
    pack.pack_case(tmp_path / "case", tmp_path / "2.tar.xz")
    assert (tmp_path / "1.tar.xz").read_bytes() == (tmp_path / "2.tar.xz").read_bytes()
    before = picture(tmp_path / "case")
    after = picture(unpack_tar(tmp_path / "1.tar.xz", tmp_path / "again"))
    assert {p: about for p, about in after.items() if p} == {p: about for p, about in before.items() if p}
    fixtures.remove(tmp_path / "case")
    fixtures.remove(tmp_path / "again")


@pytest.mark.parametrize(
    "members",
    [
        [("../out", tarfile.REGTYPE)],
        [("/out", tarfile.REGTYPE)],
        [("a", tarfile.DIRTYPE), ("a/../../out", tarfile.REGTYPE)],
        [("..", tarfile.DIRTYPE)],
        [("link", tarfile.SYMTYPE), ("link/out", tarfile.REGTYPE)],
        [("link", tarfile.SYMTYPE), ("link", tarfile.REGTYPE)],
        [("pipe", tarfile.FIFOTYPE)],
        [("hard", tarfile.LNKTYPE)],
    ],
)
def test_a_hostile_case_is_refused(members: list[tuple[str, bytes]], tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "case.tar.xz", "w:xz") as tar:
        for name, kind in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, ".."
            tar.addfile(info)
    with pytest.raises((ValueError, OSError)):
        unpack_tar(tmp_path / "case.tar.xz", tmp_path / "unpacked")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case.tar.xz", "unpacked"]


# -- the bundled ones


def test_every_example_says_in_its_first_line_what_it_shows() -> None:
    known = fixtures.names()
    assert [name for name, _ in known] == [
        "abandoned-group",
        "failed-disallow",
        "guide-chain",
        "guide-example",
        "healthy",
        "killed-mid-install",
        "links-and-odd-names",
        "pruned-and-broken-stop",
        "three-deployments",
        "two-groups-one-directory",
        "version-2",
        "windows-guide",
    ]
    for name, shows in known:
        assert 40 < len(shows) < 160 and shows.endswith(".") and not shows.startswith("#"), name


@pytest.mark.parametrize("name", [name for name, _ in fixtures.names()])
def test_every_example_unpacks_as_its_manifest_says(name: str, tmp_path: Path) -> None:
    if not can_unpack(name):
        pytest.skip("this system cannot hold it")
    root = fixtures.unpack(name, tmp_path / "new" / "place")
    assert root == tmp_path / "new" / "place" / name
    items = {("" if item.path == "/" else item.path): item for item in fixtures.read_manifest(PACK.parent / name)}
    found = picture(root)
    assert set(found) == set(items)
    for path, (mode, owner, mtime_ns, content) in found.items():
        item = items[path]
        assert mode[0] == {"d": "d", "f": "-", "l": "l", "h": "-"}[item.type]
        if os.name != "nt":
            assert (mtime_ns, mode[1:]) == (item.mtime_ns, stat.filemode(item.mode)[1:])
        if IS_ROOT:
            assert owner == (item.uid, item.gid)
        if item.type == "f":
            assert isinstance(content, bytes) and len(content) == item.size


@pytest.mark.parametrize("name", sorted(make.MADE))
def test_an_example_that_no_agent_made_is_what_the_script_makes(name: str, tmp_path: Path) -> None:
    make.main([name], tmp_path)
    made = {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
    kept = {p.relative_to(PACK.parent / name): p.read_bytes() for p in (PACK.parent / name).rglob("*") if p.is_file()}
    assert kept.pop(Path("README.md")).decode().count("Made by `fixtures/make.py`") == 1
    assert made == kept


@pytest.mark.skipif(not can_unpack("version-2"), reason="this system cannot hold it")
def test_an_example_keeps_a_file_that_has_two_names(tmp_path: Path) -> None:
    root = fixtures.unpack("version-2", tmp_path)
    bundles = sorted(root.rglob("bundle.tar"))
    assert [p.parent.name for p in bundles] == ["d-V2A000001", "d-V2B000002", "d-V2C000003"]
    assert bundles[0].read_bytes() == bundles[2].read_bytes() != bundles[1].read_bytes()
    assert bundles[0].samefile(bundles[2]) or bundles[0].stat().st_nlink == 1


def test_an_example_keeps_an_owner_that_is_not_root() -> None:
    items = {item.path: item for item in fixtures.read_manifest(PACK.parent / "failed-disallow")}
    assert items["/srv/shop/static/hotfix.js"].uid == 1000


@pytest.mark.thorough
def test_no_content_of_an_example_lies_unused() -> None:
    for name, _ in fixtures.names():
        directory = PACK.parent / name
        used = {"README.md", fixtures.MANIFEST}
        used.update(item.where for item in fixtures.read_manifest(directory) if item.type == "f")
        if name in chain_names():
            below = fixtures.read_manifest(directory / CHAIN)
            used.update(f"{CHAIN}/{where}" for where in [fixtures.MANIFEST, *(i.where for i in below if i.type == "f")])
        assert {p.relative_to(directory).as_posix() for p in directory.rglob("*") if p.is_file()} == used, name


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        UnknownFixture, match=r"no example instance .\.\./healthy.; there are: abandoned-group, failed"
    ) as told:
        fixtures.unpack("../healthy", Path("unused"))
    assert "healthy" in told.value.names and isinstance(told.value, LookupError)


def test_the_installed_package_looks_inside_itself_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, beside = tmp_path / "tui" / "_fixtures" / "one", tmp_path / "fixtures" / "two"
    for directory in (inside, beside):
        manifest(directory)
        (directory / "README.md").write_text("# Shows it.\n\nMore.\n")
    monkeypatch.setattr(fixtures, "__file__", str(tmp_path / "tui" / "fixtures.py"))
    assert fixtures.names() == [("one", "Shows it.")]
    fixtures.remove(tmp_path / "tui" / "_fixtures")
    assert fixtures.names() == [("two", "Shows it.")]
    fixtures.remove(tmp_path / "fixtures")
    with pytest.raises(FixtureError, match="are missing"):
        fixtures.names()


# -- chains


def test_a_chain_is_laid_out_beside_its_instance_and_removed_with_it() -> None:
    assert chain_names() == ("guide-chain",)
    with bundled_chain("guide-chain") as chain:
        assert (chain.root / "srv/shop/imprint.html").is_file()
        assert sorted(p.name for p in chain.steps.parent.iterdir()) == ["revision-1", "revision-2", "steps.yml"]
        script = chain.steps.parent / "revision-2/scripts/start.sh"
        assert script.read_bytes().endswith(b"exit 1\n")
        if os.name != "nt":
            assert stat.S_IMODE(script.stat().st_mode) == 0o755
    assert not chain.root.parent.exists()


def test_an_example_without_a_chain_is_none() -> None:
    with pytest.raises(UnknownFixture, match="no example instance 'healthy'; there are: guide-chain"):
        bundled_chain("healthy").__enter__()


# -- unpacked()


def test_unpacked_leaves_nothing_behind_even_of_what_is_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    with pytest.raises(RuntimeError, match="midway"), fixtures.unpacked("guide-example") as root:
        if os.name != "nt":
            assert stat.S_IMODE(root.parent.stat().st_mode) == 0o700
            (root / "out").symlink_to(outside, target_is_directory=True)
        assert root.parent.name.startswith("codedeploy-forensics-demo-")
        (root / "srv/temp/e.txt").chmod(0o400)
        (root / "srv/temp").chmod(0o000)
        (root / "srv").chmod(0o500)
        raise RuntimeError("midway")
    assert list(tmp_path.iterdir()) == [outside]
    if os.name != "nt":
        assert stat.S_IMODE(outside.stat().st_mode) == 0o500


@posix
def test_without_root_owners_are_left_and_nothing_is_said(tmp_path: Path) -> None:
    program = (
        "import os, sys, tempfile\n"
        "from pathlib import Path\n"
        "from tui import fixtures\n"
        "if os.geteuid() == 0:\n"
        "    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "os.listdir(os.path.abspath('fixtures'))\n"
        "print('ready')\n"
        "with fixtures.unpacked('failed-disallow') as root:\n"
        "    hotfix = (root / 'srv/shop/static/hotfix.js').stat()\n"
        "    print(hotfix.st_uid == os.geteuid(), hotfix.st_mtime_ns)\n"
        "    (root / 'srv').chmod(0)\n"
        "    fixtures.lay_out(Path(sys.argv[2]), root.parent / 'closed')\n"
        "    (root.parent / 'closed/x').chmod(0o700)\n"
        "    print(oct((root.parent / 'closed/x/y').stat().st_mode))\n"
        "print(os.listdir(sys.argv[1]))\n"
    )
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o777)
        closed = manifest(Path(scratch) / "fixture", row("d", "/x", mode="0000"), row("d", "/x/y", mode="0511"))
        into = Path(scratch) / "into"
        into.mkdir()
        into.chmod(0o777)
        ran = subprocess.run(
            [sys.executable, "-c", program, str(into), str(closed)],
            cwd=PACK.parent.parent,
            capture_output=True,
            text=True,
            check=False,
        )
    if not ran.stdout:
        pytest.skip("the checkout cannot be read by another user")
    assert (ran.stdout, ran.stderr) == ("ready\nTrue 1779752400001762866\n0o40511\n[]\n", "")


# -- hostile fixtures


@pytest.mark.parametrize(
    "rows",
    [
        [row("d", "/..")],
        [row("d", "/x/../y")],
        [row("d", "/x"), row("d", "/x/../../y")],
        [row("d", "/%2E%2E")],
        [row("f", "/x%2F..%2F..%2Fa", "files/a", "5")],
        [row("d", "relative")],
        [row("d", "//x")],
        [row("d", "/x/")],
        [row("d", "/x%00")],
        [row("f", "/no/parent", "files/a", "5")],
        [row("l", "/out", "/tmp"), row("f", "/out/a", "files/a", "5")],
        [row("f", "/a", "files/a", "5"), row("f", "/a/b", "files/a", "5")],
        [row("d", "/x"), row("d", "/x")],
        [row("l", "/x", "/tmp"), row("d", "/x")],
        [row("l", "/x", "-").replace("\t-\t/x\t-", "\t-\t/x\t")],
        [row("l", "/x", "a%00b")],
        [row("f", "/x", "../a", "5")],
        [row("f", "/x", "/etc/hostname", "13")],
        [row("f", "/x", "files/../../a", "5")],
        [row("f", "/x", "files", "5")],
        [row("f", "/x", "stray", "5")],
        [row("f", "/x", "files/pipe", "5")],
        [row("f", "/x", "files/link", "5")],
        [row("f", "/x", "files/linked/a", "5")],
        [row("f", "/x", "files/none", "5")],
        [row("f", "/a", "-", "4")],
        [row("f", "/a", "-", "6")],
        [row("f", "/a", "-", "-5")],
        [row("f", "/a", "-", "9" * 4000)],
        [row("f", "/a", "-", "99999999999")],
        [row("d", "/x", mode="9999")],
        [row("d", "/x", mode="100644")],
        [row("p", "/x")],
        [row("h", "/x", "/none")],
        [row("h", "/x", "/a"), row("f", "/a", "-", "5")],
        [row("d", "/d"), row("h", "/x", "/d")],
        [row("l", "/l", "a"), row("h", "/x", "/l")],
        [row("h", "/x", "-")],
        [row("f", "/a", "-", "5"), row("h", "/x", "/a", "5")],
        [row("f", "/a", "-", "5"), row("h", "/x", "/../a")],
        [row("d", "/x").replace("2026-01-02", "2026-13-02")],
        [row("d", "/x").replace("2026-01-02", "0000-01-02")],
        [row("d", "/x").replace("\t0\t0\t", "\t-1\t0\t")],
        [row("d", "/x").replace("\t0\t0\t", "\t4294967295\t0\t")],
        [row("d", "/x") + "\textra"],
        [row("d", "/" + "/".join("d" * 201))],
        [row("d", "/" + "n" * 5000)],
        ["x" * 100_000],
        ["", row("d", "/x")],
        [row("d", "/\u00fc")],
        [TOP],
    ],
)
def test_a_hostile_manifest_is_refused_and_leaves_nothing(rows: list[str], tmp_path: Path) -> None:
    directory = manifest(tmp_path / "fixture", *rows)
    (tmp_path / "a").write_bytes(b"hello")
    (directory / "stray").write_bytes(b"hello")
    if hasattr(os, "mkfifo"):
        os.mkfifo(directory / "files" / "pipe")
    if os.name != "nt":
        (directory / "files" / "link").symlink_to(directory / "files" / "a")
        (directory / "files" / "linked").symlink_to(tmp_path)
    before = sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(FixtureError) as told:
        fixtures.lay_out(directory, tmp_path / "instance")
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert "\n" not in str(told.value) and len(str(told.value)) < 6000 and str(directory) in str(told.value)


def test_sound_rows_are_accepted_with_either_line_end(tmp_path: Path) -> None:
    directory = manifest(tmp_path / "fixture", row("f", "/a", "-", "5"), row("d", "/d", mode="0700"))
    place = directory / fixtures.MANIFEST
    place.write_bytes(place.read_bytes().replace(b"\n", b"\r\n"))
    fixtures.lay_out(directory, tmp_path / "instance")
    assert (tmp_path / "instance" / "a").read_bytes() == b"hello"


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = manifest(tmp_path / "fixture", row("f", "/a", "-", "5"), row("f", "/b", "files/a", "5"))
    for limit, value in (("MAX_MANIFEST", 100), ("MAX_ITEMS", 2), ("MAX_BYTES", 9)):
        with monkeypatch.context() as patched:
            patched.setattr(fixtures, limit, value)
            with pytest.raises(FixtureError, match="more than"):
                fixtures.lay_out(directory, tmp_path / "instance")
    fixtures.lay_out(directory, tmp_path / "instance")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"type\tmode\n", HEADER.encode(), HEADER.encode() + b"\n"])
def test_a_manifest_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / fixtures.MANIFEST).write_bytes(content)
    with pytest.raises(FixtureError):
        fixtures.read_manifest(tmp_path)


def test_what_stands_at_the_target_is_not_touched(tmp_path: Path) -> None:
    directory = manifest(tmp_path / "fixture", row("f", "/a", "-", "5"))
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "mine").write_text("kept")
    with pytest.raises(FixtureError, match="exists"):
        fixtures.lay_out(directory, tmp_path / "instance")
    assert (tmp_path / "instance" / "mine").read_text() == "kept"
