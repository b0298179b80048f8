"""PowerShell's commands, and what each does to paths."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Callable, Optional

from tui.forensics.scripts import commands, windows_commands
from tui.forensics.scripts.copying import place
from tui.forensics.scripts.effects import Place, Use, base_name, parent
from tui.forensics.scripts.fetching import unpack
from tui.forensics.scripts.powershell_lexer import Word
from tui.forensics.scripts.powershell_parameters import given, parameters
from tui.forensics.scripts.powershell_values import join_path, word_values
from tui.forensics.scripts.shell_state import State
from tui.forensics.scripts.values import ANY, DEEP, ONE, STAR, Values, combined, known, unique
from tui.forensics.scripts.world import Call

if TYPE_CHECKING:
    from tui.forensics.scripts.powershell import PowerShell

_ALIASES = {
    "ni": "new-item", "sc": "set-content", "ac": "add-content", "cp": "copy-item", "copy": "copy-item",
    "cpi": "copy-item", "mv": "move-item", "move": "move-item", "mi": "move-item", "ren": "rename-item",
    "rni": "rename-item", "rm": "remove-item", "del": "remove-item", "erase": "remove-item", "rd": "remove-item",
    "ri": "remove-item", "rmdir": "remove-item", "md": "mkdir", "cd": "set-location", "chdir": "set-location",
    "sl": "set-location", "pushd": "push-location", "popd": "pop-location", "tee": "tee-object",
    "iwr": "invoke-webrequest", "wget": "invoke-webrequest", "irm": "invoke-restmethod", "echo": "write-output",
    "start": "start-process", "saps": "start-process", "gl": "get-location", "pwd": "get-location",
    "cat": "get-content", "gc": "get-content", "type": "get-content", "epcsv": "export-csv", "iex": "invoke-expression",
}  # fmt: skip
_WRITERS: Mapping[str, tuple[tuple[str, ...], Use]] = {  # parameters that name the file, and what is done to it
    "set-content": (("path", "literalpath"), Use.MAKES),
    "add-content": (("path", "literalpath"), Use.APPENDS),
    "clear-content": (("path", "literalpath"), Use.CHANGES),
    "out-file": (("filepath", "literalpath", "path"), Use.MAKES),
    "tee-object": (("filepath", "literalpath"), Use.MAKES),
    "export-csv": (("path", "literalpath"), Use.MAKES),
    "export-clixml": (("path", "literalpath"), Use.MAKES),
    "start-transcript": (("path", "literalpath"), Use.MAKES),
    "compress-archive": (("destinationpath",), Use.MAKES),
    "invoke-webrequest": (("outfile",), Use.MAKES),
    "invoke-restmethod": (("outfile",), Use.MAKES),
    "start-bitstransfer": (("destination",), Use.MAKES),
    "read-s3object": (("file",), Use.MAKES),
    "copy-s3object": (("localfile", "file"), Use.MAKES),
    "new-selfsignedcertificate": ((), Use.MAKES),
    "export-pfxcertificate": (("filepath",), Use.MAKES),
    "export-certificate": (("filepath",), Use.MAKES),
    "set-acl": ((), Use.NAMES),
}
_NO_PLACE = frozenset(["outfile", "localfile", "file"])  # parameters that are only given by name
Handler = Callable[["PowerShell", Mapping[str, Values], list[Values], State], Optional[Values]]


def _tell(shell: PowerShell, values: Values, use: Use, state: State, tree: bool = False) -> None:
    shell.world.effects.tell(values, state.cwds, Place(shell.script, shell.line), use, tree)


def _wild(values: Values, named: Mapping[str, Values]) -> Values:
    if "literalpath" in named:
        return values
    return tuple(value.replace("*", STAR).replace("?", ONE) for value in values)


def directories(shell: PowerShell, values: Values, state: State) -> None:
    """Directories made, with those above them that are missing."""
    effects = shell.world.effects
    here = Place(shell.script, shell.line)
    for value in values:
        for path in effects.absolute(value, state.cwds):
            effects.add(path, here, Use.MAKES)
            effects.directories.add(path)
            effects.directories_above(path, here)


def _new_item(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    paths = given(named, placed, ("path",)) or state.cwds
    name = given(named, placed, ("name",), None)
    paths = join_path(paths, name) if name else paths
    kind = "".join(given(named, placed, ("itemtype", "type"), None))[:9].lower()
    if kind in ("directory", "dir", "container", "d"):
        directories(shell, paths, state)
    else:
        _tell(shell, paths, Use.MAKES, state)
    return paths


def _mkdir(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    paths = given(named, placed, ("path",), None) or unique(value for values in placed for value in values)
    directories(shell, paths, state)
    return paths


def _copy(
    shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State, moves: bool = False
) -> None:
    sources = _wild(given(named, placed, ("path", "literalpath")), named)
    by_name = any(key in named for key in ("path", "literalpath"))
    targets = given(named, placed, ("destination",), 0 if by_name else 1)
    recursive = moves or "recurse" in named or "rec" in named or "r" in named
    call = Call(shell.world, "copy", (), state.cwds, Place(shell.script, shell.line))
    for target in targets:
        place(call, list(sources), target, None, recursive)
    if moves:
        _tell(shell, sources, Use.REMOVES, state)
        _tell(shell, sources, Use.REMOVES, state, tree=True)


def _move(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    _copy(shell, named, placed, state, moves=True)
    return None


def _rename(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    sources = given(named, placed, ("path", "literalpath"))
    new = given(named, placed, ("newname",), 1)
    _tell(shell, join_path(unique(map(parent, sources)), unique(map(base_name, new))), Use.MAKES, state)
    _tell(shell, sources, Use.REMOVES, state)
    return None


def _remove(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    paths = _wild(given(named, placed, ("path", "literalpath")), named)
    _tell(shell, paths, Use.REMOVES, state)
    if "recurse" in named or "r" in named or "rec" in named:
        _tell(shell, paths, Use.REMOVES, state, tree=True)
    return None


def _expand(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    archives = given(named, placed, ("path", "literalpath"))
    targets = given(named, placed, ("destinationpath",), 0 if "path" in named or "literalpath" in named else 1)
    call = Call(shell.world, "expand-archive", (), state.cwds, Place(shell.script, shell.line))
    for archive, target in combined([archives, targets or state.cwds]):
        unpack(call, archive, target)
        _tell(shell, (target,), Use.APPENDS, state)
    return None


def _location(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    targets = given(named, placed, ("path", "literalpath"))
    found = unique(path for target in targets for path in shell.world.effects.absolute(target, state.cwds))
    shell.world.effects.directories.update(path for path in found if known(path))
    state.enter(found or ("",))
    return None


def _push(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    before = state.cwds
    _location(shell, named, placed, state)
    state.stack = before
    return None


def _pop(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    state.enter(state.stack or ("",))
    return None


def _join(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    above = given(named, placed, ("path",))
    if "childpath" in named:
        return join_path(above, named["childpath"])
    for values in placed[0 if "path" in named else 1 :]:
        above = join_path(above, values)
    return above


def _split(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    values = given(named, placed, ("path", "literalpath", "parent")) or next((v for v in named.values() if v), ())
    leaf = any(key.startswith("leaf") for key in named)
    return unique(base_name(value) if leaf else parent(value) for value in values)


def _process(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    for name in ("redirectstandardoutput", "redirectstandarderror"):
        _tell(shell, given(named, [], (name,)), Use.MAKES, state)
    return None


def _same(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    return given(named, placed, ("path", "literalpath", "inputobject"))


def _evaluate(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    for text in given(named, placed, ("command",))[:4]:
        shell.output(text, state)
    return (DEEP,)


def _copy_only(shell: PowerShell, named: Mapping[str, Values], placed: list[Values], state: State) -> Optional[Values]:
    _copy(shell, named, placed, state)
    return None


_HANDLERS: Mapping[str, Handler] = {
    "new-item": _new_item, "mkdir": _mkdir, "copy-item": _copy_only, "move-item": _move, "rename-item": _rename,
    "remove-item": _remove, "expand-archive": _expand, "set-location": _location, "push-location": _push,
    "pop-location": _pop, "join-path": _join, "split-path": _split, "start-process": _process,
    "resolve-path": _same, "get-item": _same, "convert-path": _same, "write-output": _same,
    "get-location": lambda shell, named, placed, state: tuple(cwd or DEEP for cwd in state.cwds),
    "get-date": lambda shell, named, placed, state: (ANY,), "get-random": lambda shell, named, placed, state: (ANY,),
    "new-guid": lambda shell, named, placed, state: (ANY,), "invoke-expression": _evaluate,
}  # fmt: skip


def run(shell: PowerShell, words: list[Word], state: State, given_in: Values) -> Values:
    """Carry a command's effects out, and give what it gives."""
    name = words[0].text.lower()
    name = _ALIASES.get(name, name)
    if (
        name in windows_commands.INTERPRETERS
        or "\\" in name
        or "/" in name
        or name.endswith((".exe", ".ps1", ".bat", ".cmd"))
    ):
        return run_script(shell, words, state)
    handler, writer = _HANDLERS.get(name), _WRITERS.get(name)
    if handler is None and writer is None:
        if re.match(r"[a-z]+-[a-z0-9]+\Z", name):
            _name_all(shell, words, state)
            return (DEEP,)
        return run_script(shell, words, state)
    named, placed = parameters(shell, words[1:], state)
    if writer is not None:
        names, use = writer
        only_named = names and names[0] in _NO_PLACE
        at = None if only_named or not names else 1 if name in ("compress-archive", "start-bitstransfer") else 0
        use = Use.APPENDS if "append" in named and use == Use.MAKES else use
        values = given(named, placed, names, at) if names else ()
        _tell(shell, values, use, state)
        return (DEEP,)
    found = handler(shell, named, placed, state) if handler is not None else None
    return ("",) if found is None else found or (DEEP,)


def _name_all(shell: PowerShell, words: Sequence[Word], state: State) -> None:
    for word in words[1:]:
        if word.kind == "word" and not word.text.startswith("-"):
            for value in word_values(word.text, shell, state):
                if shell.world.effects.inside(value) is not None:
                    _tell(shell, (value,), Use.NAMES, state)


def run_script(shell: PowerShell, words: list[Word], state: State) -> Values:
    """A program or another script, by its path or its name."""
    if words[0].kind == "block":
        return shell.run_text(words[0].text, state, words[0].line)
    texts = [values for word in words for values in [_argument(shell, word, state)] if values]
    for line in combined(texts) if texts else ():
        call = Call(shell.world, "", line[1:], state.cwds, Place(shell.script, shell.line), (), line[0])
        if not windows_commands.run_program(call, line[0]):
            name = line[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")
            return commands.run(Call(shell.world, name, line[1:], state.cwds, call.place, (), line[0]))
    return (DEEP,)


def _argument(shell: PowerShell, word: Word, state: State) -> Values:
    if word.kind == "block":
        return (word.text,)
    return word_values(word.text, shell, state) if word.kind == "word" else ()


_METHODS: Mapping[tuple[str, str], tuple[int, Use]] = {
    ("file", "writealltext"): (0, Use.MAKES), ("file", "writealllines"): (0, Use.MAKES),
    ("file", "writeallbytes"): (0, Use.MAKES), ("file", "create"): (0, Use.MAKES),
    ("file", "createtext"): (0, Use.MAKES), ("file", "openwrite"): (0, Use.APPENDS),
    ("file", "appendalltext"): (0, Use.APPENDS), ("file", "appendalllines"): (0, Use.APPENDS),
    ("file", "appendtext"): (0, Use.APPENDS), ("file", "copy"): (1, Use.MAKES), ("file", "move"): (1, Use.MAKES),
    ("file", "delete"): (0, Use.REMOVES), ("directory", "delete"): (0, Use.REMOVES),
    ("", "downloadfile"): (1, Use.MAKES),
    ("directory", "createdirectory"): (0, Use.MAKES), ("zipfile", "createfromdirectory"): (1, Use.MAKES),
}  # fmt: skip


def method(shell: PowerShell, kind: str, name: str, args: list[Values], state: State) -> None:
    """A method of .NET that makes, writes or removes."""
    if name == "extracttodirectory" and len(args) > 1:
        call = Call(shell.world, name, (), state.cwds, Place(shell.script, shell.line))
        for archive, target in combined(args[:2]):
            unpack(call, archive, target)
        return
    found = _METHODS.get((kind, name))
    if found is None or found[0] >= len(args):
        return
    if kind == "directory" and name == "createdirectory":
        directories(shell, args[0], state)
    else:
        _tell(shell, args[found[0]], found[1], state)
