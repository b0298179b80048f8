"""What a line of script output says of the paths in it: made, removed, complained about, or merely named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import IntEnum
from itertools import islice
from typing import NamedTuple, Optional


class Says(IntEnum):
    """What a line's words say of a path; the strongest first."""

    MADE = 0
    REMOVED = 1
    COMPLAINS = 2
    NAMED = 3


class Spot(NamedTuple):
    """A path in a line: what it may be, the likeliest first, and where it stands.

    ``says`` is known beforehand where a verb and an arrow say it. ``arrow`` is what an arrow without one
    leads from, empty for that path itself: where it is a link, ``ln -v`` wrote the line, else ``cp -v``.
    """

    candidates: tuple[bytes, ...]
    start: int
    end: int
    says: Optional[Says] = None
    arrow: Optional[bytes] = None


_ESCAPE = re.compile(rb"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_])")
_ODD = rb"\s'\"`<>|*?;,()\[\]{}\x00-\x1f\x7f"  # what ends a path that is not quoted


def _quoted(first: bytes, number: bytes = b"") -> bytes:
    """Text in quotes of any kind that begins with ``first``; bounded, so that no line takes long."""
    form = (
        rb"(?:'(?P<single>@[^'\n]{0,1000})'|\"(?P<double>@[^\"\n]{0,1000})\"|`(?P<back>@[^'\n]{0,1000})'"
        rb"|\xe2\x80\x98(?P<curly>@[^\n]{0,1000}?)\xe2\x80\x99)"
    )
    return form.replace(b"@", first).replace(b">" + first, number + b">" + first)


_DRIVE_TOP = rb"[A-Za-z]:[\\/]"
_PATHS = {
    False: re.compile(_quoted(b"/") + rb"|(?<![\w./~+%@$-])(?P<plain>/(?!/)[^" + _ODD + rb"]+)"),
    True: re.compile(_quoted(_DRIVE_TOP) + rb"|(?<![A-Za-z0-9])(?P<plain>" + _DRIVE_TOP + rb"[^" + _ODD + rb"]+)"),
}
_UNUSUAL = re.compile(rb"[" + _ODD + rb"]")
_PIECES = re.compile(rb"/[^" + _ODD + rb"]*")
_IN_QUOTES = re.compile(rb"['\"`\x98]/")
# Output that is one path as a whole, spaces and all.
_LISTED = re.compile(rb"[^\n/]{0,300}?(?:\A|\[std(?:out|err)\])[ \t]*/")
_DRIVE = re.compile(rb"[A-Za-z]:[\\/]")
_ARROW = re.compile(
    rb"(?P<verb>renamed |copied |moved )?"
    + _quoted(rb"[^\n]", b"1")
    + rb" (?:->|=>) "
    + _quoted(rb"[^\n]", b"2")
    + rb"(?: \(backup: .*\))?\s*\Z"
)
_COMPLAINS = re.compile(
    rb"\b(?:No such file|cannot|can't|could not|couldn't|unable to|Permission denied|not permitted|denied|failed|"
    rb"error|not found|does not exist|doesn't exist|File exists|already exists|Is a directory|Not a directory|"
    rb"missing|invalid|refus\w+)\b",
    re.IGNORECASE,
)
_MADE = (
    rb"(?:creat(?:ed|ing)|wrote|written|writing|sav(?:ed|ing)|generat(?:ed|ing)|inflating|extracting|linking|"
    rb"touched|Cloning into|symlink(?:ed)?)"
)
_MOVED = rb"(?:cop(?:y|ied|ying)|mov(?:e|ed|ing)|download(?:ed|ing)?|extract(?:ed|ing)?|unpack(?:ed|ing)?|output|log)"
_REMOVED = rb"(?:remov(?:ed|ing)|delet(?:ed|ing)|unlink(?:ed|ing)|cleaned)"
_CLOSE = rb"[^/\\;.!?\n]{0,60}\Z"  # between a verb and its path, no other path and no end of a sentence
_MADE_BEFORE = re.compile(
    rb"(?:\b" + _MADE + rb"\b" + _CLOSE + rb")|\b" + _MOVED + rb"\b[^;!?\n]{0,300}\b(?:in)?to:?\s*\Z", re.I
)
_REMOVED_BEFORE = re.compile(rb"\b" + _REMOVED + rb"\b" + _CLOSE, re.IGNORECASE)
_AFTER = rb"\A:?\s*(?:(?:was|were|is|has|have|been|successfully|now|file|directory)\s+){0,4}"
_MADE_AFTER = re.compile(_AFTER + rb"(?:created|written|saved|generated|made)\b", re.IGNORECASE)
_REMOVED_AFTER = re.compile(_AFTER + rb"(?:removed|deleted|unlinked)\b", re.IGNORECASE)
_UNSAID = re.compile(
    rb"\b(?:not|never|would|will|already|without|before|dry.run|skip\w*|should|going to)\b|n't\b", re.I
)
_EXTRACTS = re.compile(rb"x ")  # bsdtar -xv; tar -xv -P prints the bare path
_TRAILING = b".:,;!?)]}'\""
LONGEST = 4096  # bytes of a path
MOST = 64  # paths of one line that are looked at
_KEPT = 256  # bytes of a line on each side of a path that are looked at


def plain_text(block: bytes) -> bytes:
    """Lines without a terminal's control sequences; none goes over a line's end."""
    return _ESCAPE.sub(b"", block) if b"\x1b" in block else block


def worth_a_look(line: bytes, wanted: Callable[[bytes], bool]) -> bool:
    """Whether a line may name a wanted path (of Linux): a quick look before ``spots``.

    What ``wanted`` is asked may have a sentence's end behind it.
    """
    if _IN_QUOTES.search(line):
        return True
    listed = _LISTED.match(line)
    if listed is not None and _UNUSUAL.search(line.rstrip(), listed.end()):
        return True
    pieces = islice(_PIECES.findall(line), MOST)
    return any(wanted(text) or (text[-1] in _TRAILING and wanted(text.rstrip(_TRAILING))) for text in pieces)


def spots(line: bytes, windows: bool) -> Iterator[Spot]:
    """The absolute paths of one line of output, without the log's own stamp. Never raises."""
    arrow = _ARROW.match(line) if b"> " in line else None
    if arrow is not None:
        yield from _arrow(arrow, windows)
        return
    whole = line.strip()
    if _absolute(whole, windows) and _UNUSUAL.search(whole):
        yield Spot((whole,), line.index(whole), len(line))  # a listing's line, all of it one name
    for match in islice(_PATHS[windows].finditer(line), MOST):
        plain: Optional[bytes] = match["plain"]
        text = plain or match["single"] or match["double"] or match["back"] or match["curly"]
        if _absolute(text, windows):
            bare = text.rstrip(_TRAILING) if plain else text
            end = match.start() + len(bare) if plain else match.end()
            yield Spot((text,) if bare == text else (text, bare), match.start(), end)


def _absolute(text: bytes, windows: bool) -> bool:
    return bool(_DRIVE.match(text)) if windows else text.startswith(b"/")


def _arrow(match: re.Match[bytes], windows: bool) -> Iterator[Spot]:
    source, target = (
        match[f"single{i}"] or match[f"double{i}"] or match[f"back{i}"] or match[f"curly{i}"] for i in "12"
    )
    verb = match["verb"]
    if _absolute(source, windows):
        says = Says.REMOVED if verb in (b"renamed ", b"moved ") else Says.NAMED
        yield Spot((source,), 0, 0, says, None if verb else b"")
    if _absolute(target, windows):
        yield Spot((target,), 0, 0, Says.MADE, None if verb else source)


def said_of(line: bytes, spot: Spot) -> Says:
    """What the words of a line say of a path in it."""
    if spot.says is not None:
        return spot.says
    before, after = line[max(0, spot.start - _KEPT) : spot.start], line[spot.end : spot.end + _KEPT]
    if _COMPLAINS.search(before) or _COMPLAINS.search(after):
        return Says.COMPLAINS
    if _UNSAID.search(before) or _UNSAID.match(after.lstrip()):
        return Says.NAMED
    if _MADE_BEFORE.search(before) or _MADE_AFTER.match(after) or _EXTRACTS.fullmatch(before):
        return Says.MADE
    if _REMOVED_BEFORE.search(before) or _REMOVED_AFTER.match(after):
        return Says.REMOVED
    return Says.NAMED
