"""Commands that change the shell itself, and those that run other commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Callable

from tui.forensics.scripts.commands import NOTHING
from tui.forensics.scripts.shell_lexer import Lexer
from tui.forensics.scripts.shell_nodes import Arithmetic, Block, Case, For, Group, If, Loop, Node, Simple
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.values import DEEP, MAX_VALUES, Values, joined, known, unique

if TYPE_CHECKING:
    from tui.forensics.scripts.shell import Shell

_ASSIGN = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=(.*)\Z", re.S)
_STEP = re.compile(r"([A-Za-z_]\w*)\s*(?:\+\+|--|[-+*/]?=)")
DECLARES = frozenset(["export", "readonly", "local", "declare", "typeset"])
Builtin = Callable[["Shell", Sequence[Values], State, Values], Values]


# -- assignments ------------------------------------------------------------------------------


def assign(shell: Shell, text: str, state: State) -> None:
    """Carry out ``NAME=value``, ``NAME+=value``, ``NAME=(…)`` or ``NAME[…]=value`` as it is written."""
    found = _ASSIGN.match(text)
    if found is None:
        return
    name, index, plus, raw = found.groups()
    if raw.startswith("(") and not index:
        items = _items(shell, raw[1:-1] if raw.endswith(")") else raw[1:], state)
        state.set_array(name, (*(state.arrays.get(name, ()) if plus else ()), *items)[:MAX_VALUES])
        return
    values = shell.words.text(raw, state)
    if index:
        state.set_array(name, (*state.arrays.get(name, ()), *values)[:MAX_VALUES])
    elif plus and name in state.arrays:
        state.set_array(name, (*state.arrays[name], *values)[:MAX_VALUES])
    else:
        state.set(name, joined([state.get(name) or ("",), values]) if plus else values)


def _items(shell: Shell, raw: str, state: State) -> Iterator[str]:
    for token in Lexer(raw).run():
        if token.kind == "word":
            text = re.sub(r"\A\[[^\]]*\]=", "", token.text)
            for values in shell.words.fields(text, state):
                yield from values


def declare(shell: Shell, words: Sequence[str], state: State) -> None:
    """export, local and their kin: assignments among their words."""
    for word in words:
        if "=" in word and _ASSIGN.match(word):
            assign(shell, word, state)
        elif words[0] == "local" and re.fullmatch(r"[A-Za-z_]\w*", word):
            state.set(word, ("",))


def assigned(body: Block, steps: Sequence[str]) -> set[str]:
    """The names that commands give new values to, however deep they stand."""
    names: set[str] = {found[1] for step in steps for found in [_STEP.search(step)] if found}
    waiting: list[Node] = list(body.commands)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Simple):
            words = node.assigns if not node.words else node.words[1:] if node.words[0] in DECLARES | {"let"} else ()
            names.update(found[1] for word in words for found in [_STEP.match(word.strip("'\""))] if found)
        elif isinstance(node, Arithmetic):
            names.update(_STEP.findall(node.text))
        elif isinstance(node, (Group, Loop, For)):
            waiting += node.body.commands
        elif isinstance(node, If):
            waiting += [command for _, branch in node.branches for command in branch.commands]
        elif isinstance(node, Case):
            waiting += [command for _, block in node.branches for command in block.commands]
    return names


def read_lines(shell: Shell, node: Loop, state: State, given: Values) -> bool:
    """``while read NAME``, over lines that the text tells; False where it is something else."""
    commands = node.condition.commands if node.condition is not None else ()
    if len(commands) != 1 or not isinstance(commands[0], Simple) or commands[0].words[:1] != ("read",):
        return False
    if len(given) != 1 or not known(given[0]) or given[0].count("\n") > MAX_VALUES:
        return False
    names = [word for word in commands[0].words[1:] if not word.startswith("-")]
    for line in given[0].split("\n"):
        if line and not state.ended:
            _spread(names, line, state)
            shell.block(node.body, state)
            state.ended = "" if state.ended in ("break", "continue") else state.ended
    return True


def _spread(names: Sequence[str], line: str, state: State) -> None:
    for i, name in enumerate(names):
        first, _, rest = line.strip().partition(" ")
        state.set(name, (line.strip() if i == len(names) - 1 else first,))
        line = rest


# -- builtins ---------------------------------------------------------------------------------


def _cd(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    targets = [values for values in words[1:] if not values[0].startswith("-") or values[0] == "-"]
    if words[0][0] == "popd":
        state.enter(state.stack or (DEEP,))
        state.stack = ()
        return NOTHING
    before = state.cwds
    target = targets[0] if targets else (state.home,)
    if target == ("-",):
        state.enter(state.get("OLDPWD") or (DEEP,))
    else:
        found = [path for word in target for path in shell.world.effects.absolute(word, state.cwds)]
        shell.world.effects.directories.update(path for path in found if known(path))
        state.enter(unique(found) if found else ("",))
    if words[0][0] == "pushd":
        state.stack = before
    state.set("OLDPWD", before)
    return NOTHING


def _nothing(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    return NOTHING


def _end(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    state.ended = words[0][0]
    return NOTHING


def _read(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    names = [word[0] for word in words[1:] if re.fullmatch(r"[A-Za-z_]\w*", word[0])]
    if len(given) == 1 and known(given[0]) and given[0].strip("\n").count("\n") == 0:
        _spread(names, given[0], state)
    else:
        for name in names:
            state.set(name, (DEEP,))
    return NOTHING


def _mapfile(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    name = words[-1][0]
    if re.fullmatch(r"[A-Za-z_]\w*", name):
        lines = given[0].strip("\n").split("\n") if len(given) == 1 and known(given[0]) else [DEEP]
        state.set_array(name, tuple(lines[:MAX_VALUES]))
    return NOTHING


def _set(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    texts = [word[0] for word in words[1:]]
    if "--" in texts:
        state.args = tuple(texts[texts.index("--") + 1 :])
    return NOTHING


def _shift(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    count = words[1][0] if len(words) > 1 else "1"
    state.args = state.args[int(count) if re.fullmatch(r"[0-9]{1,3}", count) else 1 :]
    return NOTHING


def _unset(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    for values in words[1:]:
        if values[0] in state.variables or values[0] in state.arrays:
            state.set(values[0], ("",))
    return NOTHING


def _let(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    for values in words[1:]:
        shell.words.number(values[0], state)
    return NOTHING


def _eval(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    return run_text(shell, " ".join(word[0] for word in words[1:]), state, given)


def _trap(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    if len(words) > 2:
        run_text(shell, words[1][0], shell.branch(state), ())
    return NOTHING


def run_text(shell: Shell, text: str, state: State, given: Values) -> Values:
    """Follow a text that stands on the present line."""
    line = shell.line
    shell.world.budget.nesting += 2
    try:
        return shell.run_text(text, state, line, given)
    finally:
        shell.world.budget.nesting -= 2
        shell.line = line


def _source(shell: Shell, words: Sequence[Values], state: State, given: Values) -> Values:
    """``source``: the commands of another file of the revision, in the same state."""
    world = shell.world
    revision = world.revision
    for word in words[1][:1] if len(words) > 1 else ():
        for path in world.own_files(word, state.cwds)[:1]:
            data = revision.text(path) if revision is not None else None
            if data is None or b"\0" in data or world.budget.deep:
                continue
            before, line = state.script, shell.line
            state.script = (revision.own(path) if revision is not None else None) or path
            world.budget.nesting += 2
            try:
                from tui.forensics.scripts.dialects import decoded

                shell.run_text(decoded(data), state)
            finally:
                world.budget.nesting -= 2
                state.script, shell.line = before, line
            state.ended = "" if state.ended == "return" else state.ended
    return NOTHING


BUILTINS: Mapping[str, Builtin] = {
    "cd": _cd, "pushd": _cd, "popd": _cd, "read": _read, "set": _set, "shift": _shift, "unset": _unset, "let": _let,
    "eval": _eval, "trap": _trap, "source": _source, ".": _source, "mapfile": _mapfile, "readarray": _mapfile,
    **dict.fromkeys(("exit", "return", "break", "continue"), _end),
    **dict.fromkeys(("[", "test", "[[", ":", "true", "false", "getopts", "alias", "wait", "ulimit", "umask"), _nothing),
}  # fmt: skip
