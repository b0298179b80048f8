"""Windows' own programs, and what each does to paths; the scripts that they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from tui.forensics.scripts.copying import below, place
from tui.forensics.scripts.effects import Use
from tui.forensics.scripts.values import ONE, STAR
from tui.forensics.scripts.world import Call

INTERPRETERS = frozenset(["powershell", "powershell.exe", "pwsh", "pwsh.exe", "cmd", "cmd.exe", "robocopy", "xcopy"])


def wild(word: str) -> str:
    """A word with its wildcards made active."""
    return word.replace("*", STAR).replace("?", ONE)


def operands(call: Call) -> list[str]:
    """The arguments that are no ``/options``."""
    return [word for word in call.args if not (word.startswith("/") and "/" not in word[1:] and len(word) < 20)]


def switches(call: Call) -> set[str]:
    """The ``/options``, in lower case."""
    return {word[1:].lower() for word in call.args if word.startswith("/")}


def make_directories(call: Call) -> None:
    """md: a directory with those above it that are missing."""
    effects = call.world.effects
    for word in operands(call):
        for path in call.absolute(word):
            effects.add(path, call.place, Use.MAKES)
            effects.directories.add(path)
            effects.directories_above(path, call.place)


def copy(call: Call) -> None:
    """copy, xcopy: one source, or several joined by ``+``, to a place."""
    words = operands(call)
    recursive = bool(switches(call) & {"s", "e"}) and call.verb == "xcopy"
    if len(words) == 1:
        place(call, [wild(words[0])], ".", True)
    elif len(words) > 1 and recursive:
        for goal in call.absolute(words[-1]):
            own = call.world.own_files(words[0].rstrip("\\/*"), call.cwds)
            call.world.effects.add(goal, call.place, Use.APPENDS)
            below(call, own[0] if own else None, goal, Use.MAKES)
    elif len(words) > 1:
        into = True if "i" in switches(call) and call.verb == "xcopy" else None
        place(call, [wild(word) for word in words[0].split("+")], words[-1], into)


def robocopy(call: Call) -> None:
    """robocopy SOURCE TARGET [files]: a whole directory with /e, /s or /mir."""
    words = operands(call)
    options = switches(call)
    for word in call.args:
        if word.lower().startswith(("/log:", "/log+:", "/unilog:")):
            call.tell([word.partition(":")[2]], Use.APPENDS if "+" in word[:6] else Use.MAKES)
    if len(words) < 2:
        return
    call.tell([words[1]], Use.APPENDS)
    own = call.world.own_files(words[0], call.cwds)
    if options & {"e", "s", "mir"}:
        for goal in call.absolute(words[1]):
            below(call, own[0] if own else None, goal, Use.MAKES)
    else:
        for name in words[2:] or ["*"]:
            place(call, [f"{words[0]}\\{wild(name)}"], words[1], True)
    if options & {"mir", "purge"}:
        call.tell([words[1]], Use.REMOVES, tree=True)
    if options & {"mov", "move"}:
        call.tell([words[0]], Use.REMOVES, tree=True)


def move(call: Call) -> None:
    """move."""
    words = operands(call)
    if len(words) > 1:
        place(call, [wild(words[0])], words[-1], None, recursive=True)
        call.tell([wild(words[0])], Use.REMOVES)
        call.tell([wild(words[0])], Use.REMOVES, tree=True)


def rename(call: Call) -> None:
    """ren PATH NAME."""
    words = operands(call)
    if len(words) > 1:
        above = words[0].replace("/", "\\").rpartition("\\")[0]
        call.tell([f"{above}\\{words[1]}" if above else words[1]], Use.MAKES)
        call.tell([wild(words[0])], Use.REMOVES)


def remove(call: Call) -> None:
    """del, rd."""
    words = [wild(word) for word in operands(call)]
    call.tell(words, Use.REMOVES)
    if "s" in switches(call):
        call.tell(words, Use.REMOVES, tree=True)


def make_link(call: Call) -> None:
    """mklink LINK TARGET."""
    call.tell(operands(call)[:1], Use.MAKES)


PROGRAMS: Mapping[str, Callable[[Call], None]] = {
    "md": make_directories, "mkdir": make_directories, "copy": copy, "xcopy": copy, "robocopy": robocopy, "move": move,
    "ren": rename, "rename": rename, "del": remove, "erase": remove, "rd": remove, "rmdir": remove,
    "mklink": make_link,
}  # fmt: skip


def run_program(call: Call, whole: str) -> bool:
    """Run a program of Windows or another script; False where it is neither."""
    name = whole.replace("\\", "/").rpartition("/")[2].lower()
    name = name.removesuffix(".exe")
    inner = Call(call.world, name, call.args, call.cwds, call.place, (), whole)
    if name in ("powershell", "pwsh"):
        _powershell(inner)
    elif name == "cmd":
        _cmd(inner)
    elif name in ("robocopy", "xcopy"):
        PROGRAMS[name](inner)
    else:
        return call.world.call(whole, call.args, call.cwds)
    return True


def _powershell(call: Call) -> None:
    args = list(call.args)
    for i, word in enumerate(args):
        option = word.lower().lstrip("-/")
        if word[:1] in "-/" and len(option) > 0:
            if "file".startswith(option) and i + 1 < len(args):
                call.world.call(args[i + 1].strip('"'), args[i + 2 :], call.cwds)
                return
            if "command".startswith(option):
                _nested(call, "powershell", " ".join(args[i + 1 :]))
                return
        elif not args[i - 1].startswith("-") or i == 0:
            if word.lower().endswith(".ps1"):
                call.world.call(word, args[i + 1 :], call.cwds)
            else:
                _nested(call, "powershell", " ".join(args[i:]))
            return


def _cmd(call: Call) -> None:
    for i, word in enumerate(call.args):
        if word.lower() in ("/c", "/k"):
            text = " ".join(call.args[i + 1 :])
            _nested(call, "batch", text)
            return


def _nested(call: Call, dialect: str, text: str) -> None:
    if call.world.run_nested is not None and not call.world.budget.deep:
        call.world.budget.nesting += 4
        try:
            call.world.run_nested(call, dialect, text)
        finally:
            call.world.budget.nesting -= 4
