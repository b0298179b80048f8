"""What a shell knows at one point of a script."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

from tui.forensics.scripts.values import ANY, BREAK, DEEP, Values, unique

if TYPE_CHECKING:
    from tui.forensics.scripts.shell_nodes import Node

MAX_VARIABLES = 1_000
MAX_DIRECTORIES = 8  # that a script can be in, as far as its text tells
_REACH = ("continue", "break", "return", "exit")


@dataclass
class State:
    """Variables, arguments, functions and the working directory."""

    script: str  # the script's path: where its text stands
    name: str  # $0
    args: tuple[str, ...]
    cwds: Values
    home: str = DEEP
    variables: dict[str, Values] = field(default_factory=dict)
    arrays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    functions: dict[str, Node] = field(default_factory=dict)
    ended: str = ""  # exit, return, break or continue: nothing more runs up to where that leads
    stack: Values = ()  # where pushd came from

    def copy(self) -> State:
        """The same state, to go its own way."""
        return State(
            self.script, self.name, self.args, self.cwds, self.home, dict(self.variables), dict(self.arrays),
            self.functions, self.ended, self.stack,
        )  # fmt: skip

    def get(self, name: str) -> Optional[Values]:
        """A parameter's values; None where it is not set, as far as is known."""
        if name == "0":
            return (self.name,)
        if name in ("@", "*"):
            return (BREAK.join(self.args),)
        if name.isdigit():
            return (self.args[int(name) - 1],) if len(name) < 4 and int(name) <= len(self.args) else None
        if name == "#":
            return (str(len(self.args)),)
        if name in ("?", "$", "!", "-"):
            return (ANY,)
        if name == "PWD":
            return unique(cwd or DEEP for cwd in self.cwds) or (DEEP,)
        found = self.variables.get(name)
        if found is None and name in self.arrays:
            return self.arrays[name][:1]
        return found

    def item(self, name: str, index: str) -> Optional[Values]:
        """An array's items: all as one text to be split, or the one that a number names."""
        if name == "BASH_SOURCE":
            return (self.script,)
        items = self.arrays.get(name)
        if items is None:
            return self.get(name)
        if index in ("@", "*"):
            return (BREAK.join(items),)
        if index.isdigit() and int(index) < len(items):
            return (items[int(index)],)
        return unique(items) or None

    def set(self, name: str, values: Values) -> None:
        """Give a variable its values; past a bound, new ones are not kept and so not known."""
        self.arrays.pop(name, None)
        if name in self.variables or len(self.variables) < MAX_VARIABLES:
            self.variables[name] = values or ("",)

    def set_array(self, name: str, items: tuple[str, ...]) -> None:
        """Give an array its items."""
        self.variables.pop(name, None)
        if len(self.arrays) < MAX_VARIABLES:
            self.arrays[name] = items

    def enter(self, cwds: Values) -> None:
        """Change the working directory."""
        self.cwds = cwds[:MAX_DIRECTORIES]

    def take(self, branches: list[State]) -> None:
        """Go on with what any of the branches that do not end can have left behind."""
        live = [branch for branch in branches if not branch.ended]
        if not live:
            self.ended = min((branch.ended for branch in branches), key=_REACH.index)
            return
        self.ended = ""
        names = {name: None for branch in live for name in branch.variables}
        merged: dict[str, Values] = {}
        first = live[0].variables
        for name in names:
            values = first.get(name)
            if all(branch.variables.get(name) == values for branch in live) and values is not None:
                merged[name] = values
            else:  # where a branch does not set it, it can still come from the environment
                merged[name] = unique(v for branch in live for v in branch.variables.get(name, ()))
        self.variables = merged
        self.arrays = {}
        for branch in live:
            for name, items in branch.arrays.items():
                self.arrays[name] = (
                    items if self.arrays.get(name, items) == items else (*self.arrays[name], *items)[:64]
                )
        self.enter(unique(cwd for branch in live for cwd in branch.cwds))
        self.home = live[0].home
        self.stack = live[0].stack
