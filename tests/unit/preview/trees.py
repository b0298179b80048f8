"""Small random trees of files, directories and links, and what is done with them, for property tests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Optional, Union

from hypothesis import strategies as st

from .building import File, Link

NAMES = ("a", "b", "c")
DIRECTORY = None
Node = Union[File, Link, None, str]  # text: one more name of the file at that path
Tree = Mapping[str, Node]

# Links lead no further up than the directory above the one that they are in.
TARGETS = (".", "..", "a", "b", "c", "../a", "../b", "a/b", "nowhere", "../nowhere")


def _paths() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join)


def nodes(targets: tuple[str, ...] = TARGETS) -> st.SearchStrategy[Node]:
    """A file, a directory or a link."""
    files = st.builds(File, st.sampled_from(["", "1", "2", "two"]), st.sampled_from([0o644, 0o600, 0o755]))
    return st.one_of(files, st.none(), st.sampled_from(targets).map(Link))


def trees(targets: tuple[str, ...] = TARGETS, most: int = 8) -> st.SearchStrategy[dict[str, Node]]:
    """A tree by relative path; a path below a file or a link is left out, and a directory above one is made."""
    return st.lists(st.tuples(_paths(), nodes(targets)), max_size=most).map(_fitting)


def _fitting(wanted: list[tuple[str, Node]]) -> dict[str, Node]:
    tree: dict[str, Node] = {}
    for path, node in wanted:
        above = path.split("/")[:-1]
        heads = ["/".join(above[: n + 1]) for n in range(len(above))]
        if path in tree or any(head in tree and tree[head] is not DIRECTORY for head in heads):
            continue
        for head in heads:
            tree.setdefault(head, DIRECTORY)
        tree[path] = node
    return tree


def grow(top: Path, tree: Tree) -> None:
    """Make a tree on disk."""
    top.mkdir(parents=True, exist_ok=True)
    for path, node in tree.items():
        place = top / path
        if node is DIRECTORY:
            place.mkdir(exist_ok=True)
        elif isinstance(node, Link):
            place.symlink_to(node.target)
        elif isinstance(node, File):
            place.write_bytes(node.data.encode())
            place.chmod(node.mode)
        else:
            os.link(top / str(node), place)


def with_second_names(tree: dict[str, Node], pick: Optional[int]) -> dict[str, Node]:
    """The same with one more name, ``z``, for one of its files."""
    files = [path for path, node in tree.items() if isinstance(node, File)]
    if pick is not None and files:
        tree = {**tree, "z": files[pick % len(files)]}
    return tree
