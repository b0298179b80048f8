"""Commands that unpack archives, fetch files, and fill whole directories: packages, clones, environments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Callable, Optional

from tui.forensics.scripts.copying import place
from tui.forensics.scripts.effects import Use, base_name, parent
from tui.forensics.scripts.values import ANY, DEEP, Values
from tui.forensics.scripts.world import Call


def members(call: Call, archive: str) -> Optional[list[str]]:
    """The names in an archive of the revision; None where it is no such archive, or too much to list."""
    own = call.world.own_files(archive, call.cwds)
    revision = call.world.revision
    return revision.members(own[0]) if revision is not None and len(own) == 1 else None


def unpack(call: Call, archive: str, target: str, strip: int = 0, wanted: tuple[str, ...] = ()) -> None:
    """An archive's members made below a directory, or all below it where they are not known."""
    names = members(call, archive) if archive else None
    if names is None or wanted:
        call.tell([f"{target.rstrip('/')}/{name}" for name in wanted] if wanted and not strip else [target],
                  Use.MAKES, tree=not wanted)  # fmt: skip
        return
    for name in names:
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")][strip:]
        if parts and ".." not in parts:
            call.tell(["/".join([target.rstrip("/") or "/", *parts])], Use.MAKES)


def _tar(call: Call) -> Optional[Values]:
    words = list(call.args)
    if words and not words[0].startswith("-"):
        words[0] = "-" + words[0]
        call = Call(call.world, call.verb, tuple(words), call.cwds, call.place, call.given)
    options, operands = call.options("fCTXbg", ("file", "directory", "exclude", "strip-components", "strip", "owner"))
    archive = options.get("f", options.get("file", ""))
    if "x" in options or "extract" in options or "get" in options:
        strip = options.get("strip-components", options.get("strip", "0"))
        target = options.get("C", options.get("directory", "."))
        unpack(call, archive, target, int(strip) if re.fullmatch(r"\d{1,3}", strip) else 0, tuple(operands))
    elif ("c" in options or "create" in options) and archive not in ("", "-"):
        call.tell([archive], Use.MAKES)
    return None


def _unzip(call: Call) -> Optional[Values]:
    options, operands = call.options("dx")
    if operands and not options.keys() & {"l", "p", "t", "v"}:
        archive = operands[0]
        own = call.world.own_files(archive, call.cwds) or call.world.own_files(archive + ".zip", call.cwds)
        unpack(call, own[0] if own else archive, options.get("d", "."), 0, tuple(operands[1:]))
    return None


def _zip(call: Call) -> Optional[Values]:
    _, operands = call.options("xi")
    archive = operands[0] if operands else ""
    call.tell([archive if "." in base_name(archive) else archive + ".zip"] if archive else [], Use.MAKES)
    return None


def _git(call: Call) -> Optional[Values]:
    words = list(call.args)
    base = "."
    while len(words) > 1 and words[0] in ("-C", "-c", "--git-dir", "--work-tree"):
        base = words[1] if words[0] == "-C" else base
        words = words[2:]
    if not words:
        return None
    if words[0] == "clone":
        inner = Call(call.world, "git", tuple(words[1:]), call.cwds, call.place)
        _, operands = inner.options("bo", ("branch", "depth", "origin", "reference", "config", "separate-git-dir"))
        if operands:
            name = re.sub(r"\.git\Z", "", base_name(operands[0].replace(":", "/")))
            target = operands[1] if len(operands) > 1 else name
            target = target if base == "." else f"{base}/{target}"
            call.tell([target], Use.MAKES)
            call.tell([target], Use.MAKES, tree=True)
    elif words[0] in ("pull", "checkout", "reset", "submodule", "init"):
        call.tell([base if words[0] != "init" or len(words) < 2 else words[-1]], Use.MAKES, tree=True)
    return (ANY,)


def _curl(call: Call) -> Optional[Values]:
    valued = ("output", "header", "data", "user", "output-dir", "max-time", "retry", "request", "url", "cacert", "form")
    options, operands = call.options("oHduXmATeFbcKxyYCEtwz", valued)
    directory = options.get("output-dir", "")
    prefix = f"{directory.rstrip('/')}/" if directory else ""
    output = options.get("o", options.get("output", ""))
    if output and output != "-":
        call.tell([prefix + output], Use.MAKES)
        return None
    if "O" in options or "remote-name" in options:
        call.tell([prefix + _url_name(operand) for operand in operands if _url_name(operand)], Use.MAKES)
        return None
    if "c" in options or "cookie-jar" in options:
        call.tell([options.get("c", "")], Use.MAKES)
    return (DEEP,)


def _wget(call: Call) -> Optional[Values]:
    valued = ("output-document", "directory-prefix", "header", "tries", "timeout", "user", "password", "output-file")
    options, operands = call.options("OPoatTUQwAReBi", valued)
    output = options.get("O", options.get("output-document", ""))
    call.tell([log for log in (options.get("o"), options.get("output-file")) if log], Use.MAKES)
    call.tell([log for log in (options.get("a"),) if log], Use.APPENDS)
    if output == "-":
        return (DEEP,)
    if output:
        call.tell([output], Use.MAKES)
        return None
    directory = options.get("P", options.get("directory-prefix", "."))
    call.tell([f"{directory}/{_url_name(operand)}" for operand in operands if _url_name(operand)], Use.MAKES)
    return None


def _url_name(url: str) -> str:
    return re.sub(r"[?#].*\Z", "", url, flags=re.S).rpartition("/")[2]


def _aws(call: Call) -> Optional[Values]:
    """aws s3 cp, sync and mv to a place on this machine; anything else prints what is not known."""
    if call.args[:1] != ("s3",) or call.args[1:2] not in (("cp",), ("sync",), ("mv",)):
        return (DEEP,)
    inner = Call(call.world, "aws", call.args[2:], call.cwds, call.place)
    valued = (
        "region",
        "profile",
        "exclude",
        "include",
        "acl",
        "sse",
        "endpoint-url",
        "storage-class",
        "sse-kms-key-id",
    )
    options, operands = inner.options("", valued)
    if len(operands) < 2 or operands[1].startswith("s3:") or operands[1] == "-":
        return (DEEP,)
    source, target = operands[:2]
    if call.args[1] == "sync" or "recursive" in options:
        call.tell([target], Use.APPENDS)
        call.tell([target], Use.MAKES, tree=True)
    else:
        place(call, [source], target)
    return None


def _environment(call: Call) -> Optional[Values]:
    """virtualenv, and pyvenv: a directory filled whole."""
    _, operands = call.options("p", ("python", "prompt"))
    _filled(call, operands[-1:])
    return None


def _filled(call: Call, directories: list[str]) -> None:
    call.tell(directories, Use.MAKES)
    call.tell(directories, Use.MAKES, tree=True)


def _python(call: Call) -> Optional[Values]:
    words = call.args
    if words[:1] == ("-m",) and len(words) > 1:
        inner = Call(call.world, words[1], words[2:], call.cwds, call.place, (), call.whole)
        if words[1] in ("venv", "virtualenv"):
            return _environment(inner)
        if words[1] == "pip":
            return _pip(inner)
    return (DEEP,)


def _pip(call: Call) -> Optional[Values]:
    options, operands = call.options("trcie", ("target", "requirement", "prefix", "root", "index-url", "constraint"))
    if operands[:1] != ["install"]:
        return (DEEP,)
    target = options.get("t", options.get("target", options.get("prefix", "")))
    if target:
        _filled(call, [target])
    elif re.search(r"/bin/[\w.-]+\Z", call.whole) and not call.whole.startswith(("/usr/", "/bin/")):
        call.tell([parent(parent(call.whole))], Use.MAKES, tree=True)
    return (DEEP,)


def _packages(
    names: tuple[str, ...], flags: tuple[str, ...], verbs: tuple[str, ...]
) -> Callable[[Call], Optional[Values]]:
    """A package manager that fills directories below the working directory, or below the one a flag names."""

    def handler(call: Call) -> Optional[Values]:
        base = "."
        for flag in flags:
            for i, word in enumerate(call.args):
                if word == flag and i + 1 < len(call.args):
                    base = call.args[i + 1]
                elif word.startswith(flag + "="):
                    base = word[len(flag) + 1 :]
        words = [word for word in call.args if not word.startswith("-") and word != base]
        anywhere = not {"-g", "--global", "global"} & set(call.args)
        if anywhere and ((words[:1] and words[0] in verbs) or (not words and "" in verbs)):
            if base == "." and all(cwd == "/" for cwd in call.cwds):
                return (DEEP,)
            _filled(call, [f"{base.rstrip('/')}/{name}" for name in names])
        return (DEEP,)

    return handler


def _bundle(call: Call) -> Optional[Values]:
    options, operands = call.options("j", ("path", "gemfile", "jobs", "without"))
    if not operands or operands[0] == "install":
        target = options.get("path") or ("vendor/bundle" if "deployment" in options else "")
        if target:
            _filled(call, [target])
    return (DEEP,)


COMMANDS: Mapping[str, Callable[[Call], Optional[Values]]] = {
    "tar": _tar, "bsdtar": _tar, "unzip": _unzip, "zip": _zip, "git": _git, "curl": _curl, "wget": _wget, "aws": _aws,
    "virtualenv": _environment, "pyvenv": _environment, "bundle": _bundle, "bundler": _bundle,
    **dict.fromkeys(("python", "python3", "python2", "python3.8", "python3.9", "python3.11", "python3.12"), _python),
    **dict.fromkeys(("pip", "pip3", "pip2"), _pip),
    "npm": _packages(("node_modules",), ("--prefix", "-C"), ("install", "i", "ci", "add", "update")),
    "yarn": _packages(("node_modules",), ("--cwd", "--modules-folder"), ("install", "", "add")),
    "pnpm": _packages(("node_modules",), ("--dir", "-C"), ("install", "i", "add")),
    "composer": _packages(("vendor",), ("--working-dir", "-d"), ("install", "update", "require")),
    "bower": _packages(("bower_components",), ("--config.cwd",), ("install", "update")),
}  # fmt: skip
