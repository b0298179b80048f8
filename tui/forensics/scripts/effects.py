"""What a script does to paths, gathered while its text is followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Callable, NamedTuple, Optional

from tui.forensics.scripts.values import DEEP, FOUND, MAX_EFFECTS, UNKNOWN, Spent, Values, known
from tui.forensics.targets import is_shared


class Use(IntEnum):
    """What a command does with a path that it names."""

    MAKES = 0  # makes it, or writes it anew
    APPENDS = 1  # adds to it, or makes it where it is missing
    NAMES = 2  # anything else
    REMOVES = 3  # removes it, or moves it away
    CHANGES = 4  # changes what is there, and never makes it

    @property
    def makes(self) -> bool:
        """Whether the path can be there because of it."""
        return self in (Use.MAKES, Use.APPENDS)


class Effect(NamedTuple):
    """One thing that a script does: ``text`` is an absolute path, maybe with unknown pieces.

    ``tree``: it holds for all that lies below the path, not for the path.
    """

    text: str
    use: Use
    tree: bool
    script: str
    line: int


class Place(NamedTuple):
    """Where a statement stands: the script's path, the statement's 1-based line."""

    script: str
    line: int


class Effects:
    """Collects effects. ``inside`` makes an absolute path of a written one (None: relative).

    ``windows``: paths may be written with backslashes and begin with a drive.
    """

    def __init__(
        self, inside: Callable[[str], Optional[str]], windows: bool = False, directories: Iterable[str] = ()
    ) -> None:
        self.inside = inside
        self.windows = windows
        self.found: dict[Effect, None] = {}
        self.directories = set(directories)  # known to be directories: made, entered or destinations of the agent

    def absolute(self, written: str, cwds: Sequence[str]) -> list[str]:
        """A written path as absolute ones, from each working directory where it is relative."""
        written = written.replace(FOUND, "")
        if not written or "\0" in written:
            return []
        path = self.inside(written)
        if path is not None:
            return [path]
        if written[0] == DEEP or (written[0] in UNKNOWN and not any(cwds)):
            return []  # it can begin anywhere
        if self.windows and written[0] in "\\/":
            drives = {cwd[:3] for cwd in cwds if len(cwd) > 2 and cwd[2] == ":"} or {"/C:"}
            paths = [self.inside(drive[1:] + written) for drive in sorted(drives)]
        else:
            paths = [self.inside(f"{cwd[1:] if self.windows else cwd}/{written}") for cwd in cwds if cwd]
        return [path for path in paths if path is not None]

    def add(self, path: str, place: Place, use: Use, tree: bool = False) -> None:
        """An effect on an absolute path. Raises Spent where there are too many."""
        if (use == Use.NAMES and not known(path)) or path == "/" or path.startswith(("/dev/", "/proc/", "/sys/")):
            return
        self.found.setdefault(Effect(path, use, tree, place.script, place.line))
        if len(self.found) > MAX_EFFECTS:
            raise Spent

    def told(self) -> Iterator[Effect]:
        """All effects; that a line names a path is left out where it does more with it."""
        more = {(e.text, e.script, e.line) for e in self.found if e.use != Use.NAMES and not e.tree}
        for effect in self.found:
            if effect.use != Use.NAMES or (effect.text, effect.script, effect.line) not in more:
                yield effect

    def directories_above(self, path: str, place: Place) -> None:
        """The directories that ``mkdir -p`` makes on the way where they are missing, shared ones left out."""
        above = path.rpartition("/")[0]
        while above.count("/") > 1 and not is_shared(above, self.windows):
            self.add(above, place, Use.APPENDS)
            self.directories.add(above)
            above = above.rpartition("/")[0]

    def tell(self, words: Iterable[str], cwds: Sequence[str], place: Place, use: Use, tree: bool = False) -> None:
        """An effect on paths as they are written. What was found there is changed, not made."""
        for word in words:
            there = word.endswith(FOUND) and use.makes
            for path in self.absolute(word, cwds):
                self.add(path, place, Use.CHANGES if there else use, tree)


def names(words: Values, suffix: str = "") -> list[str]:
    """The last names of written paths, with something added."""
    return [name + suffix for name in (base_name(word) for word in words) if name]


def base_name(written: str) -> str:
    """The last name of a written path; unknown where an unknown piece can hold it."""
    text = written.replace("\\", "/").replace(FOUND, "").rstrip("/")
    name = text.rpartition("/")[2]
    return "" if name in (".", "..") else name


def parent(written: str) -> str:
    """What ``dirname`` gives for a path, whichever slash it is written with."""
    written = written.replace(FOUND, "")
    trimmed = written.rstrip("/\\") or written[:1]
    cut = max(trimmed.rfind("/"), trimmed.rfind("\\"))
    if cut < 0:
        return DEEP if DEEP in trimmed else "."
    return trimmed[:cut].rstrip("/\\") or trimmed[0]
