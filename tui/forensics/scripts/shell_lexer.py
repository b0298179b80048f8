"""Shell text as tokens, after POSIX.1-2017 2.3 and bash's additions to it.

Nothing here fails: what is not closed ends with the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Optional

from tui.forensics.scripts.values import MAX_TOKENS

MAX_QUOTING = 30  # levels of quotes and substitutions inside one another
MAX_ARITHMETIC = 1_000  # characters in ((…))
_OPERATORS = (
    "&>>", "<<-", "<<<", ";;&", "&&", "||", ";;", ";&", "&>", ">>", ">|", ">&", "<&", "<<", "<>", "|&",
    ";", "&", "|", "<", ">", "(", ")",
)  # fmt: skip
REDIRECTS = frozenset(["&>>", "<<-", "<<<", "&>", ">>", ">|", ">&", "<&", "<<", "<>", "<", ">"])
_PLAIN = re.compile(r"[^\s;&|<>()'\"\\`$]+")
_BLANK = re.compile(r"(?:[ \t\r\f\v]|\\\r?\n)+")
_ASSIGNS_ARRAY = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=\Z")
_IN_BRACKETS = frozenset(["(", ")", "<", ">", "&&", "||"])
_DQUOTE = re.compile(r"[^\"\\$`]+")
_INNER = re.compile(r"[^()'\"\\$`#]+")


@dataclass
class Token:
    """``kind`` is word, op, arith or nl. ``body`` is a here-document's text (on its delimiter's token)."""

    kind: str
    text: str
    line: int
    glued: bool = False  # nothing stands between it and the token before
    body: Optional[str] = None


def end_of(text: str, i: int, depth: int = 0) -> int:
    """The index after the quote, escape or substitution that begins at ``i``."""
    if depth > MAX_QUOTING:
        return len(text)
    head = text[i]
    if head == "\\":
        return min(i + 2, len(text))
    if head == "'":
        return _after(text, text.find("'", i + 1))
    if head == '"':
        return _until(text, i + 1, '"', depth)
    if head == "`":
        return _end_of_ticks(text, i + 1)
    following = text[i + 1 : i + 2]
    if following == "(":
        return end_of_parens(text, i + 2, depth)
    if following == "{":
        return _until(text, i + 2, "}", depth)
    if following == "'":
        return _end_of_ansi(text, i + 2)
    return i + 1


def _after(text: str, found: int) -> int:
    return len(text) if found < 0 else found + 1


def _end_of_ticks(text: str, i: int) -> int:
    while i < len(text) and text[i] != "`":
        i += 2 if text[i] == "\\" else 1
    return min(i + 1, len(text))


def _end_of_ansi(text: str, i: int) -> int:
    while i < len(text) and text[i] != "'":
        i += 2 if text[i] == "\\" else 1
    return min(i + 1, len(text))


def _until(text: str, i: int, close: str, depth: int) -> int:
    while i < len(text):
        plain = _DQUOTE.match(text, i) if close == '"' else None
        if plain is not None:
            i = plain.end()
            continue
        c = text[i]
        if c == close:
            return i + 1
        if c in "\\`$" or (c in "'\"" and close == "}"):
            i = end_of(text, i, depth + 1)
        else:
            i += 1
    return len(text)


def end_of_parens(text: str, i: int, depth: int = 0) -> int:
    """The index after the ``)`` that closes what was opened just before ``i``."""
    opened = 1
    while i < len(text):
        plain = _INNER.match(text, i)
        if plain is not None:
            i = plain.end()
            continue
        c = text[i]
        if c == "(":
            opened += 1
        elif c == ")":
            opened -= 1
            if not opened:
                return i + 1
        elif c == "#":
            if text[i - 1] in " \t\n;(":
                i = text.find("\n", i)
                if i < 0:
                    return len(text)
        else:
            i = end_of(text, i, depth + 1)
            continue
        i += 1
    return len(text)


class Lexer:
    """Cuts a script into tokens. ``line`` is the number of the text's first line."""

    def __init__(self, text: str, line: int = 1) -> None:
        self.text = text
        self.base = line
        self.ends = [match.start() for match in re.finditer("\n", text)]
        self.tokens: list[Token] = []
        self.waiting: list[tuple[Token, bool]] = []  # here-documents to come, and whether tabs go
        self.in_test = False
        self.plain_until = 0  # no arithmetic begins before it
        self.unclosed = False

    def line_at(self, i: int) -> int:
        return self.base + bisect_right(self.ends, i - 1) if i else self.base

    def run(self) -> list[Token]:
        i, last_end = 0, -1
        text = self.text
        while i < len(text) and len(self.tokens) < MAX_TOKENS:
            blank = _BLANK.match(text, i)
            if blank is not None:
                i = blank.end()
                continue
            c = text[i]
            if c == "\n":
                self.tokens.append(Token("nl", "\n", self.line_at(i)))
                i = self._here_documents(i + 1)
            elif c == "#":
                i = text.find("\n", i)
                if i < 0:
                    break
            else:
                start = i
                i = self._token(i)
                self.tokens[-1].glued = start == last_end
                last_end = i
        return self.tokens

    def _token(self, i: int) -> int:
        text = self.text
        if text.startswith("((", i) and not self.in_test and i >= self.plain_until:
            end = i + end_of_parens(text[i : i + MAX_ARITHMETIC], 1)
            if text[end - 2 : end] == "))":
                self.tokens.append(Token("arith", text[i + 2 : end - 2], self.line_at(i)))
                return end
            self.plain_until = end
        if text[i] in "<>" and text[i + 1 : i + 2] == "(" and not self.in_test:
            return self._word(i, end_of_parens(text, i + 2))
        for operator in _OPERATORS:
            if text.startswith(operator, i):
                kind = "word" if self.in_test and operator in _IN_BRACKETS else "op"
                self.tokens.append(Token(kind, operator, self.line_at(i)))
                return i + len(operator)
        return self._word(i, i)

    def _word(self, start: int, i: int) -> int:
        text = self.text
        while i < len(text):
            plain = _PLAIN.match(text, i)
            if plain is not None:
                i = plain.end()
                continue
            c = text[i]
            if c == "(" and len(text[start:i]) < 200 and _ASSIGNS_ARRAY.match(text[start:i]):
                i = end_of_parens(text, i + 1)
            elif c in "'\"\\`$":
                i = end_of(text, i)
            else:
                break
        i = max(i, start + 1)
        word = text[start:i]
        if word[:1] in "'\"" and (len(word) == 1 or word[-1] != word[0]) and i == len(text):
            self.unclosed = True
        self.tokens.append(Token("word", word, self.line_at(start)))
        self.in_test = word == "[[" or (self.in_test and word != "]]")
        before = self.tokens[-2] if len(self.tokens) > 1 else None
        if before is not None and before.kind == "op" and before.text in ("<<", "<<-"):
            self.waiting.append((self.tokens[-1], before.text == "<<-"))
        return i

    def _here_documents(self, i: int) -> int:
        self.in_test = False
        for token, tabs in self.waiting:
            delimiter = re.sub(r"[\\'\"]", "", token.text)
            lines = []
            while i < len(self.text):
                end = self.text.find("\n", i)
                end = len(self.text) if end < 0 else end
                line = self.text[i:end].rstrip("\r")
                line = line.lstrip("\t") if tabs else line
                i = end + 1
                if line == delimiter:
                    break
                lines.append(line)
            token.body = "".join(line + "\n" for line in lines)
        self.waiting = []
        return i
