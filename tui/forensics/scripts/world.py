"""What every interpreter of a script is given: the budget, the revision, the environment, and where effects go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Callable, Optional

from tui.forensics.scripts.effects import Effects, Place, Use
from tui.forensics.scripts.revision import Revision
from tui.forensics.scripts.values import MAX_VALUES, Budget, Values, known


@dataclass
class World:
    """One evaluation of one lifecycle script. ``run_file`` follows another file of the revision with arguments."""

    effects: Effects
    budget: Budget = field(default_factory=Budget)
    revision: Optional[Revision] = None
    environment: Mapping[str, Values] = field(default_factory=dict)
    cwds: Values = ()  # where a script is started, as far as is known
    home: Optional[str] = None
    run_file: Optional[Callable[[World, str, Sequence[str], Sequence[str]], bool]] = None
    run_nested: Optional[Callable[[Call, str, str], None]] = None  # follows a text in another language

    def own_files(self, word: str, cwds: Sequence[str]) -> list[str]:
        """The files of the revision that a written path, maybe with wildcards, stands for."""
        if self.revision is None:
            return []
        found: list[str] = []
        for path in self.effects.absolute(word, cwds):
            if known(path):
                if self.revision.kind(path) is not None:
                    found.append(path)
            else:
                found += self.revision.matching(path) or []
        return found if len(found) <= 4 * MAX_VALUES else []

    def call(self, word: str, args: Sequence[str], cwds: Sequence[str]) -> bool:
        """Follow another script of the revision; False where it is none."""
        if self.run_file is None or self.budget.deep or not known(word):
            return False
        self.budget.nesting += 4
        try:
            paths = self.own_files(word, cwds)[:1]
            return any(self.run_file(self, path, args, cwds) for path in paths)
        finally:
            self.budget.nesting -= 4


@dataclass(frozen=True)
class Call:
    """One command: its name, its arguments, where it is run and where it is written."""

    world: World
    verb: str
    args: tuple[str, ...]
    cwds: Values
    place: Place
    given: Values = ()  # what comes in on its standard input, where it is known
    whole: str = ""  # the command as it was written, with its directory

    def tell(self, words: Sequence[str], use: Use, tree: bool = False) -> None:
        """An effect of the command on written paths."""
        self.world.effects.tell(words, self.cwds, self.place, use, tree)

    def absolute(self, word: str) -> list[str]:
        """A written path as absolute ones."""
        return self.world.effects.absolute(word, self.cwds)

    def options(self, valued: str = "", long_valued: Sequence[str] = ()) -> tuple[dict[str, str], list[str]]:
        """Options and operands, as getopt_long tells them apart: ``valued`` letters and names take a value."""
        found: dict[str, str] = {}
        operands: list[str] = []
        waiting = iter(self.args)
        for word in waiting:
            if word == "--":
                operands += waiting
            elif word.startswith("--"):
                name, equals, value = word[2:].partition("=")
                found[name] = value if equals or name not in long_valued else next(waiting, "")
            elif word.startswith("-") and len(word) > 1:
                for i, letter in enumerate(word[1:], 2):
                    if letter in valued:
                        found[letter] = word[i:] or next(waiting, "")
                        break
                    found.setdefault(letter, "")
            else:
                operands.append(word)
        return found, operands
