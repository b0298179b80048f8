"""Commands that put files of one place into another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from tui.disk.inventory import DIR, FILE
from tui.forensics.scripts.effects import Use, base_name
from tui.forensics.scripts.values import Values, known
from tui.forensics.scripts.world import Call


def place(
    call: Call, sources: Sequence[str], target: str, into: Optional[bool] = None, recursive: bool = False,
    slash_is_contents: bool = False, use: Use = Use.MAKES,
) -> None:  # fmt: skip
    """Sources put at a target, or in it: ``into`` says which, None where that depends on what stands there."""
    effects = call.world.effects
    for goal in call.absolute(target):
        inside = into
        if inside is None and (target.endswith(("/", "/.", "\\")) or len(sources) > 1 or goal in effects.directories):
            inside = True
        for source in sources:
            _one(call, source, goal, inside, recursive, slash_is_contents, use)


def _one(call: Call, source: str, goal: str, into: Optional[bool], recursive: bool, slashes: bool, use: Use) -> None:
    effects = call.world.effects
    contents = source.endswith(("/.", "\\.")) or source == "." or (slashes and source.endswith("/"))
    own = call.world.own_files(source, call.cwds)
    if not known(source) and own and not contents:
        for path in own:
            _one(call, path, goal, True, recursive, False, use)
        return
    if contents:
        if recursive:
            below(call, own[0] if own else None, goal, use)
        return
    name = base_name(source)
    goals = [goal] if into is not True else []
    if into is not False and name:
        goals.append(f"{goal.rstrip('/')}/{name}")
    for path in goals:
        effects.add(path, call.place, use)
        if recursive and known(goal):
            below(call, own[0] if own else None, path, use)


def below(call: Call, source: Optional[str], goal: str, use: Use) -> None:
    """All that lies below a source, put below ``goal``; None: a source that is not known."""
    effects, revision = call.world.effects, call.world.revision
    if source is not None and revision is not None:
        kind = revision.kind(source)
        if kind == FILE:
            return
        entries = revision.tree(source) if kind == DIR else None
        if entries is not None:
            effects.directories.add(goal)
            for relative, entry_kind in entries:
                path = f"{goal.rstrip('/')}/{relative}"
                effects.add(path, call.place, use)
                if entry_kind == DIR:
                    effects.directories.add(path)
            return
    effects.add(goal, call.place, use, tree=True)


def copy(call: Call) -> Optional[Values]:
    """cp, as coreutils takes it."""
    options, operands = call.options("tS", ("target-directory", "suffix"))
    recursive = not options.keys().isdisjoint(("r", "R", "a", "recursive", "archive"))
    target = options.get("t", options.get("target-directory"))
    into: Optional[bool] = True if target is not None else None
    if target is None:
        if len(operands) < 2:
            return None
        target = operands.pop()
    if "T" in options or "no-target-directory" in options:
        into = False
    if "parents" in options:
        operands = [operand.lstrip("/") for operand in operands]
        for operand in operands:
            call.tell([f"{target.rstrip('/')}/{operand}"], Use.MAKES)
        return None
    place(call, operands, target, into, recursive)
    return None


def move(call: Call) -> Optional[Values]:
    """mv: makes one place and empties the other."""
    options, operands = call.options("tS", ("target-directory", "suffix"))
    target = options.get("t", options.get("target-directory"))
    into: Optional[bool] = True if target is not None else None
    if target is None:
        if len(operands) < 2:
            return None
        target = operands.pop()
    place(call, operands, target, False if "T" in options else into, recursive=True)
    call.tell(operands, Use.REMOVES)
    call.tell(operands, Use.REMOVES, tree=True)
    return None


def link(call: Call) -> Optional[Values]:
    """ln: the last operand, or the source's name where it is the only one."""
    options, operands = call.options("tS", ("target-directory", "suffix"))
    target = options.get("t", options.get("target-directory"))
    if target is not None:
        place(call, operands, target, True)
    elif len(operands) == 1:
        call.tell([base_name(operands[0])], Use.MAKES)
    elif operands:
        plain = not options.keys().isdisjoint(("n", "T", "no-dereference", "no-target-directory"))
        target = operands.pop()
        place(call, operands, target.rstrip("/") if plain else target, False if plain and len(operands) == 1 else None)
    return None


def install(call: Call) -> Optional[Values]:
    """install, with its directories (-d) and its copies."""
    options, operands = call.options("gmotS", ("mode", "owner", "group", "target-directory"))
    if "d" in options or "directory" in options:
        call.tell(operands, Use.MAKES)
        for operand in operands:
            call.world.effects.directories.update(call.absolute(operand))
        return None
    target = options.get("t", options.get("target-directory"))
    if target is not None:
        place(call, operands, target, True)
    elif len(operands) > 1:
        place(call, operands[:-1], operands[-1], False if "T" in options or "D" in options else None)
    return None


_RSYNC_VALUED = (
    "exclude", "include", "exclude-from", "include-from", "rsh", "chmod", "chown", "log-file", "files-from", "filter",
    "bwlimit", "timeout", "backup-dir", "suffix", "temp-dir", "link-dest", "rsync-path", "password-file",
)  # fmt: skip


def rsync(call: Call) -> Optional[Values]:
    """rsync to a place on this machine."""
    options, operands = call.options("efBTM", _RSYNC_VALUED)
    if len(operands) < 2 or ":" in operands[-1].partition("/")[0]:
        return None
    recursive = not options.keys().isdisjoint(("a", "r", "archive", "recursive"))
    target = operands.pop()
    for operand in operands:
        if recursive and (operand.endswith("/") or operand.endswith("/.")):
            call.tell([target], Use.APPENDS)
            for goal in call.absolute(target):
                call.world.effects.directories.add(goal)
    place(call, operands, target, True if recursive else None, recursive, slash_is_contents=True)
    if not options.keys().isdisjoint(("delete", "del", "delete-after", "delete-during", "delete-excluded")):
        call.tell([target], Use.REMOVES, tree=True)
    return None
