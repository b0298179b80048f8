"""A process that works against a cleanup: ``python -m tests.faults.adversary TREE DECOY``, until its input ends.

Below TREE it swaps directories for links to DECOY, moves them away and back, and renames, replaces, truncates and
recreates files, as fast as it can. It prints how often. What it makes itself begins with ``foreign``.
"""

from __future__ import annotations

import os
import random
import select
import sys
from typing import Callable


def main() -> int:
    tree, decoy = sys.argv[1:3]
    chance = random.Random(os.getpid())
    acts: tuple[Callable[[str, str, random.Random], None], ...] = (_swap, _swap, _away, _replace, _truncate, _rename)
    done = 0
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        for _ in range(20):
            try:
                chance.choice(acts)(tree, decoy, chance)
                done += 1
            except OSError:
                continue
    print(done)
    return 0


def _directory(tree: str, chance: random.Random) -> str:
    return os.path.join(tree, f"d{chance.randrange(10)}")


def _file(tree: str, chance: random.Random) -> str:
    return os.path.join(_directory(tree, chance), f"f{chance.randrange(30)}")


def _swap(tree: str, decoy: str, chance: random.Random) -> None:
    """A directory for a link to the decoy, for a moment."""
    path = _directory(tree, chance)
    os.rename(path, path + ".aside")
    os.symlink(os.path.join(decoy, os.path.basename(path)), path)
    os.unlink(path)
    os.rename(path + ".aside", path)


def _away(tree: str, decoy: str, chance: random.Random) -> None:
    """A directory moved out of the tree, another one in its place, and back."""
    path = _directory(tree, chance)
    away = os.path.join(os.path.dirname(tree), "away-" + os.path.basename(path))
    os.rename(path, away)
    os.mkdir(path)
    name = os.path.join(path, f"f{chance.randrange(30)}")
    _write(name)
    os.unlink(name)
    os.rmdir(path)
    os.rename(away, path)


def _replace(tree: str, decoy: str, chance: random.Random) -> None:
    """Another file in the place of one that is there."""
    path = _file(tree, chance)
    os.stat(path)
    _write(path + ".new")
    os.rename(path + ".new", path)


def _truncate(tree: str, decoy: str, chance: random.Random) -> None:
    os.truncate(_file(tree, chance), 1)


def _rename(tree: str, decoy: str, chance: random.Random) -> None:
    """One file removed and its name given to a link, then to another file."""
    path = _file(tree, chance)
    os.unlink(path)
    os.symlink(os.path.join(decoy, "d0", "f0"), path)
    os.unlink(path)
    _write(path)


def _write(path: str) -> None:
    with open(path, "xb", buffering=0) as file:
        file.write(b"foreign content")


if __name__ == "__main__":
    sys.exit(main())
