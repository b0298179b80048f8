"""How PowerShell gives a command its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Optional

from tui.forensics.scripts.powershell_lexer import Word
from tui.forensics.scripts.powershell_values import word_values
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.values import DEEP, Values, unique

if TYPE_CHECKING:
    from tui.forensics.scripts.powershell import PowerShell

_SWITCHES = frozenset(
    [
        "force", "recurse", "append", "passthru", "confirm", "whatif", "noclobber", "nonewline", "verbose", "wait",
        "nonewwindow", "usebasicparsing", "asbytestream", "container", "notypeinformation", "leaf", "isabsolute",
        "noprofile", "noninteractive", "nologo", "resolve", "raw", "includeinvocationheader", "quiet",
    ]
)  # fmt: skip


def parameters(shell: PowerShell, words: Sequence[Word], state: State) -> tuple[dict[str, Values], list[Values]]:
    """A command's parameters: by name (in lower case), and by place. Items of a list count as one."""
    named: dict[str, Values] = {}
    placed: list[Values] = []
    name = ""
    joins = ""
    for word in words:
        if word.kind == "op":
            joins = word.text
            continue
        option = re.match(r"-([A-Za-z]\w*)(:)?", word.text)
        if option is not None and word.kind == "word":
            name = option[1].lower()
            if word.text[option.end() :]:
                named[name], name = word_values(word.text[option.end() :], shell, state), ""
            else:
                named[name] = ()
                name = "" if name in _SWITCHES and not option[2] else name
        else:
            values = word_values(word.text, shell, state) if word.kind == "word" else (DEEP,)
            last = name if name else next(reversed(list(named)), "")
            if joins == "," and name == "" and named and named[last] and not placed:
                named[last] = unique((*named[last], *values))
            elif joins == "," and placed:
                placed[-1] = unique((*placed[-1], *values))
            elif name:
                named[name], name = values, ""
            else:
                placed.append(values)
        joins = ""
    return named, placed


def given(named: Mapping[str, Values], placed: list[Values], names: Sequence[str], at: Optional[int] = 0) -> Values:
    """A parameter by one of its names, or their beginnings, else by its place."""
    for name in names:
        for key, values in named.items():
            if key == name or (len(key) > 2 and name.startswith(key)):
                return values
    return placed[at] if at is not None and at < len(placed) else ()
