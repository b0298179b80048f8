"""Ways to damage one file or directory of an instance."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import socket
import stat
from pathlib import Path
from typing import Callable

from .contents import (
    as_utf16,
    cut,
    cut_front,
    emptied,
    flipped,
    huge,
    noise,
    repeated,
    replaced_words,
    restructured,
    rewrite,
    shuffled,
    with_crlf,
    worded,
)
from .words import WORDS

Damage = Callable[[Path, random.Random], None]

RECORDS = re.compile(
    r"/etc/|/deployment-instructions(/|$)|/deployment-logs(/|$)|/ongoing-deployment(/|$)|/appspec\.ya?ml$|\.log$"
    r"|-log\.txt$|/\.version$|/\.bundle-|/conf[^/]*\.yml$|/scripts(/|$)|\.(sh|bat|ps1)$|/logs$|/bundle\.tar$|/CodeDeploy$"
    r"|/deployment-root(/[^/]+(/[^/]+(/deployment-archive)?)?)?$"
)


def removed(path: Path, draw: random.Random) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def directory(path: Path, draw: random.Random) -> None:
    removed(path, draw)
    (path / "inside").mkdir(parents=True)


def a_file(path: Path, draw: random.Random) -> None:
    removed(path, draw)
    path.write_bytes(draw.choice(WORDS))


def linked(path: Path, draw: random.Random) -> None:
    """A link in its place: to itself, upwards, out of the instance, to nothing, to its neighbour or where it is now."""
    aside = path.with_name(path.name + ".moved")
    choices = [
        path.name,
        ".",
        "..",
        "../" * 40 + "etc/passwd",
        "/",
        "/etc/passwd",
        "/proc/self/fd",
        "/dev/zero",
        "nowhere",
        "x" * 255,
    ]
    choices += [neighbour.name for neighbour in sorted(path.parent.iterdir())[:3]]
    if os.path.lexists(path) and draw.random() < 0.4:
        path.rename(aside)
        choices = [aside.name]
    removed(path, draw)
    path.symlink_to(draw.choice(choices))


def special(path: Path, draw: random.Random) -> None:
    """A pipe, a socket or, as root, a device that never ends, in its place."""
    removed(path, draw)
    kind = draw.randrange(3)
    if kind == 0 and hasattr(os, "mkfifo"):
        os.mkfifo(path)
    elif kind == 1 and hasattr(os, "geteuid") and os.geteuid() == 0:
        os.mknod(path, stat.S_IFCHR | 0o644, os.makedev(1, 5))
    elif hasattr(socket, "AF_UNIX"):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as server:  # OSError: a path too long for it
            server.bind(str(path))


def unreadable(path: Path, draw: random.Random) -> None:
    """No permission, which root does not mind."""
    if not path.is_symlink() and path.exists():
        path.chmod(0)


def odd_mode(path: Path, draw: random.Random) -> None:
    if not path.is_symlink() and path.exists():
        path.chmod(draw.choice((0o4755, 0o7777, 0o222, 0o1777, 0o444)) | (0o700 if path.is_dir() else 0))


def odd_time(path: Path, draw: random.Random) -> None:
    when = draw.choice((-1, 0, 1, 2**31 * 10**9, -(2**31) * 10**9, 2**33 * 10**9))
    with contextlib.suppress(OSError, OverflowError):
        os.utime(path, ns=(when, when), follow_symlinks=False)


def renamed(path: Path, draw: random.Random) -> None:
    """Under a name that is none of the agent's, or another record's."""
    names = (
        path.name.upper(),
        path.name + "~",
        "-cleanup",
        "x\n-cleanup",
        "d-\x1b[31m",
        ".",
        "x" * 200,
        "-install.json",
        "\udcff",
    )
    target = path.with_name(draw.choice(names))
    if path.exists() and not os.path.lexists(target):
        path.rename(target)


def crowded(path: Path, draw: random.Random) -> None:
    """Beside it, files and directories of odd names that look like records."""
    for i in range(draw.randint(1, 30)):
        name = (
            draw.choice(
                (
                    "d-%d",
                    "%d-cleanup",
                    "%d-install.json",
                    "%d_most_recent_install",
                    ".x.tmp.%d",
                    "x-deployments.log.%d",
                    "\n%d",
                    "%d\udcff",
                )
            )
            % i
        )
        place = path.parent / name
        if os.path.lexists(place):
            continue
        if draw.random() < 0.3:
            place.mkdir()
        else:
            place.write_bytes(draw.choice(WORDS))


def nested(path: Path, draw: random.Random) -> None:
    """Many directories one in the other where it was."""
    removed(path, draw)
    with contextlib.suppress(OSError):
        path.joinpath(*["d"] * draw.choice((5, 100, 400))).mkdir(parents=True)


def exchanged(path: Path, draw: random.Random) -> None:
    """The content of its neighbour."""
    others = (
        [p for p in sorted(path.parent.iterdir()) if p.is_file() and not p.is_symlink()] if path.parent.is_dir() else []
    )
    if others:
        rewrite(path, lambda data: draw.choice(others).read_bytes()[: 1 << 20])


ALL: tuple[Damage, ...] = (
    cut, cut, cut_front, emptied, noise, flipped, flipped, worded, worded, replaced_words, replaced_words, repeated,
    shuffled, with_crlf, as_utf16, huge, restructured, restructured, removed, directory, a_file, linked, linked,
    special, unreadable, odd_mode, odd_time, renamed, crowded, nested, exchanged,
)  # fmt: skip


def victims(root: Path) -> tuple[str, ...]:
    """What of an instance is worth damaging, relative to its root: all records, and some of everything else."""
    found = []
    for place, directories, files in os.walk(root):
        for name in (*directories, *files):
            path = os.path.join(place, name)[len(str(root)) :]
            if RECORDS.search(path) or hash_of(path) % 6 == 0:
                found.append(path)
    return tuple(sorted(found))


def hash_of(text: str) -> int:
    """A number that is the same in every run."""
    return sum(number * byte for number, byte in enumerate(os.fsencode(text), 7))


def damage(root: Path, paths: tuple[str, ...], draw: random.Random) -> list[str]:
    """Damage one to four things; gives what was done. What the system refuses is left undone."""
    done = []
    for _ in range(draw.choice((1, 1, 2, 4))):
        path, harm = draw.choice(paths), draw.choice(ALL)
        done.append(f"{harm.__name__} {path}")
        with contextlib.suppress(OSError, ValueError):
            harm(Path(f"{root}{path}"), draw)
    return done
