"""Shell tokens as a tree of commands. What does not fit the grammar is passed over, never refused."""

from __future__ import annotations

import re
from typing import Optional

from tui.forensics.scripts.shell_lexer import REDIRECTS, Lexer, Token
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
from tui.forensics.scripts.values import MAX_WORDS, Budget

MAX_BLOCKS = 40  # blocks inside one another
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=")
_NAME = re.compile(r"[\w.:-]+\Z")


_ENDS = frozenset(["then", "do", "done", "fi", "elif", "else", "esac", "}"])


class Parser:
    """Reads tokens; ``block`` up to a word that ends it."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.blocks = 0

    def peek(self) -> Optional[Token]:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def is_word(self, *texts: str) -> bool:
        token = self.peek()
        return token is not None and token.kind == "word" and token.text in texts

    def is_op(self, *texts: str) -> bool:
        token = self.peek()
        return token is not None and token.kind == "op" and token.text in texts

    def take_word(self, *texts: str) -> bool:
        if self.is_word(*texts):
            self.at += 1
            return True
        return False

    def skip_lines(self) -> None:
        while True:
            token = self.peek()
            if token is None or not (token.kind == "nl" or (token.kind == "op" and token.text in (";", "&"))):
                return
            self.at += 1

    def block(self, ends: frozenset[str] = frozenset(), close: tuple[str, ...] = ()) -> Block:
        """Commands up to one of the words or operators that end the block, which stay to be read."""
        commands: list[Node] = []
        links: list[str] = []
        link = ";"
        while True:
            token = self.peek()
            if token is None or (token.kind == "word" and token.text in ends):
                break
            if token.kind == "op" and token.text in close:
                break
            if token.kind == "nl" or (token.kind == "op" and token.text in (";", "&", "&&", "||", "|", "|&")):
                self.at += 1
                if token.kind == "op":
                    link = (
                        "|" if token.text == "|&" else token.text.replace("&", ";") if token.text == "&" else token.text
                    )
                elif link not in ("&&", "||", "|"):
                    link = ";"
                continue
            before = self.at
            command = self.command(ends)
            if command is not None:
                commands.append(command)
                links.append(link)
            link = ";"
            if self.at == before:
                self.at += 1
        return Block(tuple(commands), tuple(links))

    def command(self, ends: frozenset[str]) -> Optional[Node]:
        token = self.peek()
        assert token is not None
        if self.blocks >= MAX_BLOCKS:
            return self.simple()
        self.blocks += 1
        try:
            return self._compound(token, ends)
        finally:
            self.blocks -= 1

    def _compound(self, token: Token, ends: frozenset[str]) -> Optional[Node]:
        if token.kind == "arith":
            self.at += 1
            return Arithmetic(token.text, token.line)
        if token.kind == "op":
            if token.text != "(":
                return self.simple() if token.text in REDIRECTS else None
            self.at += 1
            body = self.block(close=(")",))
            self.at += 1
            return Group(body, True, self.redirects(), token.line)
        makers = {
            "{": self._braces, "if": self._if, "while": self._loop, "until": self._loop, "for": self._for,
            "select": self._for, "case": self._case, "function": self._function,
        }  # fmt: skip
        maker = makers.get(token.text)
        if maker is not None:
            self.at += 1
            return maker(token)
        if token.text == "!":
            self.at += 1
            after = self.peek()
            negated = None if after is None or after.kind == "nl" else self.command(ends)
            return Group(Block((negated,), (";",)), False, (), token.line) if negated is not None else None
        if token.text in ("time", "coproc"):
            self.at += 1
            return None
        if token.text in _ENDS:
            self.at += 1
            return None
        following = self.tokens[self.at + 1 : self.at + 3]
        if [t.text for t in following] == ["(", ")"] and _NAME.match(token.text):
            self.at += 3
            return self._body_of(token.text, token.line)
        return self.simple()

    def _body_of(self, name: str, line: int) -> Optional[Node]:
        self.skip_lines()
        if self.peek() is None:
            return None
        body = self.command(frozenset())
        return Function(name, body, line) if body is not None else None

    def _function(self, token: Token) -> Optional[Node]:
        name = self.peek()
        if name is None or name.kind != "word":
            return None
        self.at += 1
        if self.is_op("("):
            self.at += 2
        return self._body_of(name.text, token.line)

    def _braces(self, token: Token) -> Node:
        body = self.block(frozenset("}"))
        self.at += 1
        return Group(body, False, self.redirects(), token.line)

    def _if(self, token: Token) -> Node:
        branches: list[tuple[Optional[Block], Block]] = []
        condition: Optional[Block] = self.block(frozenset(["then", "fi"]))
        while True:
            self.take_word("then")
            branches.append((condition, self.block(frozenset(["elif", "else", "fi"]))))
            if self.take_word("elif"):
                condition = self.block(frozenset(["then", "fi"]))
            elif self.take_word("else"):
                condition = None
            else:
                break
        self.take_word("fi")
        return If(tuple(branches), self.redirects(), token.line)

    def _do(self) -> Block:
        self.skip_lines()
        braces = self.is_word("{")
        if braces or self.is_word("do"):
            self.at += 1
        body = self.block(frozenset(["}" if braces else "done"]))
        self.at += 1
        return body

    def _loop(self, token: Token) -> Node:
        condition = self.block(frozenset(["do", "done"]))
        body = self._do()
        return Loop(condition, token.text == "until", body, (), self.redirects(), token.line)

    def _for(self, token: Token) -> Optional[Node]:
        head = self.peek()
        if head is None:
            return None
        self.at += 1
        if head.kind == "arith":
            steps = tuple(head.text.split(";"))
            body = self._do()
            return Loop(None, False, body, steps, self.redirects(), token.line)
        words: Optional[list[str]] = None
        while (token_here := self.peek()) is not None and token_here.kind == "nl":
            self.at += 1
        if self.take_word("in"):
            words = []
            while (word := self.peek()) is not None and word.kind == "word":
                words.append(word.text)
                self.at += 1
        body = self._do()
        return For(head.text, None if words is None else tuple(words), body, self.redirects(), token.line)

    def _case(self, token: Token) -> Optional[Node]:
        subject = self.peek()
        if subject is None:
            return None
        self.at += 1
        self.skip_lines()
        self.take_word("in")
        branches: list[tuple[tuple[str, ...], Block]] = []
        while True:
            self.skip_lines()
            if self.peek() is None or self.take_word("esac"):
                break
            patterns: list[str] = []
            while (part := self.peek()) is not None and not (part.kind == "op" and part.text == ")"):
                if part.kind == "word":
                    patterns.append(part.text)
                elif part.kind == "nl":
                    break
                self.at += 1
            self.at += 1
            branches.append((tuple(patterns), self.block(frozenset(["esac"]), (";;", ";&", ";;&"))))
            if self.is_op(";;", ";&", ";;&"):
                self.at += 1
        return Case(subject.text, tuple(branches), self.redirects(), token.line)

    def redirects(self) -> tuple[Redirect, ...]:
        found: list[Redirect] = []
        while (redirect := self._redirect()) is not None:
            found.append(redirect)
        return tuple(found)

    def _redirect(self) -> Optional[Redirect]:
        token = self.peek()
        start, fd = self.at, ""
        if token is not None and token.kind == "word" and re.match(r"(\d+|\{\w+\})\Z", token.text):
            following = self.tokens[self.at + 1 : self.at + 2]
            if following and following[0].glued:
                fd, token = token.text, following[0]
                start += 1
        if token is None or token.kind != "op" or token.text not in REDIRECTS:
            return None
        target = self.tokens[start + 1 : start + 2]
        if not target or target[0].kind != "word":
            if fd:
                return None
            self.at += 1
            return Redirect(token.text, "", fd=fd)
        self.at = start + 2
        word = target[0]
        return Redirect(token.text, word.text, word.body, any(c in word.text for c in "'\"\\"), fd)

    def simple(self) -> Optional[Simple]:
        assigns: list[str] = []
        words: list[str] = []
        redirects: list[Redirect] = []
        first = self.peek()
        assert first is not None
        while (token := self.peek()) is not None:
            redirect = self._redirect()
            if redirect is not None:
                redirects.append(redirect)
                continue
            if token.kind != "word":
                if token.kind == "arith" and words:
                    self.at += 1
                    continue
                break
            self.at += 1
            if not words and _ASSIGNMENT.match(token.text):
                assigns.append(token.text)
            elif len(words) < MAX_WORDS:
                words.append(token.text)
        if not (assigns or words or redirects):
            return None
        return Simple(tuple(assigns), tuple(words), tuple(redirects), first.line)


def parse_shell(text: str, budget: Budget, line: int = 1) -> Block:
    """A script as commands. Raises Spent."""
    tokens = Lexer(text, line).run()
    budget.step(len(tokens) // 10)
    return Parser(tokens).block()
