"""Paths that scripts of general languages (Python, Ruby, Perl, PHP, JavaScript) name, and plainly write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Optional

from tui.forensics.scripts.effects import Place, Use
from tui.forensics.scripts.values import DEEP, Values, unique
from tui.forensics.scripts.world import World

_STRING = r"(?:[fFrRbBuU]{0,2})(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\\n]|\\.)*`)"
_STRINGS = re.compile(_STRING)
_NAME = r"[$@]?[A-Za-z_]\w*"
_JOINS = r"(?:os\.path\.join|File\.join|path\.join|path\.resolve|Path|pathlib\.Path)\([^()]*\)"
_TERM = rf"(?:{_STRING}|{_JOINS}|__DIR__|{_NAME})"
_EXPRESSION = re.compile(rf"{_TERM}(?:\s*(?:[+/]|\.(?!\s*[A-Za-z_]))\s*{_TERM})*")
_CONSTANT = re.compile(rf"^\s*(?:const |let |var |my |our )?({_NAME})\s*=(?!=)\s*(.+?);?\s*$")
_MAKES = re.compile(
    r"(?:\bos\.(?:makedirs|mkdir|mkfifo)|\b(?:fs\.)?(?:writeFileSync|writeFile|mkdirSync|mkdir|createWriteStream|ensureDirSync|"
    r"outputFileSync|mkdirp)|\bfile_put_contents|\bmkdir|\btouch|\bFile\.write|\bIO\.write|\bFileUtils\.(?:mkdir_p|mkdir|touch|"
    r"makedirs)|\bDir\.mkdir|\bmake_path|\bmkpath)\s*\(?\s*(?=[\"'`$@A-Za-z_\[(])"
)
_APPENDS = re.compile(r"\b(?:fs\.)?(?:appendFileSync|appendFile)\s*\(\s*")
_OPENS = re.compile(r"\b(?:io\.|codecs\.|File\.)?f?open\s*\(\s*")
_TARGETS = re.compile(
    r"\b(?:shutil\.(?:copy2?|copyfile|copytree|move)|os\.(?:rename|replace|symlink|link)|FileUtils\.(?:cp_r|cp|mv|ln_sf?|"
    r"install|copy)|File\.(?:rename|symlink)|(?:fs\.)?(?:copyFileSync|copyFile|renameSync|rename|symlinkSync|symlink|cpSync|"
    r"copySync)|copy|rename|symlink)\s*\(?\s*"
)
_REMOVES = re.compile(
    r"\b(?:os\.(?:remove|unlink|rmdir)|shutil\.rmtree|FileUtils\.(?:rm_rf|rm_f|rm|rm_r)|File\.delete|(?:fs\.)?(?:unlinkSync|"
    r"unlink|rmSync|rmdirSync|rmtree)|unlink)\s*\(?\s*"
)
_METHODS = re.compile(r"\s*\)*\.(write_text|write_bytes|touch|mkdir|symlink_to|unlink|rmdir|open)\s*\(([^)]*)")
MAX_LINE = 2_000  # characters of a line that are looked at


class _Constants:
    """Names that are given a text, and what a simple expression of them is."""

    def __init__(self, script: str) -> None:
        above = script.rpartition("/")[0]
        self.known: dict[str, Values] = {"__DIR__": (above,), "__dirname": (above,), "__file__": (script,)}

    def learn(self, line: str) -> None:
        found = _CONSTANT.match(line)
        if found is None or len(self.known) > 1_000:
            return
        value = self.value(found[2])
        name = found[1]
        if value is None:
            self.known.pop(name, None)
        elif name in self.known:
            self.known[name] = unique((*self.known[name], value))
        else:
            self.known[name] = (value,)

    def value(self, text: str, depth: int = 0) -> Optional[str]:
        """The text that an expression stands for; None where it is not told."""
        match = _EXPRESSION.match(text.strip())
        if match is None or depth > 4:
            return None
        pieces: list[str] = []
        for term in re.finditer(_TERM + r"|[+./]", match[0]):
            piece = term[0]
            if piece in ("+", "."):
                continue
            found = "/" if piece == "/" else self._term(piece, depth)
            if found is None:
                return None
            pieces.append(found)
        return "".join(pieces)

    def _term(self, piece: str, depth: int) -> Optional[str]:
        call = re.match(r"[\w.]+\(([^()]*)\)\Z", piece)
        if call is not None:
            parts = [self.value(argument, depth + 1) for argument in call[1].split(",") if argument.strip()]
            texts = [part for part in parts if part is not None]
            if not texts or len(texts) < len(parts):
                return None
            last = max((i for i, text in enumerate(texts) if text.startswith("/")), default=0)
            return "/".join(
                text.rstrip("/") if i < len(texts) - last - 1 else text for i, text in enumerate(texts[last:])
            )
        if _STRINGS.fullmatch(piece):
            return self._string(piece)
        values = self.known.get(piece)
        return values[0] if values is not None and len(values) == 1 else None

    def _string(self, piece: str) -> str:
        quote = piece[-1]
        head, _, body = piece[:-1].partition(quote)
        text = re.sub(r"\\(.)", r"\1", body) if "r" not in head.lower() else body
        if "f" in head.lower() or quote in '"`':
            opened = r"\{(\w+)\}" if "f" in head.lower() else r"[#$]\{(\$?\w+)\}|(?<!\w)(\$[A-Za-z_]\w*)"
            text = re.sub(opened, self._inserted, text)
            if "f" in head.lower():
                text = re.sub(r"\{[^{}]*\}", DEEP, text)
        return text

    def _inserted(self, found: re.Match[str]) -> str:
        name = next(group for group in found.groups() if group)
        values = self.known.get(name) or self.known.get("$" + name) or (DEEP,)
        return values[0] if len(values) == 1 else DEEP


def follow_literals(world: World, path: str, text: str, dialect: str, cwds: Values) -> None:
    """Tell the absolute paths of a script: made or removed where a call plainly does so, else named."""
    constants = _Constants(path)
    comment = "//" if dialect == "node" else "#"
    for number, line in enumerate(text.split("\n"), 1):
        world.budget.step()
        line = line[:MAX_LINE]
        stripped = line.strip()
        if not stripped or stripped.startswith((comment, "//", "*")):
            continue
        place = Place(path, number)
        constants.learn(line)
        for found in _STRINGS.finditer(line):
            value = constants._string(found[0])
            if value.startswith("/"):
                world.effects.tell([value], (), place, Use.NAMES)
        for value, use in _written(line, constants, dialect):
            world.effects.tell([value], (), place, use)


def _written(line: str, constants: _Constants, dialect: str) -> Sequence[tuple[str, Use]]:
    found: list[tuple[Optional[str], Use]] = []
    for pattern, use in ((_MAKES, Use.MAKES), (_APPENDS, Use.APPENDS), (_REMOVES, Use.REMOVES)):
        for call in pattern.finditer(line):
            found.append((constants.value(line[call.end() :]), use))
    for call in _TARGETS.finditer(line):
        rest = line[call.end() :]
        first = _EXPRESSION.match(rest)
        if first is not None and re.match(r"\s*,", rest[first.end() :]):
            found.append((constants.value(rest[first.end() :].lstrip(" ,")), Use.MAKES))
    for call in _OPENS.finditer(line):
        rest = line[call.end() :]
        first = _EXPRESSION.match(rest)
        mode = (
            re.match(r"\s*,\s*(?:mode\s*=\s*)?['\"]([rwaxbt+<>]+)['\"]", rest[first.end() :])
            if first is not None
            else None
        )
        if mode is not None and re.search("[wax>]", mode[1]):
            appends = "a" in mode[1] or ">>" in mode[1]
            found.append((constants.value(rest), Use.APPENDS if appends else Use.MAKES))
    perl = (
        re.search(r"\bopen\s*\(?\s*(?:my\s+)?\$?\w+\s*,\s*['\"](>>?)[^'\"]*['\"]\s*,\s*(.+)", line)
        if dialect == "perl"
        else None
    )
    if perl is not None:
        found.append((constants.value(perl[2]), Use.APPENDS if perl[1] == ">>" else Use.MAKES))
    for term in _EXPRESSION.finditer(line):
        method = _METHODS.match(line, term.end())
        if method is not None:
            reads = method[1] == "open" and not re.search("[wax]", method[2])
            use = Use.NAMES if reads else Use.REMOVES if method[1] in ("unlink", "rmdir") else Use.MAKES
            found.append((constants.value(term[0]), use))
    return [(value, use) for value, use in found if value is not None and value.startswith("/")]
