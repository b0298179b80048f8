"""What the tests of carrying out and putting back share: a tree, a plan for it, and runs of both, on any system."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Optional

from tui.cleanup.calls import Calls, real_calls
from tui.cleanup.execute import carry_out
from tui.cleanup.identity import kind_of
from tui.cleanup.records import Act, Plan, PlanStep, Result, Seen, Why
from tui.cleanup.session import Terms
from tui.cleanup.state_dir import Site, open_site
from tui.cleanup.undo import undo
from tui.disk.inventory import DIR, LINK

STATE = "/state"


class Machine:
    """A SOURCE in a directory, with time, guard and stop of its own."""

    def __init__(self, top: Path, calls: Optional[Calls] = None, apart: Optional[Path] = None) -> None:
        self.top = top
        self.calls = calls if calls is not None else real_calls()
        self.apart = apart
        self.time = 1_700_000_000.0
        self.fine: Callable[[], Optional[str]] = lambda: None
        self.stop: Callable[[], bool] = lambda: False
        self.clock: Callable[[], float] = time.monotonic
        self.go_on: Callable[[str], bool] = lambda reason: False
        self.forced: list[str] = []

    @property
    def terms(self) -> Terms:
        return Terms(
            lambda: self.time, lambda: self.clock(), lambda: self.fine(), lambda: self.stop(),
            lambda reason: self.go_on(reason), lambda: self.forced,
        )  # fmt: skip

    @contextmanager
    def site(self) -> Iterator[Site]:
        apart = None if self.apart is None else str(self.apart)
        with open_site(self.calls, {"": str(self.top)}, STATE, apart) as site:
            yield site

    def place(self, path: str) -> Path:
        """Where one of the instance's paths is on this machine."""
        return self.top / path[1:]

    def seen(self, path: str) -> Seen:
        """What a plan sees there."""
        head, _, name = path.rpartition("/")
        directory = self.calls.open_top(str(self.top) + head)
        try:
            found: Any = self.calls.look(name, directory)
            kind = kind_of(found)
            target = self.calls.read_link(name, directory) if kind == LINK else None
        finally:
            self.calls.close(directory)
        return Seen(
            kind, found.st_dev, found.st_ino, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, found.st_size,
            found.st_mtime_ns, found.st_ctime_ns, 1 if kind == DIR else found.st_nlink, target,
        )  # fmt: skip

    def plan(self, *paths: str, act: Act = Act.QUARANTINE, content: Optional[bytes] = None) -> Plan:
        """A plan for these paths, in this order."""
        steps = tuple(
            PlanStep(number, path, act, Why.PATH, self.seen(path), content=content)
            for number, path in enumerate(paths, 1)
        )
        return Plan(str(self.top), "directory", "web-1", self.time, "1", steps, chosen_by="a test")

    def clean(self, plan: Plan, reason: str = "") -> Result:
        with self.site() as site:
            return last(carry_out(site, plan, self.terms, who="root", host="web-1", tool="1", reason=reason))

    def undo(self, key: Optional[str] = None, paths: Optional[list[str]] = None) -> Result:
        with self.site() as site:
            return last(undo(site, self.terms, key, paths))

    def kept(self, result: Result, path: str) -> Path:
        """Where a path lies in quarantine."""
        state = self.apart if self.apart is not None else self.place(STATE)
        return state / "quarantine" / result.id / path[1:]


def last(events: Any) -> Result:
    """The Result, which comes last."""
    *_, result = events
    assert isinstance(result, Result)
    return result


def told(result: Result) -> list[tuple[str, str]]:
    """Paths and what became of them."""
    return [(one.path, one.did.value) for one in result.results]


def write(place: Path, content: bytes = b"content") -> Path:
    """Make a file, and the directories above it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def names(place: Path) -> list[str]:
    """What is in a directory."""
    return sorted(os.listdir(place))
