"""What a walk is asked for, in the order and the nesting it is walked in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tui.paths import path_key


@dataclass
class Top:
    """A path to walk (``tree``) or to look at alone; ``inner``: what else was asked for below the tree."""

    path: str
    tree: bool
    inner: list[tuple[str, bool]] = field(default_factory=list)


def as_parts(path: str) -> tuple[str, ...]:
    """The names in an absolute path; doubled slashes, ``.`` and ``..`` are taken out of the text."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return tuple(parts)


def clean_path(path: str) -> str:
    """An absolute path put together again from its names."""
    return "/" + "/".join(as_parts(path))


def sort_paths(paths: Iterable[str]) -> list[str]:
    """Paths in tree order, without those that no file system can hold (records are free to name them)."""
    keys = []
    for path in paths:
        try:
            keys.append((path_key(path), path))
        except UnicodeEncodeError:
            continue
    return [path for _, path in sorted(keys)]


def plan_tops(wanted: Iterable[tuple[str, bool]]) -> list[Top]:
    """``(path, tree)`` pairs as tops in tree order; what lies inside a tree goes with that tree."""
    kinds: dict[str, bool] = {}
    for path, tree in wanted:
        path = clean_path(path)
        kinds[path] = tree or kinds.get(path, False)
    tops: list[Top] = []
    outer = None
    for path in sort_paths(kinds):
        if outer is not None and path.startswith(outer.path.rstrip("/") + "/"):
            outer.inner.append((path, kinds[path]))
            continue
        top = Top(path, kinds[path])
        tops.append(top)
        if top.tree:
            outer = top
    return tops
