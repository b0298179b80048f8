"""Branches and loops of a shell script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from tui.forensics.scripts import shell_builtins, shell_tests
from tui.forensics.scripts.commands import NOTHING
from tui.forensics.scripts.shell_nodes import EMPTY, Block, Case, For, If, Loop, Simple
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.values import ANY, DEEP, MAX_VALUES, Values, known, unique

if TYPE_CHECKING:
    from tui.forensics.scripts.shell import Shell


def follow_if(shell: Shell, node: If, state: State, given: Values) -> Values:
    """Every branch of ``if`` that its text does not rule out; what they print."""
    left: list[State] = []
    printed: list[Values] = []
    rest: Optional[State] = state
    for condition, body in node.branches:
        if rest is None:
            break
        before = rest.cwds
        shell.block(condition or EMPTY, rest, given)
        truth = True if condition is None else _truth(shell, condition, rest)
        if truth is not False:
            taken = shell.branch(rest)
            printed.append(shell.block(body, taken, given))
            left.append(taken)
        rest = None if truth is True else shell.branch(rest)
        if rest is not None:
            rest.cwds = before  # a condition that changes it did not hold
    state.take(left if rest is None else [*left, rest])
    return unique(value for values in printed for value in values) or NOTHING


def _truth(shell: Shell, condition: Block, state: State) -> Optional[bool]:
    if len(condition.commands) != 1 or not isinstance(condition.commands[0], Simple):
        return None
    return shell_tests.truth(condition.commands[0], state, shell.words)


def follow_for(shell: Shell, node: For, state: State, given: Values) -> Values:
    """``for``, once for each word."""
    items: list[str] = []
    if node.words is None:
        items = list(state.args)
    else:
        for word in node.words:
            for values in shell.words.fields(word, state):
                for value in values:
                    items += shell.world.own_files(value, state.cwds) if not known(value) and "/" in value else []
                    if not items or known(value) or not shell.world.own_files(value, state.cwds):
                        items.append(value)
    if len(items) > MAX_VALUES:
        items = [*items[:MAX_VALUES], DEEP if any("/" in item for item in items) else ANY]
    for item in dict.fromkeys(items):
        state.set(node.name, (item,))
        shell.block(node.body, state, given)
        if state.ended not in ("", "continue"):
            break
        state.ended = ""
    if state.ended == "break" or not all(map(known, items)):
        state.ended = ""
    return NOTHING


def follow_loop(shell: Shell, node: Loop, state: State, given: Values) -> None:
    """``while``, ``until`` and ``for ((…))``: as often as the text counts, else once."""
    if shell_builtins.read_lines(shell, node, state, given):
        return
    if node.steps:
        shell.words.number(node.steps[0], state)
    for _ in range(MAX_VALUES):
        truth = _goes_on(shell, node, state, given)
        if truth is False:
            return
        if truth is None:
            break
        shell.block(node.body, state, given)
        if state.ended in ("exit", "return", "break"):
            state.ended = "" if state.ended == "break" else state.ended
            return
        state.ended = ""
        if len(node.steps) > 2:
            shell.words.number(node.steps[2], state)
    before = shell.branch(state)
    for name in shell_builtins.assigned(node.body, node.steps):
        state.set(name, unique((*(state.get(name) or ()), ANY)))
    shell.block(node.body, state, given)
    state.ended = ""
    state.take([before, shell.branch(state)])


def _goes_on(shell: Shell, node: Loop, state: State, given: Values) -> Optional[bool]:
    if node.steps:
        value = shell.words.number(node.steps[1], state)[0] if len(node.steps) > 1 else ANY
        return None if not known(value) else value != "0"
    shell.block(node.condition or EMPTY, state, given)
    truth = _truth(shell, node.condition or EMPTY, state)
    return None if truth is None else truth != node.until


def follow_case(shell: Shell, node: Case, state: State, given: Values) -> None:
    """Every branch of ``case`` that can fit."""
    subject = shell.words.text(node.word, state)
    left: list[State] = []
    whole = False
    for patterns, body in node.branches:
        matches = shell_tests.fits(subject, patterns, state, shell.words)
        if matches is False:
            continue
        taken = shell.branch(state)
        shell.block(body, taken, given)
        left.append(taken)
        if matches:
            whole = True
            break
    state.take(left if whole else [*left, shell.branch(state)])
