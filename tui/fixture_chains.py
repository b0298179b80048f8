"""Example instances with deployments to play on them: revisions and a steps file, kept as an instance is.

What ``chain/`` has in an example's directory is laid out beside the instance: ``steps.yml``, and the
revisions that it names.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tui.fixtures import MANIFEST, UnknownFixture, lay_out, names, place_of, unpacked

CHAIN = "chain"
STEPS = "steps.yml"


@dataclass(frozen=True)
class BundledChain:
    """An unpacked example: the root of its instance, and the steps file, whose paths start beside it."""

    root: Path
    steps: Path


def chain_names() -> tuple[str, ...]:
    """The example instances that have a chain of deployments. Raises FixtureError."""
    return tuple(name for name, _ in names() if (place_of(name) / CHAIN / MANIFEST).is_file())


@contextlib.contextmanager
def bundled_chain(name: str) -> Iterator[BundledChain]:
    """An example with its chain in a temporary directory, removed at the end.

    Raises UnknownFixture where there is none of that name, and FixtureError where it cannot be made.
    """
    known = chain_names()
    if name not in known:
        raise UnknownFixture(name, known)
    with unpacked(name) as root:
        beside = root.parent / CHAIN
        lay_out(place_of(name) / CHAIN, beside)
        yield BundledChain(root, beside / STEPS)
