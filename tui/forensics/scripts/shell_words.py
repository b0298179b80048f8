"""Shell words as the values they can have (POSIX.1-2017 2.6, and bash's additions)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable, Optional

from tui.forensics.scripts.arithmetic import evaluate
from tui.forensics.scripts.shell_lexer import end_of
from tui.forensics.scripts.shell_patterns import braces, trim
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.values import (
    ANY,
    BREAK,
    DEEP,
    MAX_WORD,
    ONE,
    STAR,
    Budget,
    Values,
    joined,
    known,
    unique,
)

_LITERAL = re.compile(r"[^'\"\\`$*?\[~]+")
_QUOTED_LITERAL = re.compile(r"[^\\`$]+")
_PARAMETER = re.compile(r"\$([A-Za-z_]\w*|[@*#?$!0-9-])")
_BRACED = re.compile(r"(#|!)?([A-Za-z_]\w*|[0-9]+|[@*#?$!-])(\[[^\]]*\])?(.*)\Z", re.S)
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "'": "'", '"': '"', "r": "\r"}
_TILDE = re.compile(r"~[\w.-]*(?=/|:|\Z)")
_BLANKS = re.compile(r"[ \t\n]+")


class Words:
    """Expands words in a state. ``capture`` gives what a command line prints."""

    def __init__(self, budget: Budget, capture: Callable[[str, State], Values]) -> None:
        self.budget = budget
        self.capture = capture

    def fields(self, raw: str, state: State) -> Iterator[Values]:
        """The words that one written word becomes, each with the values it can have."""
        for part in braces(raw):
            values = self.expand(part, state)
            if not any(BREAK in value for value in values):
                if values != ("",) or "'" in part or '"' in part:
                    yield values
            elif len(values) == 1:
                yield from ((field,) for field in values[0].split(BREAK) if field)
            else:
                yield unique(field for value in values for field in value.split(BREAK) if field)

    def text(self, raw: str, state: State) -> Values:
        """The values of a word that is not split."""
        return unique(value.replace(BREAK, " ") for value in self.expand(raw, state))

    def document(self, body: str, state: State) -> Values:
        """A here-document's text, expanded."""
        return tuple(value.replace(BREAK, " ") for value in joined(list(self._quoted(body, state))))

    def expand(self, raw: str, state: State) -> Values:
        """The values of a written word; ``BREAK`` where the shell splits it."""
        self.budget.step(len(raw) // 1000)
        if self.budget.deep or len(raw) > MAX_WORD:
            return (DEEP,)
        if raw[:2] in (">(", "<("):
            self.capture(_without_end(raw[2:], ")"), state)
            return (DEEP,)
        self.budget.nesting += 1
        try:
            return joined(list(self._pieces(raw, state)))
        finally:
            self.budget.nesting -= 1

    def _pieces(self, raw: str, state: State) -> Iterator[Values]:
        i = 0
        while i < len(raw):
            plain = _LITERAL.match(raw, i)
            if plain is not None:
                yield (plain[0],)
                i = plain.end()
                continue
            c = raw[i]
            if c in "*?[":
                yield (STAR if c == "*" else ONE,)
                if c == "[":
                    close = raw.find("]", i + 2)
                    i = close if 0 <= close < i + 40 else i
                i += 1
            elif c == "~":
                end = _end_of_tilde(raw, i)
                yield (c,) if end == i else (state.home if end == i + 1 else DEEP,)
                i = max(end, i + 1)
            elif (parameter := _PARAMETER.match(raw, i)) is not None:
                yield _split(_given(state.get(parameter[1]), parameter[1]), False)
                i = parameter.end()
            else:
                end = end_of(raw, i)
                yield from self._construct(raw[i:end], state, False)
                i = end

    def _quoted(self, text: str, state: State) -> Iterator[Values]:
        i = 0
        while i < len(text):
            plain = _QUOTED_LITERAL.match(text, i)
            if plain is not None:
                yield (plain[0],)
                i = plain.end()
                continue
            if text[i] == "\\":
                following = text[i + 1 : i + 2]
                yield ("" if following == "\n" else following if following in '$`"\\' else "\\" + following,)
                i += 2
                continue
            parameter = _PARAMETER.match(text, i)
            end = end_of(text, i) if parameter is None else parameter.end()
            if parameter is not None:
                yield _given(state.get(parameter[1]), parameter[1])
            else:
                yield from self._construct(text[i:end], state, True)
            i = end

    def _construct(self, part: str, state: State, quoted: bool) -> Iterator[Values]:
        """A quote, an escape, or what begins with ``$`` or a backquote."""
        head = part[0]
        if head == "\\":
            yield ("" if part[1:] in ("\n", "\r") else part[1:],)
        elif head == "'":
            yield (part[1:].removesuffix("'"),)
        elif head == '"':
            yield from self._quoted(_without_end(part[1:], '"'), state)
        elif part.startswith("$'"):
            yield (re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), _without_end(part[2:], "'"), flags=re.S),)
        elif part.startswith("$(("):
            yield self.number(part[3:].removesuffix(")").removesuffix(")"), state)
        elif part.startswith("$("):
            yield _split(self.capture(_without_end(part[2:], ")"), state), quoted)
        elif head == "`":
            yield _split(self.capture(re.sub(r"\\([`\\$])", r"\1", _without_end(part[1:], "`")), state), quoted)
        elif part.startswith("${"):
            yield _split(self._braced(_without_end(part[2:], "}"), state), quoted)
        else:
            yield ("$",) if part == "$" else (part,)

    def number(self, text: str, state: State) -> Values:
        """The value of an arithmetic expansion; assignments in it are carried out."""
        step = re.fullmatch(r"\s*(?:(\+\+|--)\s*)?([A-Za-z_]\w*)\s*(\+\+|--|[-+*/%]?=(?!=))?(.*)", text, re.S)
        if step is not None and (step[1] or step[3]):
            operation = step[1] or step[3] or ""
            right = "1" if operation in ("++", "--") else step[4]
            sign = "" if operation == "=" else operation[0]
            value = self._value(f"{step[2]} {sign} ({right})" if sign else right, state)
            old = state.get(step[2]) or (ANY,)
            state.set(step[2], (value,))
            return old if step[3] in ("++", "--") else (value,)
        return (self._value(text, state),)

    def _value(self, text: str, state: State) -> str:
        def lookup(name: str) -> Optional[str]:
            values = state.get(name)
            if values is None or len(values) != 1:
                return None
            return values[0] or "0"

        found = evaluate(text, lookup)
        return ANY if found is None else str(found)

    def _braced(self, inner: str, state: State) -> Values:
        match = _BRACED.match(inner)
        if match is None:
            return (DEEP,)
        prefix, name, index, operation = match.groups()
        if prefix == "#":
            return (ANY,)
        if prefix == "!":
            return (DEEP,)
        values = state.item(name, index[1:-1]) if index else state.get(name)
        if not operation:
            return _given(values, name)
        if operation[0] == ":" and operation[1:2] not in ("-", "=", "+", "?"):
            return _sliced(values, operation[1:])
        bare = operation[0] in "-=+?"
        if bare or operation[0] == ":":
            return self._default(name, values, operation if bare else operation[1:], state, not bare)
        return unique(self._trimmed(value, operation, state) for value in values or (DEEP,))

    def _default(self, name: str, values: Optional[Values], operation: str, state: State, empty_too: bool) -> Values:
        kind = operation[0]
        missing = values is None or (empty_too and "" in values)
        present = tuple(value for value in values or () if value or not empty_too)
        if kind == "?":
            return present or (DEEP,)
        word = self.text(operation[1:], state)
        if kind == "+":
            return unique((*(word if present else ()), *(("",) if missing else ())))
        found = unique((*present, *(word if missing else ())))
        if kind == "=":
            state.set(name, found)
        return found

    def _trimmed(self, value: str, operation: str, state: State) -> str:
        kind = operation[:2] if operation[:2] in ("%%", "##", "//", "^^", ",,") else operation[:1]
        pattern = self.text(operation[len(kind) :], state)[0] if kind[0] in "%#" else ""
        if kind[0] in "%#":
            return trim(value, pattern, kind)
        if not known(value):
            return DEEP
        if kind[0] == "/":
            old, _, new = operation[len(kind) :].partition("/")
            before, after = self.text(old, state)[0], self.text(new, state)[0]
            if not before or not known(before) or before[0] in "#%":
                return DEEP
            return value.replace(before, after, -1 if kind == "//" else 1)
        if kind[0] in "^,":
            change = str.upper if kind[0] == "^" else str.lower
            return change(value) if len(kind) == 2 else change(value[:1]) + value[1:]
        return value if kind == "@" else DEEP


def _given(values: Optional[Values], name: str) -> Values:
    """A parameter's values: a missing argument is empty, a variable that is not set can come from outside."""
    return values if values is not None else ("",) if name.isdigit() else (DEEP,)


def _without_end(text: str, end: str) -> str:
    return text[: -len(end)] if text.endswith(end) else text


def _end_of_tilde(raw: str, i: int) -> int:
    found = _TILDE.match(raw, i) if i == 0 or raw[i - 1] in "=:" else None
    return found.end() if found is not None else i


def _split(values: Values, quoted: bool) -> Values:
    return values if quoted else tuple(_BLANKS.sub(BREAK, value) for value in values)


def _sliced(values: Optional[Values], where: str) -> Values:
    bounds = re.fullmatch(r"\s*(-?\d{1,6})\s*(?::\s*(\d{1,6})\s*)?", where)
    if values is None or bounds is None or not all(map(known, values)):
        return (DEEP,)
    start = int(bounds[1])
    return unique(v[start:][: int(bounds[2]) if bounds[2] else None] for v in values)
