"""Filters of the files screen: what a typed line means, and which rows it lets through.

A line is terms with spaces between them; quotes hold a term with spaces together. A plain term is a
part of the path, upper and lower case alike. ``key:value`` asks for a property; several values
(``mark:o,s``), or the key said twice, mean any of them. ``-`` before a term turns it round. A value
may be shortened as long as something starts with it. ``finding:CODE`` (or ``CODE@GROUP``) asks for the
paths that a finding is about. On a Windows instance both slashes are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Callable, Optional, Union

from tui.app.concerned import concerned, finding_name, named
from tui.disk.inventory import NO_ROW, TYPE_NAMES, Inventory
from tui.forensics.examination import NO_GROUP, Examination
from tui.forensics.marks import Confidence, Finding, Mark, State
from tui.paths import from_bytes, showable, to_bytes

_TERM = re.compile(r'(-?)(?:([a-z]+):)?("[^"]*"?|[^\s"]+)')
_CHUNK = 4096  # rows whose names are objects at one time

_VALUES: dict[str, dict[str, int]] = {
    "mark": {mark.label: mark for mark in Mark},
    "state": {state.label or "none": state for state in State},
    "confidence": {confidence.label: confidence for confidence in Confidence},
    "next": {"remains": 0, "removed": 1},
    "type": {name: number for number, name in enumerate(TYPE_NAMES)},
}
KEYS = (*_VALUES, "group", "finding")


class FilterError(ValueError):
    """A filter that cannot be understood; ``str()`` says why and what there is."""


@dataclass(frozen=True)
class Filter:
    """A filter that was understood. All its parts must let a row through."""

    values: tuple[tuple[str, frozenset[int], bool], ...] = ()  # key, codes wanted, turned round
    groups: tuple[tuple[tuple[str, ...], bool], ...] = ()  # ids or parts of them, turned round
    texts: tuple[tuple[str, bool], ...] = ()  # parts of the path, turned round
    findings: tuple[tuple[tuple[str, ...], bool], ...] = ()  # names or their beginnings, turned round

    def __bool__(self) -> bool:
        return bool(self.values or self.groups or self.texts or self.findings)

    def marks(self) -> frozenset[int]:
        """The marks that it asks for; none where it lets every mark through."""
        for key, codes, negated in self.values:
            if key == "mark" and not negated:
                return codes
        return frozenset()


@dataclass
class _Terms:
    wanted: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)
    texts: list[tuple[str, bool]] = field(default_factory=list)


def _terms(line: str) -> _Terms:
    terms = _Terms()
    for match in _TERM.finditer(line):
        minus, key, value = match.groups()
        if key is not None and key not in KEYS:
            value, key = f"{key}:{value}", None
        quoted = value.startswith('"')
        value = value.strip('"') if quoted else value
        if not value or (key is None and not quoted and value[-1] == ":" and value[:-1] in KEYS):
            continue  # not typed to its end yet
        if key is None:
            terms.texts.append((re.sub("/+", "/", value), bool(minus)))
        else:
            values = (terms.refused if minus else terms.wanted).setdefault(key, [])
            values.extend([value] if quoted else [part for part in value.split(",") if part])
    return terms


def parse(line: str) -> Filter:
    """The filter that a typed line means. Raises FilterError."""
    terms = _terms(line)
    values, groups, findings = [], [], []
    for by_key, negated in ((terms.wanted, False), (terms.refused, True)):
        for key, texts in by_key.items():
            if key == "group":
                groups.append((tuple(texts), negated))
            elif key == "finding":
                findings.append((tuple(texts), negated))
            else:
                values.append((key, frozenset(code for text in texts for code in _codes(key, text)), negated))
    return Filter(tuple(values), tuple(groups), tuple(terms.texts), tuple(findings))


def _codes(key: str, text: str) -> Iterable[int]:
    names = _VALUES[key]
    codes = [code for name, code in names.items() if name.startswith(text.lower())]
    if not codes:
        raise FilterError(f"no {key} is called {text!r}; there are {', '.join(names)}")
    return codes


def group_term(group_id: str) -> str:
    """The term that asks for one deployment group, whatever its id has in it."""
    return _term("group", _typed_id(group_id))


def finding_term(finding: Finding) -> str:
    """The term that asks for the paths of a finding."""
    return _term("finding", finding_name(finding))


def _term(key: str, value: str) -> str:
    return f'{key}:"{value}"' if re.search(r"[\s,]", value) else f"{key}:{value}"


def _typed_id(group_id: str) -> str:
    """A group's id as it can be typed and shown."""
    return showable(group_id).replace('"', "\\x22")


def without(line: str, key: str) -> str:
    """A line without its terms of one key."""
    kept = [match.group() for match in _TERM.finditer(line) if match.group(2) != key or match.group(1)]
    return " ".join(kept)


def toggle_mark(line: str, mark: Mark) -> str:
    """A line that asks for one mark more or, if it asked for it, one less; no mark left means all."""
    try:
        marks = set(parse(line).marks())
    except FilterError:
        marks = set()
    marks ^= {mark}
    rest = without(line, "mark")
    if not marks or len(marks) == len(Mark):
        return rest
    term = "mark:" + ",".join(Mark(m).letter.lower() for m in sorted(marks))
    return f"{term} {rest}".strip()


def match(examination: Examination, wanted: Filter) -> bytearray:
    """A byte a row: 1 where the filter lets the row through."""
    inventory = examination.inventory
    mask = b"\1" * len(inventory)
    columns = {
        "mark": examination.mark,
        "state": examination.state,
        "confidence": examination.confidence,
        "next": examination.removed_next,
        "type": inventory.type,
    }
    for key, codes, negated in wanted.values:
        mask = _both(mask, columns[key].translate(_table(codes, negated)))
    for texts, negated in wanted.groups:
        rows = _group_numbers(examination, texts)
        passes = rows.__contains__ if not negated else lambda group, rows=rows: group not in rows
        mask = _both(mask, bytes(map(passes, examination.group)))
    for texts, negated in wanted.findings:
        mask = _both(mask, _of_findings(examination, texts).translate(_table(frozenset([1]), negated)))
    for text, negated in wanted.texts:
        found = match_text(inventory, slashed(text) if examination.instance.windows else text)
        mask = _both(mask, found.translate(_table(frozenset([1]), True)) if negated else found)
    return bytearray(mask)


def _table(codes: frozenset[int], negated: bool) -> bytes:
    return bytes((code in codes) != negated for code in range(256))


def _both(one: bytes, other: Union[bytes, bytearray]) -> bytes:
    together = int.from_bytes(one, "little") & int.from_bytes(other, "little")
    return together.to_bytes(len(one), "little")


def slashed(text: str) -> str:
    """A part of a Windows path as the inventory has it."""
    return re.sub("/+", "/", text.replace("\\", "/"))


def _of_findings(examination: Examination, names: Sequence[str]) -> bytearray:
    """A byte a row: 1 where one of the findings so named is about it."""
    hits = bytearray(len(examination.inventory))
    for name in names:
        for finding in named(examination, name):
            for row in concerned(examination, finding):
                hits[row] = 1
    return hits


def _group_numbers(examination: Examination, texts: Sequence[str]) -> frozenset[int]:
    """The groups of these ids or, where no id is the same, of the ids that have the text in them."""
    ids = [_typed_id(group.id).lower() for group in examination.instance.groups]
    numbers = set()
    for text in (text.lower() for text in texts):
        exact = {number for number, known in enumerate(ids) if known == text}
        if not exact and text == "none":
            exact = {NO_GROUP}
        numbers |= exact or {number for number, known in enumerate(ids) if text in known}
    return frozenset(numbers)


def group_of(examination: Examination, row: Optional[int], wanted: Filter) -> Optional[str]:
    """The id of the group that a row belongs to, or the nearest directory above it, or that a filter asks for."""
    groups, parents = examination.instance.groups, examination.inventory.parent
    while row is not None and row != NO_ROW:
        if examination.group[row] != NO_GROUP:
            return groups[examination.group[row]].id
        row = parents[row]
    asked = [_group_numbers(examination, texts) - {NO_GROUP} for texts, negated in wanted.groups if not negated]
    numbers = frozenset.union(*asked) if asked else frozenset(range(len(groups)))
    return groups[min(numbers)].id if len(numbers) == 1 else None


def match_text(inventory: Inventory, text: str) -> bytearray:
    """A byte a row: 1 where the path has ``text`` in it, upper and lower case alike."""
    hits = _name_hits(inventory, text) if "/" not in text else _path_hits(inventory, text)
    position, end = hits.find(1), inventory.end
    while position >= 0:  # what is in a directory's path is in the paths of all below it
        stop = end[position]
        if stop > position + 1:
            hits[position:stop] = b"\1" * (stop - position)
        position = hits.find(1, stop)
    return hits


_Fold = Optional[Callable[[bytes], bytes]]


def _name_hits(inventory: Inventory, text: str) -> bytearray:
    needle = _lower(text)
    return _each_name(inventory, _fold(text), lambda names: bytes([needle in name for name in names]))


def _path_hits(inventory: Inventory, text: str) -> bytearray:
    """Rows whose path has the text in it with its last part in their own name."""
    before, _, last = text.rpartition("/")
    head, tail, fold = _lower(before), _lower(last), _fold(text)
    final = head.rpartition(b"/")[2]
    starts = _each_name(inventory, fold, lambda names: bytes([name.startswith(tail) for name in names]))
    # What stands before the last slash must end a directory's path: its name alone rules most of them out.
    maybe = _each_name(inventory, fold, lambda names: bytes([name.endswith(final) for name in names]))

    def path_of(row: int) -> bytes:
        return _lower(inventory.path(row))

    hits, end = bytearray(len(inventory)), inventory.end
    whole = _lower(text)
    for top in inventory.children(NO_ROW):
        hits[top] = whole in path_of(top)
    row = maybe.find(1)
    while row >= 0:
        if end[row] > row + 1 and (not head or path_of(row).rstrip(b"/").endswith(head)):
            for child in inventory.children(row):
                hits[child] = starts[child]
        row = maybe.find(1, row + 1)
    return hits


def _lower(text: str) -> bytes:
    return to_bytes(text.lower())


def _fold(text: str) -> _Fold:
    """How a name gets to lower case, where ``bytes.lower`` does not do."""
    return None if text.isascii() else lambda name: name if name.isascii() else _lower(from_bytes(name))


def _each_name(inventory: Inventory, fold: _Fold, test: Callable[[list[bytes]], bytes]) -> bytearray:
    """Test the names of all rows, in lower case, some thousand at a time."""
    blob, hits = bytes(inventory.name_blob).lower(), bytearray()
    start, ends = 0, iter(inventory.name_end)
    while True:
        stops = list(islice(ends, _CHUNK))
        if not stops:
            return hits
        names = [blob[a:b] for a, b in zip([start, *stops], stops)]
        hits += test(names if fold is None else list(map(fold, names)))
        start = stops[-1]
