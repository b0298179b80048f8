"""Owners of paths: dpkg's lists, and rpm's database in its three forms, real ones and damaged ones."""

from __future__ import annotations

import gzip
import sqlite3
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tui.system.packaged as packaged
import tui.system.rpm_header as rpm_header
from tests.support import can_be_named, can_link, examples
from tui.forensics.evidence.packages import Packages, package_evidence
from tui.forensics.marks import Mark
from tui.system.packaged import CONFIG, FILE, GHOST
from tui.system.pages import Malformed
from tui.system.rpm_header import RpmHeader

from .evidence_disk import EvidenceDisk, evidence_disk, windows_instance
from .instances import instance_with

DATA = Path(__file__).resolve().parents[2] / "data" / "rpm"  # made by rpm 4.18 and db5.3_load
DPKG = "/var/lib/dpkg"
RPM = "/var/lib/rpm"
STATUS = """Package: shop
Status: install ok installed
Architecture: amd64
Version: 1:2.0-1
Conffiles:
 /etc/shop.conf 0123456789abcdef0123456789abcdef
 /etc/old.conf 0123456789abcdef0123456789abcdef obsolete
Description: x

Package: base
Status: install ok installed
Version: 9
Architecture: all
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[EvidenceDisk]:
    with evidence_disk(tmp_path) as made:
        yield made


def owners(disk: EvidenceDisk, *below: str) -> Packages:
    return Packages(disk.root, instance_with(), below)


def told(packages: Packages, path: str) -> object:
    owned = packages.of(path)
    return None if owned is None else (owned.package.name, owned.package.version, owned.role, owned.line, owned.others)


def dpkg(disk: EvidenceDisk, **lists: Sequence[str]) -> None:
    disk.write(f"{DPKG}/status", STATUS)
    for name, paths in lists.items():
        disk.write(f"{DPKG}/info/{name.replace('__', ':')}.list", "".join(f"{path}\n" for path in paths))


# -- dpkg -------------------------------------------------------------------------------------


@pytest.mark.skipif(not can_be_named("shop:amd64"), reason="this system has no names with a colon")
def test_a_package_owns_what_its_list_names(disk: EvidenceDisk) -> None:
    dpkg(
        disk, shop__amd64=["/.", "/srv", "/srv/shop", "/srv/shop/a b", "/etc/shop.conf", "/etc/old.conf"], base=["/srv"]
    )
    packages = owners(disk, "/srv", "/etc/shop.conf", "/etc/old.conf")
    assert told(packages, "/srv/shop/a b") == ("shop:amd64", "1:2.0-1", FILE, 4, 0)
    assert told(packages, "/etc/shop.conf") == ("shop:amd64", "1:2.0-1", CONFIG, 5, 0)
    assert told(packages, "/etc/old.conf") == ("shop:amd64", "1:2.0-1", FILE, 6, 0)
    assert told(packages, "/srv") == ("base", "9", FILE, 1, 1)
    assert told(packages, "/srv/shop/b") is None
    assert packages.databases == (f"{DPKG}/info",) and packages.problems == ()
    evidence = package_evidence(packages.of("/etc/shop.conf"))  # type: ignore[arg-type]
    assert evidence.kind == "package" and evidence.for_mark == Mark.UNATTRIBUTED
    assert evidence.detail == "the package shop:amd64 1:2.0-1 owns it as a configuration file"
    assert evidence.source == "var/lib/dpkg/info/shop:amd64.list:5"


def test_only_what_is_asked_for_is_kept(disk: EvidenceDisk) -> None:
    dpkg(disk, base=["/srv/shop/a", "/srv/shopping", "/usr/share/x", "/srv"])
    packages = owners(disk, "/srv/shop")
    assert len(packages) == 1 and told(packages, "/srv/shop/a") is not None
    assert len(owners(disk)) == 0 and owners(disk).databases == ()
    assert len(owners(disk, "/")) == 4 and told(owners(disk, "/"), "/usr/share/x") is not None


def test_a_diverted_file_is_where_it_was_diverted_to(disk: EvidenceDisk) -> None:
    dpkg(disk, base=["/srv/tool"], shop=["/srv/tool"])
    disk.write(f"{DPKG}/diversions", "/srv/tool\n/srv/tool.real\nshop\n/srv/cut\n")
    packages = owners(disk, "/srv")
    assert told(packages, "/srv/tool") == ("shop", "1:2.0-1", FILE, 1, 0)
    assert told(packages, "/srv/tool.real") == ("base", "9", FILE, 1, 0)


@pytest.mark.skipif(not can_link(), reason="symbolic links cannot be made here")
def test_a_list_that_goes_through_the_systems_own_links_is_taken_for_the_real_place(disk: EvidenceDisk) -> None:
    (disk.top / "usr/bin").mkdir(parents=True)
    (disk.top / "run").mkdir()
    (disk.top / "var").mkdir()
    (disk.top / "bin").symlink_to("usr/bin")
    (disk.top / "var/run").symlink_to("/run")
    (disk.top / "loop").symlink_to("loop")
    dpkg(disk, base=["/bin", "/bin/tool", "/usr/bin/other", "/var/run/x.pid", "/loop/a"])
    packages = owners(disk, "/usr/bin", "/run", "/bin")
    assert told(packages, "/usr/bin/tool") == ("base", "9", FILE, 2, 0)
    assert told(packages, "/usr/bin/other") is not None and told(packages, "/run/x.pid") is not None
    assert told(packages, "/bin/tool") is None and told(packages, "/bin") == ("base", "9", FILE, 1, 0)


def test_without_the_status_file_versions_are_unknown_and_it_says_so(disk: EvidenceDisk) -> None:
    disk.write(f"{DPKG}/info/base.list", "/srv/a\n")
    packages = owners(disk, "/srv")
    assert told(packages, "/srv/a") == ("base", "", FILE, 1, 0)
    assert [problem.code for problem in packages.problems] == ["package-database-unreadable"]


def test_no_more_paths_are_kept_than_fit(disk: EvidenceDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "MAX_PATHS", 3)
    dpkg(disk, base=[f"/srv/{i}" for i in range(9)])
    packages = owners(disk, "/srv")
    assert len(packages) == 3
    assert [problem.code for problem in packages.problems] == ["package-database-incomplete"]


def test_a_windows_instance_has_no_packages(tmp_path: Path) -> None:
    with evidence_disk(tmp_path, windows=True) as disk:
        dpkg(disk, base=["/C:/srv/a"])
        packages = Packages(disk.root, windows_instance(), ["/C:/srv"])
        assert len(packages) == 0 and packages.databases == () and packages.problems == ()


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.binary(max_size=400), st.binary(max_size=400))
def test_any_bytes_in_dpkgs_records_are_no_error(
    disk: EvidenceDisk, listed: bytes, status: bytes, other: bytes
) -> None:
    disk.write(f"{DPKG}/info/base.list", b"/srv/a\n" + listed)
    disk.write(f"{DPKG}/status", status)
    disk.write(f"{DPKG}/diversions", other)
    packages = owners(disk, "/")
    owned = packages.of("/srv/a")
    assert owned is not None or b"/srv/a" in other
    if owned is not None:
        package_evidence(owned)


# -- rpm --------------------------------------------------------------------------------------


def real(name: str) -> bytes:
    return gzip.decompress((DATA / f"{name}.gz").read_bytes())


@pytest.mark.parametrize("place", [f"{RPM}/rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite", f"{RPM}/Packages"])
def test_a_real_database_of_rpm(disk: EvidenceDisk, place: str) -> None:
    disk.write(place, real(place.rpartition("/")[2]))
    packages = owners(disk, "/srv/shop", "/etc", "/var/log/shop.log", "/bin/shop")
    assert packages.databases == (place,) and packages.problems == ()
    assert told(packages, "/srv/shop/bin/with space") == ("shop-tools", "1.2-3", FILE, None, 0)
    for i in range(1, 61):
        assert told(packages, f"/srv/shop/file-with-a-rather-long-name-{i}") is not None
    assert told(packages, "/etc/motd") == ("base-files", "7-1", FILE, None, 0)
    assert told(packages, "/etc/shop/shop.conf") == ("shop-tools", "1.2-3", CONFIG, None, 0)
    assert told(packages, "/var/log/shop.log") == ("shop-tools", "1.2-3", GHOST, None, 0)
    assert told(packages, "/bin/shop") == ("shop-tools", "1.2-3", FILE, None, 0)
    assert told(packages, "/bin") is None
    shared = packages.of("/srv/shop")
    assert shared is not None and shared.others == 1
    ghost = packages.of("/var/log/shop.log")
    assert ghost is not None and "the running system makes it" in package_evidence(ghost).detail
    assert package_evidence(ghost).source == place[1:]


def header(name: str, files: Mapping[str, int], old: bool = False, states: Sequence[int] = ()) -> bytes:
    """A package's header as rpm lays it out: entries, then data; numbers big-endian."""
    directories = sorted({path.rpartition("/")[0] + "/" for path in files})
    indexes = [directories.index(path.rpartition("/")[0] + "/") for path in files]
    strings: list[tuple[int, int, Sequence[str]]] = [(1000, 6, [name]), (1001, 6, ["1"]), (1002, 6, ["2"])]
    numbers: list[tuple[int, int, Sequence[int]]] = [(1003, 4, [7]), (1037, 4, list(files.values()))]
    if states:
        numbers.append((1029, 1, states))
    if old:
        strings.append((1027, 8, list(files)))
    else:
        strings += [(1117, 8, [path.rpartition("/")[2] for path in files]), (1118, 8, directories)]
        numbers.append((1116, 4, indexes))
    entries, data = b"", b""
    for tag, kind, values in numbers:
        data += b"\0" * (-len(data) % 4) if kind == 4 else b""
        entries += struct.pack(">IIII", tag, kind, len(data), len(values))
        data += b"".join(value.to_bytes(4 if kind == 4 else 1, "big") for value in values)
    for tag, kind, texts in strings:
        entries += struct.pack(">IIII", tag, kind, len(data), len(texts))
        data += b"".join(text.encode() + b"\0" for text in texts)
    return struct.pack(">II", len(entries) // 16, len(data)) + entries + data


def sqlite(disk: EvidenceDisk, *blobs: bytes, page_size: int = 4096) -> None:
    place = disk.path(disk.write(f"{RPM}/rpmdb.sqlite"))
    place.unlink()
    connection = sqlite3.connect(str(place))
    connection.execute(f"PRAGMA page_size={page_size}")
    connection.execute("CREATE TABLE other (x)")
    connection.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
    connection.commit()
    connection.close()


def ndb(*blobs: bytes) -> bytes:
    """A Packages.db, as rpm's rpmpkg.c writes it."""
    slots, body, block = b"", b"", 4096 // 16
    for number, blob in enumerate(blobs, 1):
        whole = struct.pack("<4sIII", b"BlbS", number, 1, len(blob)) + blob
        whole += b"\0" * (-(len(whole) + 12) % 16) + struct.pack("<II4s", 0, len(blob), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", number, block, len(whole) // 16)
        body += whole
        block += len(whole) // 16
    free = struct.pack("<4sIII", b"Slot", 0, 0, 0)
    head = struct.pack("<4sIIII12x", b"RpmP", 0, 1, 1, len(blobs) + 1)
    return (head + slots + free * 256)[:4096] + body


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
def test_a_database_of_many_packages_and_long_headers(disk: EvidenceDisk, page_size: int) -> None:
    long = header("long", {f"/srv/long/{i:05}-{'x' * 40}": 0 for i in range(1500)})
    # Each header is a byte longer than the one before, so that records end anywhere in a page.
    sqlite(disk, long, *(header(f"p{i}", {f"/srv/p{i}/{'y' * i}": 0}) for i in range(1, 901)), page_size=page_size)
    packages = owners(disk, "/srv")
    assert packages.problems == () and len(packages) == 2400
    assert all(packages.of(f"/srv/p{i}/{'y' * i}") for i in range(1, 901))
    assert told(packages, "/srv/p9/yyyyyyyyy") == ("p9", "7:1-2", FILE, None, 0)
    assert told(packages, f"/srv/long/01499-{'x' * 40}") is not None


def test_the_database_that_sle_has(disk: EvidenceDisk) -> None:
    disk.write(f"{RPM}/Packages.db", ndb(header("a", {"/srv/a": 0}), header("b", {"/srv/b": 1})))
    packages = owners(disk, "/srv")
    assert told(packages, "/srv/b") == ("b", "7:1-2", CONFIG, None, 0) and packages.problems == ()


def test_files_that_are_not_installed_and_names_of_rpm_3(disk: EvidenceDisk) -> None:
    sqlite(
        disk,
        header("a", {"/srv/a": 0, "/srv/b": 0, "/srv/c": 0}, states=[0, 2, 1]),
        header("old", {"/srv/old": 0}, old=True),
        header("gpg-pubkey", {"/srv/key": 0}),
    )
    packages = owners(disk, "/srv")
    assert [path for path in ("/srv/a", "/srv/b", "/srv/c", "/srv/old", "/srv/key") if packages.of(path)] == [
        "/srv/a",
        "/srv/old",
    ]


def test_nothing_is_made_beside_a_database_and_its_log_is_told_of(disk: EvidenceDisk) -> None:
    sqlite(disk, header("a", {"/srv/a": 0}))
    disk.write(f"{RPM}/rpmdb.sqlite-wal", b"frames")
    before = sorted(path.name for path in disk.path(RPM).iterdir())
    packages = owners(disk, "/srv")
    assert told(packages, "/srv/a") is not None
    assert [problem.path for problem in packages.problems] == [f"{RPM}/rpmdb.sqlite-wal"]
    assert sorted(path.name for path in disk.path(RPM).iterdir()) == before


def test_of_several_databases_the_newest_is_read(disk: EvidenceDisk) -> None:
    sqlite(disk, header("new", {"/srv/a": 0}))
    disk.write(f"{RPM}/Packages", real("Packages"), mtime=1000.0)
    packages = owners(disk, "/srv", "/etc")
    assert told(packages, "/srv/a") is not None and told(packages, "/etc/motd") is None
    assert [(problem.code, problem.path) for problem in packages.problems] == [
        ("package-database-older", f"{RPM}/Packages")
    ]


@pytest.mark.parametrize("name", ["rpmdb.sqlite", "Packages", "Packages.db"])
@pytest.mark.parametrize(
    "content", [b"x", b"\0" * 5000, b"SQLite format 3\0" + b"\xff" * 5000, b"RpmP" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_told_of(disk: EvidenceDisk, name: str, content: bytes) -> None:
    disk.write(f"{RPM}/{name}", content)
    packages = owners(disk, "/srv")
    assert len(packages) == 0
    assert [problem.code for problem in packages.problems] == ["package-database-incomplete"]


def damaged(data: bytes, changes: Sequence[tuple[int, int]], cut: int) -> bytes:
    made = bytearray(data)
    for at, byte in changes:
        made[at % len(made)] = byte
    return bytes(made[: len(made) - cut % len(made)])


FORMS = {
    "rpmdb.sqlite": real("rpmdb.sqlite"),
    "Packages": real("Packages"),
    "Packages.db": ndb(header("a", {"/srv/a": 0, "/srv/b/c": 64}), header("b", {"/srv/b": 1})),
}
CHANGES = st.lists(st.tuples(st.one_of(st.integers(0, 200), st.integers(0, 1 << 20)), st.integers(0, 255)), max_size=12)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(FORMS)), CHANGES, st.one_of(st.just(0), st.integers(0, 1 << 20)))
def test_a_damaged_database_is_no_error(
    disk: EvidenceDisk, name: str, changes: list[tuple[int, int]], cut: int
) -> None:
    for other in FORMS:
        disk.path(f"{RPM}/{other}").unlink(missing_ok=True)
    disk.write(f"{RPM}/{name}", damaged(FORMS[name], changes, cut))
    packages = owners(disk, "/")
    if not changes and not cut:
        assert len(packages) > 2 and packages.problems == ()
    assert all(problem.code == "package-database-incomplete" for problem in packages.problems)


def test_pages_that_lead_in_a_circle_end(disk: EvidenceDisk) -> None:
    """Each overflow page of the Berkeley database leads to itself, and says that the record is as long as allowed."""
    made = bytearray(FORMS["Packages"])
    for page in range(0, len(made), 4096):
        if made[page + 25] == 7:
            struct.pack_into("<I", made, page + 16, page // 4096)
    disk.write(f"{RPM}/Packages", bytes(made))
    assert [problem.code for problem in owners(disk, "/srv").problems] == ["package-database-incomplete"]


def test_a_tree_that_leads_in_a_circle_ends(disk: EvidenceDisk) -> None:
    sqlite(disk, *(header(f"p{i}", {f"/srv/{i}": 0}) for i in range(200)))
    place = disk.path(f"{RPM}/rpmdb.sqlite")
    made = bytearray(place.read_bytes())
    inner = [at for at in range(4096, len(made), 4096) if made[at] == 5]
    for at in inner:
        struct.pack_into(">I", made, at + 8, at // 4096 + 1)
    place.write_bytes(made)
    packages = owners(disk, "/srv")
    assert inner and ["in a table twice" in problem.message for problem in packages.problems] == [True]


def test_items_that_stand_beyond_their_page_are_told_of(disk: EvidenceDisk) -> None:
    made = bytearray(FORMS["Packages"])
    for page in range(4096, len(made), 4096):
        if made[page + 25] in (2, 13) and made[page + 20]:
            struct.pack_into("<2H", made, page + 26, 0xFFFF, 0xFFFE)
    disk.write(f"{RPM}/Packages", bytes(made))
    assert ["out of place" in problem.message for problem in owners(disk, "/srv").problems] == [True]


def test_a_header_of_names_without_end_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpm_header, "MAX_ITEMS", 2)
    with pytest.raises(Malformed):
        list(RpmHeader(header("a", {"/a": 0, "/b": 0, "/c": 0})).files())
    with pytest.raises(Malformed):
        str(RpmHeader(header("a", {"/a/x": 0, "/b/x": 0, "/c/x": 0})).directories)
    assert len(list(RpmHeader(header("a", {"/a": 0, "/b": 0})).files())) == 2


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=300), CHANGES)
def test_any_bytes_as_a_header_are_malformed_or_read(tail: bytes, changes: list[tuple[int, int]]) -> None:
    for blob in (tail, damaged(header("a", {"/srv/a": 0, "/x/b": 1}), changes, 0) + tail):
        try:
            made = RpmHeader(blob)
            list(made.files())
            str((made.name, made.version, made.directories))
        except Malformed:
            pass
