"""dpkg's records (Debian, Ubuntu): ``/var/lib/dpkg/info/PACKAGE.list``, ``status`` and ``diversions``."""

from __future__ import annotations

import re
from typing import NamedTuple

from tui.agent.reading import is_directory, read_record
from tui.disk.root import NotThere, Root, RootError
from tui.paths import from_bytes
from tui.system.packaged import CONFIG, FILE, MAX_PATHS, Package, Packaged
from tui.system.places import Places

DIRECTORY = "/var/lib/dpkg"
LIST_LIMIT = 16 << 20  # bytes of one package's list
STATUS_LIMIT = 64 << 20  # bytes
MAX_LISTS = 20_000
MAX_DIVERSIONS = 10_000
_FIELD = re.compile(rb"^(Package|Version|Architecture|Status):[ \t]*([^\n]{0,500})", re.MULTILINE)
_CONFFILES = re.compile(rb"^Conffiles:[^\n]*\n((?: [^\n]*\n?)*)", re.MULTILINE)
_CONFFILE = re.compile(rb"^ (/[^\n]*?) (?:[0-9a-f]{32}|newconffile)\b([^\n]*)$", re.MULTILINE)


class _Status(NamedTuple):
    version: str
    installed: bool
    conffiles: frozenset[bytes]


def read_dpkg(root: Root, places: Places, into: Packaged) -> bool:
    """Add what dpkg's records say of the places asked for; False where there are none. Never raises."""
    info = DIRECTORY + "/info"
    if not is_directory(root, info):
        return False
    try:
        names = [name for name, _ in root.list(info) if name.endswith(".list")]
    except NotThere:
        return False
    except (RootError, OSError) as error:
        into.problem("package-database-unreadable", info, f"It cannot be listed: {getattr(error, 'reason', error)}.")
        return True
    into.databases.append(info)
    status = _read_status(root, into)
    diverted = _diversions(root)
    if len(names) > MAX_LISTS:
        into.problem("package-database-incomplete", info, f"Only the first {MAX_LISTS} packages' lists were read.")
    for name in names[:MAX_LISTS]:
        _read_list(root, f"{info}/{name}", name[: -len(".list")], status, diverted, places, into)
        if into.full:
            message = f"Only the first {MAX_PATHS} paths of packages were kept."
            into.problem("package-database-incomplete", info, message)
            break
    return True


def _read_list(
    root: Root,
    path: str,
    package: str,
    status: dict[str, _Status],
    diverted: dict[bytes, tuple[bytes, str]],
    places: Places,
    into: Packaged,
) -> None:
    content, problem = read_record(root, path, LIST_LIMIT)
    if content is None:
        if problem is not None:
            into.problem("package-database-unreadable", path, problem.message)
        return
    if not content.complete:
        into.problem("package-database-incomplete", path, f"Only its first {LIST_LIMIT} bytes were read.")
    known = status.get(package) or status.get(package.partition(":")[0])
    number = -1
    name = package.partition(":")[0]
    for line, raw in enumerate(content.data.split(b"\n"), 1):
        if not raw.startswith(b"/"):
            continue
        if raw in diverted and diverted[raw][1] != name:
            raw = diverted[raw][0]
        directory, _, last = raw.rpartition(b"/")
        place = places.place(directory, last)
        if place is None:
            continue
        if number < 0:
            number = len(into.packages)
            into.packages.append(Package(package, known.version if known else "", path))
        into.add(place, number, CONFIG if known and raw in known.conffiles else FILE, line)


def _read_status(root: Root, into: Packaged) -> dict[str, _Status]:
    """The packages by name, and by name and architecture."""
    path = DIRECTORY + "/status"
    content, problem = read_record(root, path, STATUS_LIMIT)
    if content is None:
        message = problem.message if problem else "It is missing: versions of packages are not known."
        into.problem("package-database-unreadable", path, message, "info")
        return {}
    if not content.complete:
        into.problem("package-database-incomplete", path, f"Only its first {STATUS_LIMIT} bytes were read.")
    found: dict[str, _Status] = {}
    for stanza in content.data.split(b"\n\n"):
        fields = {key: value.strip() for key, value in _FIELD.findall(stanza)}
        name = from_bytes(fields.get(b"Package", b""))
        if not name:
            continue
        listed = _CONFFILES.search(stanza)
        conffiles = frozenset(
            path for path, rest in _CONFFILE.findall(listed[1] if listed else b"") if b"obsolete" not in rest
        )
        installed = fields.get(b"Status", b"").endswith(b" installed")
        known = _Status(from_bytes(fields.get(b"Version", b"")), installed, conffiles)
        if installed or name not in found:
            found[name] = known
        found[f"{name}:{from_bytes(fields.get(b'Architecture', b''))}"] = known
    return found


def _diversions(root: Root) -> dict[bytes, tuple[bytes, str]]:
    """Paths that all packages but one have elsewhere: path -> (where, that one; ``:`` is the operator)."""
    content, _ = read_record(root, DIRECTORY + "/diversions", LIST_LIMIT)
    if content is None:
        return {}
    lines = content.data.split(b"\n")
    found: dict[bytes, tuple[bytes, str]] = {}
    for i in range(0, min(len(lines) - 2, 3 * MAX_DIVERSIONS), 3):
        if lines[i].startswith(b"/") and lines[i + 1].startswith(b"/"):
            found[lines[i]] = (lines[i + 1], from_bytes(lines[i + 2]))
    return found
