"""Trees with everything in them that a cleanup can meet, what they are to the last attribute, and plans for them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import struct
import subprocess
import time
from pathlib import Path
from typing import Any, Optional

from tui.cleanup.identity import kind_of
from tui.cleanup.records import Act, Plan, PlanStep, Seen, Why
from tui.disk.inventory import FILE, LINK
from tui.paths import from_bytes

OLD = 1_600_000_000_123_456_789  # nanoseconds
TREE = b"/srv/shop"
RECORD = b"/srv/records/group_last_successful_install"


def build(top: Path, more: int = 0) -> None:
    """Make the tree in a new directory. ``more``: so many further directories, with some entries each."""
    root = os.fsencode(top)
    tree = root + TREE
    os.makedirs(tree)
    os.makedirs(root + os.path.dirname(RECORD))
    _file(root + RECORD, b"/opt/deployment-root/group/d-1", 0o640)
    _file(tree + b"/plain.txt", b"some content\n", 0o644)
    _file(tree + b"/empty", b"", 0o600)
    _file(tree + b"/set-uid", b"#!/bin/true\n", 0o4755)
    os.mkdir(tree + b"/deep")
    os.mkdir(tree + b"/deep/er")
    _file(tree + b"/deep/er/\xff\n\x1b[31m", b"odd", 0o644)
    os.link(tree + b"/plain.txt", tree + b"/deep/second-name")
    os.symlink(b"plain.txt", tree + b"/link")
    os.symlink(b"/nowhere/\xfe", tree + b"/deep/dangling")
    os.symlink(b"/", tree + b"/deep/top")
    os.mkfifo(tree + b"/deep/fifo", 0o620)
    with open(tree + b"/sparse", "wb") as sparse:
        sparse.seek(1 << 18)
        sparse.write(b"end")
    os.mkdir(tree + b"/locked")
    _file(tree + b"/locked/inside", b"read-only directory", 0o400)
    os.mkdir(tree + b"/no files")
    for number in range(more):
        directory = tree + b"/more-%03d" % number
        os.mkdir(directory)
        for name in (b"a", b"b"):
            _file(directory + b"/" + name, b"%d" % number * number, 0o640)
        os.symlink(b"a", directory + b"/l")
        os.link(directory + b"/a", directory + b"/same")
    _attributes(tree)
    _age(tree)
    _age(root + os.path.dirname(RECORD))
    os.utime(os.path.dirname(tree), ns=(OLD, OLD))
    os.chmod(tree + b"/locked", 0o555)
    os.utime(tree + b"/locked", ns=(OLD, OLD + 5))


def _file(path: bytes, content: bytes, mode: int) -> None:
    with open(path, "xb") as file:
        file.write(content)
    os.chmod(path, mode)


def _attributes(tree: bytes) -> None:
    if os.geteuid() == 0:
        os.chown(tree + b"/set-uid", 1234, 4321)
        os.chmod(tree + b"/set-uid", 0o4755)
        os.lchown(tree + b"/link", 77, 78)
        os.chown(tree + b"/deep", 55, 56)
    # user::rw- user:7:r-- group::r-- mask::r-- other::---
    entries = ((1, 6, 0xFFFFFFFF), (2, 4, 7), (4, 4, 0xFFFFFFFF), (16, 4, 0xFFFFFFFF), (32, 0, 0xFFFFFFFF))
    listed = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    for path, name, value in (
        (b"/plain.txt", "user.note", b"kept"),
        (b"/deep", "user.directory", b"\0\xff"),
        (b"/empty", "system.posix_acl_access", listed),
        (b"/deep/er", "system.posix_acl_default", listed),
        (b"/deep/er", "system.posix_acl_access", listed.replace(b"\x01\0\x06", b"\x01\0\x07")),
    ):
        with contextlib.suppress(OSError, AttributeError):
            os.setxattr(tree + path, name, value)


def _age(tree: bytes) -> None:
    """Times that no two entries share."""
    number = 0
    for directory, names, files in os.walk(tree, topdown=False):
        for name in sorted(files) + sorted(names):
            number += 1
            path = directory + b"/" + name
            os.utime(path, ns=(OLD + number, OLD + 1000 * number), follow_symlinks=False)
    os.utime(tree, ns=(OLD, OLD + 7))


def picture(top: Path, *parts: bytes) -> dict[bytes, Any]:
    """Every entry below some parts of a tree, with all that makes it what it is. Hard links have the first name."""
    root, found, first = os.fsencode(top), {}, {}
    for part in parts:
        stack = [root + part]
        while stack:
            path = stack.pop()
            status = os.lstat(path)
            kind = stat.S_IFMT(status.st_mode)
            name = path[len(root) :]
            one: Any = None
            if stat.S_ISREG(kind):
                with open(path, "rb", buffering=0) as file:
                    one = file.read().rstrip(b"\0")[-100:], status.st_blocks * 512 < max(status.st_size, 1 << 16)
            elif stat.S_ISLNK(kind):
                one = os.readlink(path)
            elif stat.S_ISDIR(kind):
                stack += [path + b"/" + below for below in sorted(os.listdir(path), reverse=True)]
            same = first.setdefault((status.st_dev, status.st_ino), name) if not stat.S_ISDIR(kind) else name
            size = 0 if stat.S_ISDIR(kind) else status.st_size
            found[name] = (
                status.st_mode, status.st_uid, status.st_gid, size, status.st_mtime_ns, one, same, xattrs(path)
            )  # fmt: skip
    return found


def xattrs(path: bytes) -> dict[str, bytes]:
    """Extended attributes, where there are any."""
    with contextlib.suppress(OSError, AttributeError):
        return {
            name: os.getxattr(path, name, follow_symlinks=False) for name in os.listxattr(path, follow_symlinks=False)
        }
    return {}


def seen_at(path: bytes, digest: bool = False) -> Seen:
    """What a plan sees at a path."""
    status = os.lstat(path)
    kind = kind_of(status)
    content: Optional[str] = None
    if digest and kind == FILE:
        with open(path, "rb") as file:
            content = hashlib.sha256(file.read()).hexdigest()
    return Seen(
        kind, status.st_dev, status.st_ino, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, status.st_size,
        status.st_mtime_ns, status.st_ctime_ns, status.st_nlink,
        from_bytes(os.readlink(path)) if kind == LINK else None, content,
    )  # fmt: skip


def plan_for(top: Path, act: Act = Act.QUARANTINE, record: bool = True, tree: bytes = TREE) -> Plan:
    """A plan that takes the tree whole, and puts the record right."""
    root = os.fsencode(top)
    paths: list[bytes] = []
    ahead = [root + tree]
    while ahead:
        path = ahead.pop()
        paths.append(path)
        if stat.S_ISDIR(os.lstat(path).st_mode):
            ahead += [path + b"/" + name for name in sorted(os.listdir(path))]
    steps = [
        PlanStep(number, from_bytes(path[len(root) :]), act, Why.PATH, seen_at(path, act is Act.DELETE))
        for number, path in enumerate(reversed(paths), 1)
    ]
    if record:
        seen = seen_at(root + RECORD)
        content = b"/opt/deployment-root/group/d-2"
        steps.append(PlanStep(len(steps) + 1, from_bytes(RECORD), Act.RESTORE, Why.RECORDS, seen, content=content))
    return Plan(str(top), "directory", None, time.time(), "0", tuple(steps), chosen_by="a test")


def remove(top: Path) -> None:
    """Take a tree away, read-only directories too."""
    if os.geteuid() != 0:
        subprocess.run(["chmod", "-R", "u+rwX", str(top)], check=False, stderr=subprocess.DEVNULL)
    shutil.rmtree(top)
