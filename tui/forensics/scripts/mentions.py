"""Mentions of paths by scripts, kept so that those of any path are found in a few look-ups."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Callable, NamedTuple

from tui.forensics.scripts.effects import Effect, Use
from tui.forensics.scripts.values import DEEP, ONE, UNKNOWN, known, pattern_of
from tui.forensics.targets import is_shared

MAX_PATTERNS = 100  # below one directory
MAX_TOLD = 32  # mentions told of one path
MAX_KEPT = 300_000  # mentions of all scripts together


class Certainty(IntEnum):
    """How a script's text leads to a path."""

    EXACT = 0  # it gives the path whole
    TREE = 1  # it fills, or empties, a directory that the path lies in
    PATTERN = 2  # it gives the path with unknown pieces in it


class Mention(NamedTuple):
    """A script's line that does something with a path.

    ``script`` is the file that the line stands in: the lifecycle script, or one that it runs or reads. ``text`` is the
    directory (TREE) or the pattern (PATTERN, ``*`` for each unknown piece); empty where the path is given whole.
    """

    group: int
    deployment: str
    event: str
    script: str
    line: int
    use: Use
    certainty: Certainty = Certainty.EXACT
    text: str = ""
    sure: bool = True  # False: a piece that is not known can hold any number of names


_ORDER = {Use.MAKES: 0, Use.APPENDS: 1, Use.CHANGES: 2, Use.REMOVES: 3, Use.NAMES: 4}


def _strength(mention: Mention) -> tuple[int, int]:
    return mention.certainty, _ORDER[mention.use]


class Mentions:
    """All mentions, by path, by directory and by the fixed part of patterns."""

    def __init__(self, windows: bool = False, spelling: Callable[[str], str] = lambda path: path) -> None:
        self.windows = windows
        self.spelling = spelling
        self.exact: dict[str, list[Mention]] = {}
        self.trees: dict[str, list[Mention]] = {}
        self.patterns: dict[str, dict[str, tuple[re.Pattern[str], list[Mention]]]] = {}
        self.kept = 0

    def add(self, effect: Effect, group: int, deployment: str, event: str) -> None:
        """Keep what a script does; a pattern without a directory of its own is left out."""
        if self.kept >= MAX_KEPT:
            return
        mention = Mention(group, deployment, event, effect.script, effect.line, effect.use)
        if not known(effect.text):
            self._add_pattern(effect, mention)
            return
        path = self.spelling(effect.text)
        if effect.tree:
            if not is_shared(path, self.windows):
                mention = mention._replace(certainty=Certainty.TREE, text=path)
                self._keep(self.trees.setdefault(path, []), mention)
        else:
            self._keep(self.exact.setdefault(path, []), mention)

    def _keep(self, kept: list[Mention], mention: Mention) -> None:
        if mention not in kept[-8:]:
            kept.append(mention)
            self.kept += 1

    def _add_pattern(self, effect: Effect, mention: Mention) -> None:
        names = effect.text.split("/")
        fixed = next(i for i, name in enumerate(names) if not known(name))
        base = self.spelling("/".join(names[:fixed]))
        if fixed < 3 or is_shared(base, self.windows):
            return
        below = self.patterns.setdefault(base, {})
        key = effect.text + ("/" if effect.tree else "")
        if key not in below:
            if len(below) >= MAX_PATTERNS:
                return
            text = "/".join([base, *names[fixed:]]) + ("/" + DEEP if effect.tree else "")
            below[key] = pattern_of(text, self.windows), []
        shown = "".join("?" if c == ONE else "*" if c in UNKNOWN else c for c in effect.text)
        mention = mention._replace(
            certainty=Certainty.PATTERN, text=shown, sure=DEEP not in effect.text and not effect.tree
        )
        self._keep(below[key][1], mention)

    def of(self, path: str) -> tuple[Mention, ...]:
        """The mentions of a path, the surest and strongest first, at most ``MAX_TOLD``."""
        found = list(self.exact.get(path, ()))
        if self.trees or self.patterns:
            end = path.rfind("/")
            while end > 0:
                above = path[:end]
                if above in self.trees:
                    found += self.trees[above][: 4 * MAX_TOLD]
                if above in self.patterns:
                    for pattern, mentions in self.patterns[above].values():
                        if pattern.fullmatch(path):
                            found += mentions[:MAX_TOLD]
                end = path.rfind("/", 0, end)
        if len(found) > 1:
            found.sort(key=_strength)
        return tuple(found[:MAX_TOLD])
