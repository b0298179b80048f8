"""A revision that the operator names by a path: an unpacked directory, or a bundle file."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, Optional

from tui.disk.bundle import BundleError, open_bundle
from tui.disk.bundle_io import WANTED
from tui.disk.inventory import DIR
from tui.disk.root import Root, RootError
from tui.disk.tree import RootTree, Tree
from tui.disk.unpacked import APPSPEC
from tui.paths import showable
from tui.windows_paths import showable_windows

_WINDOWS = os.name == "nt"
_DENIED = "permission denied; run as root or as a user who may look into it"


class CandidateError(Exception):
    """What the operator named is no revision. ``str()`` is the one line to print: what, why and what to do."""


@dataclass(frozen=True)
class Candidate:
    """A revision that could be deployed. ``tree`` holds its files; whoever asked for it closes it."""

    label: str  # what the operator named
    kind: str  # directory, tar, tgz or zip
    tree: Tree
    problem: Optional[str] = None  # why the agent cannot unpack it, as one clause
    notes: tuple[str, ...] = ()


def open_candidate(
    text: str,
    users: Optional[Mapping[str, int]] = None,
    groups: Optional[Mapping[str, int]] = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Candidate:
    """Open a directory or a bundle, a path of the machine the tool runs on. Raises CandidateError.

    ``users`` and ``groups`` are the instance's, by name: a tar's files go to those first.
    """
    if not text:
        raise CandidateError(f"the revision's name is empty; {WANTED}")
    shown = (showable_windows if _WINDOWS else showable)(text)
    try:
        is_directory = stat.S_ISDIR(os.stat(text).st_mode)
        if is_directory:
            return _directory(text)
    except FileNotFoundError:
        raise CandidateError(f"{shown}: no such file or directory; {WANTED}") from None
    except NotADirectoryError:
        raise CandidateError(f"{shown}: part of the path is not a directory; {WANTED}") from None
    except PermissionError:
        raise CandidateError(f"{shown}: {_DENIED}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CandidateError(f"{shown}: {reason.lower()}; {WANTED}") from None
    except RootError as error:
        raise CandidateError(f"{shown}: {error.reason}; {_DENIED.partition('; ')[2]}") from None
    try:
        bundle = open_bundle(text, users, groups, cancelled)
    except BundleError as error:
        raise CandidateError(str(error)) from None
    return Candidate(text, bundle.kind, bundle, bundle.problem, bundle.notes)


def _directory(text: str) -> Candidate:
    tree = RootTree(_root(text), owned=True)
    try:
        return Candidate(text, "directory", tree, None, _hints(tree))
    except BaseException:
        tree.close()
        raise


def _root(text: str) -> Root:
    if os.supports_dir_fd:
        from tui.disk.posix import PosixRoot

        return PosixRoot(text, text)
    from tui.disk.portable import PortableRoot

    return PortableRoot(text, text)


def _hints(tree: Tree) -> tuple[str, ...]:
    """What to say of an unpacked directory. Raises RootError where it cannot be listed."""
    entries = tree.list("/")
    if not entries:
        return ("The directory is empty.",)
    if any(APPSPEC.search(name) for name, _ in entries):
        return ()
    directories = [name for name, found in entries if found.type == DIR]
    if len(directories) != 1:
        return ()
    try:
        inside = any(APPSPEC.search(name) for name, _ in tree.list("/" + directories[0]))
    except RootError:
        return ()
    if not inside:
        return ()
    return (
        f"It has no appspec, but its subdirectory {showable(directories[0])} has one: "
        "the agent looks into a single subdirectory of a bundle, never of a directory. Name the subdirectory.",
    )
