"""Paths that lifecycle scripts name literally. Nothing is ever run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple, Optional

from tui.agent.records import Instance
from tui.disk.root import Root, RootError
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence
from tui.paths import from_bytes, normal_path, split

SCRIPT_LIMIT = 512 * 1024  # bytes of a script that are read
_SEPARATORS = frozenset([";", "&&", "||", "|", "&", "(", ")", "{", "}", "then", "do", "else", "elif", "if", "while"])
_REDIRECTS = frozenset([">", ">>", ">|", "&>", "&>>"])
_MAKES_ALL = frozenset(["mkdir", "tee", "mkfifo"])
_MAY_MAKE = frozenset(["touch", "truncate"])
_MAKES_LAST = frozenset(["cp", "mv", "ln", "install", "rsync", "link"])
_PREFIXES = frozenset(["sudo", "exec", "command", "nohup", "time", "env", "nice", "ionice"])
_PATH = re.compile(r"/[^\s'\"`$;|&<>()*?\[\]{}\\]+")
_EXPANDS = re.compile(r"[$`*?\[\]]")


class Use(IntEnum):
    """What a command does with a path that it names."""

    MAKES = 0  # makes it, or writes it anew
    APPENDS = 1  # adds to it, or makes it where it is missing
    NAMES = 2  # anything else


class Mention(NamedTuple):
    """A script's line that names a path."""

    group: int
    deployment: str
    event: str
    script: str
    line: int
    use: Use


def _commands(tokens: Sequence[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for token in tokens:
        if token in _SEPARATORS:
            if command:
                yield command
            command = []
        else:
            command.append(token)
    if command:
        yield command


def _tokens(line: str) -> Optional[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        return None


def _literal(text: str) -> Optional[str]:
    if not text.startswith("/") or _EXPANDS.search(text) or "\0" in text:
        return None
    return normal_path(text)


def _made_by(command: list[str]) -> Iterator[tuple[str, Use]]:
    """Paths that one simple command makes or writes, where its words name them."""
    words: list[str] = []
    redirect = ""
    for word in command:
        if word in _REDIRECTS:
            redirect = word
        elif redirect:
            path = _literal(word)
            if path is not None:
                yield path, Use.APPENDS if redirect.endswith(">>") else Use.MAKES
            redirect = ""
        else:
            words.append(word)
    while words and (words[0] in _PREFIXES or re.match(r"\w+=", words[0])):
        words.pop(0)
    if words:
        yield from _made_by_words(words)


def _made_by_words(words: list[str]) -> Iterator[tuple[str, Use]]:
    verb = split("/" + words[0])[1]
    options = [word for word in words[1:] if word.startswith("-")]
    operands = [word for word in words[1:] if not word.startswith("-")]
    if verb in _MAKES_ALL or verb in _MAY_MAKE or (verb == "install" and "-d" in options):
        appends = verb in _MAY_MAKE or (verb == "tee" and "-a" in options)
        for path in filter(None, map(_literal, operands)):
            yield path, Use.APPENDS if appends else Use.MAKES
    elif verb in _MAKES_LAST and len(operands) >= 2:
        target = _literal(operands[-1])
        if target is None:
            return
        yield target, Use.MAKES
        for word in operands[:-1]:
            name = word.rstrip("/").rpartition("/")[2]
            if name and not _EXPANDS.search(name):
                yield target.rstrip("/") + "/" + name, Use.MAKES


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuations joined, and the number of the first of each."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        first, line = number + 1, lines[number]
        while line.endswith("\\") and number + 1 < len(lines):
            number += 1
            line = line[:-1] + lines[number]
        number += 1
        yield first, line


def mentions_in(text: str) -> Iterator[tuple[str, int, Use]]:
    """``(path, line, use)`` for each absolute path that a shell script names without an expansion."""
    for number, line in _joined(text):
        if "/" not in line or line.lstrip().startswith("#"):
            continue
        uses: dict[str, Use] = {}
        tokens = _tokens(line)
        if tokens is not None:
            for command in _commands(tokens):
                for path, use in _made_by(command):
                    uses[path] = min(use, uses.get(path, use))
            named = map(_literal, tokens)
        else:
            named = map(normal_path, _PATH.findall(line))
        for named_path in named:
            if named_path is not None:
                uses.setdefault(named_path, Use.NAMES)
        for path in sorted(uses):
            yield path, number, uses[path]


def script_mentions(root: Root, instance: Instance) -> dict[str, list[Mention]]:
    """What the scripts of all revisions left on the instance name, by path."""
    found: dict[str, list[Mention]] = {}
    for g, group in enumerate(instance.groups):
        for deployment in group.deployments:
            if deployment.appspec is None or deployment.archive is None:
                continue
            scripts: dict[str, str] = {}
            for event, hooks in deployment.appspec.hooks.items():
                for hook in hooks:
                    path = normal_path(f"{deployment.archive}/{hook.location}")
                    if path is not None:
                        scripts.setdefault(path, event)
            for script, event in scripts.items():
                try:
                    data = root.read(script, SCRIPT_LIMIT).data
                except RootError:
                    continue
                if b"\0" in data:  # a program, not a script
                    continue
                for path, line, use in mentions_in(from_bytes(data)):
                    mention = Mention(g, deployment.id, event, script, line, use)
                    found.setdefault(path, []).append(mention)
    return found


_SAYS = {Use.MAKES: "makes it", Use.APPENDS: "writes to it", Use.NAMES: "names it"}


def mention_evidence(mention: Mention) -> Evidence:
    """The script's line."""
    return Evidence(
        "script-text",
        f"the {mention.event} script of {mention.deployment} {_SAYS[mention.use]}",
        at(mention.script, mention.line),
    )
