"""Follows a batch file: all blocks, loops over lists that its text gives, labels where they are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Optional

from tui.forensics.scripts import commands, windows_commands
from tui.forensics.scripts.batch_lexer import Statement, end_of_block, statements, words_of
from tui.forensics.scripts.batch_values import modified, numbers
from tui.forensics.scripts.effects import Place, Use, base_name
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.values import ANY, DEEP, MAX_WORD, Values, joined, known, unique
from tui.forensics.scripts.world import Call, World

_PERCENT = re.compile(
    r"%%(?:~([a-z]*))?([A-Za-z])|%(?:~([a-z]*))?([0-9*])|%([^%\n:]+)(?::([^%\n]*))?%|!([^!\n:]+)(?::([^!\n]*))?!", re.I
)
_IF = re.compile(
    r"if\s+(?:/i\s+)?(not\s+)?(?:/i\s+)?(?:(exist|defined|errorlevel)\s+(\"[^\"]*\"|\S+)|"
    r"(\"[^\"]*\"|[^\s=]+)\s*(==|\s(?:equ|neq|lss|leq|gtr|geq)\s)\s*(\"[^\"]*\"|[^\s(]+))\s*",
    re.I,
)
_FOR = re.compile(r"for\s+((?:/[dflr]\s+(?:\"[^\"]*\"\s+|[^%\s]+\s+)?)?)%%([A-Za-z])\s+in\s*\(", re.I)
_MAX_CALLS = 8  # of a command whose words have several values


class Batch:
    """Follows the statements of one batch file; their effects go to the world's."""

    def __init__(self, world: World, script: str, text: str) -> None:
        self.world = world
        self.script = script
        self.text = text
        self.line = 1
        self.loops: dict[str, Values] = {}  # %%i
        self.labels: dict[str, int] = {}
        for found in re.finditer(r"^[ \t]*:([A-Za-z_][\w.-]*)", text, re.M):
            self.labels.setdefault(found[1].lower(), found.end())

    def run_text(self, text: str, state: State, line: int = 1) -> None:
        """Follow statements in a row."""
        budget = self.world.budget
        if budget.deep:
            return
        budget.nesting += 2
        budget.step(len(text) // 50)
        try:
            for statement in statements(text, line):
                budget.step()
                if state.ended:
                    break
                self.statement(statement, state)
        finally:
            budget.nesting -= 2

    def statement(self, statement: Statement, state: State) -> None:
        """One statement of any kind."""
        text = statement.text.lstrip("@ \t\r\n")
        self.line = statement.line + statement.text[: len(statement.text) - len(text)].count("\n")
        head = text[:6].lower()
        if not text or text[0] == ":" or head[:4] in ("rem ", "rem\t") or text.lower() == "rem":
            return
        if statement.link in ("||", "&&"):
            other = self._branch(state)
            self._command(text, other, self.line)
            if statement.link == "&&" and not other.ended:
                other.cwds, state.cwds = other.cwds, other.cwds
            state.take([self._branch(state), other])
        else:
            self._command(text, state, self.line)

    def _branch(self, state: State) -> State:
        self.world.budget.step(1 + len(state.variables) // 20)
        return state.copy()

    def _command(self, text: str, state: State, line: int) -> None:
        if text[0] == "(":
            end = end_of_block(text, 0)
            self._redirects(text[end + 1 :], state)
            self.run_text(text[1:end], state, line)
            return
        condition = _IF.match(text)
        if condition is not None:
            self._if(text, condition, state, line)
            return
        loop = _FOR.match(text)
        if loop is not None:
            self._for(text, loop, state, line)
            return
        setting = re.match(r"set\s+(/[ap]\s+)?\"?([^=\"]+?)=(.*)", text, re.I | re.S)
        if setting is not None:
            self._set(setting, state)
            return
        for number, expanded in enumerate(self.expand(text, state)):
            if number < _MAX_CALLS * 8:
                self._simple(expanded, state)

    def _redirects(self, text: str, state: State) -> None:
        for expanded in self.expand(text, state):
            self._tell(words_of(expanded).redirects, state)

    def _tell(self, redirects: Sequence[tuple[str, str]], state: State) -> None:
        uses = {">": Use.MAKES, ">>": Use.APPENDS, "<": Use.NAMES}
        for operator, target in redirects:
            if target.lower().rstrip(":") not in ("nul", "con", "prn"):
                self.world.effects.tell([target], state.cwds, Place(self.script, self.line), uses[operator])

    def _if(self, text: str, condition: re.Match[str], state: State, line: int) -> None:
        truth = self._truth(condition, state)
        rest = text[condition.end() :]
        line += text[: condition.end()].count("\n")
        if rest.startswith("("):
            end = end_of_block(rest, 0)
            body, other = rest[: end + 1], rest[end + 1 :].lstrip()
            above = line + rest[: len(rest) - len(other)].count("\n")
        else:
            body, _, other = rest.partition(" else ")
            other, above = "else " + other if other else "", line
        otherwise = other[4:].lstrip() if other.lower().startswith("else") else ""
        left: list[State] = []
        for part, at, taken in ((body, line, truth is not False), (otherwise, above, truth is not True)):
            if taken:
                branch = self._branch(state)
                if part:
                    self.run_text(part, branch, at)
                left.append(branch)
        state.take(left)

    def _truth(self, condition: re.Match[str], state: State) -> Optional[bool]:
        if not condition[5] or condition[5].strip().lower() not in ("==", "equ", "neq"):
            return None
        left, right = (self.expand(side.strip('"'), state) for side in (condition[4], condition[6]))
        if len(left) != 1 or len(right) != 1 or not known(left[0]) or not known(right[0]):
            return None
        same = left[0].lower() == right[0].lower() if "/i" in condition[0].lower() else left[0] == right[0]
        return same != (bool(condition[1]) != (condition[5].strip().lower() == "neq"))

    def _for(self, text: str, loop: re.Match[str], state: State, line: int) -> None:
        start = loop.end() - 1
        end = end_of_block(text, start)
        found = re.match(r"\)\s*do\s*", text[end:], re.I)
        if found is None:
            return
        body = text[end + found.end() :]
        option = loop[1].strip().lower()[:2]
        values: Values = (DEEP,)
        listed = self.expand(text[start + 1 : end], state)
        if option == "/l":
            values = numbers(listed[0])
        elif option in ("", "/d"):
            values = unique(word for text in listed for word in words_of(text).words)
            values = unique(windows_commands.wild(value) for value in values)
        before = self.loops.get(loop[2])
        for value in values or ():
            self.loops[loop[2]] = (value,)
            self.run_text(body, state, line + text[: end + found.end()].count("\n"))
        self.loops[loop[2]] = before or (DEEP,)

    def _set(self, setting: re.Match[str], state: State) -> None:
        name = setting[2].strip().lower()
        if setting[1]:
            state.set(name, (ANY if setting[1].strip().lower() == "/a" else DEEP,))
            return
        raw = setting[3]
        raw = (
            raw[: raw.rfind('"')]
            if '"' in setting[0][: setting.start(3) - setting.start()] and '"' in raw
            else raw.rstrip("\r\n")
        )
        state.set(name, self.expand(re.sub(r"\^(.)", r"\1", raw), state))

    def expand(self, text: str, state: State) -> Values:
        """Text with its ``%name%``, ``!name!``, ``%%i`` and ``%1`` put in."""
        if len(text) > MAX_WORD:
            return (DEEP,)
        pieces: list[Values] = []
        last = 0
        for found in _PERCENT.finditer(text):
            pieces += [(text[last : found.start()],), self._value(found, state)]
            last = found.end()
        pieces.append((text[last:],))
        return joined(pieces)

    def _value(self, found: re.Match[str], state: State) -> Values:
        if found[2]:
            return modified(self.loops.get(found[2], (DEEP,)), found[1])
        if found[4] == "*":
            return (" ".join(state.args),)
        if found[4]:
            return modified(state.get(found[4]) or ("",), found[3])
        name, change = (found[5], found[6]) if found[5] else (found[7], found[8])
        name = name.strip().lower()
        if name in ("date", "time", "random"):
            return (DEEP if name == "date" else ANY,)
        if name == "cd":
            return tuple(cwd or DEEP for cwd in state.cwds) or (DEEP,)
        values = state.get(name) or (DEEP,)
        if change:
            old, equals, new = change.partition("=")
            if change[0] in "~*" or not equals or not old:
                return (DEEP,)
            values = unique(re.sub(re.escape(old), lambda _: new, value, flags=re.I) for value in values)
        return values

    def _simple(self, text: str, state: State) -> None:
        """A command whose variables have their values."""
        words, redirects = words_of(text)
        self._tell(redirects, state)
        if not words:
            return
        verb = words[0].lower()
        separated = re.match(r"(echo|cd|chdir|md|mkdir|type|del|rd)([.\\/:].*)", verb)
        if separated is not None and verb not in windows_commands.PROGRAMS:
            words[:1] = [separated[1], words[0][len(separated[1]) :]]
            verb = separated[1]
        if verb == "call":
            self._call(words[1:], state)
        elif verb in ("cd", "chdir", "pushd"):
            self._enter(verb, [word for word in words[1:] if word.lower() != "/d"], state)
        elif verb == "popd":
            state.enter(state.stack or ("",))
        elif verb == "exit" or (verb == "goto" and words[1:2] and words[1].lower() in (":eof", "eof")):
            state.ended = "exit" if verb == "exit" and "/b" not in [word.lower() for word in words] else "return"
        elif verb not in ("echo", "set", "goto", "setlocal", "endlocal", "shift", "title", "pause", "type"):
            self._run(words, state)

    def _enter(self, verb: str, words: Sequence[str], state: State) -> None:
        if not words:
            return
        found = self.world.effects.absolute(words[0], state.cwds)
        self.world.effects.directories.update(path for path in found if known(path))
        if verb == "pushd":
            state.stack = state.cwds
        state.enter(unique(found) or ("",))

    def _call(self, words: Sequence[str], state: State) -> None:
        if not words:
            return
        if not words[0].startswith(":"):
            self._run(list(words), state)
            return
        start = self.labels.get(words[0][1:].lower())
        if start is None or self.world.budget.deep:
            return
        before, line = state.args, self.line
        state.args = tuple(words[1:])
        self.run_text(self.text[start:], state, 1 + self.text.count("\n", 0, start))
        state.args, self.line = before, line
        state.ended = "" if state.ended == "return" else state.ended

    def _run(self, words: list[str], state: State) -> None:
        verb = words[0].lower()
        place = Place(self.script, self.line)
        call = Call(self.world, verb, tuple(words[1:]), state.cwds, place, (), words[0])
        program = windows_commands.PROGRAMS.get(verb)
        for word in call.args:
            if self.world.effects.inside(word) is not None:
                call.tell([word], Use.NAMES)
        if verb in ("start", "cmd", "cmd.exe") and verb == "start":
            rest = [word for word in words[1:] if not word.startswith("/") and word]
            if rest and len(rest) < len(words):
                self._run(rest, state)
        elif program is not None:
            program(call)
        elif not windows_commands.run_program(call, words[0]):
            name = base_name(words[0]).lower().removesuffix(".exe").removesuffix(".cmd")
            commands.run(Call(self.world, name, call.args, state.cwds, place, (), words[0]))


def follow_batch(world: World, path: str, text: str, args: Sequence[str] = (), cwds: Values = ()) -> None:
    """Follow a batch file."""
    native = path[1:].replace("/", "\\") if world.effects.windows else path
    state = State(path, native, tuple(args), cwds, world.home or DEEP, dict(world.environment))
    Batch(world, path, text).run_text(text, state)
