"""Follows a PowerShell script: all blocks, loops over lists that its text gives, functions where they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tui.forensics.scripts import powershell_commands
from tui.forensics.scripts.effects import Place, Use, parent
from tui.forensics.scripts.powershell_lexer import Word, statements
from tui.forensics.scripts.powershell_parameters import parameters
from tui.forensics.scripts.powershell_values import arguments, expression, word_values
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.values import DEEP, Values, unique
from tui.forensics.scripts.world import World

_TARGET = re.compile(r"(?:\[[\w.\[\]]+\])?\$(?:\{([^}]*)\}|((?:env|script|global|local):)?(\w+))\Z", re.I)
_STATIC = re.compile(r"\[(?:System\.)?(IO\.[\w.]+)\]::(\w+)\s*\(|\.(DownloadFile|ExtractToDirectory)\s*\(", re.I)
_BLOCKS = frozenset(["try", "catch", "finally", "do", "begin", "process", "end", "else", "elseif", "trap"])
NOTHING: Values = ("",)


class PowerShell:
    """Follows the statements of one script; their effects go to the world's."""

    def __init__(self, world: World, script: str) -> None:
        self.world = world
        self.script = script
        self.line = 1
        self.bodies: dict[str, tuple[str, int]] = {}  # functions: text and its first line

    def run_text(self, text: str, state: State, line: int = 1) -> Values:
        """Follow statements; what the last one gives."""
        budget = self.world.budget
        if budget.deep:
            return (DEEP,)
        budget.nesting += 3
        budget.step(len(text) // 50)
        given = NOTHING
        try:
            for words in statements(text, line):
                budget.step()
                given = self.statement(words, state)
                if state.ended:
                    break
        finally:
            budget.nesting -= 3
        return given

    def output(self, text: str, state: State) -> Values:
        """What an expression or a command in parentheses gives."""
        line = self.line
        try:
            return self.run_text(text, state, line)
        finally:
            self.line = line

    def statement(self, words: list[Word], state: State) -> Values:
        """One statement of any kind; what it gives."""
        first = words[0]
        self.line = first.line
        keyword = first.text.lower() if first.kind == "word" else ""
        if first.kind == "block":
            return self.run_text(first.text, state, first.line)
        if keyword in ("function", "filter") and len(words) > 2:
            block = next((word for word in words if word.kind == "block"), None)
            if block is not None:
                head = f"param{words[2].text}\n" if words[2].text.startswith("(") else ""
                self.bodies[words[1].text.partition("(")[0].lower()] = head + block.text, block.line - bool(head)
            return NOTHING
        if keyword == "foreach" and len(words) > 1 and words[1].text.startswith("("):
            return self._foreach(words, state)
        if keyword in ("if", "switch", "while", "for", "until") or keyword in _BLOCKS:
            return self._branches(words, state, keyword)
        if keyword in ("return", "exit", "throw", "break", "continue"):
            nested = (
                keyword == "return" and words[1:] and words[1].text.lower() != "return"
            )  # no endless "return return"
            given = self.statement(words[1:], state) if nested else NOTHING
            state.ended = "exit" if keyword == "throw" else keyword
            return given
        target = _TARGET.match(first.text)
        if target is not None and len(words) > 2 and words[1].kind == "op" and words[1].text in ("=", "+="):
            return self._assign(target, words, state)
        if keyword == "param":
            return NOTHING
        return self._pipeline(words, state)

    def _assign(self, target: re.Match[str], words: list[Word], state: State) -> Values:
        name = (target[1] if target[3] is None else target[3]).lower().removeprefix("env:")
        values = self._pipeline(words[2:], state)
        if words[1].text == "+=":
            values = unique((*(state.get(name) or ()), *values))
        state.set(name, values)
        return NOTHING

    def _branches(self, words: list[Word], state: State, keyword: str) -> Values:
        blocks = [word for word in words if word.kind == "block"]
        budget = self.world.budget
        for word in words[1:]:
            if word.kind == "word" and word.text.startswith("(") and keyword == "for" and not budget.deep:
                budget.nesting += 3
                try:
                    for part in statements(word.text[1:-1], word.line):
                        self.statement(part, state)
                        break
                finally:
                    budget.nesting -= 3
        if keyword == "switch":
            blocks = [
                w for block in blocks for part in statements(block.text, block.line) for w in part if w.kind == "block"
            ]
        always = any(word.text.lower() == "else" for word in words) or keyword in ("else", "try", "do", "finally")
        left = [] if always else [self._branch(state)]
        for block in blocks:
            taken = self._branch(state)
            self.run_text(block.text, taken, block.line)
            taken.ended = "" if taken.ended in ("break", "continue") else taken.ended
            left.append(taken)
        if left:
            state.take(left)
        return NOTHING

    def _branch(self, state: State) -> State:
        self.world.budget.step(1 + len(state.variables) // 20)
        return state.copy()

    def _foreach(self, words: list[Word], state: State) -> Values:
        inner = [word for part in statements(words[1].text[1:-1], words[1].line) for word in part]
        block = next((word for word in words if word.kind == "block"), None)
        if block is None or len(inner) < 3:
            return NOTHING
        name = inner[0].text.lstrip("$").lower()
        for value in self._pipeline(inner[2:], state):
            state.set(name, (value,))
            self.run_text(block.text, state, block.line)
            state.ended = "" if state.ended in ("continue", "break") else state.ended
        return NOTHING

    def _pipeline(self, words: Sequence[Word], state: State) -> Values:
        parts: list[list[Word]] = [[]]
        for word in words:
            if word.kind == "op" and word.text in ("|", "&&", "||"):
                parts.append([])
            else:
                parts[-1].append(word)
        given: Values = ()
        for part in parts:
            if part:
                given = self._command(part, state, given)
        return given or NOTHING

    def _command(self, words: list[Word], state: State, given: Values) -> Values:
        self._methods(words, state)
        words = self._redirected(words, state)
        if not words:
            return NOTHING
        first = words[0]
        call = first.kind == "op" and first.text == "&"
        if call or first.text == ".":
            words = words[1:]
            if not words:
                return NOTHING
            return powershell_commands.run_script(self, words, state)
        if first.kind == "block" or first.text[:1] in "$'\"(@[" or re.match(r"-?\d", first.text):
            return expression(words, self, state)
        name = first.text.lower()
        if name in self.bodies:
            return self._call(name, words[1:], state)
        return powershell_commands.run(self, words, state, given)

    def _redirected(self, words: list[Word], state: State) -> list[Word]:
        kept: list[Word] = []
        waiting = iter(words)
        for word in waiting:
            if word.kind == "op" and ">" in word.text:
                target = None if word.text.endswith("&1") else next(waiting, None)
                if target is not None:
                    use = Use.APPENDS if word.text.endswith(">>") else Use.MAKES
                    values = word_values(target.text, self, state)
                    if values != ("",):
                        self.world.effects.tell(values, state.cwds, Place(self.script, word.line), use)
            else:
                kept.append(word)
        return kept

    def _methods(self, words: list[Word], state: State) -> None:
        """Calls like ``[IO.File]::WriteAllText(path, …)``, wherever they stand in a statement."""
        text = "".join(word.text if word.glued else " " + word.text for word in words if word.kind == "word")
        for found in list(_STATIC.finditer(text))[:20]:
            args = arguments(text, found.end() - 1, self, state)
            kind = (found[1] or "").lower().rpartition(".")[2]
            powershell_commands.method(self, kind, (found[2] or found[3]).lower(), args, state)

    def _call(self, name: str, words: list[Word], state: State) -> Values:
        """A function, its parameters bound by name and by place; it sees the caller's variables."""
        body, line = self.bodies[name]
        named, placed = parameters(self, words, state)
        inner = self._branch(state)
        first = next(iter(statements(body, line)), [])
        rest = iter(placed)
        if len(first) > 1 and first[0].text.lower() == "param":
            bind(self, first[1].text, named, rest, inner)
        before = self.line
        given = self.run_text(body, inner, line)
        self.line = before
        return given


def bind(shell: PowerShell, text: str, named: dict[str, Values], placed: Iterator[Values], state: State) -> None:
    """Give the parameters of a ``param(…)`` their values: by name, by place, else their default."""
    for part in statements(text[1:-1]):
        default, waiting, name = False, False, ""
        for word in part:
            found = re.match(r"(?:\[[^\]]*\])*\$(\w+)\Z", word.text)
            if found is not None and not default:
                name = found[1].lower()
                value = named.get(name) or next(placed, None)
                state.set(name, value or (DEEP,))
                default = False
                waiting = value is None
            elif word.text == "=" and name:
                default = True
            elif default:
                if waiting:
                    state.set(name, word_values(word.text, shell, state))
                default = False


def follow_powershell(world: World, path: str, text: str, args: Sequence[str] = (), cwds: Values = ()) -> None:
    """Follow a PowerShell script."""
    shell = PowerShell(world, path)
    native = path[1:].replace("/", "\\") if world.effects.windows else path
    state = State(path, native, (), cwds, world.home or DEEP, dict(world.environment))
    state.set("psscriptroot", (parent(native),))
    state.set("pscommandpath", (native,))
    state.set("home", (world.home or DEEP,))
    head = next(iter(statements(text)), [])
    if len(head) > 1 and head[0].text.lower() == "param":
        bind(shell, head[1].text, {}, iter([(arg,) for arg in args if not arg.startswith("-")]), state)
    shell.run_text(text, state)
