"""Which language a script is written in, and following it in that language."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from tui.forensics.scripts.batch import Batch, follow_batch
from tui.forensics.scripts.effects import Place, Use
from tui.forensics.scripts.literals import follow_literals
from tui.forensics.scripts.powershell import PowerShell, follow_powershell
from tui.forensics.scripts.shell import Shell
from tui.forensics.scripts.shell_lexer import Lexer
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.values import DEEP, Values, clean
from tui.forensics.scripts.world import Call, World
from tui.paths import from_bytes, normal_path

_BY_SUFFIX = {
    "sh": "shell", "bash": "shell", "ksh": "shell", "zsh": "shell", "ps1": "powershell", "psm1": "powershell",
    "bat": "batch", "cmd": "batch", "py": "python", "rb": "ruby", "pl": "perl", "js": "node", "mjs": "node",
    "php": "php",
}  # fmt: skip
_BY_PROGRAM = (
    (re.compile(r"(ba|da|k|z|a)?sh\Z"), "shell"),
    (re.compile(r"(pwsh|powershell)"), "powershell"),
    (re.compile(r"python[\d.]*\Z"), "python"),
    (re.compile(r"ruby[\d.]*\Z"), "ruby"),
    (re.compile(r"perl[\d.]*\Z"), "perl"),
    (re.compile(r"node(js)?\Z"), "node"),
    (re.compile(r"php[\d.]*\Z"), "php"),
)
_PATH = re.compile(r"/[^\s'\"`$;|&<>()*?\[\]{}\\]+")


def decoded(data: bytes) -> str:
    """A script's bytes as text with ``\\n`` line ends: UTF-16 where a mark says so, else as file names are read."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return clean(data[2:].decode(encoding, "replace")).replace("\r\n", "\n")
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    return clean(from_bytes(data)).replace("\r\n", "\n")


def dialect_of(path: str, text: str, windows: bool = False) -> str:
    """A script's language, by its first line (Unix), else by its name's ending, else the system's own shell."""
    if text.startswith("#!") and not windows:
        words = text[2:].split("\n", 1)[0].split()
        words = [word.rpartition("/")[2] for word in words if not word.startswith("-")]
        program = words[1] if words[:1] == ["env"] and len(words) > 1 else words[0] if words else ""
        for pattern, dialect in _BY_PROGRAM:
            if pattern.match(program):
                return dialect
        return "other"
    suffix = path.rpartition("/")[2].rpartition(".")[2].lower()
    return _BY_SUFFIX.get(suffix, "batch" if windows else "shell")


def follow(world: World, path: str, data: bytes, args: Sequence[str] = (), cwds: Values = ()) -> None:
    """Follow a script of whatever language; its effects go to ``world.effects``. Raises Spent."""
    if b"\0" in data[:4096] and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return  # a program, not a script
    text = decoded(data)
    dialect = dialect_of(path, text, world.effects.windows)
    follower = _FOLLOWERS.get(dialect)
    if follower is not None:
        follower(world, path, text, args, cwds)
    else:
        follow_literals(world, path, text, dialect, cwds)


def run_file(world: World, path: str, args: Sequence[str], cwds: Sequence[str]) -> bool:
    """Follow a script of the revision that another one runs; False where it is none."""
    revision = world.revision
    own = revision.own(path) if revision is not None else None
    data = revision.text(path) if revision is not None else None
    if own is None or data is None:
        return False
    world.budget.step(10)
    follow(world, own, data, args, tuple(cwds))
    return True


def follow_shell(world: World, path: str, text: str, args: Sequence[str] = (), cwds: Values = ()) -> None:
    """Follow a shell script."""
    home = world.home or DEEP
    state = State(path, path, tuple(args), cwds, home, dict(world.environment))
    state.set("BASH_SOURCE", (path,))
    state.set("HOME", (home,))
    lexer = Lexer(text)
    lexer.run()
    if lexer.unclosed:
        for number, line in enumerate(text.split("\n"), 1):
            if not line.lstrip().startswith("#"):
                for found in _PATH.findall(line):
                    named = normal_path(found)
                    if named is not None:
                        world.effects.add(named, Place(path, number), Use.NAMES)
    Shell(world).run_text(text, state)


_FOLLOWERS = {"shell": follow_shell, "powershell": follow_powershell, "batch": follow_batch}


def run_nested(call: Call, dialect: str, text: str) -> None:
    """Follow a command line that is given to an interpreter of another language."""
    call.world.budget.step(2)
    path, line = call.place
    state = State(path, path, (), call.cwds, call.world.home or DEEP, dict(call.world.environment))
    if dialect == "powershell":
        PowerShell(call.world, path).run_text(text, state, line)
    else:
        Batch(call.world, path, text).run_text(text, state, line)
