"""Follows a shell script: every branch that its text does not rule out, loops as far as they are counted in it."""

from __future__ import annotations

from collections.abc import Sequence

from tui.forensics.scripts import shell_blocks, shell_builtins, shell_tests, shell_wrappers
from tui.forensics.scripts.commands import NOTHING, run
from tui.forensics.scripts.effects import Place, Use
from tui.forensics.scripts.shell_nodes import (
    Arithmetic,
    Block,
    Case,
    For,
    Function,
    Group,
    If,
    Loop,
    Node,
    Redirect,
    Simple,
)  # fmt: skip
from tui.forensics.scripts.shell_parser import parse_shell
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.shell_words import Words
from tui.forensics.scripts.values import DEEP, MAX_VALUES, Values, combined, joined, unique
from tui.forensics.scripts.world import Call, World

_WRITES = {
    ">": Use.MAKES,
    ">|": Use.MAKES,
    "&>": Use.MAKES,
    ">&": Use.MAKES,
    ">>": Use.APPENDS,
    "&>>": Use.APPENDS,
    "<>": Use.APPENDS,
}
_MAX_CALLS = 8  # of a function or script, for a command line with several values


class Shell:
    """Follows the commands of one script and of what it calls; their effects go to the world's."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.words = Words(world.budget, self.capture)
        self.line = 1
        self.script = ""

    # -- running ------------------------------------------------------------------------------

    def run_text(self, text: str, state: State, line: int = 1, given: Values = ()) -> Values:
        """Follow a script's text, whose first line has that number; what it prints, where it is known."""
        if self.world.budget.deep:
            return (DEEP,)
        self.world.budget.step(len(text) // 50)
        before = self.script
        self.script = state.script
        block = parse_shell(text, self.world.budget, line)
        try:
            return self.block(block, state, given)
        finally:
            self.script = before

    def capture(self, text: str, state: State) -> Values:
        """What a command substitution gives: its output without the newlines at its end."""
        if self.world.budget.deep:
            return (DEEP,)
        if text.lstrip().startswith("<"):
            text = "cat " + text.lstrip()[1:]
        line = self.line
        self.world.budget.nesting += 2
        try:
            printed = self.run_text(text, self.branch(state), line)
        finally:
            self.world.budget.nesting -= 2
            self.line = line
        return unique(value.rstrip("\n") for value in printed)

    def branch(self, state: State) -> State:
        """A copy of a state, which costs the more the more it holds."""
        self.world.budget.step(1 + len(state.variables) // 20)
        return state.copy()

    def block(self, block: Block, state: State, given: Values = ()) -> Values:
        """Commands in a row. Gives what they print, one after the other."""
        printed: list[Values] = []
        i = 0
        while i < len(block.commands) and not state.ended:
            end = i + 1
            while end < len(block.commands) and block.links[end] == "|":
                end += 1
            link = block.links[i]
            output = self._linked(block, i, end, link, state, given)
            if output != NOTHING and len(printed) < MAX_VALUES:
                printed.append(output)
            i = end
        if not printed:
            return NOTHING
        return printed[0] if len(printed) == 1 else joined([unique(v + "\n" for v in values) for values in printed])

    def _linked(self, block: Block, i: int, end: int, link: str, state: State, given: Values) -> Values:
        if link not in ("&&", "||"):
            return self._pipeline(block, i, end, state, given)
        if i and isinstance(previous := block.commands[i - 1], Simple):
            known_truth = shell_tests.truth(previous, state, self.words)
            if known_truth is not None and known_truth == (link == "||"):
                return NOTHING
        other = self.branch(state)
        output = self._pipeline(block, i, end, other, given)
        if link == "&&" and not other.ended:  # taken for done: scripts go on from there
            cwds, stack = other.cwds, other.stack
            state.take([state.copy(), other])
            state.cwds, state.stack = cwds, stack
        elif link == "||":
            state.take([state.copy(), other])
        return output

    def _pipeline(self, block: Block, i: int, end: int, state: State, given: Values) -> Values:
        if end == i + 1:
            return self.node(block.commands[i], state, given)
        for node in block.commands[i:end]:
            given = self.node(node, self.branch(state), given)
        return given

    def node(self, node: Node, state: State, given: Values = ()) -> Values:
        """One command of any kind."""
        budget = self.world.budget
        budget.step()
        if budget.deep:
            return (DEEP,)
        budget.nesting += 1
        try:
            if isinstance(node, Simple):
                return self.simple(node, state, given)
            self.line = node.line
            if isinstance(node, Function):
                if len(state.functions) < 1_000:
                    state.functions[node.name] = node.body
                return NOTHING
            if isinstance(node, Arithmetic):
                self.words.number(node.text, state)
                return NOTHING
            given = self.redirect(node.redirects, state) or given
            return self._compound(node, state, given)
        finally:
            budget.nesting -= 1

    def _compound(self, node: Node, state: State, given: Values) -> Values:
        if isinstance(node, Group):
            if not node.apart:
                return self.block(node.body, state, given)
            return self.block(node.body, self.branch(state), given)
        if isinstance(node, If):
            return shell_blocks.follow_if(self, node, state, given)
        if isinstance(node, For):
            return shell_blocks.follow_for(self, node, state, given)
        if isinstance(node, Loop):
            shell_blocks.follow_loop(self, node, state, given)
        elif isinstance(node, Case):
            shell_blocks.follow_case(self, node, state, given)
        return NOTHING

    # -- one command --------------------------------------------------------------------------

    def redirect(self, redirects: Sequence[Redirect], state: State) -> Values:
        """Carry redirections out; what they give to standard input, where it is known."""
        given: Values = ()
        for redirect in redirects:
            place = Place(self.script, self.line)
            if redirect.body is not None:
                given = (redirect.body,) if redirect.literal else self.words.document(redirect.body, state)
            elif redirect.operator == "<<<":
                given = self.words.text(redirect.word, state)
            elif redirect.word and not (redirect.operator in (">&", "<&") and redirect.word[:1] in "0123456789-"):
                words = self.words.text(redirect.word, state)
                if redirect.operator == "<":
                    given = run(Call(self.world, "cat", words[:1], state.cwds, place))
                self.world.effects.tell(words, state.cwds, place, _WRITES.get(redirect.operator, Use.NAMES))
        return given

    def simple(self, node: Simple, state: State, given: Values) -> Values:
        """Assignments, redirections and the command of one line."""
        self.line = node.line
        given = self.redirect(node.redirects, state) or given
        target = state if not node.words else self.branch(state) if node.assigns else state
        for assign in node.assigns:
            shell_builtins.assign(self, assign, target)
        if not node.words:
            return NOTHING
        if node.words[0] in shell_builtins.DECLARES:
            shell_builtins.declare(self, node.words, state)
            return NOTHING
        shell_words = [values for word in node.words for values in self.words.fields(word, state)]
        self.line = node.line
        if not shell_words:
            return NOTHING
        return self.command(shell_words, state, given)

    def command(self, words: Sequence[Values], state: State, given: Values) -> Values:
        """A command line whose words have their values."""
        special = shell_builtins.BUILTINS.get(words[0][0]) if len(words[0]) == 1 else None
        if special is not None:
            return special(self, words, state, given)
        printed: list[str] = []
        for number, line in enumerate(combined(words)):
            self.world.budget.step()
            printed += self._call(line, state, given, number)
        return unique(printed)

    def _call(self, line: tuple[str, ...], state: State, given: Values, number: int) -> Values:
        verb, args = line[0], line[1:]
        if verb in state.functions:
            return self.function(state.functions[verb], args, state, given) if number < _MAX_CALLS else (DEEP,)
        inner = shell_wrappers.unwrapped(self, line, state, given)
        if inner is not None:
            return inner
        name = verb.rpartition("/")[2]
        call = Call(self.world, name, args, state.cwds, Place(self.script, self.line), given, verb)
        if "/" in verb and number < _MAX_CALLS and self.world.call(verb, args, state.cwds):
            return (DEEP,)
        return run(call)

    def function(self, body: Node, args: tuple[str, ...], state: State, given: Values) -> Values:
        """A function's body, with its arguments in place; it changes the state it is called in."""
        before, line = state.args, self.line
        state.args = args
        try:
            printed = self.node(body, state, given)
        finally:
            state.args = before
            self.line = line
        if state.ended == "return":
            state.ended = ""
        return printed
