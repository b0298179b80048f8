"""Commands that run other commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Optional

from tui.forensics.scripts.commands import NOTHING
from tui.forensics.scripts.shell_builtins import run_text
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.values import DEEP, Values

if TYPE_CHECKING:
    from tui.forensics.scripts.shell import Shell

_PREFIXES: Mapping[str, str] = {  # the options of each that take a value
    "sudo": "ughpCrtTUD", "doas": "uC", "env": "uCS", "nohup": "", "time": "fo", "nice": "n", "ionice": "cnp",
    "command": "", "builtin": "", "exec": "a", "timeout": "ks", "setsid": "", "stdbuf": "ioe", "busybox": "",
    "chronic": "", "unbuffer": "", "runuser": "ugG", "gosu": "", "chroot": "", "flock": "wE",
}  # fmt: skip
_OPERANDS = {"timeout": 1, "gosu": 1, "flock": 1}  # words of their own before the command
_SHELLS = frozenset(["bash", "sh", "dash", "zsh", "ksh", "ash"])


def unwrapped(shell: Shell, line: tuple[str, ...], state: State, given: Values) -> Optional[Values]:
    """Follow the command that another one runs (``sudo``, ``bash -c``, ``su`` …); None where it runs none."""
    verb = line[0].rpartition("/")[2]
    if verb in _SHELLS:
        return _shell(shell, line[1:], state, given)
    if verb == "su" or (verb == "runuser" and "-c" in line):
        return _su(shell, line[1:], state, given)
    if verb == "xargs":
        return (DEEP,)
    if verb not in _PREFIXES:
        return None
    budget = shell.world.budget
    if budget.deep:
        return (DEEP,)
    words = list(line[1:])
    own = _OPERANDS.get(verb, 0)
    login = False
    while words:
        word = words[0]
        if word == "--":
            words.pop(0)
            break
        if word.startswith("-") and len(word) > 1:
            login = login or (verb == "sudo" and word in ("-i", "--login"))
            if verb == "flock" and word == "-c":
                break
            words = words[2:] if word[-1] in _PREFIXES[verb] and not word.startswith("--") else words[1:]
        elif re.match(r"[A-Za-z_]\w*=", word) or own:
            own -= 0 if "=" in word and not own else 1
            words.pop(0)
        else:
            break
    if verb in ("command",) and line[1:2] in (("-v",), ("-V",)):
        return (DEEP,)
    if verb == "flock" and words[:1] == ["-c"]:
        words = ["sh", *words]
    inner = shell.branch(state)
    if login:
        inner.cwds = ("",)
    if not words:
        return run_text(shell, given[0], inner, ()) if login and given else NOTHING
    budget.nesting += 2
    try:
        printed = shell.command([(word,) for word in words], inner, given)
    finally:
        budget.nesting -= 2
    if verb == "exec":
        state.ended = "exit"
    return printed


def _shell(shell: Shell, words: tuple[str, ...], state: State, given: Values) -> Values:
    inner = shell.branch(state)
    i = 0
    while i < len(words) and words[i].startswith(("-", "+")) and words[i] != "-":
        option = words[i]
        i += 1
        if option.startswith("--"):
            continue
        if "c" in option:
            if i < len(words):
                inner.args = words[i + 2 :]
                return run_text(shell, words[i], inner, given)
            return NOTHING
        i += 1 if option.endswith(("o", "O")) else 0
        if "s" in option:
            break
    if i < len(words) and words[i] != "-" and not any("s" in word for word in words[:i]):
        shell.world.call(words[i], words[i + 1 :], state.cwds)
        return (DEEP,)
    for text in given[:1]:
        return run_text(shell, text, inner, ())
    return (DEEP,)


def _su(shell: Shell, words: tuple[str, ...], state: State, given: Values) -> Values:
    inner = shell.branch(state)
    inner.home = DEEP
    if any(word in ("-", "-l", "--login") for word in words):
        inner.cwds = ("",)
    for i, word in enumerate(words[:-1]):
        if word in ("-c", "--command", "-lc"):
            return run_text(shell, words[i + 1], inner, given)
    for text in given[:1]:
        return run_text(shell, text, inner, ())
    return (DEEP,)
