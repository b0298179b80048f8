"""Commands of a Unix system that matter for what they print."""

from __future__ import annotations

import re
from typing import Optional

from tui.forensics.scripts.effects import base_name, parent
from tui.forensics.scripts.values import ANY, BREAK, DEEP, MAX_VALUES, Values, known, unique
from tui.forensics.scripts.world import Call

NOTHING: Values = ("",)


def dirname(call: Call) -> Optional[Values]:
    """dirname: what it prints, as far as that is known."""
    return unique(parent(operand) for operand in call.options()[1]) or NOTHING


def basename(call: Call) -> Optional[Values]:
    """basename: what it prints, as far as that is known."""
    options, operands = call.options("s", ("suffix",))
    if not operands:
        return NOTHING
    suffix = options.get("s") or (operands[1] if len(operands) > 1 else "")
    name = base_name(operands[0])
    return (name[: -len(suffix)] if suffix and name.endswith(suffix) and name != suffix else name,)


def readlink(call: Call) -> Optional[Values]:
    """readlink: what it prints, as far as that is known."""
    _, operands = call.options()
    if call.verb == "readlink" and not any(word.startswith(("-f", "-m", "-e", "--can")) for word in call.args):
        return (DEEP,)
    return unique(path for operand in operands[:1] for path in call.absolute(operand)) or (DEEP,)


def echo(call: Call) -> Optional[Values]:
    """echo: what it prints, as far as that is known."""
    words = list(call.args)
    while words and re.match(r"-[neE]+\Z", words[0]):
        words.pop(0)
    return (" ".join(words),)


def printf(call: Call) -> Optional[Values]:
    """printf: what it prints, as far as that is known."""
    if not call.args:
        return NOTHING
    text, words = call.args[0], list(call.args[1:])
    simple = re.sub(r"%s", lambda _: words.pop(0) if words else "", text)
    if words or "%" in simple:
        if re.fullmatch(r"%s(\\n|\n| )?", text):
            return (BREAK.join(call.args[1:]).replace(BREAK, "\n"),)
        return (DEEP,)
    return (simple.replace("\\n", "\n").replace("\\t", "\t").rstrip("\n"),)


def seq(call: Call) -> Optional[Values]:
    """seq: what it prints, as far as that is known."""
    _, operands = call.options("sf")
    if not all(re.fullmatch(r"\d{1,6}", operand) for operand in operands) or not 1 <= len(operands) <= 3:
        return (ANY,)
    numbers = [int(operand) for operand in operands]
    first, step, last = (
        [1, 1, *numbers] if len(numbers) == 1 else [numbers[0], 1, numbers[1]] if len(numbers) == 2 else numbers
    )[-3:]
    if step < 1 or (last - first) // step >= MAX_VALUES:
        return (ANY,)
    return (" ".join(str(n) for n in range(first, last + 1, step)),)


def cat(call: Call) -> Optional[Values]:
    """cat: what it prints, as far as that is known."""
    _, operands = call.options("nc", ("lines", "bytes"))
    if not operands:
        return call.given or (DEEP,)
    own = call.world.own_files(operands[0], call.cwds)
    data = call.world.revision.text(own[0]) if len(own) == 1 and call.world.revision is not None else None
    if data is None or len(data) > 4096 or len(operands) > 1:
        return (DEEP,)
    try:
        text = data.decode("utf-8").strip("\n")
    except UnicodeDecodeError:
        return (DEEP,)
    if call.verb != "cat" and "\n" in text:
        return (text.split("\n")[0] if call.verb == "head" else text.split("\n")[-1],)
    return (text,)


def passes(call: Call) -> Optional[Values]:
    """passes: what it prints, as far as that is known."""
    if call.given and all("\n" not in text for text in call.given) and not call.options()[1]:
        return call.given
    return (DEEP,) if any("/" in text or not known(text) for text in call.given or ("/",)) else (ANY,)


def piece(call: Call) -> Optional[Values]:
    """piece: what it prints, as far as that is known."""
    return (DEEP,) if any("/" in word for word in call.args) else (ANY,)


def ls(call: Call) -> Optional[Values]:
    """The names in a directory of the revision, sorted; else not known."""
    options, operands = call.options("I")
    if options.keys() - {"1", "A", "a"} or len(operands) > 1:
        return (DEEP,)
    found: list[str] = []
    for operand in operands or ["."]:
        own = call.world.own_files(operand, call.cwds)
        if call.world.revision is None or not own:
            return (DEEP,)
        if not known(operand):
            found += own
        else:
            found += sorted(call.world.revision.entries(own[0])) or [operand]
    return ("\n".join(found),) if 0 < len(found) <= MAX_VALUES else (DEEP,)


def tr(call: Call) -> Optional[Values]:
    """tr: what it prints, as far as that is known."""
    if (
        len(call.args) == 2
        and call.args[0] == "-d"
        and call.args[1] in ("\\n", "\\r", "\\r\\n", "[:space:]", "\n", " ")
    ):
        return call.given or (DEEP,)
    if any("/" in word for word in call.args) or any("/" in text or not known(text) for text in call.given or ("/",)):
        return (DEEP,)
    return (ANY,)
