"""``<group-id>-install.json``: what the last Install event that came so far planned to do.

The agent writes it before it begins and does not read it again (agent 1.8.1). It can be empty: the
file is opened before the instructions are turned into JSON, which fails on a name that is not UTF-8.
"""

from __future__ import annotations

import sys
from array import array
from json import JSONDecoder
from typing import Any, Callable, Optional

from tui.agent.json_stream import JsonStream, NotJson
from tui.agent.reading import unreadable, usable
from tui.agent.records import COPY, INSTRUCTION_KINDS, MKDIR, InstallPlan, Problem
from tui.agent.rules import Rules
from tui.disk.root import NotThere, Root, RootError
from tui.paths import from_bytes

LIMIT = 2 << 30  # bytes
MAX_INSTRUCTIONS = 4_000_000
_KINDS = {name: number for number, name in enumerate(INSTRUCTION_KINDS)}
_MAX_DIGITS = 1000


def read_install_plan(root: Root, path: str, rules: Optional[Rules] = None) -> Optional[InstallPlan]:
    """The plan at a path of the instance; None where there is none. Its paths are as ``Rules.planned`` gives them.

    Read entry by entry, so that memory holds the columns and little else. What is cut off, garbled or
    of a wrong type gives what could be read, a Problem and ``complete=False``.
    """
    if not usable(path):
        return None
    plan = InstallPlan(path)
    try:
        stat = root.stat(path)
        if stat is None:
            return None
        plan.mtime, plan.size = stat.mtime, stat.size
        with root.open(path) as stream:
            reader = _Reader(plan, _planned(root, rules))
            problem = _read(JsonStream(stream, _decoder(), LIMIT), reader)
    except NotThere:
        return None
    except RootError as error:
        plan.complete, plan.problems = False, (unreadable(path, error.reason),)
        return plan
    except OSError as error:
        plan.complete, plan.problems = False, (unreadable(path, error.strerror or "I/O error"),)
        return plan
    reader.finish(problem)
    return plan


def _planned(root: Root, rules: Optional[Rules]) -> Optional[Callable[[str], str]]:
    """How paths are put in the program's form; None where they have it already (version 1 on Linux)."""
    rules = rules or Rules(root)
    return rules.planned if rules.windows or rules.version == 2 else None


def _decoder() -> JSONDecoder:
    # Python before 3.11 converts numbers of any length, in quadratic time; the agent writes none.
    return JSONDecoder(parse_int=_integer)


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("a number too long")
    return int(digits)


def _read(stream: JsonStream, reader: _Reader) -> Optional[str]:
    """Read the document; what is wrong with its shape, or None."""
    try:
        if stream.at_end():
            return "The file is empty: the agent failed, or was stopped, while it turned its instructions into JSON."
        found = False
        for key in stream.members():
            if key != "instructions":
                stream.value()
                continue
            if found:
                reader.restart()
            found = True
            kinds = reader.plan.kinds
            for entry in stream.elements():
                if len(kinds) >= MAX_INSTRUCTIONS:
                    return f"It has more than {MAX_INSTRUCTIONS} instructions; the rest was not read."
                reader.take(entry)
        if not stream.at_end():
            return "Something follows the end of the plan."
        return None if found else "It holds no instructions."
    except NotJson as error:
        return f"It is cut off or garbled ({error}); {len(reader.plan)} instructions were read."


class _Reader:
    """Fills a plan's columns. Paths are interned: the cleanup file has the same."""

    def __init__(self, plan: InstallPlan, planned: Optional[Callable[[str], str]] = None) -> None:
        self.plan = plan
        self._planned = planned
        self._odd = 0
        self._first_odd = 0
        self._repeated = False
        self._seen = 0
        self._numbers: dict[tuple[str, str], int] = {}
        self._before = self._after = ""  # the current rule
        self._number = -1

    def restart(self) -> None:
        """A second list of instructions: the last one counts."""
        plan, fresh = self.plan, InstallPlan(self.plan.path)
        plan.kinds, plan.paths, plan.details = fresh.kinds, fresh.paths, fresh.details
        plan.rule, plan.rules = fresh.rule, fresh.rules
        self._numbers.clear()
        self._number = -1
        self._seen = self._odd = self._first_odd = 0
        self._repeated = True

    def take(self, entry: Any) -> None:
        self._seen += 1
        fields = entry if isinstance(entry, dict) else {}
        kind = fields.get("type")
        if kind == "copy":
            path, source = fields.get("destination"), fields.get("source")
            if isinstance(path, str) and isinstance(source, str):
                self._copy(source, path)
                return
        else:
            number = _KINDS.get(kind) if isinstance(kind, str) else None
            path = fields.get("directory" if number == MKDIR else "file")
            if number is not None and isinstance(path, str):
                path = _path(path)
                self._other(number, self._planned(path) if self._planned else path, fields)
                return
        self._odd += 1
        self._first_odd = self._first_odd or self._seen

    def _other(self, kind: int, path: str, fields: dict[str, Any]) -> None:
        plan = self.plan
        if kind != MKDIR:
            details = {sys.intern(key): _shared(value) for key, value in fields.items() if key != "file"}
            details["file"] = path
            plan.details[len(plan.kinds)] = details
        plan.kinds.append(kind)
        plan.paths.append(sys.intern(path))
        plan.rule.append(0)

    def _copy(self, source: str, path: str) -> None:
        plan = self.plan
        if not (source.isascii() and path.isascii()):
            source, path = _path(source), _path(path)
        if self._planned is not None:
            source, path = self._planned(source), self._planned(path)
        if self._number < 0 or not path.startswith(self._after) or source != self._before + path[len(self._after) :]:
            self._rule(source, path)
        plan.kinds.append(COPY)
        plan.paths.append(sys.intern(path))
        plan.rule.append(self._number)

    def _rule(self, source: str, path: str) -> None:
        """Make the rule of this pair, and of those that follow, the current one."""
        rule = _prefixes(source, path)
        number = self._numbers.get(rule)
        if number is None:
            number = self._numbers[rule] = len(self.plan.rules)
            self.plan.rules.append(rule)
            if number == 0x10000:
                self.plan.rule = array("I", self.plan.rule)
        self._number = number
        self._before, self._after = rule

    def finish(self, problem: Optional[str]) -> None:
        plan = self.plan
        problems: list[Problem] = []
        if problem:
            problems.append(Problem("plan-incomplete", plan.path, f"The install plan cannot be read whole. {problem}"))
        if self._odd:
            message = f"{self._odd} entries are no instructions of the agent's, the first is number {self._first_odd}."
            problems.append(Problem("plan-odd-entry", plan.path, message))
        if self._repeated:
            message = "The install plan has two lists of instructions; the last one counts."
            problems.append(Problem("plan-repeated-key", plan.path, message))
        plan.problems = tuple(problems)
        plan.complete = not problems


def _prefixes(source: str, path: str) -> tuple[str, str]:
    """What precedes the longest tail, cut at a ``/``, that both have."""
    froms, tos = source.split("/"), path.split("/")
    most = min(len(froms), len(tos)) - 1  # what precedes the first slash is never of the tail
    same = 0
    while same < most and froms[-1 - same] == tos[-1 - same]:
        same += 1
    tail = sum(len(part) + 1 for part in froms[len(froms) - same :])
    return source[: len(source) - tail], path[: len(path) - tail]


def _path(text: str) -> str:
    """A path in JSON as the program's form of a path.

    Bytes that are not UTF-8 are lone surrogates U+DC80-DCFF here as everywhere in the program; any
    other lone surrogate stands for the three bytes that Ruby makes of its escape.
    """
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raw = b"".join(_bytes(char) for char in text)
        return from_bytes(raw)
    return text


def _bytes(char: str) -> bytes:
    if 0xDC80 <= ord(char) <= 0xDCFF:
        return bytes([ord(char) - 0xDC00])
    return char.encode("utf-8", "surrogatepass")


def _shared(value: Any) -> Any:
    """A decoded value whose short text, which repeats from file to file, is shared."""
    return sys.intern(value) if isinstance(value, str) and len(value) < 64 else value
