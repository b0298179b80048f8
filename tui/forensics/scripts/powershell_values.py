"""PowerShell expressions as the values they can have; an array is told as its items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tui.forensics.scripts.effects import base_name, parent
from tui.forensics.scripts.powershell_lexer import Word, end_of, statements
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.values import ANY, DEEP, MAX_WORD, Values, joined, known, unique

if TYPE_CHECKING:
    from tui.forensics.scripts.powershell import PowerShell

_VARIABLE = re.compile(r"\$(?:\{([^}]{0,200})\}|((?:env|script|global|local|private|using):)?(\w+|[?$^]))", re.I)
_MEMBER = re.compile(r"\.(\w+)(\()?")
_COMBINE = re.compile(r"\[(?:System\.)?IO\.Path\]::(\w+)\s*\(", re.I)
_PLAIN = re.compile(r"[^`$]+")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
_OPERATOR = re.compile(r"-(?:eq|ne|like|match|replace|split|join|and|or|not|is|as|contains|in|lt|gt|le|ge)\Z", re.I)


def _name_of(found: re.Match[str]) -> str:
    return (found[2] or "") + found[3] if found[1] is None else str(found[1])


def variable(name: str, state: State) -> Values:
    """A variable's values: ``env:`` names too, unknown where nothing sets it."""
    name = re.sub(r"\A(?:script|global|local|private|using):", "", name.lower())
    if name in ("true", "false", "null"):
        return ("" if name == "null" else name,)
    if name == "pwd":
        return tuple(cwd or DEEP for cwd in state.cwds) or (DEEP,)
    found = state.get(name.removeprefix("env:")) if name.startswith("env:") else state.variables.get(name)
    return (DEEP,) if found is None else found


def interpolated(text: str, shell: PowerShell, state: State) -> Values:
    """Text with ``$name``, ``${name}``, ``$(…)`` and backquotes in it."""
    pieces: list[Values] = []
    i = 0
    while i < len(text):
        if text[i] == "`" and i + 1 < len(text):
            pieces.append((_ESCAPES.get(text[i + 1], text[i + 1]),))
            i += 2
        elif text.startswith("$(", i):
            end = end_of(text, i + 1)
            pieces.append(shell.output(text[i + 2 : end - 1], state))
            i = end
        elif (found := _VARIABLE.match(text, i)) is not None:
            pieces.append(variable(_name_of(found), state))
            i = found.end()
        else:
            plain = _PLAIN.match(text, i)
            end = plain.end() if plain is not None else i + 1
            pieces.append((text[i:end],))
            i = end
    return joined(pieces) if pieces else ("",)


def word_values(text: str, shell: PowerShell, state: State) -> Values:
    """The values of one written word or simple expression."""
    shell.world.budget.step(len(text) // 1000)
    if not text or len(text) > MAX_WORD or shell.world.budget.deep:
        return ("",) if not text else (DEEP,)
    if text.startswith(("@'", '@"')):
        body = text[3:-3] if text.endswith(text[1] + "@") else text[3:]
        return (body,) if text[1] == "'" else interpolated(body, shell, state)
    if text[0] == "'" and end_of(text, 0) == len(text):
        return (text[1:-1].replace("''", "'"),)
    if text[0] == '"' and end_of(text, 0) == len(text):
        return interpolated(text[1:-1].replace('""', '`"'), shell, state)
    if text[0] == "(" or text.startswith(("@(", "$(")):
        start = text.index("(")
        end = end_of(text, start)
        values = shell.output(text[start + 1 : end - 1 if text[end - 1 : end] == ")" else end], state)
        return _members(values, text[end:])
    cast = re.match(r"\[[\w.\[\]]+\](?=[$'\"(@])", text)
    if cast is not None:
        return word_values(text[cast.end() :], shell, state)
    combined = _COMBINE.match(text)
    if combined is not None:
        return _path_method(combined[1].lower(), arguments(text, combined.end() - 1, shell, state))
    if text[0] == "[":
        return (DEEP,)
    found = _VARIABLE.match(text)
    if found is not None and text[found.end() : found.end() + 1] in ("", ".", "["):
        return _members(variable(_name_of(found), state), text[found.end() :])
    if "'" in text or '"' in text:
        return joined([word_values(piece, shell, state) for piece in _cut(text)])
    return interpolated(text, shell, state)


def _cut(text: str) -> Iterator[str]:
    start = i = 0
    while i < len(text):
        if text[i] in "'\"":
            if i > start:
                yield text[start:i]
            end = end_of(text, i)
            yield text[i:end]
            start = i = max(end, i + 1)
        else:
            i += 1
    if start < len(text):
        yield text[start:] if text[start] not in "'\"" else text[start:].strip("'\"")


def _members(values: Values, rest: str) -> Values:
    """What ``.Trim()``, ``.FullName`` and their kin make of values."""
    while rest:
        found = _MEMBER.match(rest)
        if found is None:
            return (DEEP,)
        name, end = found[1].lower(), found.end()
        argument = ""
        if found[2]:
            end = end_of(rest, found.end() - 1)
            argument = rest[found.end() : end - 1].strip("'\" ")
        if name in ("trim", "trimend"):
            values = unique(value.rstrip(argument or None) for value in values)
        elif name in ("tolower", "toupper"):
            values = unique(value.lower() if name == "tolower" else value.upper() for value in values)
        elif name == "parent":
            values = unique(parent(value) for value in values)
        elif name in ("name", "basename"):
            values = unique(base_name(value) for value in values)
        elif name not in ("fullname", "path", "tostring", "providerpath"):
            return (DEEP,)
        rest = rest[end:]
    return values


def arguments(text: str, start: int, shell: PowerShell, state: State) -> list[Values]:
    """The values of each argument of a method call whose ``(`` stands at ``start``."""
    end = end_of(text, start)
    found: list[list[Word]] = [[]]
    for statement in statements(text[start + 1 : end - 1]):
        for word in statement:
            if word.kind == "op" and word.text == ",":
                found.append([])
            else:
                found[-1].append(word)
    return [expression(words, shell, state) for words in found if words]


def _path_method(name: str, args: Sequence[Values]) -> Values:
    if name == "combine":
        found: Values = ("",)
        for values in args:
            found = join_path(found, values)
        return found
    if name == "getfullpath" and args:
        return args[0]
    if name in ("getdirectoryname", "getfilename") and args:
        return unique(parent(v) if name == "getdirectoryname" else base_name(v) for v in args[0])
    return ("C:\\Windows\\TEMP\\",) if name == "gettemppath" else (DEEP,)


def join_path(above: Values, below: Values) -> Values:
    """Two parts of a path as one."""
    return unique(f"{a.rstrip('/' + chr(92))}\\{b.lstrip('/' + chr(92))}" if a else b for a in above for b in below)


def expression(words: Sequence[Word], shell: PowerShell, state: State) -> Values:
    """Words joined by ``+``, ``,``, ``-f`` and the like, as values."""
    items: list[Values] = []
    operator = ""
    for i, word in enumerate(words):
        if word.kind == "op":
            operator = word.text
            continue
        if word.text.lower() == "-f" and items:
            return _formatted(items[-1], expression_items(words[i + 1 :], shell, state))
        if _OPERATOR.match(word.text):
            if word.text.lower() in ("-join", "-replace", "-split") and items:
                return (DEEP,)
            return items[-1] if items else (ANY,)
        values = word_values(word.text, shell, state) if word.kind == "word" else (DEEP,)
        if items and operator == "+":
            items[-1] = joined([items[-1], values])
        elif items and operator != "," and word.glued:
            items[-1] = _members(items[-1], word.text)
        else:
            items.append(values)
        operator = ""
    return unique(value for values in items for value in values) or ("",)


def expression_items(words: Sequence[Word], shell: PowerShell, state: State) -> list[Values]:
    """The items of a list, each with its values."""
    return [word_values(word.text, shell, state) for word in words if word.kind == "word"]


def _formatted(formats: Values, items: list[Values]) -> Values:
    found: list[Values] = []
    for text in formats[:1]:
        for piece in re.split(r"(\{\d{1,2}(?:[:,][^}]*)?\})", text):
            number = re.match(r"\{(\d+)(.)", piece)
            if number is None:
                found.append((piece,))
            else:
                n = int(number[1])
                value = items[n] if n < len(items) else (DEEP,)
                found.append(value if number[2] == "}" or not all(map(known, value)) else (ANY,))
    return joined(found) if found else ("",)
